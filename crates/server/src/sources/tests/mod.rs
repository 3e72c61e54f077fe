//! Against real sources: TLS sockets with certificates of an authority made for the test.

mod grpc;
mod https;
mod support;

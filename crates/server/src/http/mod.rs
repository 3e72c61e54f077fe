//! HTTP beside gRPC.

pub mod admin;

//! The edge of Delt: configuration, TLS, the API and admin ports, telemetry and the development profile.

pub mod bench;
pub mod citizen_chain;
pub mod cli;
pub mod commands;
pub mod config;
pub mod demo;
pub mod grpc;
pub mod http;
pub mod listen;
pub mod profile;
pub mod reload;
pub mod serve;
mod shares;
pub mod sources;
pub mod tasks;
pub mod telemetry;
pub mod tls;
pub mod witness;

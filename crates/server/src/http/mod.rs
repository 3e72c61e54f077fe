//! HTTP beside gRPC.

pub mod admin;
pub mod fhir;
pub(crate) mod log;

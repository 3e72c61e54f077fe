//! HTTP beside gRPC.

pub mod admin;
pub mod fhir;

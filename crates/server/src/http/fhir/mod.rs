//! FHIR beside gRPC: what FHIR resources mean to the hub.

pub mod audit_event;
pub mod consent;

//! The access log as FHIR `AuditEvent`s in the IHE BALP profiles, and its verification offline.
//!
//! ```text
//! hub ─ lines of Delt's own export ─ Converter ─ NDJSON: Parameters, AuditEvent, AuditEvent, …
//!       lines of Delt's own export ─ Unwrapped ─┘   (to be verified as any export)
//! ```
//!
//! Every event carries its entry with the proof, and is written in one way only (canonical JSON): verifying writes each event anew from its entry and
//! compares the bytes, so that a changed FHIR field is found. `docs/fhir-audit-events.md` has the mapping for readers.

mod convert;
mod decision;
mod describe;
mod lines;
mod operation;
mod unwrap;

#[cfg(test)]
mod tests;

use delt_formats::fhir::audit_event::{Description, Happening};
use delt_ledger::Entry;
use serde_json::Value;

pub use convert::Converter;
pub use lines::{FORMAT, LineFault, body_lines, header_line, is_fhir};
pub use unwrap::{MAX_LINE_BYTES, Problem, Problems, Unwrapped};

/// The URIs that are Delt's own.
pub mod uri {
    /// A patient, by the keyed hash that the log knows people by.
    pub const PATIENT_KEY: &str = "urn:delt:patient-key";
    /// A system that is connected to the hub.
    pub const SYSTEM: &str = "urn:delt:system";
    /// A log, by the origin of its checkpoints.
    pub const LOG: &str = "urn:delt:log";
    /// A person without an authorisation: the subject of the token.
    pub const SUBJECT: &str = "urn:delt:subject";
    /// Delt's own roles.
    pub const ROLE: &str = "urn:delt:role";
    /// How a citizen stands to another.
    pub const RELATION: &str = "urn:delt:citizen-relation";
    /// Stable error codes.
    pub const ERROR: &str = "urn:delt:error";
    /// What is not named by a UUID, such as a case by its number.
    pub const TARGET: &str = "urn:delt:target";
    /// The extension with what no element of FHIR says.
    pub const DETAIL: &str = "urn:delt:fhir:audit-detail";
    /// The extension with the entry and its proof.
    pub const PROOF: &str = "urn:delt:fhir:audit-proof";
}

/// The events of an entry: one for each patient and document, then one for the decision where there is one to tell.
///
/// `origin` names the log, and so the hub.
pub fn events(entry: &Entry, origin: &str) -> Vec<Value> {
    described(entry, origin)
        .iter()
        .map(|(description, happening)| description.to_json(happening))
        .collect()
}

fn described(entry: &Entry, origin: &str) -> Vec<(Description, Happening)> {
    let told = describe::description(entry, origin);
    let mut all: Vec<_> = operation::happenings(entry)
        .into_iter()
        .enumerate()
        .map(|(position, (happening, patient))| {
            let mut description = told.clone();
            if position > 0 {
                description.id = format!("{}-{}", entry.id, position.saturating_add(1));
            }
            description.patient = patient;
            if matches!(happening, Happening::Query { .. }) {
                description.documents = describe::documents(entry);
            }
            (description, happening)
        })
        .collect();
    all.extend(decision::of(entry, told));
    all
}

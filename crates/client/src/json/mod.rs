//! The JSON form of a `DocumentEntry`: one line of a bulk file (NDJSON), and what `--json` prints.
//!
//! Names are those of `document.proto`. A full entry:
//!
//! ```json
//! { "entry_uuid": "f70b0e43-039c-5137-86db-502396582007", "unique_id": "1.2.208.184^9e0c…",
//!   "source_id": "2.25.2102…", "repository_unique_id": "2.25.1026…", "home_community_id": "1.2.208.176.8.1",
//!   "patient": { "system": "urn:oid:1.2.208.176.1.2", "value": "…" },
//!   "type_code": { "system": "2.16.840.1.113883.6.1", "code": "39289-4", "display": "…" },
//!   "event_codes": [ { "system": "1.2.208.176.2.4", "code": "ALAL02" } ],
//!   "author": { "institution": { "sor": "…", "name": "…" },
//!               "person": { "authorisation_id": "…", "family_name": "…", "given_name": "…" } },
//!   "creation_time": "2026-10-20T09:05:00Z", "size": 10672, "hash": "96ef…", "hash_sha256": "1c5f…",
//!   "document_entry_type": "stable",
//!   "relations": [ { "code": "replaces", "target_entry_uuid": "…" } ],
//!   "reference_ids": [ { "value": "…", "system": "…", "type": "…" } ] }
//! ```
//!
//! Times are RFC 3339, hashes are hex, a size is a number, enumerations are lower-case words: `stable`, `on-demand`;
//! `replaces`, `appends`, `transforms`, `signs`; `approved`, `superseded`, `deprecated`, `withdrawn`. What is absent is
//! left out; `null` is refused, and so is a field that is not known or given twice. Which fields are required is the
//! hub's to say. An error names the field, never what stands in it.

mod hex;
mod node;
mod object;
mod read;
mod time;
mod words;
mod write;

use delt_proto::document::v1::DocumentEntry;

pub use hex::to_hex;
pub use time::{from_rfc3339, to_rfc3339};
pub use words::status_word;
pub use write::{entry_to_json, indexed_to_json};

/// Why a line is not an entry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    #[error("not JSON, at character {column}")]
    Syntax { column: usize },
    #[error("longer than {} KiB", MAX_LINE_BYTES / 1024)]
    TooLong,
    #[error("`{field}` {problem}")]
    Field {
        field: String,
        problem: &'static str,
    },
}

/// Longest line of a bulk file. An entry with everything in it has a few KiB.
pub const MAX_LINE_BYTES: usize = 256 * 1024;

/// Reads an entry from one line of JSON.
///
/// # Errors
/// The first thing that is not in the form described above.
pub fn entry_from_json(line: &[u8]) -> Result<DocumentEntry, JsonError> {
    if line.len() > MAX_LINE_BYTES {
        return Err(JsonError::TooLong);
    }
    let node: node::Node = serde_json::from_slice(line).map_err(|error| JsonError::Syntax {
        column: error.column(),
    })?;
    read::entry(object::Object::root(node)?)
}

#[cfg(test)]
mod tests;

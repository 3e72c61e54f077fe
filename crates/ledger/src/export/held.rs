//! What the verifying party holds from elsewhere, and holds the log to.

use crate::hash::Hash;
use crate::witness_policy::WitnessPolicy;

/// A checkpoint that the verifying party kept from earlier.
#[derive(Debug, Clone)]
pub struct TrustedCheckpoint {
    /// The signed note.
    pub note: String,
    /// The consistency proof from it to the export's checkpoint. Not needed for a complete export, whose
    /// own entries give the older root.
    pub proof: Option<Vec<Hash>>,
}

/// Everything that an export can be held against. Empty by default.
#[derive(Debug, Clone, Copy, Default)]
pub struct Held<'a> {
    pub checkpoints: &'a [TrustedCheckpoint],
    /// Signed statements of how far a patient's chain had come.
    pub statements: &'a [String],
    /// Signed receipts that came with answers.
    pub receipts: &'a [String],
    /// Whose cosignatures the export's checkpoint needs.
    pub policy: Option<&'a WitnessPolicy>,
    /// RFC 3339, UTC: when the export's checkpoint was the log's newest, by the verifying party's own clock.
    pub as_of: Option<&'a str>,
}

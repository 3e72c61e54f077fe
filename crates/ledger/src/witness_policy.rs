//! Whose cosignatures a checkpoint needs (C2SP tlog-policy).

/// A policy, as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WitnessPolicy {
    text: String,
}

impl WitnessPolicy {
    /// The policy in its written form.
    pub fn text(&self) -> &str {
        &self.text
    }
}

//! The limits and terms that an operator sets.

/// The limits and terms that an operator sets.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Largest page of a list.
    pub page_size_max: u32,
    /// How long a receiver holds a message before it is offered again, in microseconds.
    pub message_lease: crate::clock::Micros,
    /// Largest message, in bytes.
    pub message_bytes_max: usize,
    /// Largest document that is fetched, in bytes.
    pub document_bytes_max: u64,
    /// Longest time for one document to come from its source, in milliseconds.
    pub retrieve_deadline_ms: u64,
    /// Documents fetched at once from one source for one request.
    pub retrieve_parallel: usize,
    /// How often the log is sealed and a checkpoint signed, in milliseconds; at most a second.
    pub checkpoint_interval_ms: u64,
    /// The log's name in its checkpoints (C2SP tlog-checkpoint origin).
    pub log_origin: String,
    /// Within what time an entry stands in the log, as receipts promise, in microseconds.
    pub promise: crate::clock::Micros,
    /// How long entries are kept, in microseconds; none for ever. Their leaves stay.
    pub retention: Option<crate::clock::Micros>,
    /// Whose cosignatures a checkpoint needs; none where nobody's.
    pub witnesses: Option<delt_ledger::WitnessPolicy>,
    /// How often witnesses are asked, in milliseconds.
    pub witness_interval_ms: u64,
    /// How far back citizens see who looked, in microseconds; none for all that is kept.
    pub citizen_log: Option<crate::clock::Micros>,
    /// Whether citizens are told the names of those who looked, or their roles only.
    pub citizen_names: bool,
    /// The pause that ends a visit in the citizen's list, in microseconds.
    pub visit_pause: crate::clock::Micros,
    /// What finds accesses that deserve a look, and how cases are decided.
    pub review: crate::review::ReviewSettings,
    /// Periods and ages that decisions use.
    pub terms: delt_policy::Terms,
    /// The lawful ground of a break-glass whose reason comes without one; none where it must be said.
    pub assumed_ground: Option<delt_policy::OverrideGround>,
    /// How long the glass stays broken, in microseconds.
    pub break_glass: crate::clock::Micros,
    /// How long a professional's own word opens a record, in microseconds.
    pub attestation: crate::clock::Micros,
    /// How long after it a fact may still confirm that word, in microseconds.
    pub attestation_deadline: crate::clock::Micros,
    /// How long a treatment relation lasts after the discharge, in microseconds.
    pub discharge_run_out: crate::clock::Micros,
    /// How often attestations are followed up, in milliseconds.
    pub follow_up_interval_ms: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            page_size_max: 500,
            message_lease: 300 * crate::clock::SECOND,
            message_bytes_max: 10 << 20,
            document_bytes_max: 512 << 20,
            retrieve_deadline_ms: 10_000,
            retrieve_parallel: 8,
            checkpoint_interval_ms: 500,
            log_origin: "delt.example/log".to_owned(),
            promise: 60 * crate::clock::SECOND,
            retention: None,
            witnesses: None,
            witness_interval_ms: 1_000,
            citizen_log: Some(2 * 365 * 24 * crate::clock::HOUR),
            citizen_names: true,
            visit_pause: 4 * crate::clock::HOUR,
            review: crate::review::ReviewSettings::default(),
            terms: delt_policy::Terms::default(),
            assumed_ground: None,
            break_glass: 4 * crate::clock::HOUR,
            attestation: 24 * crate::clock::HOUR,
            attestation_deadline: 14 * 24 * crate::clock::HOUR,
            discharge_run_out: 30 * 24 * crate::clock::HOUR,
            follow_up_interval_ms: 10_000,
        }
    }
}

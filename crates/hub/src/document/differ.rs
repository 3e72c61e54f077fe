//! In which fields two entries of one identity differ.

use super::DocumentEntry;

macro_rules! differing {
    ($one:ident, $other:ident, $($field:ident => $wire:literal),* $(,)?) => {{
        // A field that is added to the entry must be added here, or this does not compile.
        let DocumentEntry { source_patient: _, $($field: _),* } = $one;
        [$(($wire, $one.$field != $other.$field)),*]
    }};
}

/// The wire paths of the fields that differ; never their values. The person's identifier at the source is not kept and not compared.
pub(super) fn fields(one: &DocumentEntry, other: &DocumentEntry) -> Vec<&'static str> {
    let all = differing!(one, other,
        entry_uuid => "entry.entry_uuid",
        unique_id => "entry.unique_id",
        source_id => "entry.source_id",
        repository_unique_id => "entry.repository_unique_id",
        home_community_id => "entry.home_community_id",
        patient => "entry.patient",
        class_code => "entry.class_code",
        type_code => "entry.type_code",
        format_code => "entry.format_code",
        healthcare_facility_type_code => "entry.healthcare_facility_type_code",
        practice_setting_code => "entry.practice_setting_code",
        event_codes => "entry.event_codes",
        confidentiality_codes => "entry.confidentiality_codes",
        author => "entry.author",
        legal_authenticator => "entry.legal_authenticator",
        creation_time => "entry.creation_time",
        service_start_time => "entry.service_start_time",
        service_stop_time => "entry.service_stop_time",
        language_code => "entry.language_code",
        mime_type => "entry.mime_type",
        size => "entry.size",
        hash => "entry.hash",
        hash_sha256 => "entry.hash_sha256",
        title => "entry.title",
        comments => "entry.comments",
        entry_type => "entry.document_entry_type",
        relations => "entry.relations",
        reference_ids => "entry.reference_ids",
    );
    all.into_iter()
        .filter_map(|(field, differs)| differs.then_some(field))
        .collect()
}

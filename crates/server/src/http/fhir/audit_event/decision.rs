//! The decision behind an entry, where BALP has an event for it.

use delt_formats::fhir::audit_event::{Description, Happening, Identifier};
use delt_ledger::{Entry, Outcome};

use super::describe;

/// The rules that rest on a consent of the citizen's.
const BY_CONSENT: [&str; 2] = ["consent-block", "consent-permit"];

/// A decision that weighed a consent, permit and denial alike; and every other denial, as one by role, so that all denials are found alike.
pub(super) fn of(entry: &Entry, told: Description) -> Option<(Description, Happening)> {
    let consents = consents(entry);
    let is_told = match entry.outcome {
        Outcome::Permitted => !consents.is_empty(),
        Outcome::Denied => true,
        Outcome::Failed => false,
    };
    let description = Description {
        id: format!("{}-authz", entry.id),
        outcome_words: Some(outcome_words(entry)),
        ..told
    };
    is_told.then_some((description, Happening::Decision { consents }))
}

fn consents(entry: &Entry) -> Vec<Identifier> {
    let mut consents: Vec<Identifier> = Vec::new();
    for ground in &entry.grounds {
        let id = ground.reference.as_deref().map(describe::target);
        let id =
            id.filter(|id| BY_CONSENT.contains(&ground.rule.as_str()) && !consents.contains(id));
        consents.extend(id);
    }
    consents
}

fn outcome_words(entry: &Entry) -> String {
    match &entry.error_code {
        Some(code) => code.clone(),
        None if entry.withheld > 0 => format!("permitted, with {} withheld", entry.withheld),
        None => "permitted".to_owned(),
    }
}

//! Who registers or ends a consent, as the citizen's list shows it: by which right and through what, no name.

use delt_policy::CitizenRelation;

use crate::operation::Context;

/// The one who acts, in words.
pub(super) fn registrar(cx: &Context) -> String {
    let party = cx.caller.party();
    let system = &party.system.id;
    let workplace = party
        .person
        .as_ref()
        .and_then(|person| person.organisation.as_ref());
    match (on_behalf(cx), workplace) {
        (Some(right), _) => {
            format!("a representative ({}) through {system}", word(right))
        }
        (None, Some(organisation)) => format!("{system} at {organisation}"),
        (None, None) => format!("the citizen through {system}"),
    }
}

/// By which right somebody acts for the citizen, where somebody does.
pub(super) fn on_behalf(cx: &Context) -> Option<CitizenRelation> {
    cx.caller
        .party()
        .on_behalf
        .as_ref()
        .map(|acting| acting.relation)
}

/// The word in a row.
pub(super) const fn word(right: CitizenRelation) -> &'static str {
    match right {
        CitizenRelation::Custody => "custody",
        CitizenRelation::Guardian => "guardian",
        CitizenRelation::Proxy => "proxy",
    }
}

/// Reads what [`word`] writes.
pub(super) fn from_word(word: &str) -> Option<CitizenRelation> {
    Some(match word {
        "custody" => CitizenRelation::Custody,
        "guardian" => CitizenRelation::Guardian,
        "proxy" => CitizenRelation::Proxy,
        _ => return None,
    })
}

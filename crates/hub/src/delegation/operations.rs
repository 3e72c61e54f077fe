//! What can be asked of rights to act for somebody else.

mod helpers;
mod quality;
mod representations;

use std::collections::BTreeMap;

use delt_policy::Right;

use crate::clock::{Micros, rfc3339};

pub use helpers::{DelegateToHelper, EndHelperDelegation, ListHelperDelegations, ToldDelegation};
pub use quality::{EndQualityPermission, ListQualityPermissions, RegisterQualityPermission};
pub use representations::{
    EndRepresentation, ListRepresentations, RegisterRepresentation, ToldRepresentation,
};

/// Rights by their stable names, as the audit entry tells them.
fn named(rights: &[Right]) -> String {
    let rights = each_once(rights);
    let names: Vec<&str> = rights.iter().map(|right| right.as_str()).collect();
    names.join(",")
}

/// Each right once, in one order, so that a retry asks for the same however it lists them.
fn each_once(rights: &[Right]) -> Vec<Right> {
    let mut rights = rights.to_vec();
    rights.sort_unstable();
    rights.dedup();
    rights
}

/// From when until when was asked for, as the audit entry tells it.
fn note_period(
    filters: &mut BTreeMap<String, String>,
    from: Option<Micros>,
    until: Option<Micros>,
) {
    for (name, at) in [("from", from), ("until", until)] {
        if let Some(at) = at {
            filters.insert(name.to_owned(), rfc3339(at));
        }
    }
}

/// Whether a right has ended or run out.
fn is_over(ended_at: Option<Micros>, until: Option<Micros>, now: Micros) -> bool {
    ended_at.is_some() || until.is_some_and(|until| until <= now)
}

//! Whose cases an auditor may work on: those of the own organisation's users, and never a case about themselves.

use delt_policy::{OrganisationId, PersonKind, Sector};

use super::{ReviewCase, work::Reviewer};
use crate::{Error, Result, audit::operations::may_follow_up_at, error::code, operation::Context};

/// Who works on cases here.
///
/// # Errors
/// `ACCESS_DENIED` for whoever is nobody's auditor; the role rules let none of them come so far.
pub(super) fn reviewer(cx: &Context) -> Result<Reviewer> {
    let denied = || Error::new(code::ACCESS_DENIED);
    let person = cx.caller.party().person.as_ref().ok_or_else(denied)?;
    let token = cx.caller.token().ok_or_else(denied)?;
    let id = match &person.kind {
        PersonKind::Auditor | PersonKind::DataProtectionOfficer => token.subject(),
        _ => return Err(denied()),
    };
    Ok(Reviewer {
        id: id.to_owned(),
        key: cx.caller.party().person_key,
    })
}

/// The organisations whose users' accesses the caller follows up.
pub(super) enum Reach {
    Everywhere,
    /// These, as a JSON array of their ids.
    Within(String),
}

impl Reach {
    /// What the caller's workplace reaches.
    pub(super) fn of(cx: &Context) -> Result<Self> {
        let own = cx.caller.party().person.as_ref();
        let own = own.and_then(|person| person.organisation.as_ref());
        let own = own.ok_or_else(|| Error::new(code::ACCESS_DENIED))?;
        Ok(match cx.directory.tree().sector(own) {
            Sector::National => Self::Everywhere,
            _ => Self::Within(units(own, cx)),
        })
    }
}

/// An organisation and its units, as a JSON array of their ids.
pub(super) fn units(root: &OrganisationId, cx: &Context) -> String {
    let tree = cx.directory.tree();
    let below = cx.directory.organisations().map(|one| &one.sor);
    let below = below.filter(|id| *id != root && tree.is_within(id, root));
    let ids: Vec<&str> = std::iter::once(root)
        .chain(below)
        .map(OrganisationId::as_str)
        .collect();
    serde_json::Value::from(ids).to_string()
}

/// Another organisation's case, and one's own, cannot be told from none. The log can.
pub(super) fn hidden() -> Error {
    Error::new(code::NOT_FOUND).logged_as(code::ACCESS_DENIED, Vec::new())
}

/// Refuses an organisation that is not the caller's to follow up.
pub(super) fn must_reach(organisation: &OrganisationId, cx: &Context) -> Result<()> {
    if may_follow_up_at(organisation, cx) {
        Ok(())
    } else {
        Err(hidden())
    }
}

/// Whether a case is about the reviewer: their doing, or their record.
///
/// Whoever has a personal interest in how a case ends must not deal with it (Forvaltningsloven § 3, stk. 1, nr. 1).
pub(super) fn concerns(case: &ReviewCase, reviewer: &Reviewer) -> bool {
    let theirs = |key: Option<_>| key.is_some() && key == reviewer.key;
    case.person_id.as_deref() == Some(&reviewer.id)
        || theirs(case.person_key)
        || theirs(case.patient)
}

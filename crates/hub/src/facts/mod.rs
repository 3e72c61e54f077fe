//! What a decision needs to know, loaded in the same snapshot or transaction as the operation itself, in one round trip.

mod decode;
#[cfg(feature = "bench")]
pub mod measure;
mod rows;
mod statement;
#[cfg(test)]
pub(crate) mod tests;
mod with_record;

use delt_formats::identifier::{PersonNumber, PersonNumberKind};
use delt_policy::{
    Action, Facts, OrganisationId, OverrideGround, Party, PatientKey, Purpose, Request,
};
use time::Date;

use crate::{
    Result,
    document::rows::Undecided,
    operation::{Context, RecordColumns},
    store::{Store, Tx, Unbegun},
};
use rows::{Known, Question};

/// Loads the facts about a patient (none: only those about the caller) and notes the keys of the patient's linked numbers.
///
/// # Errors
/// `ACCESS_REVOKED` where the caller's access was taken back, `TOO_MANY` where more numbers are linked to one person than can be followed.
pub(crate) async fn load(
    tx: &mut Tx<'_>,
    cx: &mut Context,
    asked: Option<PatientKey>,
    born: Option<Date>,
) -> Result<Facts> {
    let question = asked_by(cx, asked);
    let known = rows::load(tx, &question).await?;
    Ok(noted(cx, known, born))
}

/// The same as the first that is read in a snapshot, which begins with it.
pub(crate) async fn begin(
    on: Unbegun,
    cx: &mut Context,
    asked: Option<PatientKey>,
    born: Option<Date>,
) -> Result<(Tx<'static>, Facts)> {
    let question = asked_by(cx, asked);
    let (tx, known) = rows::begin(on, &question).await?;
    Ok((tx, noted(cx, known, born)))
}

/// The same and the entries of the patient's record, in one statement. None: they have to be read in a snapshot, one after the other.
pub(crate) async fn with_record(
    store: &Store,
    cx: &mut Context,
    (asked, born): (Option<PatientKey>, Option<Date>),
    columns: RecordColumns,
) -> Result<Option<(Facts, Undecided)>> {
    let question = asked_by(cx, asked);
    let loaded = with_record::load(store, &question, columns).await?;
    Ok(loaded.map(|(known, record)| (noted(cx, known, born), record)))
}

/// The caller's own question, which is refused where their access was taken back.
fn asked_by(cx: &Context, asked: Option<PatientKey>) -> Question {
    Question {
        credential: Some(cx.caller.credential(&cx.keys)),
        ..Question::of(cx.caller.party(), cx.caller.purpose(), asked)
    }
}

fn noted(cx: &mut Context, known: Known, born: Option<Date>) -> Facts {
    cx.patient_keys.clone_from(&known.keys);
    Facts {
        born,
        ..assembled(cx, known)
    }
}

/// The facts about a person with these keys (as [`load`] noted them: all of the person's), for the caller. Without a birth date, which only a number
/// says.
pub(crate) async fn about(tx: &mut Tx<'_>, cx: &Context, keys: &[PatientKey]) -> Result<Facts> {
    seen_by(tx, cx, keys, cx.caller.party(), cx.caller.purpose()).await
}

/// The same as somebody else would have them.
pub(crate) async fn seen_by(
    tx: &mut Tx<'_>,
    cx: &Context,
    keys: &[PatientKey],
    party: &Party,
    purpose: Option<Purpose>,
) -> Result<Facts> {
    let question = Question::of(party, purpose, keys.first().copied());
    Ok(assembled(cx, rows::load(tx, &question).await?))
}

/// What is known where nothing of the patient's counts: a system that registers for its own organisations.
pub(crate) fn of_nobody(cx: &Context) -> Facts {
    assembled(cx, Known::default())
}

/// When a person was born, as the number says. A replacement number (eCPR) may say when it was made instead, so it says nothing here.
pub(crate) fn born(number: &PersonNumber) -> Option<Date> {
    match number.kind() {
        PersonNumberKind::Cpr => number.birth_date(),
        PersonNumberKind::XEcpr | PersonNumberKind::DEcpr => None,
    }
}

/// What is known of the patient and the caller, with what stands for everybody.
fn assembled(cx: &Context, known: Known) -> Facts {
    Facts {
        consents: known.consents,
        relations: known.relations,
        organisations: cx.directory.tree(),
        roles: cx.roles.clone(),
        registered_organisations: cx
            .directory
            .system(&cx.caller.party().system.id)
            .map(|system| system.organisations.clone())
            .unwrap_or_default(),
        delegations: known.delegations,
        representations: known.representations,
        permissions: known.permissions,
        openings: known.openings,
        born: None,
        terms: cx.settings.terms,
    }
}

/// The question to the policy.
pub(crate) fn request<'a>(
    cx: &'a Context,
    action: Action,
    organisations: &'a [OrganisationId],
) -> Request<'a> {
    Request {
        party: cx.caller.party(),
        action,
        purpose: cx.caller.purpose(),
        override_reason: cx.caller.override_reason(),
        override_ground: override_ground(cx),
        patients: &cx.patient_keys,
        organisations,
    }
}

/// What the request says; where it gives a reason alone, what the operator has it mean.
fn override_ground(cx: &Context) -> Option<OverrideGround> {
    let reason = cx.caller.override_reason();
    let assumed = || reason.and(cx.settings.assumed_ground);
    cx.caller.override_ground().or_else(assumed)
}

//! What a new entry does to those it is related to (IHE TF-3 4.2.2).

use std::collections::{HashSet, VecDeque};

use delt_policy::{PatientKey, Scope};
use uuid::Uuid;

use super::{
    AvailabilityStatus, DocumentEntry, Relation, RelationCode,
    rows::{self, EntryRow},
};
use crate::{
    Error, Result,
    error::{FieldViolation, code},
    operation::Context,
    store::Tx,
};

/// How many entries one replacement may supersede, the addenda and transforms of what it replaces included.
const SUPERSEDED_MAX: usize = 1_000;

/// A relation with the entry that it leads to, held until the transaction ends.
pub(super) struct Target {
    pub(super) relation: Relation,
    pub(super) row: EntryRow,
}

/// The entries that the new one is related to.
///
/// Each must be an entry of the same patient that the source may write for. One that is missing, another patient's or another source's is one
/// answer. What was withdrawn cannot be related to, and only what is current can be replaced.
pub(super) async fn targets(
    tx: &mut Tx<'_>,
    scope: &Scope,
    entry: &DocumentEntry,
) -> Result<Vec<Target>> {
    let mut numbered: Vec<_> = entry.relations.iter().enumerate().collect();
    // Two that hold the same entries take them in the same order, so that neither waits for the other for ever.
    numbered.sort_by_key(|(_, relation)| relation.target);
    let (mut found, mut missing, mut wrong_state) = (Vec::new(), Vec::new(), Vec::new());
    for (at, relation) in numbered {
        let field = format!("entry.relations[{at}].target_entry_uuid");
        match held(tx, scope, relation.target).await? {
            None => missing.push(violation(field, "is no entry of this patient and source")),
            Some(row) if !may_be_target(row.status, relation.code) => {
                wrong_state.push(violation(
                    field,
                    "is not in a state that allows this relation",
                ));
            }
            Some(row) => found.push(Target {
                relation: *relation,
                row,
            }),
        }
    }
    if !missing.is_empty() {
        return Err(Error::violations(missing));
    }
    if !wrong_state.is_empty() {
        return Err(Error::new(code::STATE_CONFLICT).with_violations(wrong_state));
    }
    Ok(found)
}

fn violation(field: String, description: &str) -> FieldViolation {
    FieldViolation {
        field,
        description: description.to_owned(),
    }
}

const fn may_be_target(status: AvailabilityStatus, code: RelationCode) -> bool {
    match code {
        RelationCode::Replaces => matches!(status, AvailabilityStatus::Approved),
        RelationCode::Appends | RelationCode::Transforms | RelationCode::Signs => {
            !matches!(status, AvailabilityStatus::Withdrawn)
        }
    }
}

/// An entry that the caller may write, locked and then read, so that its status holds until the transaction ends.
async fn held(tx: &mut Tx<'_>, scope: &Scope, entry: Uuid) -> Result<Option<EntryRow>> {
    let Some(row) = rows::of_patient_by_id(tx, scope, entry).await? else {
        return Ok(None);
    };
    if !may_write(scope, &row) {
        return Ok(None);
    }
    rows::lock(tx, &row.facts.patient, entry).await?;
    rows::of_patient_by_id(tx, scope, entry).await
}

/// Whether the caller registered an entry, or may write for the organisation that it is from.
pub(super) fn may_write(scope: &Scope, row: &EntryRow) -> bool {
    let author = row.facts.author_organisation.as_ref();
    scope.admits(&row.facts).is_visible()
        || author.is_some_and(|author| scope.may_write_for(author))
}

/// Registers the relations and supersedes what is replaced, with its addenda and transforms. Gives what was superseded, in order of entryUUID.
pub(super) async fn apply(
    tx: &mut Tx<'_>,
    scope: &Scope,
    cx: &Context,
    entry: Uuid,
    targets: &[Target],
) -> Result<Vec<Uuid>> {
    let replaced = targets
        .iter()
        .filter(|t| t.relation.code == RelationCode::Replaces);
    let roots = replaced
        .map(|t| (t.row.facts.patient, t.row.facts.entry_uuid))
        .collect();
    let superseded = supersede(tx, scope, cx, entry, roots).await?;
    for Target { relation, row } in targets {
        rows::insert_relation(tx, scope, &row.facts.patient, entry, *relation).await?;
    }
    Ok(superseded)
}

/// Supersedes entries and everything that hangs on them. What is not current any more keeps its status; what hangs on it is still looked at.
async fn supersede(
    tx: &mut Tx<'_>,
    scope: &Scope,
    cx: &Context,
    by: Uuid,
    mut waiting: VecDeque<(PatientKey, Uuid)>,
) -> Result<Vec<Uuid>> {
    let mut seen: HashSet<Uuid> = waiting.iter().map(|(_, id)| *id).collect();
    let mut superseded = Vec::new();
    while let Some((patient, id)) = waiting.pop_front() {
        if rows::supersede(tx, scope, &patient, id, by, cx.now).await? {
            superseded.push(id);
        }
        for (dependent, code) in rows::related_to(tx, scope, &patient, id).await? {
            let hangs_on = matches!(code, RelationCode::Appends | RelationCode::Transforms);
            if !hangs_on || !seen.insert(dependent) {
                continue;
            }
            // It may lie under another of the person's numbers.
            if let Some(row) = rows::of_patient_by_id(tx, scope, dependent).await? {
                waiting.push_back((row.facts.patient, dependent));
            }
        }
        if seen.len() > SUPERSEDED_MAX {
            return Err(Error::new(code::TOO_MANY).with_message(
                "more entries hang on what is replaced than one replacement may supersede",
            ));
        }
    }
    superseded.sort();
    Ok(superseded)
}

/// What an entry superseded when it was registered, over all the person's numbers.
pub(super) async fn superseded_by(
    tx: &mut Tx<'_>,
    scope: &Scope,
    entry: Uuid,
) -> Result<Vec<Uuid>> {
    let mut found = Vec::new();
    for patient in scope.patients() {
        found.extend(rows::replaced_by(tx, scope, patient, entry).await?);
    }
    found.sort();
    Ok(found)
}

//! Many entries of one source at once: what one of them costs is shared by all, what becomes of each is its own.
//!
//! Each ends as it would have alone. What could end otherwise because of another of them stands apart, to be registered alone: an entry that is
//! related to others, that another is related to, or that has half of its identity with another. So does one whose identity was taken at the
//! very moment, and one of a person with several numbers.

use std::collections::{BTreeMap, HashMap, HashSet};

use delt_policy::{PatientKey, Scope};
use uuid::Uuid;

use super::{RegisterDocument, Registered, Registration, admitted, row};
use crate::{
    Result,
    document::{identity, rows},
    operation::Context,
    patient,
    store::Tx,
};

/// An entry that its source may register.
pub(crate) struct Candidate<'a> {
    pub(crate) item: &'a RegisterDocument,
    pub(crate) patient: PatientKey,
    pub(crate) scope: Box<Scope>,
}

impl<'a> Candidate<'a> {
    fn registration(&self) -> Registration<'a> {
        Registration {
            entry: &self.item.entry,
            encoded: &self.item.encoded,
            message_id: None,
        }
    }
}

/// Which of the items have nothing to do with another of them, nor with any other entry.
pub(crate) fn independent(items: &[RegisterDocument]) -> Vec<bool> {
    let mut ids: HashMap<Uuid, usize> = HashMap::new();
    let mut names: HashMap<&str, usize> = HashMap::new();
    let mut targets = HashSet::new();
    for RegisterDocument { entry, .. } in items {
        *ids.entry(entry.entry_uuid).or_default() += 1;
        *names.entry(&entry.unique_id).or_default() += 1;
        targets.extend(entry.relations.iter().map(|relation| relation.target));
    }
    let alone = |item: &RegisterDocument| {
        let entry = &item.entry;
        entry.relations.is_empty()
            && !targets.contains(&entry.entry_uuid)
            && ids.get(&entry.entry_uuid) == Some(&1)
            && names.get(entry.unique_id.as_str()) == Some(&1)
    };
    items.iter().map(alone).collect()
}

/// Registers independent entries. `None` for one that must be registered alone.
pub(crate) async fn register(
    tx: &mut Tx<'_>,
    cx: &Context,
    candidates: &[Candidate<'_>],
) -> Result<Vec<Option<Result<Registered>>>> {
    let answers: Vec<Result<Registered>> = candidates
        .iter()
        .map(|one| admitted(&one.scope, cx, &one.registration()))
        .collect();
    let sound: Vec<_> = candidates
        .iter()
        .zip(&answers)
        .filter_map(|(one, answer)| answer.is_ok().then_some(one))
        .collect();
    let added = insert(tx, cx, &sound).await?;
    let mut outcomes = Vec::with_capacity(candidates.len());
    for (one, answer) in candidates.iter().zip(answers) {
        outcomes.push(match answer {
            Ok(answer) if !added.contains(&answer.entry_uuid) => again(tx, cx, one, answer).await?,
            done => Some(done),
        });
    }
    Ok(outcomes)
}

/// Adds those whose identity is free, with the numbers of their patients.
async fn insert(
    tx: &mut Tx<'_>,
    cx: &Context,
    candidates: &[&Candidate<'_>],
) -> Result<HashSet<Uuid>> {
    let mut new = Vec::with_capacity(candidates.len());
    for one in candidates {
        let row = row(cx, &one.registration(), one.patient)?;
        new.push((&*one.scope, row));
    }
    let added = rows::insert_all(tx, &mut new).await?;
    let numbers: BTreeMap<_, _> = candidates
        .iter()
        .filter(|one| added.contains(&one.item.entry.entry_uuid))
        .map(|one| (one.patient, &one.item.entry.patient))
        .collect();
    patient::rows::keep_numbers(tx, &cx.keys, &numbers, cx.now).await?;
    Ok(added)
}

/// One whose identity is taken: the very same entry, which related to nothing then as now, or a conflict.
async fn again(
    tx: &mut Tx<'_>,
    cx: &Context,
    one: &Candidate<'_>,
    mut answer: Registered,
) -> Result<Option<Result<Registered>>> {
    let RegisterDocument { entry, encoded } = one.item;
    let kept = rows::by_identity(tx, &one.scope, entry).await?;
    Ok(match identity::among(cx, &kept, entry, encoded) {
        Ok(true) => {
            answer.already_registered = true;
            Some(Ok(answer))
        }
        Ok(false) => None,
        Err(conflict) => Some(Err(conflict)),
    })
}

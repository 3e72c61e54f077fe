//! What can be asked of person numbers.

use delt_formats::identifier::PersonNumber;
use delt_policy::{Action, PatientKey, Scope};

use super::{
    LinkKind, PatientLink,
    rows::{self, LinkRow},
};
use crate::{
    Error, Result,
    error::code,
    operation::{Context, Effect, Found, Operation, Sealed, Subject},
    store::Tx,
};

/// Two numbers are the same person, and both stay in use.
#[derive(Debug, Clone)]
pub struct LinkPatient {
    pub patient: PersonNumber,
    pub other: PersonNumber,
}

/// The old number is closed and the new one goes on.
#[derive(Debug, Clone)]
pub struct MergePatient {
    pub old: PersonNumber,
    pub new: PersonNumber,
}

impl Sealed for LinkPatient {}

impl Operation for LinkPatient {
    type Outcome = PatientLink;
    const ACTION: Action = Action::LinkPatient;
    const EFFECT: Effect = Effect::Writes;

    fn subject(&self) -> Subject {
        Subject::about(&self.patient)
    }

    async fn run(
        &self,
        scope: &Scope,
        tx: &mut Tx<'_>,
        cx: &Context,
    ) -> Result<Found<PatientLink>> {
        link(LinkKind::Linked, &self.patient, &self.other, scope, tx, cx).await
    }
}

impl Sealed for MergePatient {}

impl Operation for MergePatient {
    type Outcome = PatientLink;
    const ACTION: Action = Action::MergePatient;
    const EFFECT: Effect = Effect::Writes;

    fn subject(&self) -> Subject {
        Subject::about(&self.old)
    }

    async fn run(
        &self,
        scope: &Scope,
        tx: &mut Tx<'_>,
        cx: &Context,
    ) -> Result<Found<PatientLink>> {
        link(LinkKind::Merged, &self.old, &self.new, scope, tx, cx).await
    }
}

/// Adds a link; the very same link again answers the same. The scope shows that the caller may keep identities.
async fn link(
    kind: LinkKind,
    from: &PersonNumber,
    to: &PersonNumber,
    _scope: &Scope,
    tx: &mut Tx<'_>,
    cx: &Context,
) -> Result<Found<PatientLink>> {
    let from_key = rows::keep_number(tx, &cx.keys, from, cx.now).await?;
    let to_key = rows::keep_number(tx, &cx.keys, to, cx.now).await?;
    if from_key == to_key {
        return Err(Error::invalid("other", "is the same number"));
    }
    let row = LinkRow {
        from: from_key,
        to: to_key,
        kind,
        created_at: cx.now,
    };
    let added = rows::insert_link(tx, &row, &cx.caller.party().system.id).await?;
    let kept = if added { row } else { earlier(tx, &row).await? };
    // Refused here rather than in every later query: one person does not have this many numbers.
    rows::linked_keys(tx, from_key).await?;
    Ok(Found::new(PatientLink {
        kind,
        from: from.clone(),
        to: to.clone(),
        created_at: kept.created_at,
    })
    // The entry is about the one number; without the other it would not say whose record was opened to whom.
    .on(&to_key.hex()))
}

/// The link that was there already, where it is of the same kind.
async fn earlier(tx: &mut Tx<'_>, asked: &LinkRow) -> Result<LinkRow> {
    rows::links(tx, &asked.from)
        .await?
        .into_iter()
        .find(|row| row.from == asked.from && row.to == asked.to && row.kind == asked.kind)
        .ok_or_else(|| {
            Error::new(code::STATE_CONFLICT).with_message("the numbers are linked in another way")
        })
}

/// All numbers of one person, with the history of their links.
#[derive(Debug, Clone)]
pub struct GetPatient {
    pub patient: PersonNumber,
}

/// A person's numbers, the one that goes on first.
#[derive(Debug, Clone)]
pub struct PatientNumbers {
    pub numbers: Vec<PersonNumber>,
    /// Oldest first.
    pub links: Vec<PatientLink>,
}

impl Sealed for GetPatient {}

impl Operation for GetPatient {
    type Outcome = PatientNumbers;
    const ACTION: Action = Action::GetPatient;
    const EFFECT: Effect = Effect::Reads;

    fn subject(&self) -> Subject {
        Subject::about(&self.patient)
    }

    async fn run(
        &self,
        scope: &Scope,
        tx: &mut Tx<'_>,
        cx: &Context,
    ) -> Result<Found<PatientNumbers>> {
        let mut history = Vec::new();
        for patient in scope.patients() {
            history.extend(
                rows::links(tx, patient)
                    .await?
                    .into_iter()
                    .filter(|l| l.from == *patient),
            );
        }
        history.sort_by_key(|link| link.created_at);
        let mut numbers = Vec::new();
        for patient in going_on_first(scope.patients(), &history) {
            numbers.extend(rows::number(tx, &cx.keys, &patient).await?);
        }
        if numbers.is_empty() {
            return Err(Error::new(code::NOT_FOUND));
        }
        let mut links = Vec::new();
        for row in history {
            links.extend(opened(row, tx, cx).await?);
        }
        Ok(Found::new(PatientNumbers { numbers, links }))
    }
}

/// Numbers that were merged into another come last.
fn going_on_first(patients: &[PatientKey], history: &[LinkRow]) -> Vec<PatientKey> {
    let closed = |patient: &PatientKey| {
        history
            .iter()
            .any(|link| link.kind == LinkKind::Merged && link.from == *patient)
    };
    let mut ordered = patients.to_vec();
    ordered.sort_by_key(closed);
    ordered
}

async fn opened(row: LinkRow, tx: &mut Tx<'_>, cx: &Context) -> Result<Option<PatientLink>> {
    let from = rows::number(tx, &cx.keys, &row.from).await?;
    let to = rows::number(tx, &cx.keys, &row.to).await?;
    Ok(from.zip(to).map(|(from, to)| PatientLink {
        kind: row.kind,
        from,
        to,
        created_at: row.created_at,
    }))
}

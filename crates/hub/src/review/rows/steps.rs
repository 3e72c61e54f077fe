//! The steps of the work on a case.

use delt_policy::PatientKey;

use super::select::{malformed, word};
use crate::{
    Error, Result,
    clock::Micros,
    error::code,
    keys::Keyring,
    patient::rows::key,
    review::{
        ReviewDecision, ReviewText, Step, StepKind, text,
        work::{Reviewer, Standing},
    },
    store::{Tx, on, unavailable},
};

// Whoever comes second finds another revision, and changes nothing.
const MOVE_CASE: &str = "-- review_move_case
UPDATE review_case SET state = $3, assignee = $4, decision = $5, decided_at = $6, revision = revision + 1
WHERE number = $1 AND revision = $2";

const INSERT_STEP: &str = "-- review_insert_step
INSERT INTO review_event (number, revision, happened_at, person_id, person_key, person_name, kind, assignee, decision, sealed_text)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";

const SELECT_STEPS: &str = "-- review_select_steps
SELECT revision, happened_at, person_id, person_name, kind, assignee, decision, sealed_text
FROM review_event WHERE number = $1 ORDER BY revision";

const SELECT_PROPOSER: &str = "-- review_select_proposer
SELECT person_id, person_key FROM review_event WHERE number = $1 AND kind = 'proposed' ORDER BY revision DESC LIMIT 1";

type Row = (
    i64,
    Micros,
    String,
    String,
    String,
    Option<String>,
    Option<String>,
    Option<Vec<u8>>,
);

/// The work on a case, from its beginning.
pub(super) async fn of(tx: &mut Tx<'_>, keys: &Keyring, number: u64) -> Result<Vec<Step>> {
    let bound = i64::try_from(number).map_err(Error::internal)?;
    let rows: Vec<Row> = on!(tx, c => sqlx::query_as(SELECT_STEPS).bind(bound).fetch_all(c).await)
        .map_err(unavailable)?;
    rows.into_iter()
        .map(|row| kept(row, keys, number))
        .collect()
}

fn kept(row: Row, keys: &Keyring, number: u64) -> Result<Step> {
    let (revision, happened_at, person_id, person_name, kind, assignee, decision, sealed) = row;
    let revision = u32::try_from(revision).map_err(|_| malformed())?;
    let text = sealed.map(|sealed| text::open(keys, number, revision, &sealed));
    let decision = decision.map(|code| word(&code, ReviewDecision::from_code));
    Ok(Step {
        revision,
        happened_at,
        person_id,
        person_name,
        kind: word(&kind, StepKind::from_code)?,
        assignee,
        decision: decision.transpose()?,
        text: text.transpose()?.unwrap_or_default(),
    })
}

/// Who made the proposal that stands.
pub(in crate::review) async fn proposer(tx: &mut Tx<'_>, number: u64) -> Result<Reviewer> {
    let number = i64::try_from(number).map_err(Error::internal)?;
    let row: Option<(String, Option<Vec<u8>>)> =
        on!(tx, c => sqlx::query_as(SELECT_PROPOSER).bind(number).fetch_optional(c).await)
            .map_err(unavailable)?;
    let (id, person) = row.ok_or_else(malformed)?;
    Ok(Reviewer {
        id,
        key: person.as_deref().map(key).transpose()?,
    })
}

/// A step to be taken.
pub(in crate::review) struct NewStep<'a> {
    pub(in crate::review) number: u64,
    /// The step before it.
    pub(in crate::review) after: u32,
    pub(in crate::review) happened_at: Micros,
    pub(in crate::review) by: &'a Reviewer,
    pub(in crate::review) name: &'a str,
    pub(in crate::review) kind: StepKind,
    /// What was decided in this step.
    pub(in crate::review) decision: Option<ReviewDecision>,
    pub(in crate::review) text: Option<&'a ReviewText>,
    /// Where it leaves the case.
    pub(in crate::review) to: &'a Standing,
}

/// Takes a step.
///
/// # Errors
/// `VERSION_STALE` where somebody else took one meanwhile.
pub(in crate::review) async fn advance(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    step: &NewStep<'_>,
) -> Result<()> {
    let number = i64::try_from(step.number).map_err(Error::internal)?;
    let to = step.to;
    let decision = to.decision.or(to.proposal.as_ref().map(|(what, _)| *what));
    let decided_at = (step.kind == StepKind::Decided).then_some(step.happened_at);
    let decided_at = to.decided_at.or(decided_at);
    let moved = on!(tx, c => sqlx::query(MOVE_CASE)
        .bind(number)
        .bind(i64::from(step.after))
        .bind(to.state.as_str())
        .bind(to.assignee.as_deref())
        .bind(decision.map(ReviewDecision::as_str))
        .bind(decided_at)
        .execute(c).await.map(|done| done.rows_affected()))
    .map_err(unavailable)?;
    if moved != 1 {
        return Err(Error::new(code::VERSION_STALE));
    }
    insert(tx, keys, number, step).await
}

async fn insert(tx: &mut Tx<'_>, keys: &Keyring, number: i64, step: &NewStep<'_>) -> Result<()> {
    let revision = step.after.saturating_add(1);
    let text = step.text.map(|text| text.seal(keys, step.number, revision));
    let assignee = (step.kind == StepKind::Assigned).then_some(step.to.assignee.as_deref());
    on!(tx, c => sqlx::query(INSERT_STEP)
        .bind(number)
        .bind(i64::from(revision))
        .bind(step.happened_at)
        .bind(step.by.id.as_str())
        .bind(step.by.key.as_ref().map(|key: &PatientKey| key.as_bytes().as_slice()))
        .bind(step.name)
        .bind(step.kind.as_str())
        .bind(assignee.flatten())
        .bind(step.decision.map(ReviewDecision::as_str))
        .bind(text.transpose()?)
        .execute(c).await.map(drop))
    .map_err(unavailable)
}

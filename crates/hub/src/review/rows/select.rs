//! Reading cases.

use delt_policy::{AuthorisationId, OrganisationId, OverrideGround};
use uuid::Uuid;

use super::{open::EVIDENCE_MAX, steps};
use crate::{
    Error, Result,
    clock::Micros,
    glass,
    keys::Keyring,
    patient::rows::key,
    relation,
    review::{CaseKind, CaseState, ReviewCase, ReviewDecision, reach::Reach, work::Reviewer},
    store::{Tx, on, unavailable},
};

/// Cases with what their subjects add, but for those about `$6` and `$7`, the one who asks.
macro_rules! cases {
    ($name:literal, $where:literal) => {
        concat!(
            "-- ",
            $name,
            "
SELECT c.number, c.kind, c.state, c.patient_key, c.subject_id, c.person_id, c.person_key, c.authorisation_id, c.role,
    c.organisation, c.opened_at, c.audit_entry_id, c.detail, c.sample_id, c.revision, c.assignee, c.decision, c.decided_at,
    g.ground, g.sealed_reason, g.expires_at
FROM review_case c
LEFT JOIN break_glass g ON g.patient_key = c.patient_key AND g.opening_id = c.subject_id
WHERE c.number > $1 AND ($2 = '' OR c.kind = $2) AND ($3 = '' OR c.state = $3)
    AND (c.person_id IS NULL OR c.person_id <> $5) AND (c.person_key IS NULL OR c.person_key <> $6)
    AND (c.patient_key IS NULL OR c.patient_key <> $6)",
            $where,
            "
ORDER BY c.number LIMIT $4"
        )
    };
}

const SELECT_EVERYWHERE: &str = cases!("review_select_everywhere", " AND $7 = ''");

const SELECT_WITHIN_SQLITE: &str = cases!(
    "review_select_within_sqlite",
    " AND c.organisation IN (SELECT value FROM json_each($7))"
);

const SELECT_WITHIN_POSTGRES: &str = cases!(
    "review_select_within_postgres",
    " AND c.organisation IN (SELECT jsonb_array_elements_text($7::jsonb))"
);

const SELECT_ONE: &str = "-- review_select_one
SELECT c.number, c.kind, c.state, c.patient_key, c.subject_id, c.person_id, c.person_key, c.authorisation_id, c.role,
    c.organisation, c.opened_at, c.audit_entry_id, c.detail, c.sample_id, c.revision, c.assignee, c.decision, c.decided_at,
    g.ground, g.sealed_reason, g.expires_at
FROM review_case c
LEFT JOIN break_glass g ON g.patient_key = c.patient_key AND g.opening_id = c.subject_id
WHERE c.number = $1";

const SELECT_EVIDENCE: &str = "-- review_select_evidence
SELECT entry_id FROM review_evidence WHERE number = $1 ORDER BY entry_id LIMIT $2";

const IS_ACTOR: &str = "-- review_is_actor
SELECT entry_id FROM log_entry WHERE recorded_at >= $2 AND recorded_at < $3 AND entry_id = $1
    AND (person_id = $4 OR person_key = $5)";

#[derive(sqlx::FromRow)]
struct Row {
    number: i64,
    kind: String,
    state: String,
    patient_key: Option<Vec<u8>>,
    subject_id: Vec<u8>,
    person_id: Option<String>,
    person_key: Option<Vec<u8>>,
    authorisation_id: Option<String>,
    role: String,
    organisation: String,
    opened_at: Micros,
    audit_entry_id: Option<Vec<u8>>,
    detail: String,
    sample_id: Option<Vec<u8>>,
    revision: i64,
    assignee: Option<String>,
    decision: Option<String>,
    decided_at: Option<Micros>,
    ground: Option<String>,
    sealed_reason: Option<Vec<u8>>,
    expires_at: Option<Micros>,
}

/// Which cases are asked for, and by whom.
pub(crate) struct Asked<'a> {
    /// Above this number.
    pub(crate) after: u64,
    pub(crate) kind: Option<CaseKind>,
    pub(crate) state: Option<CaseState>,
    pub(crate) reach: &'a Reach,
    /// Does not get to see cases about themselves.
    pub(crate) by: &'a Reviewer,
}

/// Cases in the order of their numbers, with the words that began them.
pub(crate) async fn select(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    asked: &Asked<'_>,
    limit: usize,
) -> Result<Vec<ReviewCase>> {
    let (statement, units) = match (&*tx, asked.reach) {
        (_, Reach::Everywhere) => (SELECT_EVERYWHERE, ""),
        (Tx::Sqlite(_), Reach::Within(units)) => (SELECT_WITHIN_SQLITE, units.as_str()),
        (Tx::Postgres(_), Reach::Within(units)) => (SELECT_WITHIN_POSTGRES, units.as_str()),
    };
    let rows: Vec<Row> = on!(tx, c => sqlx::query_as(statement)
        // No number is larger.
        .bind(i64::try_from(asked.after).unwrap_or(i64::MAX))
        .bind(asked.kind.map_or("", CaseKind::as_str))
        .bind(asked.state.map_or("", CaseState::as_str))
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .bind(asked.by.id.as_str())
        .bind(own_key(asked.by))
        .bind(units)
        .fetch_all(c).await)
    .map_err(unavailable)?;
    let mut cases = Vec::with_capacity(rows.len());
    for row in rows {
        cases.push(with_word(tx, keys, kept(row, keys)?).await?);
    }
    Ok(cases)
}

/// One case with its evidence and all the work so far.
pub(crate) async fn one(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    number: u64,
) -> Result<Option<ReviewCase>> {
    // No number is larger.
    let bound = i64::try_from(number).unwrap_or(i64::MAX);
    let row: Option<Row> =
        on!(tx, c => sqlx::query_as(SELECT_ONE).bind(bound).fetch_optional(c).await)
            .map_err(unavailable)?;
    let Some(row) = row else {
        return Ok(None);
    };
    let mut case = with_word(tx, keys, kept(row, keys)?).await?;
    case.evidence = evidence(tx, bound).await?;
    case.steps = steps::of(tx, keys, number).await?;
    Ok(Some(case))
}

async fn evidence(tx: &mut Tx<'_>, number: i64) -> Result<Vec<Uuid>> {
    let limit = i64::try_from(EVIDENCE_MAX).map_err(Error::internal)?;
    let ids: Vec<Vec<u8>> = on!(tx, c => sqlx::query_scalar(SELECT_EVIDENCE)
        .bind(number)
        .bind(limit)
        .fetch_all(c).await)
    .map_err(unavailable)?;
    ids.iter().map(|id| uuid(id)).collect()
}

/// Whether an entry of the log is the reviewer's own doing.
pub(crate) async fn is_actor(tx: &mut Tx<'_>, entry: Uuid, by: &Reviewer) -> Result<bool> {
    let (from, to) = recorded_within(entry);
    let found: Option<Vec<u8>> = on!(tx, c => sqlx::query_scalar(IS_ACTOR)
        .bind(entry.as_bytes().as_slice())
        .bind(from)
        .bind(to)
        .bind(by.id.as_str())
        .bind(own_key(by))
        .fetch_optional(c).await)
    .map_err(unavailable)?;
    Ok(found.is_some())
}

/// Their own number as it is compared with a row's; no row has an empty one.
fn own_key(by: &Reviewer) -> &[u8] {
    by.key.as_ref().map_or(&[], |key| key.as_bytes().as_slice())
}

/// When an entry was recorded, by the millisecond in its id (RFC 9562, version 7).
fn recorded_within(id: Uuid) -> (Micros, Micros) {
    let time = id.as_bytes().iter().take(6);
    let milliseconds = time.fold(0_i64, |time, byte| time << 8 | i64::from(*byte));
    let from = milliseconds.saturating_mul(1_000);
    (from, from.saturating_add(1_000))
}

/// The case with the word that began it, where no glass was broken.
async fn with_word(tx: &mut Tx<'_>, keys: &Keyring, case: ReviewCase) -> Result<ReviewCase> {
    let (CaseKind::RelationUnconfirmed, Some(patient)) = (case.kind, &case.patient) else {
        return Ok(case);
    };
    let word = relation::reason::of(tx, keys, patient, case.subject).await?;
    Ok(ReviewCase {
        reason: word.unwrap_or_default(),
        ..case
    })
}

pub(super) fn malformed() -> Error {
    Error::internal("a stored review case is malformed")
}

pub(super) fn uuid(id: &[u8]) -> Result<Uuid> {
    Uuid::from_slice(id).map_err(Error::internal)
}

/// The member of a closed set with this stored name.
pub(super) fn word<T>(code: &str, read: impl Fn(&str) -> Option<T>) -> Result<T> {
    read(code).ok_or_else(malformed)
}

fn kept(row: Row, keys: &Keyring) -> Result<ReviewCase> {
    let patient = row.patient_key.as_deref().map(key).transpose()?;
    let subject = uuid(&row.subject_id)?;
    let authorisation = row.authorisation_id.as_deref();
    let authorisation = authorisation.map(AuthorisationId::parse).transpose();
    let reason = match (&patient, &row.sealed_reason) {
        (Some(patient), Some(sealed)) => glass::reason::open(keys, patient, subject, sealed)?,
        _ => String::new(),
    };
    Ok(ReviewCase {
        number: u64::try_from(row.number).map_err(Error::internal)?,
        kind: word(&row.kind, CaseKind::from_code)?,
        state: word(&row.state, CaseState::from_code)?,
        patient,
        subject,
        person_id: row.person_id,
        person_key: row.person_key.as_deref().map(key).transpose()?,
        authorisation: authorisation.map_err(|_| malformed())?,
        role: row.role,
        organisation: OrganisationId::parse(&row.organisation).map_err(|_| malformed())?,
        opened_at: row.opened_at,
        audit_entry_id: row.audit_entry_id.as_deref().map(uuid).transpose()?,
        detail: row.detail,
        evidence: Vec::new(),
        sample: row.sample_id.as_deref().map(uuid).transpose()?,
        revision: u32::try_from(row.revision).map_err(Error::internal)?,
        assignee: row.assignee,
        decision: row
            .decision
            .map(|code| word(&code, ReviewDecision::from_code))
            .transpose()?,
        decided_at: row.decided_at,
        steps: Vec::new(),
        ground: row
            .ground
            .map(|code| word(&code, OverrideGround::from_code))
            .transpose()?,
        reason,
        expires_at: row.expires_at,
    })
}

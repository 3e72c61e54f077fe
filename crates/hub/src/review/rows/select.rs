//! Reading cases.

use delt_policy::{AuthorisationId, OrganisationId, OverrideGround};
use uuid::Uuid;

use crate::{
    Error, Result,
    clock::Micros,
    glass,
    keys::Keyring,
    patient::rows::key,
    relation,
    review::{CaseKind, CaseState, ReviewCase, ReviewDecision},
    store::{Tx, on, unavailable},
};

const SELECT_CASES: &str = "-- review_select_cases
SELECT c.number, c.kind, c.state, c.patient_key, c.subject_id, c.person_id, c.authorisation_id, c.role, c.organisation,
    c.opened_at, c.audit_entry_id, c.detail, c.sample_id, c.revision, c.assignee, c.decision, c.decided_at,
    g.ground, g.sealed_reason, g.expires_at
FROM review_case c
LEFT JOIN break_glass g ON g.patient_key = c.patient_key AND g.opening_id = c.subject_id
WHERE c.number > $1 AND c.number <= $2 AND ($3 = '' OR c.kind = $3) AND ($4 = '' OR c.state = $4)
ORDER BY c.number LIMIT $5";

#[derive(sqlx::FromRow)]
struct Row {
    number: i64,
    kind: String,
    state: String,
    patient_key: Option<Vec<u8>>,
    subject_id: Vec<u8>,
    person_id: Option<String>,
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

/// Which cases are asked for: above the first number, up to the second.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Range {
    pub(crate) after: i64,
    pub(crate) to: i64,
    pub(crate) kind: Option<CaseKind>,
    pub(crate) state: Option<CaseState>,
}

/// Cases in the order of their numbers.
pub(crate) async fn select(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    range: Range,
    limit: i64,
) -> Result<Vec<ReviewCase>> {
    let rows: Vec<Row> = on!(tx, c => sqlx::query_as(SELECT_CASES)
        .bind(range.after)
        .bind(range.to)
        .bind(range.kind.map_or("", CaseKind::as_str))
        .bind(range.state.map_or("", CaseState::as_str))
        .bind(limit)
        .fetch_all(c).await)
    .map_err(unavailable)?;
    rows.into_iter().map(|row| kept(row, keys)).collect()
}

/// The case with the word that began it, where no glass was broken.
pub(crate) async fn with_word(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    case: ReviewCase,
) -> Result<ReviewCase> {
    let (CaseKind::RelationUnconfirmed, Some(patient)) = (case.kind, &case.patient) else {
        return Ok(case);
    };
    let word = relation::reason::of(tx, keys, patient, case.subject).await?;
    Ok(ReviewCase {
        reason: word.unwrap_or_default(),
        ..case
    })
}

fn malformed() -> Error {
    Error::internal("a stored review case is malformed")
}

fn uuid(id: &[u8]) -> Result<Uuid> {
    Uuid::from_slice(id).map_err(Error::internal)
}

/// The member of a closed set with this stored name.
fn word<T>(code: &str, read: impl Fn(&str) -> Option<T>) -> Result<T> {
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

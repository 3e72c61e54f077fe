//! Rows of review cases.

use delt_policy::{AuthorisationId, OrganisationId, OverrideGround, PatientKey};
use uuid::Uuid;

use super::{CaseKind, CaseState, ReviewCase};
use crate::{
    Error, Result,
    clock::Micros,
    glass,
    keys::Keyring,
    patient::rows::key,
    relation,
    store::{Tx, on, unavailable},
};

const LOCK_NUMBERS: &str = "-- review_lock_numbers
UPDATE counter SET value = value WHERE name = 'review_case'";

const NEXT_NUMBER: &str = "-- review_next_number
UPDATE counter SET value = value + 1 WHERE name = 'review_case' RETURNING value";

const INSERT_CASE: &str = "-- review_insert_case
INSERT INTO review_case (number, kind, state, patient_key, subject_id, person_id, authorisation_id, role, organisation,
    opened_at, audit_entry_id, detail, revision)
VALUES ($1, $2, $3, $4, $5, $6, $6, $7, $8, $9, $10, '', 0)";

const SELECT_CASES: &str = "-- review_select_cases
SELECT c.number, c.kind, c.state, c.patient_key, c.subject_id, c.authorisation_id, c.role, c.organisation,
    c.opened_at, c.audit_entry_id, g.ground, g.sealed_reason, g.expires_at
FROM review_case c
LEFT JOIN break_glass g ON g.patient_key = c.patient_key AND g.opening_id = c.subject_id
WHERE c.number > $1 AND c.number <= $2 AND ($3 = '' OR c.kind = $3) AND ($4 = '' OR c.state = $4)
ORDER BY c.number LIMIT $5";

/// A case that is not yet numbered.
#[derive(Debug, Clone)]
pub(crate) struct NewCase<'a> {
    pub(crate) kind: CaseKind,
    pub(crate) patient: PatientKey,
    /// The opening or the relation of that patient.
    pub(crate) subject: Uuid,
    pub(crate) person: &'a AuthorisationId,
    pub(crate) role: &'a str,
    pub(crate) organisation: &'a OrganisationId,
    pub(crate) opened_at: Micros,
    pub(crate) audit_entry_id: Option<Uuid>,
}

/// Waits until no other transaction is giving out numbers, and lets none begin before this one has ended.
///
/// What is decided under it, such as whether there is an opening already, nobody else decides at the same time.
pub(crate) async fn lock_numbers(tx: &mut Tx<'_>) -> Result<()> {
    on!(tx, c => sqlx::query(LOCK_NUMBERS).execute(c).await.map(drop)).map_err(unavailable)
}

/// Opens a case and returns its number. A second case of the same kind about the same subject is an error.
///
/// Holds the numbers until the transaction ends, so that none is skipped. Whoever needs other numbers too takes those first.
pub(crate) async fn open(tx: &mut Tx<'_>, case: &NewCase<'_>) -> Result<u64> {
    let number: i64 =
        on!(tx, c => sqlx::query_scalar(NEXT_NUMBER).fetch_one(c).await).map_err(unavailable)?;
    on!(tx, c => sqlx::query(INSERT_CASE)
        .bind(number)
        .bind(case.kind.as_str())
        .bind(CaseState::Open.as_str())
        .bind(case.patient.as_bytes().as_slice())
        .bind(case.subject.as_bytes().as_slice())
        .bind(case.person.as_str())
        .bind(case.role)
        .bind(case.organisation.as_str())
        .bind(case.opened_at)
        .bind(case.audit_entry_id.as_ref().map(|id| id.as_bytes().as_slice()))
        .execute(c).await.map(drop))
    .map_err(unavailable)?;
    u64::try_from(number).map_err(Error::internal)
}

type Row = (
    i64,
    String,
    String,
    Vec<u8>,
    Vec<u8>,
    String,
    String,
    String,
    Micros,
    Option<Vec<u8>>,
    Option<String>,
    Option<Vec<u8>>,
    Option<Micros>,
);

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
    if case.kind != CaseKind::RelationUnconfirmed {
        return Ok(case);
    }
    let word = relation::reason::of(tx, keys, &case.patient, case.subject).await?;
    Ok(ReviewCase {
        reason: word.unwrap_or_default(),
        ..case
    })
}

fn kept(row: Row, keys: &Keyring) -> Result<ReviewCase> {
    let (
        number,
        kind,
        state,
        patient,
        subject,
        person,
        role,
        place,
        opened_at,
        entry,
        ground,
        reason,
        expires_at,
    ) = row;
    let malformed = || Error::internal("a stored review case is malformed");
    let patient = key(&patient)?;
    let subject = Uuid::from_slice(&subject).map_err(Error::internal)?;
    Ok(ReviewCase {
        number: u64::try_from(number).map_err(Error::internal)?,
        kind: CaseKind::from_code(&kind).ok_or_else(malformed)?,
        state: CaseState::from_code(&state).ok_or_else(malformed)?,
        patient,
        subject,
        person: AuthorisationId::parse(&person).map_err(|_| malformed())?,
        role,
        organisation: OrganisationId::parse(&place).map_err(|_| malformed())?,
        opened_at,
        audit_entry_id: entry
            .map(|id| Uuid::from_slice(&id).map_err(Error::internal))
            .transpose()?,
        ground: ground
            .map(|code| OverrideGround::from_code(&code).ok_or_else(malformed))
            .transpose()?,
        reason: match reason {
            Some(sealed) => glass::reason::open(keys, &patient, subject, &sealed)?,
            None => String::new(),
        },
        expires_at,
    })
}

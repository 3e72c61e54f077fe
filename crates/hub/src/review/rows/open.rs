//! Opening cases.

use delt_policy::{AuthorisationId, OrganisationId, PatientKey};
use uuid::Uuid;

use crate::{
    Error, Result,
    clock::Micros,
    review::{CaseKind, CaseState},
    store::{Tx, on, unavailable},
};

const LOCK_NUMBERS: &str = "-- review_lock_numbers
UPDATE counter SET value = value WHERE name = 'review_case'";

const NEXT_NUMBER: &str = "-- review_next_number
UPDATE counter SET value = value + 1 WHERE name = 'review_case' RETURNING value";

const INSERT_CASE: &str = "-- review_insert_case
INSERT INTO review_case (number, kind, state, patient_key, subject_id, person_id, person_key, authorisation_id, role, organisation,
    opened_at, audit_entry_id, detail, sample_id, revision)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 0)";

const INSERT_EVIDENCE: &str = "-- review_insert_evidence
INSERT INTO review_evidence (number, entry_id) VALUES ($1, $2) ON CONFLICT (number, entry_id) DO NOTHING";

const SELECT_SUBJECT: &str = "-- review_select_subject
SELECT number FROM review_case WHERE subject_id = $1 AND kind = $2";

// Bounded, because a system that never tells a person's number would have all of that person's entries read.
const SELECT_KEY: &str = "-- review_select_person_key
SELECT k.person_key FROM (
    SELECT person_key, recorded_at FROM log_entry WHERE person_id = $1 ORDER BY recorded_at DESC, entry_id DESC LIMIT 100
) k WHERE k.person_key IS NOT NULL ORDER BY k.recorded_at DESC LIMIT 1";

/// A case that is not yet numbered.
#[derive(Debug, Clone)]
pub(crate) struct NewCase<'a> {
    pub(crate) kind: CaseKind,
    /// None where the case is about no single patient.
    pub(crate) patient: Option<PatientKey>,
    /// What the kind says: one case of a kind about a subject.
    pub(crate) subject: Uuid,
    /// None where the case is about no single person.
    pub(crate) person: Option<PersonRef<'a>>,
    pub(crate) role: &'a str,
    pub(crate) organisation: &'a OrganisationId,
    pub(crate) opened_at: Micros,
    pub(crate) audit_entry_id: Option<Uuid>,
    /// What was found, in figures and codes. No free text, no names.
    pub(crate) detail: &'a str,
    /// The entries of the access log that it is about, at most 100: the first of them where there are more.
    pub(crate) evidence: &'a [Uuid],
    pub(crate) sample: Option<Uuid>,
}

/// How many entries a case has as evidence at most.
pub(crate) const EVIDENCE_MAX: usize = 100;

/// Whose doing a case is about.
#[derive(Clone, Copy)]
pub(crate) struct PersonRef<'a> {
    /// As the log has the person (`log_entry.person_id`).
    pub(crate) id: &'a str,
    pub(crate) authorisation: Option<&'a AuthorisationId>,
    /// The person's own number, where the token told it (`log_entry.person_key`): so that nobody reviews their own access as somebody else.
    /// Where none is given, [`open`] looks for it in the log.
    pub(crate) key: Option<PatientKey>,
}

impl<'a> PersonRef<'a> {
    /// An authorised professional.
    pub(crate) fn authorised(id: &'a AuthorisationId, key: Option<PatientKey>) -> Self {
        Self {
            id: id.as_str(),
            authorisation: Some(id),
            key,
        }
    }
}

/// Without the id, which names a person.
impl std::fmt::Debug for PersonRef<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PersonRef(…)")
    }
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
    let key = person_key(tx, case.person).await?;
    insert(tx, number, case, key).await?;
    for entry in case.evidence.iter().take(EVIDENCE_MAX) {
        on!(tx, c => sqlx::query(INSERT_EVIDENCE)
            .bind(number)
            .bind(entry.as_bytes().as_slice())
            .execute(c).await.map(drop))
        .map_err(unavailable)?;
    }
    u64::try_from(number).map_err(Error::internal)
}

/// The same where there is no case of that kind about that subject; otherwise none, and nothing is changed.
pub(crate) async fn open_once(tx: &mut Tx<'_>, case: &NewCase<'_>) -> Result<Option<u64>> {
    lock_numbers(tx).await?;
    let known: Option<i64> = on!(tx, c => sqlx::query_scalar(SELECT_SUBJECT)
        .bind(case.subject.as_bytes().as_slice())
        .bind(case.kind.as_str())
        .fetch_optional(c).await)
    .map_err(unavailable)?;
    match known {
        Some(_) => Ok(None),
        None => open(tx, case).await.map(Some),
    }
}

async fn insert(
    tx: &mut Tx<'_>,
    number: i64,
    case: &NewCase<'_>,
    key: Option<Vec<u8>>,
) -> Result<()> {
    let person = case.person;
    let id = |id: &Option<Uuid>| id.map(|id| id.as_bytes().to_vec());
    on!(tx, c => sqlx::query(INSERT_CASE)
        .bind(number)
        .bind(case.kind.as_str())
        .bind(CaseState::Open.as_str())
        .bind(case.patient.as_ref().map(|key| key.as_bytes().as_slice()))
        .bind(case.subject.as_bytes().as_slice())
        .bind(person.map(|person| person.id))
        .bind(key)
        .bind(person.and_then(|person| person.authorisation).map(AuthorisationId::as_str))
        .bind(case.role)
        .bind(case.organisation.as_str())
        .bind(case.opened_at)
        .bind(id(&case.audit_entry_id))
        .bind(case.detail)
        .bind(id(&case.sample))
        .execute(c).await.map(drop))
    .map_err(unavailable)
}

async fn person_key(tx: &mut Tx<'_>, person: Option<PersonRef<'_>>) -> Result<Option<Vec<u8>>> {
    let Some(person) = person else {
        return Ok(None);
    };
    if let Some(key) = person.key {
        return Ok(Some(key.as_bytes().to_vec()));
    }
    on!(tx, c => sqlx::query_scalar(SELECT_KEY).bind(person.id).fetch_optional(c).await)
        .map_err(unavailable)
}

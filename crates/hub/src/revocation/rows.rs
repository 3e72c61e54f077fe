//! Rows of revocations. A person with several numbers has a row under each, with one id.

use uuid::Uuid;

use super::{AccessSubject, Credential, Revocation, RevocationKind, subject::Mark};
use crate::{
    Error, Result,
    clock::Micros,
    keys::Keyring,
    store::{Tx, on, unavailable},
};

const OF_CALLER: &str = "-- revocation_of_caller
SELECT issued_before FROM access_revocation
WHERE subject IN ($1, $2, $3, $4, $5, $6) AND ended_at IS NULL";

const INSERT: &str = "-- revocation_insert
INSERT INTO access_revocation (subject, revocation_id, kind, sealed_subject, issued_before, valid_until, reason, created_at, created_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (subject, revocation_id) DO NOTHING";

const END: &str = "-- revocation_end
UPDATE access_revocation SET ended_at = $2, ended_by = $3 WHERE revocation_id = $1 AND ended_at IS NULL";

macro_rules! columns {
    () => {
        "revocation_id, kind, sealed_subject, issued_before, valid_until, reason, created_at, created_by, ended_at, ended_by
FROM access_revocation"
    };
}

const SELECT: &str = concat!(
    "-- revocation_select\nSELECT DISTINCT ",
    columns!(),
    " WHERE revocation_id = $1"
);

const STANDS_UNDER: &str = "-- revocation_stands_under
SELECT 1 FROM access_revocation WHERE subject = $1 AND revocation_id = $2";

const PAGE: &str = concat!(
    "-- revocation_page\nSELECT DISTINCT ",
    columns!(),
    " WHERE (created_at, revocation_id) < ($1, $2) AND ($3 IS NULL OR subject = $3)
    AND ($4 OR (ended_at IS NULL AND (valid_until IS NULL OR valid_until > $5)))
ORDER BY created_at DESC, revocation_id DESC LIMIT $6"
);

#[derive(Debug, sqlx::FromRow)]
struct Row {
    revocation_id: Vec<u8>,
    kind: String,
    sealed_subject: Option<Vec<u8>>,
    issued_before: Option<Micros>,
    valid_until: Option<Micros>,
    reason: String,
    created_at: Micros,
    created_by: String,
    ended_at: Option<Micros>,
    ended_by: Option<String>,
}

impl Row {
    fn read(self, keys: &Keyring) -> Result<Revocation> {
        let revocation_id = Uuid::from_slice(&self.revocation_id).map_err(Error::internal)?;
        let malformed = || Error::internal("a revocation cannot be read");
        let kind = RevocationKind::from_code(&self.kind).ok_or_else(malformed)?;
        let subject = self
            .sealed_subject
            .map(|sealed| AccessSubject::opened(keys, revocation_id, kind, &sealed));
        Ok(Revocation {
            revocation_id,
            kind,
            subject: subject.transpose()?,
            issued_before: self.issued_before,
            valid_until: self.valid_until,
            reason: self.reason,
            created_at: self.created_at,
            created_by: self.created_by,
            ended_at: self.ended_at,
            ended_by: self.ended_by,
        })
    }
}

/// Whether the caller's access is taken back, where no facts are loaded that would tell.
pub(crate) async fn is_revoked(tx: &mut Tx<'_>, credential: &Credential) -> Result<bool> {
    let marks = credential.marks.iter();
    let found: Vec<Option<Micros>> = on!(tx, c => marks
        .fold(sqlx::query_scalar(OF_CALLER), |query, mark| query.bind(mark.as_ref().map(Mark::as_bytes)))
        .fetch_all(c).await)
    .map_err(unavailable)?;
    Ok(found
        .into_iter()
        .any(|before| credential.is_taken_by(before)))
}

/// Adds a revocation under a mark. `false` where it stands there already; nothing is changed then.
pub(super) async fn insert(
    tx: &mut Tx<'_>,
    mark: &Mark,
    kept: &Revocation,
    sealed: Option<&[u8]>,
) -> Result<bool> {
    on!(tx, c => sqlx::query(INSERT)
        .bind(mark.as_bytes())
        .bind(kept.revocation_id.as_bytes().as_slice())
        .bind(kept.kind.as_str())
        .bind(sealed)
        .bind(kept.issued_before)
        .bind(kept.valid_until)
        .bind(kept.reason.as_str())
        .bind(kept.created_at)
        .bind(kept.created_by.as_str())
        .execute(c).await.map(|done| done.rows_affected() == 1))
    .map_err(unavailable)
}

/// Ends a revocation under all its marks. Nothing happens where it does not exist or has ended.
pub(super) async fn end(tx: &mut Tx<'_>, id: Uuid, now: Micros, by: &str) -> Result<()> {
    on!(tx, c => sqlx::query(END)
        .bind(id.as_bytes().as_slice())
        .bind(now)
        .bind(by)
        .execute(c).await.map(drop))
    .map_err(unavailable)
}

/// One revocation.
pub(super) async fn one(tx: &mut Tx<'_>, keys: &Keyring, id: Uuid) -> Result<Option<Revocation>> {
    let row: Option<Row> = on!(tx, c => sqlx::query_as(SELECT)
        .bind(id.as_bytes().as_slice())
        .fetch_optional(c).await)
    .map_err(unavailable)?;
    row.map(|row| row.read(keys)).transpose()
}

/// Whether a revocation stands, or stood, under a mark.
pub(super) async fn stands_under(tx: &mut Tx<'_>, mark: &Mark, id: Uuid) -> Result<bool> {
    let found: Option<i32> = on!(tx, c => sqlx::query_scalar(STANDS_UNDER)
        .bind(mark.as_bytes())
        .bind(id.as_bytes().as_slice())
        .fetch_optional(c).await)
    .map_err(unavailable)?;
    Ok(found.is_some())
}

/// Which page.
pub(super) struct PageQuery {
    /// Only those under this mark.
    pub(super) of: Option<Mark>,
    pub(super) include_ended: bool,
    pub(super) now: Micros,
    /// Only what stands after this place; the first page begins before everything.
    pub(super) after: (Micros, Uuid),
    pub(super) limit: i64,
}

/// A page, newest first.
pub(super) async fn page(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    query: &PageQuery,
) -> Result<Vec<Revocation>> {
    let rows: Vec<Row> = on!(tx, c => sqlx::query_as(PAGE)
        .bind(query.after.0)
        .bind(query.after.1.as_bytes().as_slice())
        .bind(query.of.as_ref().map(Mark::as_bytes))
        .bind(query.include_ended)
        .bind(query.now)
        .bind(query.limit)
        .fetch_all(c).await)
    .map_err(unavailable)?;
    rows.into_iter().map(|row| row.read(keys)).collect()
}

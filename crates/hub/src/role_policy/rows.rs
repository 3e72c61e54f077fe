//! Rows of editions, and of when each was in force.

use delt_policy::RolePolicy;

use crate::{
    Result,
    clock::Micros,
    store::{Tx, on, unavailable},
};

const INSERT_EDITION: &str = "-- policy_edition_insert
INSERT INTO policy_edition (version, sources, created_at) VALUES ($1, $2, $3)
ON CONFLICT (version) DO NOTHING";

const SELECT_EDITION: &str = "-- policy_edition_select
SELECT sources FROM policy_edition WHERE version = $1";

const INSERT_IN_FORCE: &str = "-- policy_in_force_insert
INSERT INTO policy_in_force (since, version) VALUES ($1, $2)
ON CONFLICT (since, version) DO NOTHING";

const SELECT_IN_FORCE: &str = "-- policy_in_force_select
SELECT since, version FROM policy_in_force WHERE since <= $1 ORDER BY since DESC, version DESC LIMIT 1";

const SELECT_FIRST: &str = "-- policy_in_force_first
SELECT since, version FROM policy_in_force ORDER BY since, version LIMIT 1";

/// An edition by its version, and from when it was in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct InForce {
    pub(super) since: Micros,
    pub(super) version: String,
}

/// Keeps the text of an edition, once.
pub(super) async fn keep(tx: &mut Tx<'_>, roles: &RolePolicy, now: Micros) -> Result<()> {
    on!(tx, c => sqlx::query(INSERT_EDITION)
        .bind(roles.version())
        .bind(roles.edition().to_text())
        .bind(now)
        .execute(c).await.map(drop))
    .map_err(unavailable)
}

/// The text of an edition.
pub(super) async fn text(tx: &mut Tx<'_>, version: &str) -> Result<Option<String>> {
    let row: Option<(String,)> = on!(tx, c => sqlx::query_as(SELECT_EDITION)
        .bind(version)
        .fetch_optional(c).await)
    .map_err(unavailable)?;
    Ok(row.map(|(text,)| text))
}

/// Notes that an edition is in force from `since`.
pub(super) async fn enter(tx: &mut Tx<'_>, version: &str, since: Micros) -> Result<()> {
    on!(tx, c => sqlx::query(INSERT_IN_FORCE)
        .bind(since)
        .bind(version)
        .execute(c).await.map(drop))
    .map_err(unavailable)
}

/// What was in force at a time; none before the first record.
pub(super) async fn in_force(tx: &mut Tx<'_>, at: Micros) -> Result<Option<InForce>> {
    let row: Option<(Micros, String)> = on!(tx, c => sqlx::query_as(SELECT_IN_FORCE)
        .bind(at)
        .fetch_optional(c).await)
    .map_err(unavailable)?;
    Ok(row.map(of_row))
}

/// What was in force first.
pub(super) async fn first(tx: &mut Tx<'_>) -> Result<Option<InForce>> {
    let row: Option<(Micros, String)> =
        on!(tx, c => sqlx::query_as(SELECT_FIRST).fetch_optional(c).await).map_err(unavailable)?;
    Ok(row.map(of_row))
}

fn of_row((since, version): (Micros, String)) -> InForce {
    InForce { since, version }
}

//! Bringing the schema up to date, and living with one that is newer.
//!
//! While hubs of two releases share a database, the older ones meet steps that they do not know. Steps only add (expand), so an older hub goes on, and may
//! start again; until a release contracts: a step whose name begins with `contract` takes away what older releases use, and they no longer start.

use std::sync::LazyLock;

use sqlx::{
    PgPool, SqlitePool,
    migrate::{MigrateError, Migrator},
};

use super::unavailable;
use crate::{Error, Result, error::code};

static SQLITE: LazyLock<Migrator> =
    LazyLock::new(|| beside_newer(sqlx::migrate!("migrations/sqlite")));
static POSTGRES: LazyLock<Migrator> =
    LazyLock::new(|| beside_newer(sqlx::migrate!("migrations/postgres")));

/// The steps that the database has taken, in the driver's own table.
const SELECT_APPLIED: &str = "-- migration_select_applied
SELECT version, description FROM _sqlx_migrations ORDER BY version";
/// How the name of a step begins that takes something away.
const CONTRACT: &str = "contract";

type Applied = (i64, String);

fn beside_newer(mut migrator: Migrator) -> Migrator {
    migrator.set_ignore_missing(true);
    migrator
}

pub(super) async fn sqlite(pool: &SqlitePool) -> Result<()> {
    SQLITE.run(pool).await.map_err(failed)?;
    let applied = sqlx::query_as(SELECT_APPLIED).fetch_all(pool).await;
    accept(&SQLITE, &applied.map_err(unavailable)?)
}

pub(super) async fn postgres(pool: &PgPool) -> Result<()> {
    POSTGRES.run(pool).await.map_err(failed)?;
    let applied = sqlx::query_as(SELECT_APPLIED).fetch_all(pool).await;
    accept(&POSTGRES, &applied.map_err(unavailable)?)
}

/// Whether this release can work with all that was done to the schema.
fn accept(known: &Migrator, applied: &[Applied]) -> Result<()> {
    let newest = known.iter().map(|step| step.version).max().unwrap_or(0);
    for (version, name) in applied {
        if known.version_exists(*version) {
            continue;
        }
        if *version < newest || name.starts_with(CONTRACT) {
            tracing::error!(
                version,
                name,
                "the schema has a step that this release cannot work with"
            );
            return Err(unusable());
        }
        tracing::warn!(
            version,
            name,
            "the schema is newer than this release, and has only grown"
        );
    }
    Ok(())
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn failed(error: MigrateError) -> Error {
    tracing::error!(%error, "the schema cannot be brought up to date");
    unusable()
}

fn unusable() -> Error {
    Error::new(code::STORE_UNAVAILABLE)
        .with_message("the schema of the store is not one that this version can use")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applied(more: &[(i64, &str)]) -> Vec<Applied> {
        let known = SQLITE
            .iter()
            .map(|step| (step.version, step.description.to_string()));
        let more = more
            .iter()
            .map(|(version, name)| (*version, (*name).to_owned()));
        known.chain(more).collect()
    }

    #[test]
    fn a_schema_that_grew_is_accepted_and_one_that_shrank_is_not() {
        assert!(accept(&SQLITE, &applied(&[])).is_ok());
        assert!(accept(&SQLITE, &applied(&[(9_001, "more room"), (9_002, "index")])).is_ok());
        assert!(accept(&SQLITE, &applied(&[(9_001, "contract old columns")])).is_err());
    }

    #[test]
    fn a_step_from_another_history_is_refused() {
        assert!(accept(&SQLITE, &applied(&[(0, "somebody else's")])).is_err());
    }
}

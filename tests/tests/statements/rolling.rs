//! Old and new side by side: an older hub's statements on the newest schema, and a hub on a schema that is newer than it.
//!
//! At a release, record what its hubs send, and commit it: the test below writes it to `target/statements-<backend>.sql`; copy that to
//! `tests/golden/statements-<version>-<backend>.sql`. The files of releases that no running hub may have any more go with the migration that contracts.

use std::path::{Path, PathBuf};

use delt_tests::alone::alone;
use delt_tests::hub::{Backend, TestHub};
use delt_tests::{statements, tree};
use sqlx::{
    AssertSqlSafe, Connection as _, Executor as _, PgConnection, SqlSafeStr as _, SqliteConnection,
};

use crate::story;

/// Between two statements of a file.
const BETWEEN: &str = "\n;\n";

fn recorded(backend: &str) -> Vec<PathBuf> {
    let ours = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy();
        name.starts_with("statements-") && name.ends_with(&format!("-{backend}.sql"))
    };
    tree::files("tests/golden")
        .into_iter()
        .filter(ours)
        .collect()
}

fn of(file: &Path) -> Vec<String> {
    let text = tree::read(file);
    text.split(BETWEEN)
        .map(|one| one.trim().to_owned())
        .filter(|one| !one.is_empty())
        .collect()
}

/// What PostgreSQL (undefined table, undefined column) and SQLite (any error of its own) say of a statement that asks for what is gone. PostgreSQL is not told
/// the types of what an old hub binds, and so does not know some.
const GONE: [&str; 3] = ["42P01", "42703", "1"];

/// The statements of these files that the database does not take.
async fn refused<C>(files: &[PathBuf], connection: &mut C) -> Vec<String>
where
    for<'c> &'c mut C: sqlx::Executor<'c>,
{
    let mut refused = Vec::new();
    for statement in files.iter().flat_map(|file| of(file)) {
        let asked = AssertSqlSafe(statement.clone()).into_sql_str();
        if let Err(error) = connection.prepare(asked).await {
            let code = error
                .as_database_error()
                .and_then(sqlx::error::DatabaseError::code);
            if code.is_none_or(|code| GONE.contains(&code.as_ref())) {
                refused.push(format!("{}: {error}", statements::name(&statement)));
            }
        }
    }
    refused
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn statements_of_older_hubs_hold_on_the_newest_schema() {
    let (old_sqlite, old_postgres) = (recorded("sqlite"), recorded("postgres"));
    let _alone = alone().await;
    assert!(
        !old_sqlite.is_empty() && !old_postgres.is_empty(),
        "no release was recorded"
    );
    let hub = TestHub::start(Backend::Sqlite).await;
    let mut sqlite = SqliteConnection::connect(&hub.config().store.url)
        .await
        .unwrap();
    assert_eq!(
        refused(&old_sqlite, &mut sqlite).await,
        Vec::<String>::new(),
        "on SQLite"
    );
    let hub = TestHub::start(Backend::Postgres).await;
    let mut postgres = PgConnection::connect(&hub.config().store.url)
        .await
        .unwrap();
    assert_eq!(
        refused(&old_postgres, &mut postgres).await,
        Vec::<String>::new(),
        "on PostgreSQL"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_this_version_sends_is_written_down_for_its_release() {
    let sent = [
        ("sqlite", &story::to_sqlite().await),
        ("postgres", story::to_postgres().await),
    ];
    for (name, sent) in sent {
        assert!(sent.len() > 90, "only {} statements on {name}", sent.len());
        let sent: Vec<_> = sent.iter().map(String::as_str).collect();
        let file = format!("target/statements-{name}.sql");
        std::fs::write(tree::root().join(file), sent.join(BETWEEN) + BETWEEN).unwrap();
    }
}

async fn newer(store: &str, version: i64, name: &str) {
    let add = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES ($1, $2, TRUE, $3, 0)";
    let mut connection = PgConnection::connect(store).await.unwrap();
    sqlx::raw_sql("ALTER TABLE patient ADD COLUMN IF NOT EXISTS more TEXT")
        .execute(&mut connection)
        .await
        .unwrap();
    sqlx::query(add)
        .bind(version)
        .bind(name)
        .bind(&[0_u8][..])
        .execute(&mut connection)
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hub_starts_on_a_schema_that_grew_and_refuses_one_that_shrank() {
    let _alone = alone().await;
    let hub = TestHub::start(Backend::Postgres).await;
    let url = hub.config().store.url.clone();
    newer(&url, 9_001, "more room").await;
    let hub = hub.restart().await;
    delt_tests::samples::register_record(&hub, delt_tests::entries::LONNI).await;
    newer(&url, 9_002, "contract what was before").await;
    let config = hub.config().clone();
    hub.running.stop().await;
    let refused = delt_server::serve::start(&config)
        .await
        .expect_err("it would ask for what is gone");
    assert!(
        refused
            .to_string()
            .contains("not one that this version can use"),
        "{refused}"
    );
}

//! A database that is put back to what it was: the operator's restore from a copy, or a second history.

use delt_server::config::{Config, Store};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};

/// A copy of the database of a configuration, whose hub does not run.
pub(crate) async fn copy(config: &Config) -> Store {
    let url = &config.store.url;
    match url.strip_prefix("sqlite://") {
        Some(file) => copy_file(file),
        None => copy_database(url).await,
    }
}

fn copy_file(file: &str) -> Store {
    let to = format!("{file}.copy");
    for end in ["", "-wal", "-shm"] {
        let from = format!("{file}{end}");
        if std::fs::exists(&from).expect("our own folder") {
            std::fs::copy(from, format!("{to}{end}")).expect("room on the disk");
        }
    }
    Store::with_url(Store::sqlite_url(to.as_ref()))
}

/// `postgres://postgres@localhost/NAME?host=…`
async fn copy_database(url: &str) -> Store {
    let name = url.split(['/', '?']).nth(3).expect("a URL of ours");
    let copied = format!("{name}_copy");
    let admin = url.replacen(&format!("/{name}?"), "/postgres?", 1);
    let mut connection = PgConnection::connect(&admin).await.expect("PostgreSQL");
    let sql = format!("CREATE DATABASE {copied} TEMPLATE {name}");
    connection
        .execute(sqlx::query(AssertSqlSafe(sql)))
        .await
        .expect("nobody is connected to it");
    Store::with_url(url.replacen(&format!("/{name}?"), &format!("/{copied}?"), 1))
}

//! A database of one test.

use crate::postgres::Postgres;

/// A fresh database on the server that the tests of one binary share. It is dropped with this: what hundreds of tests leave behind would fill a disk.
#[derive(Debug)]
pub struct Database(String);

impl Database {
    /// Blocks for some tens of milliseconds.
    pub fn fresh() -> Self {
        Self(Postgres::shared().database())
    }

    /// The same where blocking would hold up others.
    pub async fn made() -> Self {
        let made = tokio::task::spawn_blocking(Self::fresh).await;
        made.expect("a fresh database")
    }

    /// What `store.url` takes.
    pub fn url(&self) -> String {
        self.0.clone()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        Postgres::shared().drop_database(&self.0);
    }
}

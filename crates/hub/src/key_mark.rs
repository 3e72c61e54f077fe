//! Whether the keys are those that the store was made with.
//!
//! With another patient key every record would look empty and new rows would go astray; with another encryption key nothing would open. The store keeps
//! a mark of each key, from which the key cannot be found, and a hub with another key does not start.

use futures_util::future::BoxFuture;

use crate::{
    Error, Result,
    store::{AsyncWork, Store, Tx, on, unavailable},
    store_use::Use,
};

const INSERT_MARK: &str = "-- key_mark_insert
INSERT INTO key_mark (name, mark) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";

const SELECT_MARK: &str = "-- key_mark_select
SELECT mark FROM key_mark WHERE name = $1";

/// A key by its name in the configuration, and its mark.
#[derive(Debug)]
pub(crate) struct KeyMark {
    pub(crate) field: &'static str,
    pub(crate) name: String,
    pub(crate) mark: Vec<u8>,
}

/// Compares what the store is for, and the marks, with what it keeps; a fresh store takes them over.
pub(crate) async fn check(store: &Store, made_for: Use, marks: Vec<KeyMark>) -> Result<()> {
    store.write(Check { made_for, marks }).await
}

struct Check {
    made_for: Use,
    marks: Vec<KeyMark>,
}

impl AsyncWork<()> for Check {
    fn run<'a>(&'a mut self, tx: &'a mut Tx<'_>) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            self.made_for.claim(tx).await?;
            for mark in &self.marks {
                compare(tx, mark).await?;
            }
            Ok(())
        })
    }
}

async fn compare(tx: &mut Tx<'_>, mark: &KeyMark) -> Result<()> {
    on!(tx, c => sqlx::query(INSERT_MARK)
        .bind(mark.name.as_str())
        .bind(mark.mark.as_slice())
        .execute(c).await.map(drop))
    .map_err(unavailable)?;
    let (kept,): (Vec<u8>,) =
        on!(tx, c => sqlx::query_as(SELECT_MARK).bind(mark.name.as_str()).fetch_one(c).await)
            .map_err(unavailable)?;
    if kept == mark.mark {
        Ok(())
    } else {
        Err(Error::invalid(
            mark.field,
            "is not the key that this store was made with",
        ))
    }
}

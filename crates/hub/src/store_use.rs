//! What a store is for: records, or a measurement.
//!
//! A hub that measures can leave its access log out. So its store is made for that and marked, it never becomes one for records, and one for records
//! never becomes one to measure on. The first hub that opens a store says which; the mark stands among those of the keys.

use crate::{
    Error, Result,
    store::{Tx, on, unavailable},
};

const INSERT_USE: &str = "-- store_use_insert
INSERT INTO key_mark (name, mark) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";

const SELECT_USE: &str = "-- store_use_select
SELECT mark FROM key_mark WHERE name = $1";

const COUNT_OTHERS: &str = "-- store_use_count_others
SELECT COUNT(*) FROM key_mark WHERE name <> $1";

/// Its name among the marks.
const NAME: &str = "made-for";

/// What a store is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    Records,
    Measuring,
}

impl Use {
    const fn mark(self) -> &'static [u8] {
        match self {
            Self::Records => b"records",
            Self::Measuring => b"measuring",
        }
    }

    const fn refusal(self) -> &'static str {
        match self {
            Self::Records => {
                "was made for measuring, where the access log can be left out: it never holds records"
            }
            Self::Measuring => "was not made for measuring: name an empty database",
        }
    }

    /// Marks a fresh store, or finds the mark that it has. A store from before these marks has other marks, and is one for records.
    ///
    /// Of two hubs that open a fresh store at once, one waits for the other's row and then finds its mark.
    pub(crate) async fn claim(self, tx: &mut Tx<'_>) -> Result<()> {
        let new =
            on!(tx, c => sqlx::query(INSERT_USE).bind(NAME).bind(self.mark()).execute(c).await
            .map(|done| done.rows_affected() == 1))
            .map_err(unavailable)?;
        let (kept,): (Vec<u8>,) =
            on!(tx, c => sqlx::query_as(SELECT_USE).bind(NAME).fetch_one(c).await)
                .map_err(unavailable)?;
        let (others,): (i64,) =
            on!(tx, c => sqlx::query_as(COUNT_OTHERS).bind(NAME).fetch_one(c).await)
                .map_err(unavailable)?;
        let older = new && others > 0;
        if kept == self.mark() && !(older && self == Self::Measuring) {
            return Ok(());
        }
        Err(Error::invalid("store.url", self.refusal()))
    }
}

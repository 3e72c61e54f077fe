//! The columns of a row by their places, whichever driver has read it. Looking up their names is a good part of what reading a row costs.

use rusqlite::types::ValueRef;
use sqlx::Row as _;

use super::unavailable;
use crate::{Error, Result};

/// A row whose columns are numbers, bytes and texts.
pub(crate) trait Cells {
    fn number(&self, at: usize) -> Result<Option<i64>>;
    fn bytes(&self, at: usize) -> Result<Option<&[u8]>>;
    fn text(&self, at: usize) -> Result<Option<&str>>;
}

macro_rules! cells_of {
    ($row:ty) => {
        impl Cells for $row {
            fn number(&self, at: usize) -> Result<Option<i64>> {
                self.try_get(at).map_err(unavailable)
            }

            fn bytes(&self, at: usize) -> Result<Option<&[u8]>> {
                self.try_get(at).map_err(unavailable)
            }

            fn text(&self, at: usize) -> Result<Option<&str>> {
                self.try_get(at).map_err(unavailable)
            }
        }
    };
}

cells_of!(sqlx::sqlite::SqliteRow);
cells_of!(sqlx::postgres::PgRow);

impl Cells for rusqlite::Row<'_> {
    fn number(&self, at: usize) -> Result<Option<i64>> {
        value(self, at)?.as_i64_or_null().map_err(Error::internal)
    }

    fn bytes(&self, at: usize) -> Result<Option<&[u8]>> {
        value(self, at)?.as_blob_or_null().map_err(Error::internal)
    }

    fn text(&self, at: usize) -> Result<Option<&str>> {
        value(self, at)?.as_str_or_null().map_err(Error::internal)
    }
}

fn value<'r>(row: &'r rusqlite::Row<'_>, at: usize) -> Result<ValueRef<'r>> {
    row.get_ref(at).map_err(Error::internal)
}

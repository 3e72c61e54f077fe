//! Connections to SQLite that are asked one statement where the caller stands, without a thread of their own.
//!
//! What a search reads is in memory nearly always, and reading it takes less than changing threads does. It is kept short: a statement is one
//! snapshot, says itself how many rows it reads, and nothing waits. Whatever else happens (a lock that somebody holds, a fault) ends in
//! [`Asked::Otherwise`], and the caller takes a connection of [`super::Readers`], which waits and tells what is wrong.

use std::{
    path::PathBuf,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use rusqlite::{Connection, OpenFlags, ToSql};

use crate::Result;

/// The connections that nobody uses now. No more are ever open than there are threads that serve.
#[derive(Debug)]
pub(crate) struct InPlace {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
}

/// How a question ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    Answered,
    /// It must be asked in another way.
    Otherwise,
}

impl InPlace {
    pub(super) const fn new(path: PathBuf) -> Self {
        Self {
            path,
            idle: Mutex::new(Vec::new()),
        }
    }

    /// Gives each row of the answer to `take`. `binds` are by name (`$1`); those that the statement does not have are left out.
    pub(crate) fn ask(
        &self,
        statement: &'static str,
        binds: &[(&str, &dyn ToSql)],
        take: impl FnMut(&rusqlite::Row<'_>) -> Result<()>,
    ) -> Result<Asked> {
        let connection = self.idle().pop().map_or_else(|| self.open(), Ok);
        let answered = connection.and_then(|connection| {
            let answered = answer(&connection, statement, binds, take)?;
            self.idle().push(connection);
            Ok(answered)
        });
        answered.unwrap_or_else(|fault| {
            tracing::debug!(code = ?fault.sqlite_error_code(), "not read in place");
            Ok(Asked::Otherwise)
        })
    }

    fn open(&self) -> rusqlite::Result<Connection> {
        let connection = Connection::open_with_flags(
            &self.path,
            OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )?;
        connection.busy_timeout(Duration::ZERO)?;
        // In KiB.
        connection.pragma_update(None, "cache_size", -4_096)?;
        Ok(connection)
    }

    /// A poisoned lock still holds a whole list.
    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A fault of the database is outside, one of what it holds is inside.
fn answer(
    connection: &Connection,
    statement: &'static str,
    binds: &[(&str, &dyn ToSql)],
    mut take: impl FnMut(&rusqlite::Row<'_>) -> Result<()>,
) -> rusqlite::Result<Result<Asked>> {
    // The other driver tells what it runs, too.
    tracing::debug!(statement, "asked in place");
    let mut prepared = connection.prepare_cached(statement)?;
    for (name, value) in binds {
        if let Some(place) = prepared.parameter_index(name)? {
            prepared.raw_bind_parameter(place, value)?;
        }
    }
    let mut rows = prepared.raw_query();
    while let Some(row) = rows.next()? {
        if let Err(malformed) = take(row) {
            return Ok(Err(malformed));
        }
    }
    Ok(Ok(Asked::Answered))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Room {
        _folder: tempfile::TempDir,
        writer: Connection,
        in_place: InPlace,
    }

    fn room() -> Room {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("delt.db");
        let writer = Connection::open(&path).unwrap();
        writer
            .execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE number (n BIGINT, name TEXT); INSERT INTO number VALUES (1, 'one')")
            .unwrap();
        Room {
            _folder: folder,
            writer,
            in_place: InPlace::new(path),
        }
    }

    impl Room {
        /// The names of the numbers from this one on.
        fn names(&self, from: i64) -> Result<(Asked, Vec<String>)> {
            let mut names = Vec::new();
            let binds: [(&str, &dyn ToSql); 2] = [("$1", &from), ("$2", &"not in the statement")];
            let select = "SELECT name FROM number WHERE n >= $1";
            let asked = self.in_place.ask(select, &binds, |row| {
                let name = row.get_ref(0).map_err(crate::Error::internal)?;
                names.push(name.as_str().map_err(crate::Error::internal)?.to_owned());
                Ok(())
            });
            asked.map(|asked| (asked, names))
        }

        fn idle(&self) -> usize {
            self.in_place.idle().len()
        }
    }

    #[test]
    fn each_question_is_asked_of_what_is_committed_by_then() {
        let room = room();
        assert_eq!(
            room.names(1).unwrap(),
            (Asked::Answered, vec!["one".to_owned()])
        );
        let insert = "BEGIN; INSERT INTO number VALUES (2, 'two')";
        room.writer.execute_batch(insert).unwrap();
        assert_eq!(room.names(2).unwrap(), (Asked::Answered, vec![]));
        room.writer.execute_batch("COMMIT").unwrap();
        assert_eq!(
            room.names(2).unwrap(),
            (Asked::Answered, vec!["two".to_owned()])
        );
        assert_eq!(room.idle(), 1, "one after the other, on one connection");
    }

    #[test]
    fn a_row_that_cannot_be_read_is_a_fault_and_the_connection_stays_good() {
        let room = room();
        room.writer
            .execute_batch("INSERT INTO number VALUES (3, X'00')")
            .unwrap();
        room.names(1).unwrap_err();
        assert_eq!(room.idle(), 1);
        room.writer
            .execute_batch("DELETE FROM number WHERE n = 3")
            .unwrap();
        assert_eq!(room.names(1).unwrap().0, Asked::Answered);
    }

    #[test]
    fn whoever_holds_the_database_is_not_waited_for() {
        let room = room();
        room.names(1).unwrap();
        let hold = "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE";
        drop(room.in_place.idle().pop());
        room.writer.execute_batch(hold).unwrap();
        assert_eq!(room.names(1).unwrap(), (Asked::Otherwise, vec![]));
        assert_eq!(room.idle(), 0, "what failed is not used again");
        room.writer
            .execute_batch("COMMIT; PRAGMA locking_mode = NORMAL; SELECT * FROM number")
            .unwrap();
        assert_eq!(room.names(1).unwrap().0, Asked::Answered);
    }

    #[test]
    fn it_only_reads() {
        let room = room();
        let asked = room.in_place.ask("DELETE FROM number", &[], |_| Ok(()));
        assert_eq!(asked.unwrap(), Asked::Otherwise);
        assert_eq!(room.names(1).unwrap().1, ["one"]);
    }

    #[test]
    fn a_database_that_is_not_there_is_asked_otherwise() {
        let folder = tempfile::tempdir().unwrap();
        let in_place = InPlace::new(folder.path().join("nothing.db"));
        let asked = in_place.ask("SELECT 1", &[], |_| Ok(()));
        assert_eq!(asked.unwrap(), Asked::Otherwise);
    }
}

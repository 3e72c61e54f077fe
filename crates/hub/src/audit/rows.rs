//! Writing the rows of the access log.

use std::sync::LazyLock;

use delt_ledger::Outcome;
use sqlx::{PgConnection, SqliteConnection};

use super::{
    Pending,
    chain_rows::{self, Chains},
    draft::Sealed,
};
use crate::{
    Result,
    store::{Tx, Values, unavailable},
};

/// Entries, their places in the queue and their chains in one round trip.
const INSERT_ENTRIES: &str = "-- audit_insert_entries
WITH fresh AS (
    SELECT * FROM unnest($1::BYTEA[], $2::BIGINT[], $3::BYTEA[], $4::BYTEA[], $5::BYTEA[], $6::BYTEA[], $7::BIGINT[], $8::TEXT[], $9::BYTEA[],
        $10::TEXT[], $11::TEXT[], $12::TEXT[], $13::TEXT[], $14::TEXT[], $15::TEXT[], $16::BIGINT[])
    WITH ORDINALITY AS given (entry_id, recorded_at, commitment, salt, payload, patient_key, patient_number, person_id, person_key,
        responsible_id, organisation, system_id, operation, outcome, purpose, overridden, place)
), kept AS (
    INSERT INTO log_entry (entry_id, recorded_at, commitment, salt, payload, patient_key, patient_number, person_id, person_key,
        responsible_id, organisation, system_id, operation, outcome, purpose, overridden)
    SELECT entry_id, recorded_at, commitment, salt, payload, patient_key, patient_number, person_id, person_key,
        responsible_id, organisation, system_id, operation, outcome, purpose, overridden FROM fresh
), queued AS (
    INSERT INTO log_queue (entry_id, recorded_at, commitment, patient_key, patient_number)
    SELECT entry_id, recorded_at, commitment, patient_key, patient_number FROM fresh ORDER BY place
)
UPDATE patient_chain SET number = moved.number, head = moved.head
FROM unnest($17::BYTEA[], $18::BIGINT[], $19::BYTEA[]) AS moved (patient_key, number, head)
WHERE patient_chain.patient_key = moved.patient_key";

/// What fails is taken back with the transaction or savepoint around it (see `append::write_all`). So SQLite is told to leave the rows before it
/// alone: to take back one statement it would copy every page first that the statement changes, and these change many.
static INSERT_ENTRY: LazyLock<Values> = LazyLock::new(|| {
    Values::new(
        "-- audit_insert_entry
INSERT OR FAIL INTO log_entry (entry_id, recorded_at, commitment, salt, payload, patient_key, patient_number, person_id, person_key,
    responsible_id, organisation, system_id, operation, outcome, purpose, overridden)
VALUES ",
        16,
        "",
    )
});

static INSERT_QUEUED: LazyLock<Values> = LazyLock::new(|| {
    Values::new(
        "-- audit_insert_queued
INSERT OR FAIL INTO log_queue (entry_id, recorded_at, commitment, patient_key, patient_number) VALUES ",
        5,
        "",
    )
});

/// An entry as it becomes a row.
struct Row<'a>(&'a Pending, &'a Sealed);

impl<'a> Row<'a> {
    fn id(&self) -> &'a [u8] {
        self.0.id.as_bytes()
    }

    fn patient(&self) -> Option<&'a [u8]> {
        let (key, _) = self.0.patient.as_ref()?;
        Some(key.as_bytes())
    }

    fn person(&self) -> Option<&'a str> {
        Some(self.0.entry.actor.person.as_ref()?.id.as_str())
    }

    fn person_key(&self) -> Option<&'a [u8]> {
        Some(self.0.person_key.as_ref()?.as_bytes())
    }

    fn responsible(&self) -> Option<&'a str> {
        Some(self.0.entry.actor.responsible.as_ref()?.id.as_str())
    }

    /// The person's, or where there is none the system's.
    fn organisation(&self) -> Option<&'a str> {
        let actor = &self.0.entry.actor;
        let person = actor.person.as_ref();
        person
            .and_then(|person| person.organisation.as_deref())
            .or(actor.system_organisation.as_deref())
    }

    const fn outcome(&self) -> &'static str {
        match self.0.entry.outcome {
            Outcome::Permitted => "permitted",
            Outcome::Denied => "denied",
            Outcome::Failed => "failed",
        }
    }
}

/// Writes entries with what sealed them, and how far their chains have come.
pub(super) async fn insert(
    tx: &mut Tx<'_>,
    entries: &[Pending],
    sealed: &[Sealed],
    chains: &Chains,
) -> Result<()> {
    let pairs = entries.iter().zip(sealed);
    let rows: Vec<_> = pairs.map(|(entry, sealed)| Row(entry, sealed)).collect();
    match tx {
        Tx::Postgres(tx) => insert_at_once(tx, &rows, chains).await,
        Tx::Sqlite(tx) => {
            insert_in_pieces(tx, &rows).await?;
            chain_rows::put(tx, chains).await
        }
    }
}

async fn insert_at_once(
    connection: &mut PgConnection,
    rows: &[Row<'_>],
    chains: &Chains,
) -> Result<()> {
    /// One column of all rows.
    fn column<'a, T>(rows: &[Row<'a>], value: impl Fn(&Row<'a>) -> T) -> Vec<T> {
        rows.iter().map(value).collect()
    }
    let (keys, heads): (Vec<&[u8]>, Vec<&[u8]>) = chains.iter().map(chain_rows::bytes).unzip();
    let numbers = chains.values().map(chain_rows::number);
    sqlx::query(INSERT_ENTRIES)
        .bind(column(rows, Row::id))
        .bind(column(rows, |row| row.0.recorded_at))
        .bind(column(rows, |row| row.1.commitment.as_bytes().as_slice()))
        .bind(column(rows, |row| row.0.salt.as_bytes().as_slice()))
        .bind(column(rows, |row| row.1.payload.as_slice()))
        .bind(column(rows, Row::patient))
        .bind(column(rows, |row| row.1.number))
        .bind(column(rows, Row::person))
        .bind(column(rows, Row::person_key))
        .bind(column(rows, Row::responsible))
        .bind(column(rows, Row::organisation))
        .bind(column(rows, |row| row.0.entry.actor.system.as_str()))
        .bind(column(rows, |row| row.0.entry.operation.as_str()))
        .bind(column(rows, Row::outcome))
        .bind(column(rows, |row| row.0.entry.purpose.as_deref()))
        .bind(column(rows, |row| i64::from(row.0.overridden)))
        .bind(keys)
        .bind(numbers.collect::<Result<Vec<_>>>()?)
        .bind(heads)
        .execute(connection)
        .await
        .map(drop)
        .map_err(unavailable)
}

async fn insert_in_pieces(connection: &mut SqliteConnection, rows: &[Row<'_>]) -> Result<()> {
    for (statement, rows) in INSERT_ENTRY.pieces(rows) {
        let query = rows.iter().fold(sqlx::query(statement), |query, row| {
            let entry = &row.0.entry;
            query
                .bind(row.id())
                .bind(row.0.recorded_at)
                .bind(row.1.commitment.as_bytes().as_slice())
                .bind(row.0.salt.as_bytes().as_slice())
                .bind(row.1.payload.as_slice())
                .bind(row.patient())
                .bind(row.1.number)
                .bind(row.person())
                .bind(row.person_key())
                .bind(row.responsible())
                .bind(row.organisation())
                .bind(entry.actor.system.as_str())
                .bind(entry.operation.as_str())
                .bind(row.outcome())
                .bind(entry.purpose.as_deref())
                .bind(i64::from(row.0.overridden))
        });
        query.execute(&mut *connection).await.map_err(unavailable)?;
    }
    for (statement, rows) in INSERT_QUEUED.pieces(rows) {
        let query = rows.iter().fold(sqlx::query(statement), |query, row| {
            query
                .bind(row.id())
                .bind(row.0.recorded_at)
                .bind(row.1.commitment.as_bytes().as_slice())
                .bind(row.patient())
                .bind(row.1.number)
        });
        query.execute(&mut *connection).await.map_err(unavailable)?;
    }
    Ok(())
}

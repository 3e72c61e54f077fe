//! Rows of patients' chains: how far each has come.
//!
//! # Why nobody waits for ever
//! A batch of appends takes all its chains in one statement, in the order of their keys; a command takes one, as the last of all that it waits for.
//! So whoever holds a chain waits for greater keys at most, and for nothing else: no circle can close, on one hub or over several. A chain is held
//! from there to
//! the commit, which is two statements away; never while a request is worked on.

use std::{collections::BTreeMap, sync::LazyLock};

use delt_ledger::Chain;
use delt_policy::PatientKey;
use sqlx::SqliteConnection;

use super::log_rows::hash;
use crate::{
    Error, Result,
    store::{Tx, Values, unavailable},
};

/// The one that begins a chain and the one that only takes it are one statement, so that the keys are taken in order either way.
const TAKE_CHAINS: &str = "-- audit_take_chains
INSERT INTO patient_chain (patient_key, number, head)
SELECT patient_key, 0, head FROM unnest($1::BYTEA[], $2::BYTEA[]) AS begun (patient_key, head) ORDER BY patient_key
ON CONFLICT (patient_key) DO UPDATE SET number = patient_chain.number
RETURNING patient_key, number, head";

/// SQLite has one writer, who holds everything.
static SELECT_CHAINS: LazyLock<Values> = LazyLock::new(|| {
    Values::new(
        "-- audit_select_chains
SELECT patient_key, number, head FROM patient_chain WHERE patient_key IN (VALUES ",
        1,
        ")",
    )
});

static PUT_CHAINS: LazyLock<Values> = LazyLock::new(|| {
    Values::new(
        "-- audit_put_chains
INSERT INTO patient_chain (patient_key, number, head) VALUES ",
        3,
        " ON CONFLICT (patient_key) DO UPDATE SET number = excluded.number, head = excluded.head",
    )
});

/// The chains of a batch, in the order of their keys.
pub(super) type Chains = BTreeMap<PatientKey, Chain>;

type Row = (Vec<u8>, i64, Vec<u8>);

/// Brings each of these chains to where it stands; one without entries stays at its beginning. On PostgreSQL they are this transaction's until it ends.
pub(super) async fn take(tx: &mut Tx<'_>, chains: &mut Chains) -> Result<()> {
    if chains.is_empty() {
        return Ok(());
    }
    let rows = match tx {
        Tx::Postgres(tx) => {
            let (keys, heads): (Vec<&[u8]>, Vec<&[u8]>) = chains.iter().map(bytes).unzip();
            sqlx::query_as(TAKE_CHAINS)
                .bind(keys)
                .bind(heads)
                .fetch_all(&mut **tx)
                .await
                .map_err(unavailable)?
        }
        Tx::Sqlite(tx) => select(tx, chains).await?,
    };
    for row in rows {
        let (key, chain) = read(&row)?;
        chains.insert(key, chain);
    }
    Ok(())
}

pub(super) fn bytes<'a>((key, chain): (&'a PatientKey, &'a Chain)) -> (&'a [u8], &'a [u8]) {
    (key.as_bytes(), chain.head.as_bytes())
}

async fn select(connection: &mut SqliteConnection, chains: &Chains) -> Result<Vec<Row>> {
    let keys: Vec<_> = chains.keys().collect();
    let mut rows = Vec::with_capacity(keys.len());
    for (statement, keys) in SELECT_CHAINS.pieces(&keys) {
        let query = keys.iter().fold(sqlx::query_as(statement), |query, key| {
            query.bind(key.as_bytes().as_slice())
        });
        let found: Vec<Row> = query
            .fetch_all(&mut *connection)
            .await
            .map_err(unavailable)?;
        rows.extend(found);
    }
    Ok(rows)
}

fn read((key, number, head): &Row) -> Result<(PatientKey, Chain)> {
    let key = key.as_slice().try_into().map_err(Error::internal)?;
    let chain = Chain {
        number: u64::try_from(*number).map_err(Error::internal)?,
        head: hash(head)?,
    };
    Ok((PatientKey::new(key), chain))
}

/// Writes how far the chains have come now. SQLite only: PostgreSQL does it with the entries themselves.
pub(super) async fn put(connection: &mut SqliteConnection, chains: &Chains) -> Result<()> {
    let chains: Vec<_> = chains.iter().collect();
    for (statement, chains) in PUT_CHAINS.pieces(&chains) {
        let mut query = sqlx::query(statement);
        for chain in chains {
            let (key, head) = bytes(*chain);
            query = query.bind(key).bind(number(chain.1)?).bind(head);
        }
        query.execute(&mut *connection).await.map_err(unavailable)?;
    }
    Ok(())
}

pub(super) fn number(chain: &Chain) -> Result<i64> {
    i64::try_from(chain.number).map_err(Error::internal)
}

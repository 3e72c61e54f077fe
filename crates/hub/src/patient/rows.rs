//! Rows of person numbers and their links.

use std::{
    collections::{BTreeMap, HashSet},
    sync::LazyLock,
};

use delt_formats::identifier::PersonNumber;
use delt_policy::PatientKey;

use super::{LinkKind, NUMBERS_MAX};
use crate::{
    Error, Result,
    bulk::{fork, hex_array},
    clock::Micros,
    error::code,
    keys::Keyring,
    store::{Tx, Values, on, unavailable},
};

/// What a sealed number is authenticated as.
const SEAL: &str = "delt/patient-number/v1";

const SELECT_LINKED_KEYS: &str = "-- patient_select_linked_keys
SELECT from_key, to_key FROM patient_link WHERE from_key = $1 OR to_key = $1";

const INSERT_NUMBER: &str = "-- patient_insert_number
INSERT INTO patient (patient_key, sealed_number, created_at) VALUES ($1, $2, $3)
ON CONFLICT (patient_key) DO NOTHING";

/// In the order of their keys, as everybody takes them.
const INSERT_NUMBERS: &str = "-- patient_insert_numbers
INSERT INTO patient (patient_key, sealed_number, created_at)
SELECT patient_key, sealed_number, $3 FROM unnest($1::BYTEA[], $2::BYTEA[]) AS given (patient_key, sealed_number)
ORDER BY patient_key
ON CONFLICT (patient_key) DO NOTHING";

static INSERT_NUMBER_VALUES: LazyLock<Values> = LazyLock::new(|| {
    Values::new(
        "-- patient_insert_numbers
INSERT INTO patient (patient_key, sealed_number, created_at) VALUES ",
        3,
        " ON CONFLICT (patient_key) DO NOTHING",
    )
});

const SELECT_LINKS_OF_SQLITE: &str = "-- patient_select_links_of
SELECT from_key, to_key FROM json_each($1) AS asked CROSS JOIN patient_link ON from_key = unhex(asked.value)
UNION ALL
SELECT from_key, to_key FROM json_each($1) AS asked CROSS JOIN patient_link ON to_key = unhex(asked.value)";

const SELECT_LINKS_OF_POSTGRES: &str = "-- patient_select_links_of
WITH asked AS (SELECT decode(value, 'hex') AS patient_key FROM jsonb_array_elements_text($1::jsonb))
SELECT from_key, to_key FROM patient_link WHERE from_key = ANY (ARRAY (SELECT patient_key FROM asked))
UNION ALL
SELECT from_key, to_key FROM patient_link WHERE to_key = ANY (ARRAY (SELECT patient_key FROM asked))";

const SELECT_NUMBER: &str = "-- patient_select_number
SELECT sealed_number FROM patient WHERE patient_key = $1";

const INSERT_LINK: &str = "-- patient_insert_link
INSERT INTO patient_link (from_key, to_key, kind, created_at, created_by) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (from_key, to_key) DO NOTHING";

const SELECT_LINKS: &str = "-- patient_select_links
SELECT from_key, to_key, kind, created_at FROM patient_link WHERE from_key = $1 OR to_key = $1
ORDER BY created_at";

/// A link as its row has it.
#[derive(Debug, Clone)]
pub(crate) struct LinkRow {
    pub(crate) from: PatientKey,
    pub(crate) to: PatientKey,
    pub(crate) kind: LinkKind,
    pub(crate) created_at: Micros,
}

/// A key as stored bytes.
pub(crate) fn key(bytes: &[u8]) -> Result<PatientKey> {
    <[u8; 32]>::try_from(bytes)
        .map(PatientKey::new)
        .map_err(|_| Error::internal("a patient key of another length"))
}

/// The keys of all numbers of the person with this key, the asked one first.
pub(crate) async fn linked_keys(tx: &mut Tx<'_>, asked: PatientKey) -> Result<Vec<PatientKey>> {
    let mut keys = vec![asked];
    let mut next = 0;
    while let Some(current) = keys.get(next).copied() {
        let rows: Vec<(Vec<u8>, Vec<u8>)> = on!(tx, c => sqlx::query_as(SELECT_LINKED_KEYS)
            .bind(current.as_bytes().as_slice())
            .fetch_all(c).await)
        .map_err(unavailable)?;
        for (from, to) in rows {
            for found in [key(&from)?, key(&to)?] {
                if !keys.contains(&found) {
                    keys.push(found);
                }
            }
        }
        if keys.len() > NUMBERS_MAX {
            return Err(Error::new(code::TOO_MANY)
                .with_message("more numbers are linked to one person than can be followed"));
        }
        next += 1;
    }
    Ok(keys)
}

/// Those of these keys that belong to a person with more than one number.
pub(crate) async fn linked_among(
    tx: &mut Tx<'_>,
    asked: &[PatientKey],
) -> Result<HashSet<PatientKey>> {
    let statement = fork(tx, SELECT_LINKS_OF_SQLITE, SELECT_LINKS_OF_POSTGRES);
    let rows: Vec<(Vec<u8>, Vec<u8>)> = on!(tx, c => sqlx::query_as(statement)
        .bind(hex_array(asked.iter().map(PatientKey::as_bytes)))
        .fetch_all(c).await)
    .map_err(unavailable)?;
    let ends = rows.into_iter().flat_map(|(from, to)| [from, to]);
    ends.map(|end| key(&end)).collect()
}

/// Keeps numbers, each once and encrypted.
pub(crate) async fn keep_numbers(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    numbers: &BTreeMap<PatientKey, &PersonNumber>,
    now: Micros,
) -> Result<()> {
    if numbers.is_empty() {
        return Ok(());
    }
    let seal = |(patient, number): (&PatientKey, &&PersonNumber)| sealed(keys, patient, number);
    let sealed = numbers.iter().map(seal).collect::<Result<Vec<_>>>()?;
    let patients = numbers.keys().map(|key| key.as_bytes().as_slice());
    match tx {
        Tx::Postgres(tx) => sqlx::query(INSERT_NUMBERS)
            .bind(patients.collect::<Vec<_>>())
            .bind(sealed)
            .bind(now)
            .execute(&mut **tx)
            .await
            .map(drop)
            .map_err(unavailable),
        Tx::Sqlite(tx) => {
            let rows: Vec<_> = patients.zip(&sealed).collect();
            for (statement, rows) in INSERT_NUMBER_VALUES.pieces(&rows) {
                let query = rows
                    .iter()
                    .fold(sqlx::query(statement), |query, (patient, sealed)| {
                        query.bind(*patient).bind(sealed.as_slice()).bind(now)
                    });
                query.execute(&mut **tx).await.map_err(unavailable)?;
            }
            Ok(())
        }
    }
}

fn sealed(keys: &Keyring, patient: &PatientKey, number: &PersonNumber) -> Result<Vec<u8>> {
    let plain = format!("{}|{}", number.system(), number.value());
    keys.seal(SEAL, patient.as_bytes(), plain.as_bytes())
}

/// Keeps a number, once and encrypted, and returns its key.
pub(crate) async fn keep_number(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    number: &PersonNumber,
    now: Micros,
) -> Result<PatientKey> {
    let patient = keys.patient_key(number);
    let sealed = sealed(keys, &patient, number)?;
    on!(tx, c => sqlx::query(INSERT_NUMBER)
        .bind(patient.as_bytes().as_slice())
        .bind(sealed)
        .bind(now)
        .execute(c).await.map(drop))
    .map_err(unavailable)?;
    Ok(patient)
}

/// The number behind a key, for those who may see it.
pub(crate) async fn number(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    patient: &PatientKey,
) -> Result<Option<PersonNumber>> {
    let row: Option<(Vec<u8>,)> = on!(tx, c => sqlx::query_as(SELECT_NUMBER)
        .bind(patient.as_bytes().as_slice())
        .fetch_optional(c).await)
    .map_err(unavailable)?;
    row.map(|(sealed,)| opened(keys, patient, &sealed))
        .transpose()
}

fn opened(keys: &Keyring, patient: &PatientKey, sealed: &[u8]) -> Result<PersonNumber> {
    let plain =
        String::from_utf8(keys.open(SEAL, patient.as_bytes(), sealed)?).map_err(Error::internal)?;
    let (system, value) = plain
        .rsplit_once('|')
        .ok_or_else(|| Error::internal("a sealed number without a system"))?;
    PersonNumber::parse(system, value).map_err(|_| Error::internal("a sealed number is malformed"))
}

/// Adds a link. The same link again changes nothing and says `false`.
pub(crate) async fn insert_link(tx: &mut Tx<'_>, link: &LinkRow, by: &str) -> Result<bool> {
    on!(tx, c => sqlx::query(INSERT_LINK)
        .bind(link.from.as_bytes().as_slice())
        .bind(link.to.as_bytes().as_slice())
        .bind(link.kind.to_row())
        .bind(link.created_at)
        .bind(by)
        .execute(c).await.map(|done| done.rows_affected() == 1))
    .map_err(unavailable)
}

/// The links that touch a key, oldest first.
pub(crate) async fn links(tx: &mut Tx<'_>, patient: &PatientKey) -> Result<Vec<LinkRow>> {
    let rows: Vec<(Vec<u8>, Vec<u8>, i64, Micros)> = on!(tx, c => sqlx::query_as(SELECT_LINKS)
        .bind(patient.as_bytes().as_slice())
        .fetch_all(c).await)
    .map_err(unavailable)?;
    rows.into_iter()
        .map(|(from, to, kind, created_at)| {
            Ok(LinkRow {
                from: key(&from)?,
                to: key(&to)?,
                kind: LinkKind::from_row(kind)?,
                created_at,
            })
        })
        .collect()
}

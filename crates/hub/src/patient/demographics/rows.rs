//! Rows of tags.

use std::collections::HashMap;

use delt_policy::PatientKey;

use super::{Tag, Tags};
use crate::{
    Error, Result,
    bulk::{fork, hex_array},
    clock::Micros,
    patient::rows::key,
    store::{Tx, on, unavailable},
};

const UPSERT: &str = "-- demographics_upsert
INSERT INTO demographics (patient_key, family_tag, address_tag, recorded_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (patient_key) DO UPDATE SET family_tag = excluded.family_tag, address_tag = excluded.address_tag, recorded_at = excluded.recorded_at";

const DELETE: &str = "-- demographics_delete
DELETE FROM demographics WHERE patient_key = $1";

const SELECT_SQLITE: &str = "-- demographics_select_sqlite
SELECT patient_key, family_tag, address_tag FROM demographics WHERE patient_key IN (SELECT unhex(value) FROM json_each($1))";

const SELECT_POSTGRES: &str = "-- demographics_select_postgres
SELECT patient_key, family_tag, address_tag FROM demographics
WHERE patient_key IN (SELECT decode(value, 'hex') FROM jsonb_array_elements_text($1::jsonb) AS value)";

/// Keeps the tags of a number in the place of earlier ones; where there are none, nothing of it stays.
pub(crate) async fn keep(
    tx: &mut Tx<'_>,
    patient: &PatientKey,
    tags: &Tags,
    now: Micros,
) -> Result<()> {
    let patient = patient.as_bytes().as_slice();
    if tags.is_empty() {
        on!(tx, c => sqlx::query(DELETE).bind(patient).execute(c).await.map(drop))
    } else {
        on!(tx, c => sqlx::query(UPSERT)
            .bind(patient)
            .bind(tags.family.as_ref().map(Tag::as_slice))
            .bind(tags.address.as_ref().map(Tag::as_slice))
            .bind(now)
            .execute(c).await.map(drop))
    }
    .map_err(unavailable)
}

type Row = (Vec<u8>, Option<Vec<u8>>, Option<Vec<u8>>);

/// The tags of those of these numbers that have any.
pub(crate) async fn of(
    tx: &mut Tx<'_>,
    numbers: impl IntoIterator<Item = PatientKey>,
) -> Result<HashMap<PatientKey, Tags>> {
    let statement = fork(tx, SELECT_SQLITE, SELECT_POSTGRES);
    let numbers = hex_array(numbers.into_iter().map(|number| *number.as_bytes()));
    let rows: Vec<Row> = on!(tx, c => sqlx::query_as(statement).bind(numbers).fetch_all(c).await)
        .map_err(unavailable)?;
    let read = |(patient, family, address): Row| {
        let tags = Tags {
            family: family.map(tag).transpose()?,
            address: address.map(tag).transpose()?,
        };
        Ok((key(&patient)?, tags))
    };
    rows.into_iter().map(read).collect()
}

fn tag(bytes: Vec<u8>) -> Result<Tag> {
    Tag::try_from(bytes).map_err(|_| Error::internal("a tag of another length"))
}

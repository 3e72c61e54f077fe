//! Samples, as they are kept.

use delt_ledger::Hash;
use delt_policy::OrganisationId;
use uuid::Uuid;

use super::select::{malformed, uuid};
use crate::{
    Error, Result,
    clock::Micros,
    review::{ReviewSample, Seed, reach::Reach},
    store::{Tx, on, unavailable},
};

const INSERT_SAMPLE: &str = "-- review_insert_sample
INSERT INTO review_sample (sample_id, organisation, units, period_start, period_end, seed, sample_size, tree_size, root, population,
    drawn_at, drawn_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";

macro_rules! samples {
    ($name:literal, $where:literal) => {
        concat!(
            "-- ",
            $name,
            "
SELECT sample_id, organisation, units, period_start, period_end, seed, sample_size, tree_size, root, population, drawn_at, drawn_by
FROM review_sample WHERE ",
            $where
        )
    };
}

const SELECT_BY_ID: &str = samples!("review_sample_by_id", "sample_id = $1");
const SELECT_BY_SEED: &str = samples!(
    "review_sample_by_seed",
    "organisation = $1 AND period_start = $2 AND period_end = $3 AND seed = $4"
);

const SELECT_EVERYWHERE: &str = samples!(
    "review_sample_everywhere",
    "$1 = '' AND (drawn_at < $2 OR (drawn_at = $2 AND sample_id < $3)) ORDER BY drawn_at DESC, sample_id DESC LIMIT $4"
);
const SELECT_WITHIN_SQLITE: &str = samples!(
    "review_sample_within_sqlite",
    "organisation IN (SELECT value FROM json_each($1)) AND (drawn_at < $2 OR (drawn_at = $2 AND sample_id < $3))
ORDER BY drawn_at DESC, sample_id DESC LIMIT $4"
);
const SELECT_WITHIN_POSTGRES: &str = samples!(
    "review_sample_within_postgres",
    "organisation IN (SELECT jsonb_array_elements_text($1::jsonb)) AND (drawn_at < $2 OR (drawn_at = $2 AND sample_id < $3))
ORDER BY drawn_at DESC, sample_id DESC LIMIT $4"
);

const SELECT_CASES: &str = "-- review_sample_cases
SELECT number, audit_entry_id FROM review_case WHERE sample_id = $1 ORDER BY number";

#[derive(sqlx::FromRow)]
struct Row {
    sample_id: Vec<u8>,
    organisation: String,
    units: String,
    period_start: Micros,
    period_end: Micros,
    seed: String,
    sample_size: i64,
    tree_size: i64,
    root: Vec<u8>,
    population: i64,
    drawn_at: Micros,
    drawn_by: String,
}

pub(in crate::review) async fn insert(tx: &mut Tx<'_>, sample: &ReviewSample) -> Result<()> {
    let number = |value: u64| i64::try_from(value).map_err(Error::internal);
    let units: Vec<&str> = sample.units.iter().map(OrganisationId::as_str).collect();
    on!(tx, c => sqlx::query(INSERT_SAMPLE)
        .bind(sample.id.as_bytes().as_slice())
        .bind(sample.organisation.as_str())
        .bind(serde_json::Value::from(units).to_string())
        .bind(sample.from)
        .bind(sample.to)
        .bind(sample.seed.as_str())
        .bind(number(sample.size as u64)?)
        .bind(number(sample.tree_size)?)
        .bind(sample.root.as_bytes().as_slice())
        .bind(number(sample.population)?)
        .bind(sample.drawn_at)
        .bind(sample.drawn_by.as_str())
        .execute(c).await.map(drop))
    .map_err(unavailable)
}

/// The sample with this id.
pub(in crate::review) async fn by_id(tx: &mut Tx<'_>, id: Uuid) -> Result<Option<ReviewSample>> {
    let row: Option<Row> = on!(tx, c => sqlx::query_as(SELECT_BY_ID)
        .bind(id.as_bytes().as_slice())
        .fetch_optional(c).await)
    .map_err(unavailable)?;
    whole(tx, row).await
}

/// The one sample that this seed gives of this period at this organisation.
pub(in crate::review) async fn by_seed(
    tx: &mut Tx<'_>,
    organisation: &OrganisationId,
    period: (Micros, Micros),
    seed: &Seed,
) -> Result<Option<ReviewSample>> {
    let row: Option<Row> = on!(tx, c => sqlx::query_as(SELECT_BY_SEED)
        .bind(organisation.as_str())
        .bind(period.0)
        .bind(period.1)
        .bind(seed.as_str())
        .fetch_optional(c).await)
    .map_err(unavailable)?;
    whole(tx, row).await
}

/// Samples within reach, newest first, drawn before this moment, or then and with a lower id.
pub(in crate::review) async fn newest_first(
    tx: &mut Tx<'_>,
    reach: &Reach,
    before: (Micros, Uuid),
    limit: usize,
) -> Result<Vec<ReviewSample>> {
    let (statement, units) = match (&*tx, reach) {
        (_, Reach::Everywhere) => (SELECT_EVERYWHERE, ""),
        (Tx::Sqlite(_), Reach::Within(units)) => (SELECT_WITHIN_SQLITE, units.as_str()),
        (Tx::Postgres(_), Reach::Within(units)) => (SELECT_WITHIN_POSTGRES, units.as_str()),
    };
    let rows: Vec<Row> = on!(tx, c => sqlx::query_as(statement)
        .bind(units)
        .bind(before.0)
        .bind(before.1.as_bytes().as_slice())
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .fetch_all(c).await)
    .map_err(unavailable)?;
    let mut samples = Vec::with_capacity(rows.len());
    for row in rows {
        samples.push(with_cases(tx, row).await?);
    }
    Ok(samples)
}

async fn whole(tx: &mut Tx<'_>, row: Option<Row>) -> Result<Option<ReviewSample>> {
    match row {
        Some(row) => with_cases(tx, row).await.map(Some),
        None => Ok(None),
    }
}

async fn with_cases(tx: &mut Tx<'_>, row: Row) -> Result<ReviewSample> {
    let cases: Vec<(i64, Vec<u8>)> = on!(tx, c => sqlx::query_as(SELECT_CASES)
        .bind(row.sample_id.as_slice())
        .fetch_all(c).await)
    .map_err(unavailable)?;
    let mut sample = kept(&row)?;
    for (number, entry) in cases {
        sample
            .cases
            .push(u64::try_from(number).map_err(Error::internal)?);
        sample.entries.push(uuid(&entry)?);
    }
    Ok(sample)
}

fn kept(row: &Row) -> Result<ReviewSample> {
    let place = |id: &str| OrganisationId::parse(id).map_err(|_| malformed());
    let units: Vec<String> = serde_json::from_str(&row.units).map_err(Error::internal)?;
    Ok(ReviewSample {
        id: uuid(&row.sample_id)?,
        organisation: place(&row.organisation)?,
        units: units.iter().map(|id| place(id)).collect::<Result<_>>()?,
        from: row.period_start,
        to: row.period_end,
        seed: Seed::parse(&row.seed).map_err(|_| malformed())?,
        size: usize::try_from(row.sample_size).map_err(Error::internal)?,
        tree_size: u64::try_from(row.tree_size).map_err(Error::internal)?,
        root: Hash::from_slice(&row.root).map_err(Error::internal)?,
        population: u64::try_from(row.population).map_err(Error::internal)?,
        drawn_at: row.drawn_at,
        drawn_by: row.drawn_by.clone(),
        entries: Vec::new(),
        cases: Vec::new(),
    })
}

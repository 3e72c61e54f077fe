//! A period in figures, counted by the database.

use delt_policy::OrganisationId;

use super::select::{malformed, word};
use crate::{
    Error, Result,
    clock::Micros,
    review::{AccessCount, CaseCount, CaseKind, CaseState, ReviewDecision},
    store::{Tx, on, unavailable},
};

/// One statement for either way of reading the units in `$1`.
macro_rules! at_units {
    ($sqlite:ident, $postgres:ident, $name:literal, $select:literal, $rest:literal) => {
        const $sqlite: &str = concat!(
            "-- ",
            $name,
            "_sqlite\n",
            $select,
            " WHERE organisation IN (SELECT value FROM json_each($1))",
            $rest
        );
        const $postgres: &str = concat!(
            "-- ",
            $name,
            "_postgres\n",
            $select,
            " WHERE organisation IN (SELECT jsonb_array_elements_text($1::jsonb))",
            $rest
        );
    };
}

// What waits for its place in the log stands on no checkpoint yet.
at_units!(
    COUNT_ACCESSES_SQLITE,
    COUNT_ACCESSES_POSTGRES,
    "review_count_accesses",
    "SELECT organisation, operation, COALESCE(purpose, ''), outcome, COUNT(*), COUNT(DISTINCT person_id), COUNT(DISTINCT patient_key)
FROM log_entry",
    " AND recorded_at >= $2 AND recorded_at < $3 AND entry_id NOT IN (SELECT q.entry_id FROM log_queue q)
GROUP BY organisation, operation, COALESCE(purpose, ''), outcome
ORDER BY organisation, operation, COALESCE(purpose, ''), outcome LIMIT $4"
);

at_units!(
    COUNT_CASES_SQLITE,
    COUNT_CASES_POSTGRES,
    "review_count_cases",
    "SELECT kind, state, COALESCE(decision, ''), COUNT(*) FROM review_case",
    " AND opened_at >= $2 AND opened_at < $3
GROUP BY kind, state, COALESCE(decision, '') ORDER BY kind, state, COALESCE(decision, '')"
);

at_units!(
    COUNT_DECIDED_SQLITE,
    COUNT_DECIDED_POSTGRES,
    "review_count_decided",
    "SELECT COUNT(*) FROM review_case",
    " AND decided_at >= $2 AND decided_at < $3"
);

at_units!(
    SELECT_MEDIAN_SQLITE,
    SELECT_MEDIAN_POSTGRES,
    "review_select_median",
    "SELECT decided_at - opened_at FROM review_case",
    " AND decided_at >= $2 AND decided_at < $3 ORDER BY decided_at - opened_at LIMIT 1 OFFSET $4"
);

/// The units (a JSON array) and the half-open period that are counted.
#[derive(Debug, Clone, Copy)]
pub(in crate::review) struct Where<'a> {
    pub(in crate::review) units: &'a str,
    pub(in crate::review) from: Micros,
    pub(in crate::review) to: Micros,
}

/// The text of a statement on the backend at hand.
const fn fork(tx: &Tx<'_>, sqlite: &'static str, postgres: &'static str) -> &'static str {
    match tx {
        Tx::Sqlite(_) => sqlite,
        Tx::Postgres(_) => postgres,
    }
}

fn count(value: i64) -> Result<u64> {
    u64::try_from(value).map_err(Error::internal)
}

type AccessRow = (String, String, String, String, i64, i64, i64);

/// Accesses by unit, operation, purpose and outcome, at most so many rows. Names of units are left out.
pub(in crate::review) async fn accesses(
    tx: &mut Tx<'_>,
    at: Where<'_>,
    limit: i64,
) -> Result<Vec<AccessCount>> {
    let statement = fork(tx, COUNT_ACCESSES_SQLITE, COUNT_ACCESSES_POSTGRES);
    let rows: Vec<AccessRow> = on!(tx, c => sqlx::query_as(statement)
        .bind(at.units)
        .bind(at.from)
        .bind(at.to)
        .bind(limit)
        .fetch_all(c).await)
    .map_err(unavailable)?;
    let read = |(place, operation, purpose, outcome, accesses, persons, patients): AccessRow| {
        Ok(AccessCount {
            organisation: OrganisationId::parse(&place).map_err(|_| malformed())?,
            organisation_name: String::new(),
            operation,
            purpose,
            outcome,
            accesses: count(accesses)?,
            persons: count(persons)?,
            patients: count(patients)?,
        })
    };
    rows.into_iter().map(read).collect()
}

/// The cases that were opened in the period, by kind, state and decision.
pub(in crate::review) async fn cases(tx: &mut Tx<'_>, at: Where<'_>) -> Result<Vec<CaseCount>> {
    let statement = fork(tx, COUNT_CASES_SQLITE, COUNT_CASES_POSTGRES);
    let rows: Vec<(String, String, String, i64)> = on!(tx, c => sqlx::query_as(statement)
        .bind(at.units)
        .bind(at.from)
        .bind(at.to)
        .fetch_all(c).await)
    .map_err(unavailable)?;
    let read = |(kind, state, decision, cases): (String, String, String, i64)| {
        let decision = (!decision.is_empty()).then(|| word(&decision, ReviewDecision::from_code));
        Ok(CaseCount {
            kind: word(&kind, CaseKind::from_code)?,
            state: word(&state, CaseState::from_code)?,
            decision: decision.transpose()?,
            cases: count(cases)?,
        })
    };
    rows.into_iter().map(read).collect()
}

/// The median time to the decisions of the period: of an even number, the lower of the two in the middle.
pub(in crate::review) async fn median(tx: &mut Tx<'_>, at: Where<'_>) -> Result<Option<Micros>> {
    let statement = fork(tx, COUNT_DECIDED_SQLITE, COUNT_DECIDED_POSTGRES);
    let decided: i64 = on!(tx, c => sqlx::query_scalar(statement)
        .bind(at.units)
        .bind(at.from)
        .bind(at.to)
        .fetch_one(c).await)
    .map_err(unavailable)?;
    let statement = fork(tx, SELECT_MEDIAN_SQLITE, SELECT_MEDIAN_POSTGRES);
    on!(tx, c => sqlx::query_scalar(statement)
        .bind(at.units)
        .bind(at.from)
        .bind(at.to)
        .bind(decided.saturating_sub(1).max(0) / 2)
        .fetch_optional(c).await)
    .map_err(unavailable)
}

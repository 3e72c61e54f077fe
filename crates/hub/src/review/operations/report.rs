//! `GetPeriodReport`: what happened in a period at an organisation, and what came of its cases.

use delt_policy::{Action, OrganisationId, Scope};

use super::sample::check_period;
use crate::{
    Error, Result,
    clock::{Micros, rfc3339},
    error::code,
    operation::{Context, Effect, Found, Operation, Sealed, Subject},
    review::{
        AccessCount, PeriodReport,
        reach::{must_reach, units},
        rows::{self, Where},
    },
    store::Tx,
};

/// Rows of figures that a report has at most.
const ROWS_MAX: usize = 10_000;

/// A period at an organisation, in figures.
#[derive(Debug, Clone)]
pub struct GetPeriodReport {
    /// With its units.
    pub organisation: OrganisationId,
    /// Half-open, at most 366 days.
    pub from: Micros,
    pub to: Micros,
}

impl Sealed for GetPeriodReport {}

impl Operation for GetPeriodReport {
    type Outcome = PeriodReport;
    const ACTION: Action = Action::GetPeriodReport;
    const EFFECT: Effect = Effect::Reads;
    const ON_STANDBY: bool = true;

    fn subject(&self) -> Subject {
        let filters = [
            ("organisation", self.organisation.to_string()),
            ("from", rfc3339(self.from)),
            ("to", rfc3339(self.to)),
        ];
        Subject {
            filters: filters.map(|(name, value)| (name.to_owned(), value)).into(),
            ..Subject::default()
        }
    }

    async fn run(
        &self,
        _scope: &Scope,
        tx: &mut Tx<'_>,
        cx: &Context,
    ) -> Result<Found<PeriodReport>> {
        must_reach(&self.organisation, cx)?;
        check_period(self.from, self.to)?;
        let units = units(&self.organisation, cx);
        let at = Where {
            units: &units,
            from: self.from,
            to: self.to,
        };
        let checkpoint = rows::checkpoint(tx, None).await?;
        let checkpoint = checkpoint.ok_or_else(|| Error::new(code::NOT_FOUND))?;
        Ok(Found::new(PeriodReport {
            organisation: self.organisation.clone(),
            organisation_name: name(&self.organisation, cx),
            from: self.from,
            to: self.to,
            accesses: accesses(tx, at, cx).await?,
            cases: rows::count_cases(tx, at).await?,
            median_to_decision: rows::median(tx, at).await?,
            tree_size: checkpoint.size,
            root: checkpoint.root,
        }))
    }
}

async fn accesses(tx: &mut Tx<'_>, at: Where<'_>, cx: &Context) -> Result<Vec<AccessCount>> {
    let limit = i64::try_from(ROWS_MAX + 1).map_err(Error::internal)?;
    let mut counts = rows::count_accesses(tx, at, limit).await?;
    if counts.len() > ROWS_MAX {
        let why = "more than ten thousand rows of figures: ask for a smaller unit";
        return Err(Error::new(code::TOO_MANY).with_message(why));
    }
    for count in &mut counts {
        count.organisation_name = name(&count.organisation, cx);
    }
    Ok(counts)
}

/// As the directory has it now; empty where it has it no longer.
fn name(organisation: &OrganisationId, cx: &Context) -> String {
    let known = cx.directory.organisation(organisation);
    known.map(|known| known.name.clone()).unwrap_or_default()
}

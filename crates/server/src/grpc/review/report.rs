//! A period in figures.

use delt_hub::{
    Error, Released, Result,
    clock::{Micros, SECOND},
    organisation::Directory,
    review::{AccessCount, CaseCount, PeriodReport, operations::GetPeriodReport},
};
use delt_proto::{common::v1::Period, review::v1};

use super::words;
use crate::grpc::wire;

pub(super) fn get(
    message: &v1::GetPeriodReportRequest,
    directory: &Directory,
) -> Result<GetPeriodReport> {
    let (from, to) = whole_period(message.period.as_ref())?;
    Ok(GetPeriodReport {
        organisation: wire::place("organisation", &message.organisation, directory)?,
        from,
        to,
    })
}

/// Reads a period that begins and ends.
pub(super) fn whole_period(period: Option<&Period>) -> Result<(Micros, Micros)> {
    let missing = |field| move || Error::invalid(field, "is required");
    let (start, end) = wire::period("period", period)?;
    Ok((
        start.ok_or_else(missing("period.start"))?,
        end.ok_or_else(missing("period.end"))?,
    ))
}

pub(super) fn written(done: Released<PeriodReport>) -> v1::GetPeriodReportResponse {
    let report = done.value;
    let median = report.median_to_decision.unwrap_or_default() / SECOND;
    v1::GetPeriodReportResponse {
        organisation: report.organisation.code().to_owned(),
        organisation_name: report.organisation_name,
        period: Some(wire::to_period(Some(report.from), Some(report.to))),
        accesses: report.accesses.into_iter().map(access).collect(),
        cases: report.cases.into_iter().map(case).collect(),
        median_seconds_to_decision: u64::try_from(median).unwrap_or_default(),
        tree_size: report.tree_size,
        root_hash: wire::hash(&report.root),
        receipt: Some(wire::receipt(&done.receipt)),
    }
}

fn access(count: AccessCount) -> v1::AccessCount {
    v1::AccessCount {
        organisation: count.organisation.code().to_owned(),
        organisation_name: count.organisation_name,
        operation: count.operation,
        purpose_of_use: count.purpose,
        outcome: count.outcome,
        accesses: count.accesses,
        persons: count.persons,
        patients: count.patients,
    }
}

fn case(count: CaseCount) -> v1::CaseCount {
    v1::CaseCount {
        kind: words::written_kind(count.kind),
        state: words::written_state(count.state),
        decision: count.decision.map_or(0, words::written_decision),
        cases: count.cases,
    }
}

//! The filter of the access log on the wire.

use delt_hub::{Error, Result, audit::operations::EntryFilter};
use delt_ledger::Outcome;
use delt_proto::audit::v1;

use crate::grpc::wire;

pub(super) fn read(filter: Option<v1::EntryFilter>) -> Result<EntryFilter> {
    let filter = filter.unwrap_or_default();
    let (from, to) = wire::period("filter.period", filter.period.as_ref())?;
    Ok(EntryFilter {
        patient: filter
            .patient
            .as_ref()
            .map(|patient| wire::person("filter.patient", Some(patient)))
            .transpose()?,
        person_id: text("filter.person_id", &filter.person_id)?,
        organisation: wire::optional(&filter.organisation)
            .map(|sor| wire::organisation("filter.organisation", sor))
            .transpose()?,
        system_id: text("filter.system_id", &filter.system_id)?,
        operation: text("filter.operation", &filter.operation)?,
        outcome: outcome(&filter.outcome)?,
        purpose: text("filter.purpose_of_use", &filter.purpose_of_use)?,
        override_only: filter.override_only,
        from,
        to,
        document: wire::optional(&filter.document_entry_uuid)
            .map(|uuid| wire::uuid("filter.document_entry_uuid", uuid))
            .transpose()?,
    })
}

fn text(field: &str, text: &str) -> Result<Option<String>> {
    wire::optional(text)
        .map(|text| wire::bounded(field, text.to_owned(), 128))
        .transpose()
}

fn outcome(text: &str) -> Result<Option<Outcome>> {
    match text {
        "" => Ok(None),
        "permitted" => Ok(Some(Outcome::Permitted)),
        "denied" => Ok(Some(Outcome::Denied)),
        "failed" => Ok(Some(Outcome::Failed)),
        _ => Err(Error::invalid(
            "filter.outcome",
            "must be permitted, denied or failed",
        )),
    }
}

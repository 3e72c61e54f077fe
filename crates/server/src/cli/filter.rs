//! Filters of a record, as flags.

use clap::{Args, ValueEnum};
use delt_proto::common::v1::Code;
use delt_proto::document::v1::{AvailabilityStatus, DocumentEntryType};
use delt_proto::record::v1::RecordFilter;

use super::values::{Moment, code, period};

/// The code systems that Danish documents use (MedCom's metadata profile), so that a code can be given alone.
pub(super) mod systems {
    pub(crate) const LOINC: &str = "2.16.840.1.113883.6.1";
    pub(crate) const CLASS: &str = "1.2.208.184.100.9";
    pub(crate) const FORMAT: &str = "1.2.208.184.100.10";
    pub(crate) const SNOMED_CT: &str = "2.16.840.1.113883.6.96";
    pub(crate) const SKS: &str = "1.2.208.176.2.4";
}

/// All that are given must match; of one that is given several times, one.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Filters (a code alone, or system|code)")]
pub(super) struct FilterArgs {
    /// Type of document, LOINC
    #[arg(long = "type", value_name = "CODE")]
    types: Vec<String>,
    /// Class of document
    #[arg(long, value_name = "CODE")]
    class: Vec<String>,
    #[arg(long, value_name = "CODE")]
    format: Vec<String>,
    /// Type of the place of treatment, SNOMED CT
    #[arg(long, value_name = "CODE")]
    facility: Vec<String>,
    /// Clinical specialty, SNOMED CT
    #[arg(long, value_name = "CODE")]
    practice_setting: Vec<String>,
    /// What was done or found, SKS
    #[arg(long, value_name = "CODE")]
    event: Vec<String>,
    /// Where it was written: SOR code, with its underlying units
    #[arg(long, value_name = "SOR")]
    organisation: Vec<String>,
    /// Written at this time or later
    #[arg(long, value_name = "TIME")]
    from: Option<Moment>,
    /// Written before this time
    #[arg(long, value_name = "TIME")]
    to: Option<Moment>,
    /// About something that lasted until then or later
    #[arg(long, value_name = "TIME")]
    service_from: Option<Moment>,
    /// About something that began before then
    #[arg(long, value_name = "TIME")]
    service_to: Option<Moment>,
    /// Current documents unless told otherwise
    #[arg(long, value_enum, value_name = "STATUS")]
    status: Vec<Status>,
    #[arg(long, value_enum, value_name = "KIND")]
    kind: Vec<Kind>,
    /// Such as an episode of care
    #[arg(long, value_name = "ID")]
    reference: Vec<String>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Status {
    Approved,
    Superseded,
    Deprecated,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Kind {
    Stable,
    OnDemand,
}

impl FilterArgs {
    pub(super) fn filter(&self) -> RecordFilter {
        RecordFilter {
            type_codes: codes(&self.types, systems::LOINC),
            class_codes: codes(&self.class, systems::CLASS),
            format_codes: codes(&self.format, systems::FORMAT),
            healthcare_facility_type_codes: codes(&self.facility, systems::SNOMED_CT),
            practice_setting_codes: codes(&self.practice_setting, systems::SNOMED_CT),
            event_codes: codes(&self.event, systems::SKS),
            author_organisations: self.organisation.clone(),
            creation_period: period(self.from, self.to),
            service_period: period(self.service_from, self.service_to),
            statuses: self
                .status
                .iter()
                .map(|status| AvailabilityStatus::from(*status).into())
                .collect(),
            document_entry_types: self
                .kind
                .iter()
                .map(|kind| DocumentEntryType::from(*kind).into())
                .collect(),
            reference_ids: self.reference.clone(),
        }
    }
}

pub(super) fn codes(texts: &[String], usual_system: &str) -> Vec<Code> {
    texts.iter().map(|text| code(text, usual_system)).collect()
}

impl From<Status> for AvailabilityStatus {
    fn from(status: Status) -> Self {
        match status {
            Status::Approved => Self::Approved,
            Status::Superseded => Self::Superseded,
            Status::Deprecated => Self::Deprecated,
        }
    }
}

impl From<Kind> for DocumentEntryType {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Stable => Self::Stable,
            Kind::OnDemand => Self::OnDemand,
        }
    }
}

//! Which entries of the log, as flags.

use clap::{Args, ValueEnum};
use delt_proto::audit::v1::EntryFilter;

use super::super::values::{Moment, Person, period};

/// All that are given must match.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Which entries")]
pub(super) struct EntryArgs {
    /// About this person: a CPR number, or system|value
    #[arg(long, value_name = "PERSON")]
    patient: Option<Person>,
    /// By this person: authorisation id, or another id
    #[arg(long, value_name = "ID", default_value = "", hide_default_value = true)]
    by: String,
    /// By somebody of this organisation: SOR code
    #[arg(
        long,
        value_name = "SOR",
        default_value = "",
        hide_default_value = true
    )]
    organisation: String,
    /// By way of this system
    #[arg(long, value_name = "ID", default_value = "", hide_default_value = true)]
    by_system: String,
    /// Such as SearchRecord
    #[arg(
        long,
        value_name = "NAME",
        default_value = "",
        hide_default_value = true
    )]
    operation: String,
    #[arg(long, value_enum)]
    outcome: Option<OutcomeWord>,
    /// With this purpose of use
    #[arg(
        long,
        value_name = "CODE",
        default_value = "",
        hide_default_value = true
    )]
    for_purpose: String,
    /// Only where the glass was broken
    #[arg(long)]
    only_break_glass: bool,
    /// At this time or later
    #[arg(long, value_name = "TIME")]
    from: Option<Moment>,
    /// Before this time
    #[arg(long, value_name = "TIME")]
    to: Option<Moment>,
    /// Where this document was shown
    #[arg(
        long,
        value_name = "UUID",
        default_value = "",
        hide_default_value = true
    )]
    document: String,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum OutcomeWord {
    Permitted,
    Denied,
    Failed,
}

impl EntryArgs {
    pub(super) fn filter(self) -> EntryFilter {
        let outcome = match self.outcome {
            None => "",
            Some(OutcomeWord::Permitted) => "permitted",
            Some(OutcomeWord::Denied) => "denied",
            Some(OutcomeWord::Failed) => "failed",
        };
        EntryFilter {
            patient: self.patient.map(|person| person.0),
            person_id: self.by,
            organisation: self.organisation,
            system_id: self.by_system,
            operation: self.operation,
            outcome: outcome.to_owned(),
            purpose_of_use: self.for_purpose,
            override_only: self.only_break_glass,
            period: period(self.from, self.to),
            document_entry_uuid: self.document,
        }
    }
}

//! A consent that is only being thought of, as flags.

use clap::{Args, ValueEnum};
use delt_proto::consent::v1::{Consent, ConsentKind, OrganisationScope, What, Who};

use crate::cli::filter::{codes, systems};
use crate::cli::values::{Moment, period};

/// What would a consent change?
#[derive(Debug, Args)]
#[command(next_help_heading = "A consent that is not registered")]
pub(super) struct Thought {
    /// Tell what a block or a permit would change; without more it is of all data, for everybody
    #[arg(long, value_name = "KIND")]
    what_if: Option<Kind>,
    /// … of one document
    #[arg(long, value_name = "UUID", requires = "what_if")]
    of_entry: Option<String>,
    /// … of documents of this type: LOINC, or system|code
    #[arg(long, value_name = "CODE", requires = "what_if")]
    of_type: Vec<String>,
    /// … of data from this time or later
    #[arg(long, value_name = "TIME", requires = "what_if")]
    of_data_from: Option<Moment>,
    /// … of data from before this time
    #[arg(long, value_name = "TIME", requires = "what_if")]
    of_data_to: Option<Moment>,
    /// … of data from this place and its units: SOR code
    #[arg(long, value_name = "SOR", requires = "what_if")]
    of_data_at: Option<String>,
    /// … for one professional: authorisation id
    #[arg(long, value_name = "ID", requires = "what_if")]
    for_professional: Option<String>,
    /// … for those who work here and in its units: SOR code
    #[arg(long, value_name = "SOR", requires = "what_if")]
    for_organisation: Option<String>,
    /// … until this time; a permit must have it
    #[arg(long, value_name = "TIME", requires = "what_if")]
    until: Option<Moment>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Kind {
    Block,
    Permit,
}

impl Thought {
    /// The consent, where one is being thought of.
    pub(super) fn consent(self) -> Option<Consent> {
        let kind = match self.what_if? {
            Kind::Block => ConsentKind::Block,
            Kind::Permit => ConsentKind::Permit,
        };
        let scope = |organisation| OrganisationScope {
            organisation,
            with_underlying: true,
        };
        Some(Consent {
            kind: kind.into(),
            what: Some(What {
                entry_uuid: self.of_entry.unwrap_or_default(),
                type_codes: codes(&self.of_type, systems::LOINC),
                data_period: period(self.of_data_from, self.of_data_to),
                originating: self.of_data_at.map(scope),
            }),
            who: Some(Who {
                authorisation_id: self.for_professional.unwrap_or_default(),
                organisation: self.for_organisation.map(scope),
            }),
            validity: period(None, self.until),
            ..Consent::default()
        })
    }
}

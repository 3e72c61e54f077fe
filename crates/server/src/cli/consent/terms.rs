//! What a consent is to say, as flags.

use clap::Args;
use delt_proto::consent::v1::{Consent, ConsentKind, OrganisationScope, What, Who};

use crate::cli::filter::{codes, systems};
use crate::cli::values::{Moment, period};

/// The limits of a consent; none that is not given.
#[derive(Debug, Default, Args)]
pub(super) struct Terms {
    /// One document
    #[arg(
        long,
        value_name = "UUID",
        default_value = "",
        hide_default_value = true
    )]
    entry: String,
    /// Documents of this type: LOINC, or system|code
    #[arg(long = "type", value_name = "CODE")]
    types: Vec<String>,
    /// Data from this time or later
    #[arg(long, value_name = "TIME")]
    data_from: Option<Moment>,
    /// Data from before this time
    #[arg(long, value_name = "TIME")]
    data_to: Option<Moment>,
    /// Data from this place: SOR code
    #[arg(long, value_name = "SOR")]
    data_at: Option<String>,
    /// For one professional: authorisation id
    #[arg(long, value_name = "ID", default_value = "", hide_default_value = true)]
    professional: String,
    /// For those who work here: SOR code
    #[arg(long, value_name = "SOR")]
    organisation: Option<String>,
    /// The places named are meant without their underlying units
    #[arg(long)]
    only_unit: bool,
    /// Applies from this time
    #[arg(long, value_name = "TIME")]
    from: Option<Moment>,
    /// Applies until this time; a permit must have it
    #[arg(long, value_name = "TIME")]
    to: Option<Moment>,
}

impl Terms {
    /// All data, for everybody or for one place with its units.
    pub(super) fn about(organisation: Option<String>) -> Self {
        Self {
            organisation,
            ..Self::default()
        }
    }

    /// The consent that these terms make.
    pub(super) fn consent(&self, kind: ConsentKind) -> Consent {
        let scope = |organisation: &String| OrganisationScope {
            organisation: organisation.clone(),
            with_underlying: !self.only_unit,
        };
        Consent {
            kind: kind.into(),
            what: Some(What {
                entry_uuid: self.entry.clone(),
                type_codes: codes(&self.types, systems::LOINC),
                data_period: period(self.data_from, self.data_to),
                originating: self.data_at.as_ref().map(scope),
            }),
            who: Some(Who {
                authorisation_id: self.professional.clone(),
                organisation: self.organisation.as_ref().map(scope),
            }),
            validity: period(self.from, self.to),
            ..Default::default()
        }
    }
}

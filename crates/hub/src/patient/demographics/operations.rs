//! What a register of persons tells.

use std::fmt;

use delt_formats::identifier::PersonNumber;
use delt_policy::{Action, Scope, SystemKind};

use super::{ADDRESS_MAX, FAMILY_NAME_MAX, Tags, address_tag, family_tag, rows};
use crate::{
    Error, Result,
    error::code,
    operation::{Context, Effect, Found, Operation, Sealed, Subject},
    store::Tx,
};

/// Tells a person's family name and address, in the place of what was told before.
#[derive(Clone)]
pub struct RegisterDemographics {
    pub patient: PersonNumber,
    /// At most [`FAMILY_NAME_MAX`] bytes. Empty where it is protected or unknown.
    pub family_name: String,
    /// In one line, at most [`ADDRESS_MAX`] bytes. Empty where it is protected or unknown.
    pub address: String,
}

/// Nothing that it says about anyone.
impl fmt::Debug for RegisterDemographics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RegisterDemographics")
            .finish_non_exhaustive()
    }
}

impl Sealed for RegisterDemographics {}

impl Operation for RegisterDemographics {
    type Outcome = ();
    const ACTION: Action = Action::RegisterDemographics;
    const EFFECT: Effect = Effect::Writes;

    /// Neither name nor address goes into the entry of the access log.
    fn subject(&self) -> Subject {
        Subject::about(&self.patient)
    }

    async fn run(&self, _scope: &Scope, tx: &mut Tx<'_>, cx: &Context) -> Result<Found<()>> {
        let party = cx.caller.party();
        // Nobody else may, whatever the role policies say.
        if party.person.is_some() || !party.system.kinds.contains(&SystemKind::Register) {
            return Err(Error::new(code::ACCESS_DENIED));
        }
        within("family_name", &self.family_name, FAMILY_NAME_MAX)?;
        within("address", &self.address, ADDRESS_MAX)?;
        let tags = Tags {
            family: family_tag(&cx.keys, &self.family_name),
            address: address_tag(&cx.keys, &self.address),
        };
        let patient = cx.keys.patient_key(&self.patient);
        rows::keep(tx, &patient, &tags, cx.now).await?;
        Ok(Found::new(()))
    }
}

fn within(field: &str, text: &str, longest: usize) -> Result<()> {
    if text.len() <= longest {
        return Ok(());
    }
    Err(Error::invalid(
        field,
        format!("is longer than {longest} bytes"),
    ))
}

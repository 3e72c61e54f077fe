//! From a FHIR Consent (IHE PCF) to the consents of Delt, or to the reason why Delt cannot say the same.
//!
//! Two models meet. In PCF a consent says who may look, why, and at what, and everything else follows a policy beside
//! it. In Delt treatment is open without a consent (Sundhedsloven § 42 a), a *block* closes, and a *permit* opens despite
//! blocks. So:
//!
//! | PCF | Delt |
//! |---|---|
//! | root permit without a limit | nothing: the law already opens as much |
//! | root permit for one period of the data | a block of the time before it and of the time after it |
//! | root permit for some actors or data | a block of everything, and permits for those |
//! | root deny | a block |
//! | nested deny | a block |
//! | nested permit | a permit; none for break-glass, which no block closes |
//!
//! Never does less stay closed than the consent asks for. What Delt's model cannot say is refused with its place and
//! its reason, and where FHIR leaves room, the narrow reading counts: units below an organisation are meant in a deny
//! and not in a permit, and a date without an offset begins and ends where it protects more.

mod limits;
mod moments;
mod records;
#[cfg(test)]
mod tests;

use std::fmt;

use delt_formats::{
    fhir::consent::{Consent, Referenced},
    identifier::PersonNumber,
};
use delt_hub::consent::ConsentTerms;
use delt_policy::Micros;

/// What a FHIR Consent comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapped {
    /// Whose record it is about.
    pub patient: PersonNumber,
    /// Whether somebody else gave it for the patient; they must then be the one who registers it.
    pub for_another: bool,
    /// What to register, in this order: what closes comes before what opens, so that a run that stops half-way leaves
    /// too much closed and never too little.
    pub records: Vec<ConsentTerms>,
    /// What whoever registers it should know.
    pub remarks: Vec<Remark>,
}

/// Something that the records do not show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Remark {
    /// There is nothing to register.
    NothingToRegister,
    /// Delt opens nothing for some of the purposes.
    PurposeNeverOpened,
    /// Break-glass does not need a permit.
    BreakGlassStays,
    /// A permit opens despite all blocks.
    PermitGoesFirst,
    /// A permit is for exactly the units that it names.
    PermitWithoutUnits,
}

impl Remark {
    /// A sentence for the one who registers it.
    pub const fn text(self) -> &'static str {
        match self {
            Self::NothingToRegister => {
                "it asks for no more and no less than holds without any consent: there is nothing to register"
            }
            Self::PurposeNeverOpened => {
                "some of its purposes are such that Delt opens nothing for them"
            }
            Self::BreakGlassStays => {
                "break-glass stays possible for those whose role allows it: no consent can take it away (Sundhedsloven § 42 a, stk. 2)"
            }
            Self::PermitGoesFirst => {
                "a permit opens despite every block of the citizen, also despite earlier ones"
            }
            Self::PermitWithoutUnits => {
                "a permit is for exactly the organisations that it names, without their underlying units"
            }
        }
    }
}

/// Why a consent cannot be kept in Delt's model. Holds no part of its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The FHIR path of what cannot be kept.
    pub path: String,
    /// Why.
    pub reason: &'static str,
}

impl Refusal {
    fn new(path: impl Into<String>, reason: &'static str) -> Self {
        Self {
            path: path.into(),
            reason,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.reason)
    }
}

/// Maps a consent that is to be registered at `now`.
///
/// # Errors
/// Delt's model cannot say what the consent says: the first thing that it cannot.
pub fn map(consent: &Consent, now: Micros) -> Result<Mapped, Refusal> {
    let Referenced::Patient(patient) = &consent.patient.to else {
        let reason =
            "must identify the patient by person number, in an identifier or a contained Patient";
        return Err(Refusal::new(&consent.patient.path, reason));
    };
    let mut for_another = false;
    for performer in &consent.performers {
        let Referenced::Patient(giver) = &performer.to else {
            let reason = "must identify by person number who gave it, in an identifier or a contained resource";
            return Err(Refusal::new(&performer.path, reason));
        };
        for_another |= giver != patient;
    }
    let (records, mut remarks) = records::of(&consent.provision, now)?;
    remarks.sort_unstable();
    remarks.dedup();
    Ok(Mapped {
        patient: patient.clone(),
        for_another,
        records,
        remarks,
    })
}

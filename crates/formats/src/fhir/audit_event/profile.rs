//! The profiles, and what an event must have to claim one.

use super::{Description, Happening};

/// A profile of IHE BALP 1.1.4.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// `IHE.BasicAudit.Query`
    Query,
    /// `IHE.BasicAudit.PatientQuery`
    PatientQuery,
    /// `IHE.BasicAudit.Read`
    Read,
    /// `IHE.BasicAudit.PatientRead`
    PatientRead,
    /// `IHE.BasicAudit.Create`
    Create,
    /// `IHE.BasicAudit.PatientCreate`
    PatientCreate,
    /// `IHE.BasicAudit.Update`
    Update,
    /// `IHE.BasicAudit.PatientUpdate`
    PatientUpdate,
    /// `IHE.BasicAudit.AuthZconsent`
    AuthZconsent,
    /// `IHE.BasicAudit.PrivacyDisclosure.Source`
    PrivacyDisclosureSource,
    /// `IHE.BasicAudit.PrivacyDisclosure.Recipient`
    PrivacyDisclosureRecipient,
}

impl Profile {
    /// The canonical URL.
    #[must_use]
    pub const fn url(self) -> &'static str {
        macro_rules! balp {
            ($name:literal) => {
                concat!(
                    "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.",
                    $name
                )
            };
        }
        match self {
            Self::Query => balp!("Query"),
            Self::PatientQuery => balp!("PatientQuery"),
            Self::Read => balp!("Read"),
            Self::PatientRead => balp!("PatientRead"),
            Self::Create => balp!("Create"),
            Self::PatientCreate => balp!("PatientCreate"),
            Self::Update => balp!("Update"),
            Self::PatientUpdate => balp!("PatientUpdate"),
            Self::AuthZconsent => balp!("AuthZconsent"),
            Self::PrivacyDisclosureSource => balp!("PrivacyDisclosure.Source"),
            Self::PrivacyDisclosureRecipient => balp!("PrivacyDisclosure.Recipient"),
        }
    }

    /// The profile that an event meets, if any.
    pub(super) fn of(event: &Description, happening: &Happening) -> Option<Self> {
        if !happening.is_concluded(event.outcome) {
            return None;
        }
        let patient = event.patient.is_some();
        let either = |with, without| Some(if patient { with } else { without });
        match happening {
            Happening::Query { .. } => either(Self::PatientQuery, Self::Query),
            Happening::Read(Some(_)) => either(Self::PatientRead, Self::Read),
            Happening::Create(Some(_)) => either(Self::PatientCreate, Self::Create),
            Happening::Update(Some(_)) => either(Self::PatientUpdate, Self::Update),
            Happening::Import(Some(_)) => patient.then_some(Self::PrivacyDisclosureRecipient),
            Happening::Export(Some(_)) => patient.then_some(Self::PrivacyDisclosureSource),
            Happening::Decision { consents } => {
                let who = event.user.is_some() && event.organisation.is_some();
                (who && patient && !consents.is_empty()).then_some(Self::AuthZconsent)
            }
            _ => None,
        }
    }
}

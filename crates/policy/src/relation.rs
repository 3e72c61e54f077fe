//! Treatment relations: the facts that connect a patient with those who treat.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{AuthorisationId, Micros, OrganisationId, OrganisationTree, PatientKey};

/// Where a relation comes from, after the registries that the national service (BRS) derives relations from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RelationKind {
    /// Admitted or in outpatient treatment.
    Admission,
    /// Referred to the place.
    Referral,
    /// Has an appointment.
    Appointment,
    /// On the list of the practice.
    GpList,
    /// Granted home care or home nursing.
    HomeCare,
    /// A clinician's own word, to be followed up.
    Attestation,
}

impl RelationKind {
    /// Every kind.
    pub const ALL: [Self; 6] = [
        Self::Admission,
        Self::Referral,
        Self::Appointment,
        Self::GpList,
        Self::HomeCare,
        Self::Attestation,
    ];

    /// The stable name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Admission => "admission",
            Self::Referral => "referral",
            Self::Appointment => "appointment",
            Self::GpList => "gp-list",
            Self::HomeCare => "home-care",
            Self::Attestation => "attestation",
        }
    }

    /// The kind with this name.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == code)
    }
}

/// One registered fact that an organisation, or one person in it, treats a patient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TreatmentRelation {
    /// The hub's id of it.
    pub id: Uuid,
    /// Who is treated.
    pub patient: PatientKey,
    /// Where; covers the staff of underlying units too.
    pub organisation: OrganisationId,
    /// Only this professional in the organisation, where set.
    pub person: Option<AuthorisationId>,
    /// What kind of fact.
    pub kind: RelationKind,
    /// From this moment.
    pub from: Micros,
    /// Until before this moment; open-ended where `None`.
    pub until: Option<Micros>,
    /// Ended early at this moment.
    pub ended_at: Option<Micros>,
    /// The id of the system that registered it.
    pub source: String,
}

impl TreatmentRelation {
    /// Whether the relation holds at `now`.
    pub fn active_at(&self, now: Micros) -> bool {
        self.from <= now
            && self.until.is_none_or(|until| now < until)
            && self.ended_at.is_none_or(|ended| now < ended)
    }

    /// Whether it covers a professional of `organisation` who answers to `person`.
    ///
    /// A relation of a hospital covers its departments, never the other way: a ward's patient is not
    /// every ward's patient.
    pub fn covers(
        &self,
        organisation: &OrganisationId,
        person: Option<&AuthorisationId>,
        tree: &OrganisationTree,
    ) -> bool {
        tree.is_within(organisation, &self.organisation)
            && (self.person.is_none() || self.person.as_ref() == person)
    }
}

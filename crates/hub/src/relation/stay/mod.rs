//! Stays at a hospital, as messages tell of them: each admission that was told is a treatment relation, which a discharge lets run out.
//!
//! Messages come late, twice and in any order. What each of them said is kept as it was said ([`StayEvent`]), and the relation of an admission follows
//! from all that concerns it ([`span::span`]), so that the order of their arrival does not matter in the end.

mod rows;
mod span;
#[cfg(test)]
mod tests;

use delt_policy::{
    OrganisationId, OrganisationTree, PatientKey, RelationKind, Scope, TreatmentRelation,
};
use uuid::Uuid;

use super::{KeptRelation, follow_up, rows as relations};
use crate::{Result, clock::Micros, operation::Context, store::Tx};

/// How a patient was admitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Admission {
    /// `STIN`
    Inpatient,
    /// `STAA`, acute ambulant.
    Emergency,
}

/// What a message says of a stay. Leaves are not among it: a patient on leave is still the hospital's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Said {
    /// `STIN`, `STAA`
    Admitted(Admission),
    /// `RE_STIN`, `RE_STAA`
    AdmissionRevised(Admission),
    /// `AN_STIN`, `AN_STAA`: it was said in error.
    AdmissionCancelled(Admission),
    /// `SLHJ`, `MORS`
    Discharged,
    /// `RE_SLHJ`
    DischargeRevised,
    /// `AN_SLHJ`: the patient is still there.
    DischargeCancelled,
    /// A discharge letter.
    Letter,
    /// `rettetbrev`
    LetterCorrected,
    /// `annulleretbrev`
    LetterCancelled,
}

impl Said {
    /// In the order in which they follow each other where they were said in the same moment.
    const ALL: [Self; 12] = [
        Self::Admitted(Admission::Emergency),
        Self::Admitted(Admission::Inpatient),
        Self::AdmissionRevised(Admission::Emergency),
        Self::AdmissionRevised(Admission::Inpatient),
        Self::Discharged,
        Self::DischargeRevised,
        Self::DischargeCancelled,
        Self::AdmissionCancelled(Admission::Emergency),
        Self::AdmissionCancelled(Admission::Inpatient),
        Self::Letter,
        Self::LetterCorrected,
        Self::LetterCancelled,
    ];

    /// The stable name in rows.
    const fn as_str(self) -> &'static str {
        match self {
            Self::Admitted(Admission::Emergency) => "admit-emergency",
            Self::Admitted(Admission::Inpatient) => "admit-inpatient",
            Self::AdmissionRevised(Admission::Emergency) => "revise-admit-emergency",
            Self::AdmissionRevised(Admission::Inpatient) => "revise-admit-inpatient",
            Self::AdmissionCancelled(Admission::Emergency) => "cancel-admit-emergency",
            Self::AdmissionCancelled(Admission::Inpatient) => "cancel-admit-inpatient",
            Self::Discharged => "discharge",
            Self::DischargeRevised => "revise-discharge",
            Self::DischargeCancelled => "cancel-discharge",
            Self::Letter => "letter",
            Self::LetterCorrected => "correct-letter",
            Self::LetterCancelled => "cancel-letter",
        }
    }

    fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|said| said.as_str() == code)
    }

    fn rank(self) -> usize {
        Self::ALL.iter().position(|said| *said == self).unwrap_or(0)
    }
}

/// What a message said of a stay, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Notice {
    pub(crate) said: Said,
    /// When the sender said it.
    pub(crate) said_at: Micros,
    /// When what it tells of happened: the admission, the discharge.
    pub(crate) happened_at: Micros,
}

/// A notice with whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StayEvent {
    /// Follows from the message's own identity, so that it is the same whenever it arrives.
    pub(crate) id: Uuid,
    pub(crate) patient: PatientKey,
    pub(crate) notice: Notice,
    /// The sender.
    pub(crate) organisation: OrganisationId,
    /// The sender's system.
    pub(crate) source: String,
    pub(crate) episode_of_care: Option<String>,
    pub(crate) received_at: Micros,
}

impl StayEvent {
    const fn admission(&self) -> Option<Admission> {
        match self.notice.said {
            Said::Admitted(admission) => Some(admission),
            _ => None,
        }
    }

    /// Whether this bears on an admission: said by the same system, or for a place that the admitting one belongs to, and in the same episode of
    /// care. Where one of the two names no episode, the places must be one within the other.
    fn bears_on(&self, admission: &Self, tree: &OrganisationTree) -> bool {
        let above = tree.is_within(&admission.organisation, &self.organisation);
        let below = || tree.is_within(&self.organisation, &admission.organisation);
        let may = self.source == admission.source || above;
        let same = match (&self.episode_of_care, &admission.episode_of_care) {
            (Some(this), Some(that)) => this == that,
            _ => above || below(),
        };
        may && same
    }
}

/// Keeps what a message said, and brings the relations up to date that it bears on.
pub(crate) async fn hear(
    tx: &mut Tx<'_>,
    scope: &Scope,
    cx: &Context,
    event: &StayEvent,
) -> Result<()> {
    rows::lock(tx, scope.patients()).await?;
    rows::insert(tx, event).await?;
    let events = rows::load(tx, scope.patients()).await?;
    let tree = cx.directory.tree();
    let concerned = events
        .iter()
        .filter(|told| told.admission().is_some() && event.bears_on(told, &tree));
    for admission in concerned {
        let concerning = events.iter().filter(|told| told.bears_on(admission, &tree));
        let span = span::span(admission, concerning, cx.settings.discharge_run_out);
        relations::put_span(tx, &relation(admission, span, cx.now)).await?;
    }
    follow_up::confirm(tx, scope.patients(), &tree, cx.now).await
}

fn relation(admission: &StayEvent, span: span::Span, now: Micros) -> KeptRelation {
    KeptRelation {
        relation: TreatmentRelation {
            id: admission.id,
            patient: admission.patient,
            organisation: admission.organisation.clone(),
            person: None,
            kind: RelationKind::Admission,
            from: span.from,
            until: span.until,
            ended_at: None,
            source: admission.source.clone(),
        },
        created_at: now,
        episode_of_care: admission.episode_of_care.clone(),
        attestation: None,
    }
}

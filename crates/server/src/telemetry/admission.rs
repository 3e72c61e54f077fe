//! The metrics of the door: who is inside, and who was turned away.

use std::fmt;

use prometheus_client::{
    encoding::{EncodeLabelSet, EncodeLabelValue, LabelValueEncoder},
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::Registry,
};

/// How many places of a pool are taken.
pub(crate) type Places = Gauge;

#[derive(Clone, Default)]
pub(super) struct AdmissionMetrics {
    places: Family<PoolLabel, Gauge>,
    refused: Family<RefusedLabels, Counter>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct PoolLabel {
    pool: &'static str,
}

/// Systems are those of the directory, so an operator knows how many there can be; nobody else can make one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RefusedLabels {
    reason: NotAdmitted,
    system: String,
}

/// Why a request was turned away before anything was done for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum NotAdmitted {
    /// All places are taken.
    Places,
    /// The system has its share of them.
    Share,
    /// The system asks more often than it may.
    Rate,
    /// Too many of the system's credentials were not good.
    Refusals,
    /// It would have waited too long behind others.
    Late,
}

impl NotAdmitted {
    const ALL: [Self; 5] = [
        Self::Places,
        Self::Share,
        Self::Rate,
        Self::Refusals,
        Self::Late,
    ];
}

impl EncodeLabelValue for NotAdmitted {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> Result<(), fmt::Error> {
        match self {
            Self::Places => "places",
            Self::Share => "share",
            Self::Rate => "rate",
            Self::Refusals => "refusals",
            Self::Late => "late",
        }
        .encode(encoder)
    }
}

impl AdmissionMetrics {
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register(
            "admission_places_taken",
            "Places that are taken, by pool: working, standing (streams that wait), open (health, proofs, and who is no system)",
            self.places.clone(),
        );
        registry.register(
            "admission_refused",
            "Requests that were turned away at the door, by reason and registered system",
            self.refused.clone(),
        );
        // From the start, so that an alert sees them begin to grow.
        for reason in NotAdmitted::ALL {
            let system = String::new();
            drop(
                self.refused
                    .get_or_create(&RefusedLabels { reason, system }),
            );
        }
    }

    pub(super) fn places(&self, pool: &'static str) -> Gauge {
        self.places.get_or_create_owned(&PoolLabel { pool })
    }

    pub(super) fn refused(&self, reason: NotAdmitted, system: &str) {
        let system = system.to_owned();
        self.refused
            .get_or_create(&RefusedLabels { reason, system })
            .inc();
    }
}

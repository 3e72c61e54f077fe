//! What the figures are held against.

use serde_json::{Map, Value, json};

/// A bound that a ratio has to keep.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Bound {
    AtMost(f64),
    AtLeast(f64),
}

/// A ratio by its name, with its bound and what it says.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Target {
    pub(crate) name: &'static str,
    pub(crate) bound: Bound,
    pub(crate) says: &'static str,
}

/// All that a run tells, in the order in which it tells it.
pub(crate) const TARGETS: [Target; 6] = [
    Target {
        name: "search_20_cpu_over_limit",
        bound: Bound::AtMost(2.0),
        says: "SearchRecord, 20 entries: CPU over bare gRPC + bare statement",
    },
    Target {
        name: "search_200_cpu_over_limit",
        bound: Bound::AtMost(1.7),
        says: "SearchRecord, 200 entries: the same",
    },
    Target {
        name: "register_stream_rows_over_bare",
        bound: Bound::AtLeast(0.6),
        says: "streamed registration: rows a second over a bare batched insert",
    },
    Target {
        name: "audit_on_over_off",
        bound: Bound::AtLeast(0.7),
        says: "searches a second with the access log over without it",
    },
    Target {
        name: "retrieve_10mb_over_source",
        bound: Bound::AtLeast(0.8),
        says: "RetrieveDocument, 10 MB: throughput over the source alone",
    },
    Target {
        name: "rss_mb_at_64",
        bound: Bound::AtMost(150.0),
        says: "resident memory of the hub at 64 callers, MB",
    },
];

impl Bound {
    pub(crate) const fn value(self) -> f64 {
        match self {
            Self::AtMost(value) | Self::AtLeast(value) => value,
        }
    }

    pub(crate) fn holds(self, found: f64) -> bool {
        match self {
            Self::AtMost(most) => found <= most,
            Self::AtLeast(least) => found >= least,
        }
    }

    pub(crate) const fn sign(self) -> &'static str {
        match self {
            Self::AtMost(_) => "≤",
            Self::AtLeast(_) => "≥",
        }
    }
}

pub(crate) fn as_json() -> Value {
    let one = |target: &Target| {
        let key = match target.bound {
            Bound::AtMost(_) => "at_most",
            Bound::AtLeast(_) => "at_least",
        };
        (target.name.to_owned(), json!({ key: target.bound.value() }))
    };
    Value::Object(TARGETS.iter().map(one).collect::<Map<_, _>>())
}

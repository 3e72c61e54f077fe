//! `[policy]`: the rules of roles, and the periods and ages that the law sets.

use std::path::PathBuf;

use delt_policy::{HelperRule, OverrideGround, Terms};
use serde::Deserialize;

/// `[policy]`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    /// A folder of Cedar policies that takes the place of the built-in ones. Default: the built-in ones. Read again on SIGHUP.
    pub dir: Option<PathBuf>,
    /// How a helper's delegation is shown. Default: `registered` in the hub.
    pub helper_delegation: HelperDelegation,
    /// How long after the treatment one's own effort may be looked back at (Sundhedsloven § 42 d). Months, 1 to 24, default 6.
    pub learning_months: u8,
    /// How old data for quality work may be (Sundhedsloven § 42 d). Years, 1 to 20, default 5.
    pub quality_years: u8,
    /// The age from which citizens decide for themselves (Sundhedsloven § 17). Years, 12 to 18, default 15.
    pub own_decision_age: u8,
    /// What a break-glass means whose reason comes without a lawful ground. Default: `assumed`, as in version one.
    pub override_ground: MissingGround,
    /// How long the glass stays broken. Minutes, 5 to 1440, default 240.
    pub break_glass_minutes: u64,
    /// How long a professional's own word opens a record. Hours, 1 to 168, default 24.
    pub attestation_hours: u64,
    /// How long after that word a fact may still confirm it. Days, 1 to 90, default 14.
    pub attestation_deadline_days: u64,
    /// How long a treatment relation lasts after the discharge. Days, 0 to 180, default 30.
    pub discharge_run_out_days: u64,
    /// How far back citizens see who looked. Years, 0 to 20, default 2; 0: as far as entries are kept.
    pub citizen_log_years: u8,
    /// The pause that ends a visit in the citizen's list. Hours, 1 to 24, default 4.
    pub visit_pause_hours: u64,
    /// Whether citizens are told the names of those who looked. Default: `names`.
    pub show_names: ShowNames,
    /// How often attestations are followed up. Milliseconds, 100 to 3600000, default 10000.
    pub follow_up_interval_ms: u64,
}

/// How a helper's delegation is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HelperDelegation {
    /// A delegation that is registered in the hub must show it.
    Registered,
    /// The issuer of the token has checked it.
    Token,
}

/// How citizens are told who looked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ShowNames {
    /// By name and role.
    Names,
    /// By role alone.
    Roles,
}

/// What a break-glass means whose reason comes without a lawful ground.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MissingGround {
    /// Essential consideration for a patient who cannot be asked (Sundhedsloven § 42 a, stk. 2).
    Assumed,
    /// It is refused.
    Required,
}

impl Default for Policy {
    fn default() -> Self {
        let terms = Terms::default();
        Self {
            dir: None,
            helper_delegation: HelperDelegation::Registered,
            learning_months: terms.learning_months,
            quality_years: terms.quality_years,
            own_decision_age: terms.own_decision_age,
            override_ground: MissingGround::Assumed,
            break_glass_minutes: 240,
            attestation_hours: 24,
            attestation_deadline_days: 14,
            discharge_run_out_days: 30,
            citizen_log_years: 2,
            visit_pause_hours: 4,
            show_names: ShowNames::Names,
            follow_up_interval_ms: 10_000,
        }
    }
}

impl Policy {
    /// The lawful ground of a break-glass whose reason comes without one.
    pub const fn assumed_ground(&self) -> Option<OverrideGround> {
        match self.override_ground {
            MissingGround::Assumed => Some(OverrideGround::EssentialConsideration),
            MissingGround::Required => None,
        }
    }

    /// How many days back citizens see who looked, none for all that is kept: never less than the years, whatever leap days fall into them.
    pub const fn citizen_log_days(&self) -> Option<u64> {
        let years = self.citizen_log_years as u64;
        match years {
            0 => None,
            years => Some(years * 365 + years.div_ceil(4)),
        }
    }

    /// The periods and ages for decisions.
    pub fn terms(&self) -> Terms {
        Terms {
            helpers: match self.helper_delegation {
                HelperDelegation::Registered => HelperRule::Registered,
                HelperDelegation::Token => HelperRule::TokenSays,
            },
            learning_months: self.learning_months,
            quality_years: self.quality_years,
            own_decision_age: self.own_decision_age,
            ..Terms::default()
        }
    }
}

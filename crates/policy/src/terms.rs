//! The numbers of the law and of the operator that decisions use.

/// Whether a helper's delegation must be registered in the hub.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HelperRule {
    /// A registered delegation must show it.
    Registered,
    /// The issuer of the token has checked it (as SEAS and the national register do for the national STS).
    TokenSays,
}

/// Periods and ages. They are settings, because laws change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// How a helper's delegation is shown.
    pub helpers: HelperRule,
    /// Whole months after the treatment in which one's own effort may be looked back at (Sundhedsloven § 42 d). Default 6.
    pub learning_months: u8,
    /// Quality work sees data younger than this many years (Sundhedsloven § 42 d). Default 5.
    pub quality_years: u8,
    /// The age from which citizens decide for themselves (Sundhedsloven § 17), in years. Default 15.
    pub own_decision_age: u8,
    /// The age at which custody ends, in years. Default 18.
    pub majority_age: u8,
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            helpers: HelperRule::Registered,
            learning_months: 6,
            quality_years: 5,
            own_decision_age: 15,
            majority_age: 18,
        }
    }
}

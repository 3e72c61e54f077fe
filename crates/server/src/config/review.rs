//! `[review]`: what finds accesses that deserve a look, and how cases are decided.
//!
//! Every rule can be turned off with `enabled = false`. What was sealed while a rule was off is not looked at again.

use std::collections::{BTreeMap, BTreeSet};

use delt_hub::review::rules::{self, Minute, Rules, Weekday};
use delt_hub::review::{CaseKind, ReviewSettings};
use delt_policy::Sector;
use serde::Deserialize;
use serde::de::{Deserializer, Error as _};

/// `[review]`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Review {
    /// How often new entries of the log are looked at. Milliseconds, 100 to 3600000, default 2000.
    pub interval_ms: u64,
    /// The kinds of cases whose decision a second person must confirm, such as `break-glass`. Default: none.
    #[serde(deserialize_with = "kinds")]
    pub four_eyes: Vec<CaseKind>,
    pub no_relation: NoRelation,
    pub many_patients: ManyPatients,
    pub many_places: ManyPlaces,
    pub same_family_name: SameFamilyName,
    pub same_address: SameAddress,
    pub colleague: Colleague,
    pub outside_hours: OutsideHours,
}

/// `[review.no_relation]`: a look that was permitted without a treatment relation.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of its own, named by its key"
)]
pub struct NoRelation {
    /// Default true.
    pub enabled: bool,
    /// Also where the glass was broken, which has a case of its own. Default false.
    pub break_glass: bool,
    /// Also where somebody learned from an earlier treatment of theirs (Sundhedsloven § 42 d). Default false.
    pub learning: bool,
    /// Also where the management has permitted quality work (§ 42 d). Default false.
    pub quality: bool,
}

/// `[review.many_patients]`: one person looked at unusually many patients in a day.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ManyPatients {
    /// Default true.
    pub enabled: bool,
    /// How many distinct patients in a day are usual; one more makes a case. 1 to 5000, default 60.
    pub patients: u32,
    /// Other limits, by role. Default: 150 for `laegesekretaer`.
    pub roles: BTreeMap<String, u32>,
}

/// `[review.many_places]`: one patient was looked up by many places in a day.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ManyPlaces {
    /// Default true.
    pub enabled: bool,
    /// How many distinct organisations in a day are usual; one more makes a case. 1 to 1000, default 6.
    pub places: u32,
}

/// `[review.same_family_name]`: the patient has the family name of who looked.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SameFamilyName {
    /// Default true.
    pub enabled: bool,
    /// Names that are too common to say anything, at most 1000. Default: the ten commonest in Denmark.
    pub ignore: Vec<String>,
}

/// `[review.same_address]`: the patient lives where who looked lives.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SameAddress {
    /// Default true.
    pub enabled: bool,
}

/// `[review.colleague]`: the patient works where who looked works, or looked at the own record at work.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Colleague {
    /// Default true.
    pub enabled: bool,
    /// How long somebody counts as working where the log has seen them. Days, 1 to 3650, default 365.
    pub days: u32,
}

/// `[review.outside_hours]`: looks outside the working hours.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OutsideHours {
    /// Default true.
    pub enabled: bool,
    /// When work begins, by the clock in Denmark: `HH:MM`, default `06:00`.
    #[serde(deserialize_with = "minute")]
    pub from: Minute,
    /// When work ends: `HH:MM`, later than `from`, default `20:00`.
    #[serde(deserialize_with = "minute")]
    pub to: Minute,
    /// The days of work. Default: `monday` to `friday`. Public holidays are not known.
    #[serde(deserialize_with = "weekdays")]
    pub weekdays: Vec<Weekday>,
    /// The sectors where these hours are kept. Default: `general-practice` and `municipality`.
    pub sectors: BTreeSet<Sector>,
    /// The roles that keep them in every sector. Default: none.
    pub roles: BTreeSet<String>,
    /// The roles that work in shifts and are never outside hours. Default: nurses, and social and health care staff.
    pub shift_roles: BTreeSet<String>,
    /// How many looks of one person outside the hours of a day make a case. 1 to 5000, default 5.
    pub at_least: u32,
}

/// The hub's own defaults, so that they stand in one place.
macro_rules! defaults_of_the_hub {
    ($($section:ident { $($field:ident),* })*) => {$(
        impl Default for $section {
            fn default() -> Self {
                rules::$section::default().into()
            }
        }

        impl From<rules::$section> for $section {
            fn from(rule: rules::$section) -> Self {
                Self { $($field: rule.$field),* }
            }
        }

        impl From<$section> for rules::$section {
            fn from(section: $section) -> Self {
                Self { $($field: section.$field),* }
            }
        }
    )*};
}

defaults_of_the_hub! {
    NoRelation { enabled, break_glass, learning, quality }
    ManyPatients { enabled, patients, roles }
    ManyPlaces { enabled, places }
    SameFamilyName { enabled, ignore }
    SameAddress { enabled }
    Colleague { enabled, days }
    OutsideHours { enabled, from, to, weekdays, sectors, roles, shift_roles, at_least }
}

impl Default for Review {
    fn default() -> Self {
        let ReviewSettings { rules, four_eyes } = ReviewSettings::default();
        Self {
            interval_ms: rules.interval_ms,
            four_eyes,
            no_relation: rules.no_relation.into(),
            many_patients: rules.many_patients.into(),
            many_places: rules.many_places.into(),
            same_family_name: rules.same_family_name.into(),
            same_address: rules.same_address.into(),
            colleague: rules.colleague.into(),
            outside_hours: rules.outside_hours.into(),
        }
    }
}

impl Review {
    /// As the hub takes it.
    pub fn settings(&self) -> ReviewSettings {
        let this = self.clone();
        let rules = Rules {
            no_relation: this.no_relation.into(),
            many_patients: this.many_patients.into(),
            many_places: this.many_places.into(),
            same_family_name: this.same_family_name.into(),
            same_address: this.same_address.into(),
            colleague: this.colleague.into(),
            outside_hours: this.outside_hours.into(),
            interval_ms: this.interval_ms,
        };
        ReviewSettings {
            rules,
            four_eyes: this.four_eyes,
        }
    }
}

fn kinds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<CaseKind>, D::Error> {
    let names = CaseKind::ALL.iter().map(|kind| kind.as_str());
    let names = names.collect::<Vec<_>>().join(", ");
    let codes = Vec::<String>::deserialize(deserializer)?;
    let kind = |code: &String| CaseKind::from_code(code);
    let kinds = codes.iter().map(kind).collect::<Option<Vec<_>>>();
    kinds.ok_or_else(|| D::Error::custom(format_args!("names a kind that is none of {names}")))
}

fn minute<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Minute, D::Error> {
    let text = String::deserialize(deserializer)?;
    Minute::parse(&text).ok_or_else(|| D::Error::custom("is not a time of day such as 06:30"))
}

fn weekdays<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Weekday>, D::Error> {
    let names = Vec::<String>::deserialize(deserializer)?;
    let days = names.iter().map(|name| weekday(name));
    let days = days.collect::<Option<Vec<_>>>();
    days.ok_or_else(|| D::Error::custom("names a day that is none of monday to sunday"))
}

fn weekday(name: &str) -> Option<Weekday> {
    Some(match name {
        "monday" => Weekday::Monday,
        "tuesday" => Weekday::Tuesday,
        "wednesday" => Weekday::Wednesday,
        "thursday" => Weekday::Thursday,
        "friday" => Weekday::Friday,
        "saturday" => Weekday::Saturday,
        "sunday" => Weekday::Sunday,
        _ => return None,
    })
}

//! The rules and their parameters.

use std::collections::{BTreeMap, BTreeSet};

use delt_policy::Sector;
use time::Weekday;

use super::Minute;

/// The rules and their parameters.
///
/// Broken glass and words that nothing confirmed are no rules: their cases are opened together with what they are about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    pub no_relation: NoRelation,
    pub many_patients: ManyPatients,
    pub many_places: ManyPlaces,
    pub same_family_name: SameFamilyName,
    pub same_address: SameAddress,
    pub colleague: Colleague,
    pub outside_hours: OutsideHours,
    /// How often the newest entries are looked at, in milliseconds.
    pub interval_ms: u64,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            no_relation: NoRelation::default(),
            many_patients: ManyPatients::default(),
            many_places: ManyPlaces::default(),
            same_family_name: SameFamilyName::default(),
            same_address: SameAddress::default(),
            colleague: Colleague::default(),
            outside_hours: OutsideHours::default(),
            interval_ms: 2_000,
        }
    }
}

/// A look at a record whose decision cites no treatment relation.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of its own, named by its key"
)]
pub struct NoRelation {
    pub enabled: bool,
    /// Also where the glass was broken. Off: a broken glass has a case of its own already.
    pub break_glass: bool,
    /// Also where somebody learned from an earlier treatment of theirs (§ 42 d).
    pub learning: bool,
    /// Also where the management has permitted quality work (§ 42 d).
    pub quality: bool,
}

impl Default for NoRelation {
    fn default() -> Self {
        Self {
            enabled: true,
            break_glass: false,
            learning: false,
            quality: false,
        }
    }
}

/// One person looked at unusually many patients in a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManyPatients {
    pub enabled: bool,
    /// So many distinct patients are usual.
    pub patients: u32,
    /// Other limits, by role.
    pub roles: BTreeMap<String, u32>,
}

impl Default for ManyPatients {
    fn default() -> Self {
        Self {
            enabled: true,
            patients: 60,
            // Who answers a clinic's telephone opens many records.
            roles: BTreeMap::from([("laegesekretaer".to_owned(), 150)]),
        }
    }
}

impl ManyPatients {
    /// How many distinct patients are usual in a role.
    pub(super) fn limit(&self, role: &str) -> usize {
        let limit = self.roles.get(role).copied().unwrap_or(self.patients);
        usize::try_from(limit).unwrap_or(usize::MAX)
    }
}

/// One patient was looked up by many places in a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManyPlaces {
    pub enabled: bool,
    /// So many distinct organisations, as tokens name them, are usual.
    pub places: u32,
}

impl Default for ManyPlaces {
    fn default() -> Self {
        Self {
            enabled: true,
            places: 6,
        }
    }
}

/// The patient has the family name of who looked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SameFamilyName {
    pub enabled: bool,
    /// Names that so many people have that sharing one says nothing.
    pub ignore: Vec<String>,
}

/// The ten commonest family names of the country (Danmarks Statistik, Navne i hele befolkningen).
const COMMON: [&str; 10] = [
    "Nielsen",
    "Jensen",
    "Hansen",
    "Andersen",
    "Pedersen",
    "Christensen",
    "Larsen",
    "Sørensen",
    "Rasmussen",
    "Jørgensen",
];

impl Default for SameFamilyName {
    fn default() -> Self {
        Self {
            enabled: true,
            ignore: COMMON.map(str::to_owned).to_vec(),
        }
    }
}

/// The patient lives where who looked lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SameAddress {
    pub enabled: bool,
}

impl Default for SameAddress {
    fn default() -> Self {
        Self { enabled: true }
    }
}

/// The patient works where who looked works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Colleague {
    pub enabled: bool,
    /// For so many days after the log has seen somebody work at a place they count as working there.
    pub days: u32,
}

impl Default for Colleague {
    fn default() -> Self {
        Self {
            enabled: true,
            days: 365,
        }
    }
}

/// A look outside the working hours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutsideHours {
    pub enabled: bool,
    /// When work begins and ends, by the clock in Denmark.
    pub from: Minute,
    pub to: Minute,
    pub weekdays: Vec<Weekday>,
    /// Where these hours are kept.
    pub sectors: BTreeSet<Sector>,
    /// Who keeps them wherever they work.
    pub roles: BTreeSet<String>,
    /// Who works in shifts: never outside hours.
    pub shift_roles: BTreeSet<String>,
    /// So many looks of one person outside the hours of a day make a case.
    pub at_least: u32,
}

impl Default for OutsideHours {
    fn default() -> Self {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Self {
            enabled: true,
            from: Minute::of_clock(6, 0),
            to: Minute::of_clock(20, 0),
            weekdays: vec![
                Weekday::Monday,
                Weekday::Tuesday,
                Weekday::Wednesday,
                Weekday::Thursday,
                Weekday::Friday,
            ],
            // Hospitals work round the clock, and so do the municipalities' nurses and carers.
            sectors: BTreeSet::from([Sector::GeneralPractice, Sector::Municipality]),
            roles: BTreeSet::new(),
            shift_roles: names(&[
                "sygeplejerske",
                "socialogsundhedsassistent",
                "nspPlejeAssR3",
                "nspSundAssistR2",
            ]),
            at_least: 5,
        }
    }
}

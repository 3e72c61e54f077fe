//! The value sets of the Danish document-sharing metadata (`MedCom`, dk-medcom-xds-metadata 1.0.1).
//!
//! Codes are `MedCom`'s, the Danish displays of LOINC codes and formats are Delt's. What Delt adds
//! of its own is in [`delt`] and marked as such by [`origin`].

pub mod delt;
mod document;
mod event;
mod facility;
mod practice_setting;
mod relation;
pub mod systems;

pub use relation::allowed_formats;

use crate::identifier::system::bare;

/// Codes with their displays.
type Codes = &'static [(&'static str, &'static str)];

/// The metadata attributes that have a value set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ValueSet {
    /// classCode.
    Class,
    /// typeCode.
    Type,
    /// formatCode.
    Format,
    /// healthcareFacilityTypeCode.
    FacilityType,
    /// practiceSettingCode.
    PracticeSetting,
    /// eventCodeList.
    Event,
    /// homeCommunityId.
    HomeCommunity,
    /// languageCode.
    Language,
    /// mimeType.
    MimeType,
    /// confidentialityCode.
    Confidentiality,
}

/// Who made a code part of the set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Origin {
    /// The national value set.
    National,
    /// The national test environments.
    NationalTest,
    /// Delt's own addition.
    Delt,
}

type Block = (&'static str, Origin, Codes);

use Origin::{Delt, National, NationalTest};

impl ValueSet {
    /// Every value set.
    pub const ALL: [Self; 10] = [
        Self::Class,
        Self::Type,
        Self::Format,
        Self::FacilityType,
        Self::PracticeSetting,
        Self::Event,
        Self::HomeCommunity,
        Self::Language,
        Self::MimeType,
        Self::Confidentiality,
    ];

    const fn blocks(self) -> &'static [Block] {
        match self {
            Self::Class => &[(systems::CLASS, National, document::CLASSES)],
            Self::Type => &[
                (systems::LOINC, National, document::TYPES_LOINC),
                (systems::MEDCOM_TYPE, National, document::TYPES_MEDCOM),
                (systems::LOINC, Delt, delt::TYPES),
            ],
            Self::Format => &[
                (systems::FORMAT, National, document::FORMATS),
                (delt::FORMAT_SYSTEM, Delt, delt::FORMATS),
            ],
            Self::FacilityType => &[(systems::SNOMED_CT, National, facility::FACILITY_TYPES)],
            Self::PracticeSetting => &[(
                systems::SNOMED_CT,
                National,
                practice_setting::PRACTICE_SETTINGS,
            )],
            Self::Event => &[
                (systems::SKS, National, event::SKS),
                (systems::PRO, National, event::PRO),
                (systems::NPU, National, event::NPU),
                (systems::MEDCOM_TYPE, National, event::MEDCOM),
                (systems::MEDCOM_ANALYSIS, National, event::MEDCOM),
                (systems::NOAH, National, event::NOAH),
            ],
            Self::HomeCommunity => &[
                (systems::COMMUNITY, National, document::COMMUNITIES),
                (systems::COMMUNITY, NationalTest, document::TEST_COMMUNITIES),
            ],
            Self::Language => &[(systems::LANGUAGE, National, document::LANGUAGES)],
            Self::MimeType => &[(systems::MEDIA_TYPE, National, document::MIME_TYPES)],
            Self::Confidentiality => &[(
                systems::CONFIDENTIALITY,
                National,
                document::CONFIDENTIALITY,
            )],
        }
    }

    /// Whether XDS carries the attribute as a bare value, so that its system need not be said.
    const fn system_is_implied(self) -> bool {
        matches!(self, Self::HomeCommunity | Self::Language | Self::MimeType)
    }
}

/// The code systems of a set, as bare OIDs or URNs.
pub fn systems(set: ValueSet) -> impl Iterator<Item = &'static str> {
    let blocks = set.blocks();
    let is_first = move |at: usize, system: &str| blocks.iter().take(at).all(|b| b.0 != system);
    blocks
        .iter()
        .enumerate()
        .filter(move |(at, b)| is_first(*at, b.0))
        .map(|(_, b)| b.0)
}

/// Every code of a set: system, code, Danish display.
pub fn codes(set: ValueSet) -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    set.blocks()
        .iter()
        .flat_map(|(system, _, codes)| codes.iter().map(|(c, d)| (*system, *c, *d)))
}

/// The Danish display of a code, or `None` where it is not in the set.
///
/// The system may be written with or without `urn:oid:`; for home community, language and media
/// type it may be empty. A home community may have `urn:oid:` before its value, as XCA writes it.
#[must_use]
pub fn lookup(set: ValueSet, system: &str, code: &str) -> Option<&'static str> {
    find(set, system, code).map(|(_, display)| display)
}

/// Who made the code part of the set, or `None` where it is not in it.
#[must_use]
pub fn origin(set: ValueSet, system: &str, code: &str) -> Option<Origin> {
    find(set, system, code).map(|(origin, _)| origin)
}

fn find(set: ValueSet, system: &str, code: &str) -> Option<(Origin, &'static str)> {
    let system = bare(system);
    let code = if set == ValueSet::HomeCommunity {
        bare(code)
    } else {
        code
    };
    let any_system = set.system_is_implied() && system.is_empty();
    set.blocks()
        .iter()
        .filter(|block| any_system || block.0 == system)
        .find_map(|block| {
            let (_, display) = block.2.iter().find(|(known, _)| *known == code)?;
            Some((block.1, *display))
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_code_is_found_once_and_has_a_display() {
        for set in ValueSet::ALL {
            let mut seen = HashSet::new();
            for (system, code, display) in codes(set) {
                assert!(seen.insert((system, code)), "{set:?} {code} stands twice");
                assert_eq!(
                    lookup(set, &format!("urn:oid:{system}"), code),
                    Some(display)
                );
                assert!(!display.is_empty());
            }
        }
    }

    #[test]
    fn the_sets_have_the_size_of_the_national_ones() {
        let size = |set| {
            codes(set)
                .filter(|(s, c, _)| origin(set, s, c) == Some(National))
                .count()
        };
        assert_eq!(size(ValueSet::Type), 12 + 7);
        assert_eq!(size(ValueSet::Format), 26);
        assert_eq!(size(ValueSet::FacilityType), 65);
        assert_eq!(size(ValueSet::PracticeSetting), 54);
        assert_eq!(size(ValueSet::Event), 8 + 4 + 7 + 2 + 2 + 5);
    }

    #[test]
    fn a_code_counts_only_in_its_own_system_and_set() {
        assert!(lookup(ValueSet::Type, systems::LOINC, "53576-5").is_some());
        assert!(lookup(ValueSet::Type, systems::MEDCOM_TYPE, "53576-5").is_none());
        assert!(lookup(ValueSet::Type, "", "53576-5").is_none());
        assert!(lookup(ValueSet::Class, systems::CLASS, "53576-5").is_none());
        assert_eq!(
            lookup(ValueSet::MimeType, "", "text/xml"),
            Some("XML (CDA, OIOXML)")
        );
    }

    #[test]
    fn delt_s_own_codes_are_marked() {
        let letter = origin(ValueSet::Type, systems::LOINC, delt::TYPE_DISCHARGE_LETTER);
        assert_eq!(letter, Some(Delt));
        assert_eq!(
            origin(ValueSet::HomeCommunity, "", "urn:oid:1.2.208.176.8.1"),
            Some(National)
        );
        assert_eq!(
            origin(ValueSet::HomeCommunity, "", "1.2.208.176.43210.8.10"),
            Some(NationalTest)
        );
    }

    #[test]
    fn every_rule_between_type_and_format_names_known_codes() {
        for (system, code, _) in codes(ValueSet::Type) {
            for format in allowed_formats(system, code).unwrap_or_default() {
                let known = codes(ValueSet::Format).any(|(_, known, _)| known == *format);
                assert!(known, "{format}");
            }
        }
        assert_eq!(
            allowed_formats("urn:oid:2.16.840.1.113883.6.1", "57059-8"),
            None
        );
        let plr = allowed_formats("urn:oid:2.16.840.1.113883.6.1", "11450-4").unwrap();
        assert_eq!(plr, ["urn:ad:dk:medcom:plr-v1.0:full"]);
    }

    #[test]
    fn systems_are_listed_once() {
        let types: Vec<_> = systems(ValueSet::Type).collect();
        assert_eq!(types, [systems::LOINC, systems::MEDCOM_TYPE]);
    }
}

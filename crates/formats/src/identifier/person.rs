//! The person number: CPR, X-eCPR or D-eCPR.

use std::fmt;

use time::{Date, Month};

use super::person_format::{century, check, kind_of, normalise, two_digits};
use super::{IdentifierError, system};

/// Which register a person number comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PersonNumberKind {
    /// The civil registration number.
    Cpr,
    /// The national replacement number, unique in Denmark.
    XEcpr,
    /// A decentral replacement number, unique only together with its issuer.
    DEcpr,
}

impl PersonNumberKind {
    const fn name(self) -> &'static str {
        match self {
            Self::Cpr => "cpr",
            Self::XEcpr => "x-ecpr",
            Self::DEcpr => "d-ecpr",
        }
    }
}

/// A person number in its normal form (ten characters, no hyphen), together with its system.
///
/// `Debug` and `Display` show the kind only: a person number reaches no log, error or screen by accident.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PersonNumber {
    kind: PersonNumberKind,
    system: String,
    value: String,
}

impl PersonNumber {
    /// Reads a person number; the system may be written with or without `urn:oid:`, the value with or without a hyphen.
    ///
    /// Modulus 11 is no ground to refuse: since 1 October 2007 valid CPR numbers are issued that do
    /// not satisfy it (cpr.dk). 29 February is accepted in every year, as dk-core's rule does.
    ///
    /// # Errors
    /// The system is none that names persons, a D-eCPR has no issuer, or the value breaks its format.
    pub fn parse(system: &str, value: &str) -> Result<Self, IdentifierError> {
        let (kind, system) = kind_of(system)?;
        let value = normalise(value);
        check(kind, &value).map_err(|reason| IdentifierError::new(kind.name(), reason))?;
        Ok(Self {
            kind,
            system,
            value,
        })
    }

    /// Reads a CPR number.
    ///
    /// # Errors
    /// The value is not a CPR number.
    pub fn cpr(value: &str) -> Result<Self, IdentifierError> {
        Self::parse(system::CPR, value)
    }

    /// Which register the number comes from.
    #[must_use]
    pub const fn kind(&self) -> PersonNumberKind {
        self.kind
    }

    /// The system as a URN; for a D-eCPR this includes its issuer.
    #[must_use]
    pub fn system(&self) -> &str {
        &self.system
    }

    /// The number itself. Personal data: for storage and for the wire to those who may see it.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }

    /// The date of birth that the number says, by the century rule of its seventh character.
    ///
    /// For a replacement number of someone whose birth date is unknown this is the date when the
    /// number was made. `None` for 29 February of a year that has none.
    #[must_use]
    pub fn birth_date(&self) -> Option<Date> {
        let year = century(self.kind, &self.value)? + two_digits(&self.value, 4)?;
        let month = Month::try_from(u8::try_from(two_digits(&self.value, 2)?).ok()?).ok()?;
        let day = u8::try_from(two_digits(&self.value, 0)?).ok()?;
        Date::from_calendar_date(year, month, day).ok()
    }
}

impl fmt::Debug for PersonNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for PersonNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}(masked)", self.kind.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use time::macros::date;

    const REGION: &str = "urn:oid:1.2.208.176.1.6.1.3.187";

    #[test]
    fn official_test_person_is_read_with_and_without_hyphen() {
        let plain = PersonNumber::parse("1.2.208.176.1.2", "0201609996").unwrap();
        assert_eq!(plain, PersonNumber::cpr("020160-9996").unwrap());
        assert_eq!((plain.system(), plain.value()), (system::CPR, "0201609996"));
        assert_eq!(plain.birth_date(), Some(date!(1960 - 01 - 02)));
    }

    #[test]
    fn century_follows_the_seventh_digit() {
        // The numbers are put together here, so that none of a living person stands in the file.
        for (year, seventh, born) in [
            ("01", 0, date!(1901 - 01 - 01)),
            ("36", 4, date!(2036 - 01 - 01)),
            ("37", 4, date!(1937 - 01 - 01)),
            ("57", 5, date!(2057 - 01 - 01)),
            ("58", 5, date!(1858 - 01 - 01)),
            ("36", 9, date!(2036 - 01 - 01)),
            ("37", 9, date!(1937 - 01 - 01)),
        ] {
            let number = PersonNumber::cpr(&format!("0101{year}{seventh}000")).unwrap();
            assert_eq!(number.birth_date(), Some(born));
        }
    }

    #[test]
    fn leap_day_is_accepted_in_every_year_but_says_no_date() {
        assert_eq!(
            PersonNumber::cpr(&format!("{}01{}", "2902", "0000"))
                .unwrap()
                .birth_date(),
            None
        );
    }

    #[test]
    fn replacement_numbers_follow_their_own_format() {
        let national = PersonNumber::parse(system::X_ECPR, "0203291WQ3").unwrap();
        assert_eq!(national.birth_date(), Some(date!(1929 - 03 - 02)));
        assert!(PersonNumber::parse(system::X_ECPR, "0203290WQ3").is_err());
        let decentral = PersonNumber::parse(REGION, "0203295WQ3").unwrap();
        assert_eq!(decentral.kind(), PersonNumberKind::DEcpr);
        assert_eq!(
            (decentral.system(), decentral.birth_date()),
            (REGION, Some(date!(1829 - 03 - 02)))
        );
    }

    #[test]
    fn a_decentral_number_needs_its_issuer() {
        for system in [
            system::D_ECPR_ROOT,
            "urn:oid:1.2.208.176.1.6.1.3.",
            "urn:oid:1.2.208.176.1.6.1.31",
            "urn:oid:1.2.208.176.1.6.1.3.x",
        ] {
            assert!(
                PersonNumber::parse(system, "0203290WQ3").is_err(),
                "{system}"
            );
        }
    }

    #[test]
    fn nothing_of_the_number_is_shown() {
        let number = PersonNumber::cpr("0201609996").unwrap();
        assert_eq!(format!("{number} {number:?}"), "cpr(masked) cpr(masked)");
        let error = PersonNumber::cpr("3201609996").unwrap_err();
        assert!(!format!("{error} {error:?}").contains("3201609996"));
    }

    proptest! {
        #[test]
        fn any_text_is_answered(system in ".{0,50}", value in "\\PC{0,14}") {
            let _ = PersonNumber::parse(&system, &value);
            let _ = PersonNumber::cpr(&value);
        }

        #[test]
        fn every_real_date_with_any_serial_is_a_cpr_number(day in 1u8..=28, month in 1u8..=12, year in 0u8..100, serial in 0u16..10000) {
            let text = format!("{day:02}{month:02}{year:02}{serial:04}");
            let number = PersonNumber::cpr(&text).unwrap();
            let born = number.birth_date().unwrap();
            prop_assert_eq!((born.day(), u8::from(born.month()), born.year() % 100), (day, month, i32::from(year)));
            prop_assert!((1858..=2057).contains(&born.year()));
            let digits = number.value().to_owned();
            let shown = format!("{number:?}{number}");
            prop_assert!(!shown.contains(&digits));
        }

        #[test]
        fn no_date_that_does_not_exist_is_a_cpr_number(day in 0u8..100, month in 0u8..100, rest in 0u32..1_000_000) {
            prop_assume!(day == 0 || day > 31 || month == 0 || month > 12);
            let text = format!("{day:02}{month:02}{rest:06}");
            prop_assert!(PersonNumber::cpr(&text).is_err());
        }
    }
}

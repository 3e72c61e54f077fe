//! Organisation identifiers that have a shape but no check digit.

use super::{IdentifierError, text_identifier};

/// A SOR code: 11 to 18 digits (dk-core: at least 11; SCTID, from which SOR codes are built: at most 18).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SorCode(String);

/// A ydernummer: six digits, leading zeros kept.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ydernummer(String);

/// A SHAK code: hospital (4 digits), department (6 characters) or ward (7 characters).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Shak(String);

text_identifier!(SorCode);
text_identifier!(Ydernummer);
text_identifier!(Shak);

impl SorCode {
    /// Reads a SOR code.
    ///
    /// # Errors
    /// Not 11 to 18 digits.
    pub fn parse(text: &str) -> Result<Self, IdentifierError> {
        if (11..=18).contains(&text.len()) && all_digits(text) {
            return Ok(Self(text.to_owned()));
        }
        Err(IdentifierError::new("sor", "must have 11 to 18 digits"))
    }
}

impl Ydernummer {
    /// Reads a ydernummer and pads it with zeros to six digits, since systems that keep it as a number drop them.
    ///
    /// # Errors
    /// Not one to six digits.
    pub fn parse(text: &str) -> Result<Self, IdentifierError> {
        if (1..=6).contains(&text.len()) && all_digits(text) {
            return Ok(Self(format!("{text:0>6}")));
        }
        Err(IdentifierError::new(
            "ydernummer",
            "must have at most six digits",
        ))
    }
}

impl Shak {
    /// Reads a SHAK code and writes it in capitals.
    ///
    /// # Errors
    /// Not 4, 6 or 7 letters and digits of which the first four are digits.
    pub fn parse(text: &str) -> Result<Self, IdentifierError> {
        let text = text.to_ascii_uppercase();
        let hospital = text.get(..4).is_some_and(all_digits);
        let rest = text.bytes().all(|b| b.is_ascii_alphanumeric());
        if matches!(text.len(), 4 | 6 | 7) && hospital && rest {
            return Ok(Self(text));
        }
        Err(IdentifierError::new(
            "shak",
            "must be four digits and at most three letters or digits",
        ))
    }
}

fn all_digits(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sor_is_bounded() {
        assert_eq!(
            SorCode::parse("265161000016000").unwrap().to_string(),
            "265161000016000"
        );
        assert!(SorCode::parse("1234567890").is_err());
        assert!(SorCode::parse("1234567890123456789").is_err());
        assert!(SorCode::parse("26516100001600X").is_err());
    }

    #[test]
    fn ydernummer_is_padded() {
        assert_eq!(Ydernummer::parse("45861").unwrap().as_str(), "045861");
        assert!(Ydernummer::parse("").is_err());
        assert!(Ydernummer::parse("1234567").is_err());
    }

    #[test]
    fn shak_has_three_levels() {
        assert_eq!(Shak::parse("1301812").unwrap().as_str(), "1301812");
        assert_eq!(Shak::parse("130118a").unwrap().as_str(), "130118A");
        assert!(Shak::parse("13018").is_err());
        assert!(Shak::parse("A301").is_err());
        assert!(Shak::parse("130å1").is_err());
    }
}

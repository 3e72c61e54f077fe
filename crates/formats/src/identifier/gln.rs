//! GLN, the location number that messages are addressed to.

use super::{IdentifierError, digits, text_identifier};

/// A GLN (formerly EAN location number): 13 digits, the last one a modulus-10 check (GS1 General Specifications §7.9).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Gln(String);

text_identifier!(Gln);

impl Gln {
    /// Reads a GLN.
    ///
    /// # Errors
    /// Not 13 digits, or the check digit is wrong.
    pub fn parse(text: &str) -> Result<Self, IdentifierError> {
        let Some(digits) = digits(text).filter(|digits| digits.len() == 13) else {
            return Err(IdentifierError::new("gln", "must have 13 digits"));
        };
        let weighted: u32 = digits
            .iter()
            .zip([1, 3].into_iter().cycle())
            .map(|(d, w)| d * w)
            .sum();
        if !weighted.is_multiple_of(10) {
            return Err(IdentifierError::new("gln", "the check digit is wrong"));
        }
        Ok(Self(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digit_decides() {
        assert_eq!(
            Gln::parse("5790000121526").unwrap().as_str(),
            "5790000121526"
        );
        assert_eq!(
            Gln::parse("5790000121527").unwrap_err().reason,
            "the check digit is wrong"
        );
        assert!(Gln::parse("579000012152").is_err());
        assert!(Gln::parse("57900001215²6").is_err());
    }
}

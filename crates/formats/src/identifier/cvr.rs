//! CVR, the number of a legal unit.

use super::{IdentifierError, digits, text_identifier};

/// A CVR number: 8 digits whose weighted sum (2, 7, 6, 5, 4, 3, 2, 1) is divisible by 11 (dk-core, invariant of `dk-core-cvr-identifier`).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Cvr(String);

text_identifier!(Cvr);

impl Cvr {
    /// Reads a CVR number.
    ///
    /// # Errors
    /// Not 8 digits, or the check sum is wrong.
    pub fn parse(text: &str) -> Result<Self, IdentifierError> {
        let Some(digits) = digits(text).filter(|digits| digits.len() == 8) else {
            return Err(IdentifierError::new("cvr", "must have 8 digits"));
        };
        let weighted: u32 = digits
            .iter()
            .zip([2, 7, 6, 5, 4, 3, 2, 1])
            .map(|(d, w)| d * w)
            .sum();
        if !weighted.is_multiple_of(11) {
            return Err(IdentifierError::new("cvr", "the check sum is wrong"));
        }
        Ok(Self(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_sum_decides() {
        assert_eq!(Cvr::parse("33257872").unwrap().as_str(), "33257872");
        assert!(Cvr::parse("33257873").is_err());
        assert!(Cvr::parse("3325787").is_err());
    }
}

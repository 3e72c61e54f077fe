//! What auditors write on a case: free text that may name people, so it is bounded, masked in every output of the hub's own, and kept sealed.

use delt_formats::Sensitive;

use crate::{Error, Result, keys::Keyring};

/// What sealed text is authenticated as.
const PURPOSE: &str = "delt/review-step/v1";
/// The longest text, in characters.
pub const TEXT_MAX: usize = 2_000;
/// The longest id of an assignee, in characters.
pub const ASSIGNEE_MAX: usize = 128;

/// Text of 1 to 2 000 characters.
#[derive(Debug, Clone)]
pub struct ReviewText(Sensitive);

impl ReviewText {
    /// Reads a text, without the space around it.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` naming `field` where it is empty, too long, or holds what no text does.
    pub fn parse(field: &str, text: &str) -> Result<Self> {
        let text = text.trim();
        let strange = |c: char| c.is_control() && c != '\n' && c != '\t';
        if text.is_empty() {
            return Err(Error::invalid(field, "is required"));
        }
        if text.chars().count() > TEXT_MAX || text.contains(strange) {
            return Err(Error::invalid(
                field,
                "is not text of at most 2000 characters",
            ));
        }
        Ok(Self(text.to_owned().into()))
    }

    /// Seals the text for the row of its step.
    pub(super) fn seal(&self, keys: &Keyring, number: u64, revision: u32) -> Result<Vec<u8>> {
        keys.seal(PURPOSE, &row(number, revision), self.0.as_str().as_bytes())
    }
}

/// The reverse of [`ReviewText::seal`]; fails for a text that was sealed for another step.
pub(super) fn open(keys: &Keyring, number: u64, revision: u32, sealed: &[u8]) -> Result<String> {
    let plain = keys.open(PURPOSE, &row(number, revision), sealed)?;
    String::from_utf8(plain).map_err(|_| Error::internal("a stored text is not text"))
}

fn row(number: u64, revision: u32) -> Vec<u8> {
    [&number.to_be_bytes()[..], &revision.to_be_bytes()[..]].concat()
}

/// To whom a case is given: an id of the issuer's, which the hub cannot check.
#[derive(Debug, Clone)]
pub struct Assignee(Sensitive);

impl Assignee {
    /// Reads an id.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` where it is not 1 to 128 characters.
    pub fn parse(id: &str) -> Result<Self> {
        let fits = (1..=ASSIGNEE_MAX).contains(&id.chars().count());
        if !fits || id.contains(char::is_control) || id.trim() != id {
            return Err(Error::invalid("assignee", "is not an id of a person"));
        }
        Ok(Self(id.to_owned().into()))
    }

    pub(super) fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_bounded_and_without_what_no_text_holds() {
        for good in ["a", " a\nb ", &"æ".repeat(TEXT_MAX)] {
            assert!(ReviewText::parse("text", good).is_ok());
        }
        for bad in ["", " \n", "a\u{1b}[2J", &"æ".repeat(TEXT_MAX + 1)] {
            assert!(ReviewText::parse("text", bad).is_err());
        }
        for bad in ["", " a", "a\n", &"a".repeat(ASSIGNEE_MAX + 1)] {
            assert!(Assignee::parse(bad).is_err());
        }
        let shown = format!("{:?}", ReviewText::parse("text", "Lonni").unwrap());
        assert!(!shown.contains("Lonni"), "{shown}");
    }
}

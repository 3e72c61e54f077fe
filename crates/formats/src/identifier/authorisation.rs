//! The authorisation id of a health professional.

use std::fmt;

use super::IdentifierError;

/// An id in the authorisation register: five characters, consonants (with Y) and digits (dk-core, `^([b-df-hj-np-tv-zB-DF-HJ-NP-TV-Z0-9]){5}$`).
///
/// It names a person, so `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AuthorisationId(String);

impl AuthorisationId {
    /// Reads an authorisation id and writes it in capitals.
    ///
    /// # Errors
    /// Not five characters of the register's alphabet.
    pub fn parse(text: &str) -> Result<Self, IdentifierError> {
        let text = text.to_ascii_uppercase();
        let allowed =
            |b: u8| b.is_ascii_digit() || (b.is_ascii_uppercase() && !b"AEIOU".contains(&b));
        if text.len() == 5 && text.bytes().all(allowed) {
            return Ok(Self(text));
        }
        Err(IdentifierError::new(
            "authorisation id",
            "must be five consonants or digits",
        ))
    }

    /// The id as text, in capitals.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for AuthorisationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuthorisationId(masked)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alphabet_and_length_decide() {
        let id = AuthorisationId::parse("04pyx").unwrap();
        assert_eq!(
            (id.as_str(), format!("{id:?}")),
            ("04PYX", "AuthorisationId(masked)".to_owned())
        );
        for wrong in ["04PA1", "04PY", "04PYXX", "04PYø"] {
            assert!(AuthorisationId::parse(wrong).is_err(), "{wrong}");
        }
    }
}

//! Whether an entry may be registered: its form always, the Danish profile as strictly as its source is held to it.

mod form;
mod hidden;
mod profile;

use delt_formats::identifier::PersonNumber;

use super::{DocumentEntry, EncodedEntry};
use crate::{
    Error, Result,
    clock::Micros,
    error::{FieldViolation, code},
    organisation::{SourceEndpoint, Validation},
};

/// More problems than this help nobody, and an answer stays bounded.
const PROBLEMS_MAX: usize = 100;
/// Longest encoded entry, in bytes.
pub const ENCODED_MAX: usize = 16 << 10;

/// What an entry is held against.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terms<'a> {
    pub(super) level: Validation,
    pub(super) origin: Origin<'a>,
    pub(super) now: Micros,
    /// Largest document that the hub fetches, in bytes.
    pub(super) document_bytes_max: u64,
}

/// Who says what the entry says.
#[derive(Debug, Clone, Copy)]
pub(super) enum Origin<'a> {
    /// The calling system, with the source that it is registered as, if it is one.
    Source(Option<&'a SourceEndpoint>),
    /// The hub itself, about a message that it passed on.
    Message,
}

/// Problems as they are found, so that a source hears of all of them at once.
#[derive(Debug, Default)]
pub(super) struct Problems(Vec<FieldViolation>);

impl Problems {
    pub(super) fn add(&mut self, field: impl Into<String>, description: impl Into<String>) {
        if self.0.len() < PROBLEMS_MAX {
            let (field, description) = (field.into(), description.into());
            self.0.push(FieldViolation { field, description });
        }
    }

    pub(super) fn add_if(&mut self, wrong: bool, field: impl Into<String>, description: &str) {
        if wrong {
            self.add(field, description);
        }
    }

    /// An error that holds all of them, if there are any.
    pub(super) fn refuse(self) -> Result<()> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(Error::violations(self.0))
        }
    }
}

/// Checks an entry and gives the warnings that its source is to hear.
///
/// What safe keeping needs is always required: identifiers, lengths, times, the person's number nowhere in clear, size and hash of what will be
/// fetched. The profile (required attributes, value sets) is required on level REJECT, warned of on WARN, and left alone on OFF.
pub(super) fn check(
    entry: &DocumentEntry,
    encoded: &EncodedEntry,
    terms: &Terms<'_>,
) -> Result<Vec<FieldViolation>> {
    if encoded.bytes.len() > ENCODED_MAX {
        return Err(Error::new(code::TOO_LARGE)
            .with_message("an entry has at most 16 KiB, the document itself apart"));
    }
    let mut problems = Problems::default();
    form::check(&mut problems, entry, terms);
    hidden::check(&mut problems, entry);
    let mut profile = Problems::default();
    if terms.level != Validation::Off {
        profile::check(&mut profile, entry);
    }
    if terms.level == Validation::Reject {
        let room = PROBLEMS_MAX.saturating_sub(problems.0.len());
        problems.0.extend(profile.0.drain(..).take(room));
    }
    problems.refuse()?;
    Ok(profile.0)
}

/// Whether a text holds a person's number, with or without its hyphen.
fn holds(text: &str, number: &PersonNumber) -> bool {
    let dense: String = text.chars().filter(|c| !matches!(c, '-' | ' ')).collect();
    dense
        .to_uppercase()
        .contains(&number.value().to_uppercase())
}

/// An OID in dotted form without prefix, at most 64 characters (IHE TF-3 4.2.3.1.7 for identifiers).
pub(super) fn is_oid(text: &str) -> bool {
    let arc = |arc: &str| {
        let digits = !arc.is_empty() && arc.bytes().all(|b| b.is_ascii_digit());
        digits && (arc == "0" || !arc.starts_with('0'))
    };
    let first = text.split('.').next();
    text.len() <= 64
        && matches!(first, Some("0" | "1" | "2"))
        && text.contains('.')
        && text.split('.').all(arc)
}

#[cfg(test)]
mod tests;

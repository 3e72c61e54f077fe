//! What is wrong with an input, all of it at once.

use std::fmt;

/// The kind of a violation: stable, for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ViolationCode {
    /// A field that must be there is missing or empty.
    Missing,
    /// A field's text does not have its format.
    BadFormat,
    /// A code is not in its value set.
    UnknownCode,
    /// The version of the message type is not one that is spoken here.
    UnknownVersion,
    /// Two fields contradict each other.
    Inconsistent,
    /// There are more of a field than there may be.
    TooMany,
    /// A text is longer than its field.
    TooLong,
    /// A reference leads to nothing in the same message.
    BrokenReference,
}

impl ViolationCode {
    /// The code as the wire writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::BadFormat => "bad-format",
            Self::UnknownCode => "unknown-code",
            Self::UnknownVersion => "unknown-version",
            Self::Inconsistent => "inconsistent",
            Self::TooMany => "too-many",
            Self::TooLong => "too-long",
            Self::BrokenReference => "broken-reference",
        }
    }
}

/// One thing that is wrong. The message is a fixed text, so that it cannot carry personal data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Where: element names (XML) or field names with indices (JSON), never content.
    pub path: String,
    /// What kind.
    pub code: ViolationCode,
    /// What the rule is.
    pub message: &'static str,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {} ({})",
            self.path,
            self.message,
            self.code.as_str()
        )
    }
}

/// How many violations are kept: enough to mend a message by, bounded against hostile input.
const MAX_VIOLATIONS: usize = 100;

/// Collects violations while a parser goes on reading.
#[derive(Debug, Default)]
pub(crate) struct Problems {
    found: Vec<Violation>,
}

impl Problems {
    pub(crate) fn push(
        &mut self,
        path: impl Into<String>,
        code: ViolationCode,
        message: &'static str,
    ) {
        if self.found.len() < MAX_VIOLATIONS {
            self.found.push(Violation {
                path: path.into(),
                code,
                message,
            });
        }
    }

    /// The value, if it was read and nothing was found; else what was found.
    pub(crate) fn finish<T>(self, value: Option<T>) -> Result<T, Vec<Violation>> {
        match value {
            Some(value) if self.found.is_empty() => Ok(value),
            _ => Err(self.found),
        }
    }
}

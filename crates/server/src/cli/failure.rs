//! What a person is told when a command fails: a line, the fields that are wrong, and what to do.

use std::io::Write as _;
use std::process::ExitCode;

use delt_client::bulk::{ImportError, JournalError};
use delt_client::{ClientError, Kind, Violation};

use super::table::plain;
use crate::profile::ProfileError;

/// A command that was not done.
#[derive(Debug)]
pub(super) struct Failure {
    message: String,
    violations: Vec<Violation>,
    hint: Option<String>,
    bad_usage: bool,
}

impl Failure {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            violations: Vec::new(),
            hint: None,
            bad_usage: false,
        }
    }

    /// The command was called in a way that cannot work.
    pub(super) fn usage(message: impl Into<String>) -> Self {
        Self {
            bad_usage: true,
            ..Self::new(message)
        }
    }

    pub(super) fn file(path: &std::path::Path, cause: &std::io::Error) -> Self {
        Self::new(format!("{}: {cause}", path.display()))
    }

    #[must_use]
    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// With a line for each field that is wrong.
    #[must_use]
    pub(super) fn violations(mut self, violations: Vec<Violation>) -> Self {
        self.violations = violations;
        self
    }

    /// Says it on standard error.
    pub(super) fn report(&self) -> ExitCode {
        // Where standard error cannot be written there is nobody to tell.
        let _ = std::io::stderr().lock().write_all(self.text().as_bytes());
        ExitCode::from(if self.bad_usage { 2 } else { 1 })
    }

    pub(super) fn text(&self) -> String {
        let mut text = format!("delt: {}\n", plain(&self.message));
        text.extend(violation_lines(&self.violations));
        text.extend(self.hint.iter().map(|hint| format!("  hint: {hint}\n")));
        text
    }
}

/// A line for each field that is wrong.
pub(super) fn violation_lines(violations: &[Violation]) -> impl Iterator<Item = String> {
    let line = |Violation { field, description }: &Violation| {
        format!("  {}: {}\n", plain(field), plain(description))
    };
    violations.iter().map(line)
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        let message = match error.reason() {
            Some(reason) => format!("{error} ({reason})"),
            None => error.to_string(),
        };
        let hint = hint(&error).map(str::to_owned);
        Self {
            violations: error.violations().to_vec(),
            hint,
            ..Self::new(message)
        }
    }
}

fn hint(error: &ClientError) -> Option<&'static str> {
    if let Some(hint) = error.reason().and_then(known) {
        return Some(hint);
    }
    Some(match (error, error.kind()) {
        (ClientError::Unreachable(_), _) => {
            "is the hub running? `delt serve` starts one; --address says where it is"
        }
        (ClientError::Settings(..), _) => "look at --address, --ca, --cert and --key",
        (_, Kind::Unauthenticated) => {
            "who asks is not believed: look at --as or --token, and --system or --cert"
        }
        (_, Kind::Denied) => {
            "`delt explain` says why; --break-glass \"reason\" sets a block or a missing relation aside"
        }
        (_, Kind::Unavailable | Kind::Exhausted) => "try again later",
        _ => return None,
    })
}

/// For the hub's own codes, where the kind alone would mislead.
fn known(reason: &str) -> Option<&'static str> {
    Some(match reason {
        "TOKEN_EXPIRED" => "get a new token: one lives for an hour at most",
        "TOKEN_NOT_BOUND" => {
            "the token belongs to another certificate: use the same --system for both"
        }
        "ACCESS_REVOKED" => "the operator of the hub took this access back, and can lift that",
        "PURPOSE_NOT_CHOSEN" => "say why with --purpose",
        "PURPOSE_NOT_ALLOWED" => "the token is not for this purpose",
        "FOREIGN_ORGANISATION" => {
            "this system does not act for that organisation: look at --system or --cert"
        }
        "DELEGATION_MISSING" => {
            "a professional lets a helper act with `delt delegate helper`, a citizen somebody with `delt represent grant`"
        }
        "SECOND_PERSON_REQUIRED" => "you made the proposal: a colleague confirms it",
        "VERSION_STALE" => {
            "somebody was here before you: look again, and say the --revision that you saw"
        }
        "CERTIFICATE_UNKNOWN" => {
            "the hub's directory has no system with this certificate: look at --system or --cert"
        }
        _ => return None,
    })
}

impl From<ImportError> for Failure {
    fn from(error: ImportError) -> Self {
        let failure = match error {
            ImportError::Client(error) => error.into(),
            other => Self::new(other.to_string()),
        };
        failure.hint("run the same command again: it goes on where it stopped")
    }
}

impl From<JournalError> for Failure {
    fn from(error: JournalError) -> Self {
        Self::new(error.to_string())
    }
}

impl From<ProfileError> for Failure {
    fn from(error: ProfileError) -> Self {
        let absent = matches!(error, ProfileError::Absent(_));
        let failure = Self::new(error.to_string());
        if absent {
            return failure.hint(
                "start `delt serve` first, or name another hub with --address, --ca, --cert and --key",
            );
        }
        failure
    }
}

//! Why a development profile cannot be used.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// Each one says what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    #[error("{}: {cause}", path.display())]
    File { path: PathBuf, cause: io::Error },
    #[error("{} holds no development profile: start `delt serve` with this data directory first", .0.display())]
    Absent(PathBuf),
    #[error("{} is not empty and holds no development profile: choose another data directory", .0.display())]
    Foreign(PathBuf),
    /// A new key would make what was made with the old one unreadable, so none is made.
    #[error("{} is missing while {} is there: put it back, or remove the whole data directory", missing.display(), present.display())]
    Incomplete { missing: PathBuf, present: PathBuf },
    #[error("{}: {reason}", path.display())]
    Damaged { path: PathBuf, reason: String },
    #[error(
        "the development profile is for loopback addresses only, not for {0}; write a configuration file instead"
    )]
    NotLoopback(SocketAddr),
    #[error("no randomness from the operating system")]
    Entropy,
    #[error("a fixture of the program does not parse: {0}")]
    Fixture(String),
    #[error("a development token lives for 1 to 3600 seconds")]
    TokenLifetime,
    #[error("the token cannot be signed: {0}")]
    TokenSigning(String),
}

impl ProfileError {
    pub(super) fn file(path: &Path) -> impl FnOnce(io::Error) -> Self {
        |cause| Self::File {
            path: path.to_owned(),
            cause,
        }
    }

    pub(super) fn damaged(path: &Path, reason: impl std::fmt::Display) -> Self {
        Self::Damaged {
            path: path.to_owned(),
            reason: reason.to_string(),
        }
    }
}

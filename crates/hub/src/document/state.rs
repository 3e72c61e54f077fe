//! The states of an entry, and how they, relations and codes are written in a row.

use super::{AvailabilityStatus, Code, RelationCode};
use crate::{Error, Result};

impl AvailabilityStatus {
    /// The name in audit entries.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Superseded => "superseded",
            Self::Deprecated => "deprecated",
            Self::Withdrawn => "withdrawn",
        }
    }

    pub(crate) const fn to_row(self) -> i64 {
        match self {
            Self::Approved => 1,
            Self::Superseded => 2,
            Self::Deprecated => 3,
            Self::Withdrawn => 4,
        }
    }

    pub(crate) fn from_row(value: i64) -> Result<Self> {
        Ok(match value {
            1 => Self::Approved,
            2 => Self::Superseded,
            3 => Self::Deprecated,
            4 => Self::Withdrawn,
            _ => return Err(Error::internal("unknown availability status in a row")),
        })
    }

    /// Whether a source may change an entry of this status into one of `next`.
    ///
    /// Deprecation says that something was valid and is not any more, so only what is current can be deprecated. Withdrawal says that it should
    /// never have been shared, which can turn out at any time; there is no way back from it.
    pub const fn may_become(self, next: Self) -> bool {
        match next {
            Self::Deprecated => matches!(self, Self::Approved),
            Self::Withdrawn => !matches!(self, Self::Withdrawn),
            Self::Approved | Self::Superseded => false,
        }
    }
}

impl RelationCode {
    pub(crate) const fn to_row(self) -> i64 {
        match self {
            Self::Replaces => 1,
            Self::Appends => 2,
            Self::Transforms => 3,
            Self::Signs => 4,
        }
    }

    pub(crate) fn from_row(value: i64) -> Result<Self> {
        Ok(match value {
            1 => Self::Replaces,
            2 => Self::Appends,
            3 => Self::Transforms,
            4 => Self::Signs,
            _ => return Err(Error::internal("unknown relation in a row")),
        })
    }
}

impl Code {
    /// `system|code`. No system holds a bar: registration refuses it.
    pub(crate) fn to_row(&self) -> String {
        format!("{}|{}", self.system, self.code)
    }
}

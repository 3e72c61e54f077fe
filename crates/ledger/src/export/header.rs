//! The first line of an export.

use serde::{Deserialize, Serialize};

use super::LineError;
use super::line::{parse_canonical, to_line};
use crate::chain::ChainKey;
use crate::note::Note;

/// The `type` of the header: which format, in which version.
pub const EXPORT_TYPE: &str = "delt-audit-export/v1";

/// What an export says of itself. Only the checkpoint is signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The signed checkpoint that every line's proof leads to.
    pub checkpoint: Note,
    /// Whether the export holds every leaf, 0 up to the checkpoint's size.
    pub complete: bool,
    /// What every patient's salt follows from. In a complete export it lets every patient's chain be verified.
    pub chain_key: Option<ChainKey>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    checkpoint: String,
    complete: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    chain_key: Option<String>,
    r#type: String,
}

impl Header {
    /// The line, without its newline.
    pub fn to_line(&self) -> Result<String, LineError> {
        to_line(&Raw {
            checkpoint: self.checkpoint.to_string(),
            complete: self.complete,
            chain_key: self.chain_key.map(ChainKey::to_base64),
            r#type: EXPORT_TYPE.to_owned(),
        })
    }

    /// Reads the line, without its newline. Verifies no signature.
    pub fn from_line(line: &[u8]) -> Result<Self, LineError> {
        let raw: Raw = parse_canonical(line)?;
        if raw.r#type != EXPORT_TYPE {
            return Err(LineError::UnknownType);
        }
        let checkpoint = Note::parse(&raw.checkpoint).map_err(|_| LineError::Malformed)?;
        let chain_key = raw.chain_key.as_deref().map(ChainKey::from_base64);
        Ok(Self {
            checkpoint,
            complete: raw.complete,
            chain_key: chain_key.transpose()?,
        })
    }
}

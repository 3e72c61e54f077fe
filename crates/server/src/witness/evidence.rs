//! Evidence: two checkpoints of a log that do not go together, both signed by it.
//!
//! `evidence/fork-<hash>/` proves by itself that the log showed two histories: two roots of one size. `evidence/unproved-<hash>/` does not: nobody showed that
//! the one extends the other, and whoever has seen a checkpoint can send it with a proof that is none. So each kind has places of its own, and
//! strangers cannot use up those of forks, since only the log can sign one.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

use aws_lc_rs::digest::{SHA256, digest};
use delt_ledger::witness::{AddCheckpoint, Evidence};

use super::folder::{Folder, FolderError, io_error};

/// Most cases of one kind. What comes first matters most: what follows are further words of a log that has been caught already.
const CASES: usize = 64;

/// What became of a piece of evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kept {
    New,
    /// The same is there already.
    Known,
    /// All places of its kind are taken.
    Full,
}

impl Folder {
    /// Keeps both notes and the whole request.
    pub(super) fn keep(
        &self,
        kind: Evidence,
        remembered: &str,
        request: &AddCheckpoint,
    ) -> Result<Kept, FolderError> {
        let submitted = request.checkpoint.to_string();
        let case = format!("{}-{}", kind.code(), name(remembered, request));
        let all = self.evidence();
        let folder = all.join(&case);
        if folder.exists() {
            return Ok(Kept::Known);
        }
        if count(&all, kind.code()).map_err(io_error(&all))? >= CASES {
            return Ok(Kept::Full);
        }
        let files = [
            ("remembered.note", remembered),
            ("submitted.note", &submitted),
            ("request", &request.to_string()),
        ];
        write(&folder, &files).map_err(io_error(&folder))?;
        Ok(Kept::New)
    }
}

/// From what is remembered and what was submitted, signatures apart, so that the same is kept once.
fn name(remembered: &str, request: &AddCheckpoint) -> String {
    let text = remembered.split("\n\n").next().unwrap_or(remembered);
    let both = format!("{text}\n{}", request.checkpoint.text());
    hex(digest(&SHA256, both.as_bytes()).as_ref())
        .chars()
        .take(32)
        .collect()
}

pub(super) fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(nibble.into(), 16).unwrap_or_default();
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 0xf)])
        .collect()
}

fn count(folder: &Path, kind: &str) -> io::Result<usize> {
    let mut count = 0;
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        count += usize::from(name.to_string_lossy().starts_with(kind));
    }
    Ok(count)
}

fn write(folder: &Path, files: &[(&str, &str)]) -> io::Result<()> {
    DirBuilder::new().mode(0o700).create(folder)?;
    for (name, text) in files {
        let mut file = OpenOptions::new()
            .create_new(true)
            .write(true)
            .mode(0o600)
            .open(folder.join(name))?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
    }
    fs::File::open(folder)?.sync_all()
}

//! The refused lines of a run with the reason of each, kept apart beside the file: `FILE.delt-refused`, one JSON object a line.
//!
//! ```text
//! {"line":17,"reason":"IDENTITY_CONFLICT","message":"…","violations":[{"field":"entry.title","description":"…"}]}
//! ```
//!
//! While a run lasts the file is only appended to, a reason before the journal knows of its line, so that a killed run forgets none. A line that was
//! sent again may stand there twice; the end of a run leaves the last word of each that is still refused.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Value, json};

use super::LineError;

const SUFFIX: &str = ".delt-refused";

/// The file of refused lines. It is made when the first is refused.
#[derive(Debug)]
pub(super) struct Refused {
    path: PathBuf,
    out: Option<File>,
}

#[derive(Deserialize)]
struct Numbered {
    line: u64,
}

impl Refused {
    pub(super) fn beside(file: &Path) -> Self {
        let mut name = file.as_os_str().to_owned();
        name.push(SUFFIX);
        Self {
            path: name.into(),
            out: None,
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Keeps why a line was refused.
    pub(super) fn keep(&mut self, line: u64, error: &LineError) -> io::Result<()> {
        if self.out.is_none() {
            let mut out = OpenOptions::new()
                .create(true)
                .append(true)
                .open(&self.path)?;
            // Behind a torn last line of a killed run.
            writeln!(out)?;
            self.out = Some(out);
        }
        let Some(out) = &mut self.out else {
            return Ok(());
        };
        // In one write, so that two lines never mix.
        out.write_all(format!("{}\n", reason(line, error)).as_bytes())
    }

    /// Leaves what is still refused, each line once and in order; nothing, where nothing is.
    pub(super) fn settle(self, refused: &BTreeSet<u64>) -> io::Result<()> {
        if !self.path.exists() {
            return Ok(());
        }
        if refused.is_empty() {
            return fs::remove_file(&self.path);
        }
        let mut last = BTreeMap::new();
        // As bytes: a torn line may end within a letter.
        for text in BufReader::new(File::open(&self.path)?).split(b'\n') {
            let text = text?;
            let Ok(Numbered { line }) = serde_json::from_slice(&text) else {
                continue;
            };
            if refused.contains(&line) {
                last.insert(line, text);
            }
        }
        let settled: Vec<u8> = last
            .into_values()
            .flat_map(|text| [text, b"\n".to_vec()].concat())
            .collect();
        let beside = self.path.with_extension("delt-refused-new");
        fs::write(&beside, settled)?;
        fs::rename(beside, &self.path)
    }
}

fn reason(line: u64, error: &LineError) -> Value {
    match error {
        LineError::Unreadable(error) => {
            json!({ "line": line, "reason": "UNREADABLE", "message": error.to_string(), "violations": [] })
        }
        LineError::Refused {
            reason,
            message,
            violations,
            ..
        } => {
            let violations = violations
                .iter()
                .map(|one| json!({ "field": one.field, "description": one.description }));
            json!({ "line": line, "reason": reason, "message": message, "violations": violations.collect::<Value>() })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::JsonError;

    fn kept(file: &Path) -> Vec<u64> {
        let text = fs::read(Refused::beside(file).path()).unwrap_or_default();
        let lines = text
            .split(|byte| *byte == b'\n')
            .filter_map(|line| serde_json::from_slice(line).ok());
        lines.map(|Numbered { line }| line).collect()
    }

    #[test]
    fn each_line_that_is_still_refused_stands_there_once() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.ndjson");
        let error = LineError::Unreadable(JsonError::TooLong);
        let mut refused = Refused::beside(&file);
        assert!(kept(&file).is_empty());
        for line in [3, 1, 7] {
            refused.keep(line, &error).unwrap();
        }
        // A killed run tore the last line, within a letter.
        let mut torn = OpenOptions::new()
            .append(true)
            .open(refused.path())
            .unwrap();
        torn.write_all(b"{\"line\":9,\"message\":\"\xc3").unwrap();
        let mut refused = Refused::beside(&file);
        refused.keep(7, &error).unwrap();
        assert_eq!(kept(&file), [3, 1, 7, 7]);
        refused.settle(&BTreeSet::from([1, 7])).unwrap();
        assert_eq!(kept(&file), [1, 7]);
        Refused::beside(&file).settle(&BTreeSet::new()).unwrap();
        assert!(!Refused::beside(&file).path().exists());
        Refused::beside(&file).settle(&BTreeSet::new()).unwrap();
    }
}

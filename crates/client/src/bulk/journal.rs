//! How far a run has come, kept beside the file, so that a killed run continues.
//!
//! `FILE.delt-progress` is text that is only appended to:
//!
//! ```text
//! delt-progress 1 <size of FILE> <its modification time in nanoseconds>
//! done 64          every line up to 64 has its outcome
//! fail 17          line 17 was refused
//! ok 17            … and registered by a later run
//! ```
//!
//! Registering twice is harmless, so that the journal only saves work: it is not synced, a torn last line is ignored,
//! and one that does not fit its file is begun anew.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

const SUFFIX: &str = ".delt-progress";
/// Outcomes between two notes: what a killed run sends once more, at most.
const INTERVAL: u64 = 64;
/// Largest journal that is read.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// Why there can be no journal.
#[derive(Debug, thiserror::Error)]
#[error("{}: {cause}", path.display())]
pub struct JournalError {
    path: PathBuf,
    cause: io::Error,
}

/// What an earlier run left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resumed {
    /// Nothing.
    Fresh,
    /// A run of this very file: lines up to `done` are not sent again, but for the `failed` ones.
    Continued { done: u64, failed: usize },
    /// A run of the file as it was before; begun anew.
    FileChanged,
}

/// The journal of one file.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    out: File,
    progress: Progress,
    /// Failed lines of earlier runs that this run has not tried yet.
    again: BTreeSet<u64>,
    noted: u64,
    pub resumed: Resumed,
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Progress {
    done: u64,
    failed: BTreeSet<u64>,
}

impl Journal {
    /// Opens the journal of `file`, and reads what an earlier run left.
    ///
    /// # Errors
    /// The file or its journal cannot be read or written.
    pub fn open(file: &Path) -> Result<Self, JournalError> {
        let mut name = file.as_os_str().to_owned();
        name.push(SUFFIX);
        let path = PathBuf::from(name);
        let header = header(file).map_err(failed(file))?;
        let (progress, resumed) = resume(&path, &header).map_err(failed(&path))?;
        let fresh = resumed != continued(&progress);
        let mut options = OpenOptions::new();
        options
            .create(true)
            .write(true)
            .truncate(fresh)
            .append(!fresh);
        let mut out = options.open(&path).map_err(failed(&path))?;
        // A mark behind a torn last line, so that it never reads as a note.
        let begin = if fresh { header } else { "~".to_owned() };
        writeln!(out, "{begin}").map_err(failed(&path))?;
        let again = progress.failed.clone();
        Ok(Self {
            path,
            out,
            noted: progress.done,
            progress,
            again,
            resumed,
        })
    }

    /// Whether this run is to send the line.
    pub fn wants(&self, line: u64) -> bool {
        line > self.progress.done || self.again.contains(&line)
    }

    /// The last line up to which all have their outcome.
    pub fn done(&self) -> u64 {
        self.progress.done
    }

    /// Lines before [`Self::done`] that this run is to try again.
    pub(super) fn again(&self) -> &BTreeSet<u64> {
        &self.again
    }

    /// Lines that are not registered although they have been tried.
    pub fn failed(&self) -> &BTreeSet<u64> {
        &self.progress.failed
    }

    /// Notes an outcome. Outcomes come in the order of the lines.
    pub fn record(&mut self, line: u64, registered: bool) -> Result<(), JournalError> {
        self.again.remove(&line);
        self.progress.done = self.progress.done.max(line);
        if registered && self.progress.failed.remove(&line) {
            self.note(&format!("ok {line}"))?;
        } else if !registered && self.progress.failed.insert(line) {
            self.note(&format!("fail {line}"))?;
        }
        if self.progress.done - self.noted >= INTERVAL {
            self.save()
        } else {
            Ok(())
        }
    }

    /// Notes how far the run has come.
    pub fn save(&mut self) -> Result<(), JournalError> {
        self.noted = self.progress.done;
        self.note(&format!("done {}", self.noted))
    }

    /// The file has been read to its end. With nothing left to do the journal has served its purpose.
    pub fn finish(mut self) -> Result<(), JournalError> {
        if self.progress.failed.is_empty() {
            return fs::remove_file(&self.path).map_err(failed(&self.path));
        }
        self.save()
    }

    fn note(&mut self, text: &str) -> Result<(), JournalError> {
        writeln!(self.out, "{text}").map_err(failed(&self.path))
    }
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> JournalError {
    |cause| JournalError {
        path: path.to_owned(),
        cause,
    }
}

fn header(file: &Path) -> io::Result<String> {
    let metadata = fs::metadata(file)?;
    let modified = metadata
        .modified()?
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Ok(format!(
        "delt-progress 1 {} {}",
        metadata.len(),
        modified.as_nanos()
    ))
}

fn continued(progress: &Progress) -> Resumed {
    Resumed::Continued {
        done: progress.done,
        failed: progress.failed.len(),
    }
}

fn resume(path: &Path, header: &str) -> io::Result<(Progress, Resumed)> {
    match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Ok((Progress::default(), Resumed::Fresh));
        }
        Err(error) => return Err(error),
        Ok(metadata) if metadata.len() > MAX_BYTES => {
            return Ok((Progress::default(), Resumed::FileChanged));
        }
        Ok(_) => {}
    }
    let text = String::from_utf8_lossy(&fs::read(path)?).into_owned();
    Ok(match parse(&text, header) {
        Some(progress) => {
            let resumed = continued(&progress);
            (progress, resumed)
        }
        None => (Progress::default(), Resumed::FileChanged),
    })
}

/// `None` if it is the journal of another file, or of none. Notes that make no sense are passed over: at worst lines
/// are sent again.
fn parse(text: &str, header: &str) -> Option<Progress> {
    let mut lines = text
        .split_inclusive('\n')
        .filter_map(|line| line.strip_suffix('\n'));
    if lines.next()? != header {
        return None;
    }
    let mut progress = Progress::default();
    for (note, line) in lines.filter_map(|line| line.split_once(' ')) {
        let Ok(line) = line.parse() else { continue };
        match note {
            "done" => progress.done = progress.done.max(line),
            "fail" => drop(progress.failed.insert(line)),
            "ok" => drop(progress.failed.remove(&line)),
            _ => {}
        }
    }
    Some(progress)
}

#[cfg(test)]
mod tests;

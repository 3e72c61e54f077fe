//! A folder for a run, gone when the run ends.

use std::fs;
use std::path::{Path, PathBuf};

use super::Failure;

/// A folder that is removed when this is dropped, unless somebody named it.
#[derive(Debug)]
pub(super) struct Scratch {
    path: PathBuf,
    keep: bool,
}

impl Scratch {
    /// The folder that was named, which must be new or empty, or one of the system's for temporary files.
    pub(super) fn open(named: Option<&Path>, unique: &str) -> Result<Self, Failure> {
        let path = named.map_or_else(
            || std::env::temp_dir().join(format!("delt-bench-{unique}")),
            Path::to_owned,
        );
        let failed = |error| format!("{}: {error}", path.display());
        fs::create_dir_all(&path).map_err(failed)?;
        if fs::read_dir(&path).map_err(failed)?.next().is_some() {
            return Err(format!("{} is not empty: name a new folder", path.display()).into());
        }
        Ok(Self {
            path,
            keep: named.is_some(),
        })
    }

    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if !self.keep {
            // What cannot be removed stays in the folder for temporary files.
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

//! The folder of a profile. Only its owner may look into it.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use super::ProfileError;

/// Marks the folder as a profile; the first thing that is written.
const MARKER: &str = "DEVELOPMENT-ONLY.txt";
const MARKER_TEXT: &[u8] =
    b"This folder belongs to the development profile of Delt. Its keys protect nothing:\n\
    they are for development and demonstrations on this machine, with test persons only.\n";
const OWNER_ONLY_DIR: u32 = 0o700;
const OWNER_ONLY: u32 = 0o600;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Folder(PathBuf);

impl Folder {
    /// Makes the folder if it is not there, and marks it if it is empty.
    pub(super) fn claim(path: &Path) -> Result<Self, ProfileError> {
        let folder = Self(std::path::absolute(path).map_err(ProfileError::file(path))?);
        folder.make_dir("")?;
        if !folder.has(MARKER) {
            let mut entries = fs::read_dir(&folder.0).map_err(ProfileError::file(&folder.0))?;
            if entries.next().is_some() {
                return Err(ProfileError::Foreign(folder.0));
            }
            folder.create(MARKER, MARKER_TEXT)?;
        }
        let mode = fs::Permissions::from_mode(OWNER_ONLY_DIR);
        fs::set_permissions(&folder.0, mode).map_err(ProfileError::file(&folder.0))?;
        Ok(folder)
    }

    /// The folder of a profile that is already there.
    pub(super) fn open(path: &Path) -> Result<Self, ProfileError> {
        let folder = Self(std::path::absolute(path).map_err(ProfileError::file(path))?);
        if folder.has(MARKER) {
            Ok(folder)
        } else {
            Err(ProfileError::Absent(folder.0))
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.file(name).exists()
    }

    pub(super) fn read(&self, name: &str) -> Result<zeroize::Zeroizing<String>, ProfileError> {
        let path = self.file(name);
        let text = fs::read_to_string(&path).map_err(ProfileError::file(&path))?;
        Ok(zeroize::Zeroizing::new(text))
    }

    pub(super) fn make_dir(&self, name: &str) -> Result<(), ProfileError> {
        let path = self.file(name);
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true).mode(OWNER_ONLY_DIR);
        builder.create(&path).map_err(ProfileError::file(&path))
    }

    /// Writes a file that must not be there yet: whole or not at all, and never over another one.
    pub(super) fn create(&self, name: &str, content: &[u8]) -> Result<(), ProfileError> {
        let path = self.file(name);
        let written = write_aside(&path, content).and_then(|aside| {
            // A link fails where the name is taken; a rename would replace what is there.
            let linked = fs::hard_link(&aside, &path);
            fs::remove_file(&aside).and(linked)
        });
        written.map_err(ProfileError::file(&path))
    }

    /// Writes a file that can be made again at any time, in the place of the one that is there.
    pub(super) fn replace(&self, name: &str, content: &[u8]) -> Result<(), ProfileError> {
        let path = self.file(name);
        write_aside(&path, content)
            .and_then(|aside| fs::rename(aside, &path))
            .map_err(ProfileError::file(&path))
    }
}

fn write_aside(path: &Path, content: &[u8]) -> io::Result<PathBuf> {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    let aside = PathBuf::from(name);
    let mut options = OpenOptions::new();
    options
        .write(true)
        .create(true)
        .truncate(true)
        .mode(OWNER_ONLY);
    let mut file = options.open(&aside)?;
    file.write_all(content)?;
    file.sync_all()?;
    Ok(aside)
}

//! The folder of a witness: its key, its name, what it remembers of each log, and evidence.
//!
//! ```text
//! witness.key            32 bytes in hexadecimal, mode 0600 (unless another key file is named)
//! witness.vkey           the public half, which is also the name
//! witness.lock           held by the process that runs
//! logs/<origin hash>     the newest checkpoint that was cosigned, whole, or a line that none was yet
//! evidence/…             see [`super::evidence`]
//! ```
//!
//! A witness that forgets is worse than none: it would cosign a second history. So what it remembers is written whole to a file beside, flushed,
//! renamed and flushed again before it answers; and a log without its file is taken on only when the folder is new, or when the operator says so.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use delt_hub::entropy::{Entropy, random};
use delt_ledger::Cosigner;
use zeroize::Zeroizing;

use crate::config::read_key;

const KEY: &str = "witness.key";
const VKEY: &str = "witness.vkey";
const LOCK: &str = "witness.lock";
const LOGS: &str = "logs";
pub(super) const EVIDENCE: &str = "evidence";

/// Stands for a log that was taken on and never cosigned. Not an empty file: a full disk or a bad copy makes those, too.
pub(super) const NOTHING_YET: &str = "nothing cosigned yet\n";

/// Largest file of this folder that is read, in bytes.
const MAX_FILE_BYTES: u64 = 1024 * 1024;

/// Why the folder of a witness is of no use.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    #[error("{}: {cause}", path.display())]
    Io { path: PathBuf, cause: io::Error },
    #[error("{}: another witness runs on this folder", .0.display())]
    InUse(PathBuf),
    #[error("{}: {reason}", path.display())]
    Damaged { path: PathBuf, reason: String },
    #[error("a new witness needs a name: --name witness.region.example")]
    Nameless,
    #[error("{0}: not a name for a witness: it takes no spaces and no plus sign")]
    Name(String),
    #[error(
        "this witness is {found}; under another name or key it would be another witness, with a folder of its own"
    )]
    Another { found: String },
    #[error("the operating system gives no randomness")]
    Entropy,
}

/// The folder, held by this process alone.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    /// Whether it had no witness yet.
    is_new: bool,
    /// Whether this process made its key: then that has cosigned nothing before.
    made_key: bool,
    /// Unlocked when dropped.
    _lock: File,
}

impl Folder {
    /// Opens the folder and makes it where it is missing.
    ///
    /// # Errors
    /// It cannot be made, or another process has it.
    pub fn open(path: &Path) -> Result<Self, FolderError> {
        for folder in [path.to_owned(), path.join(LOGS), path.join(EVIDENCE)] {
            let made = fs::DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(&folder);
            made.map_err(io_error(&folder))?;
        }
        let lock_path = path.join(LOCK);
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(&lock_path)
            .map_err(io_error(&lock_path))?;
        lock.try_lock()
            .map_err(|_| FolderError::InUse(path.to_owned()))?;
        Ok(Self {
            is_new: !path.join(VKEY).exists(),
            made_key: false,
            path: path.to_owned(),
            _lock: lock,
        })
    }

    /// The public half of the key, without opening the folder.
    ///
    /// # Errors
    /// There is no witness yet.
    pub fn show_key(path: &Path) -> Result<String, FolderError> {
        let file = path.join(VKEY);
        let text = fs::read_to_string(&file).map_err(io_error(&file))?;
        Ok(text.trim().to_owned())
    }

    /// The witness's key: that of `key_file`, or the folder's own, which is made where the folder is new.
    ///
    /// # Errors
    /// No name is known, the key cannot be read, or the folder is another witness's.
    pub fn identity(
        &mut self,
        name: Option<&str>,
        key_file: Option<&Path>,
        entropy: &dyn Entropy,
    ) -> Result<Cosigner, FolderError> {
        let recorded = if self.is_new {
            None
        } else {
            Some(Self::show_key(&self.path)?)
        };
        let recorded_name = recorded.as_deref().and_then(|vkey| vkey.split('+').next());
        let name = name.or(recorded_name).ok_or(FolderError::Nameless)?;
        let own = self.path.join(KEY);
        if key_file.is_none() && self.is_new && !own.exists() {
            Self::make_key(&self.path, &own, entropy)?;
            self.made_key = true;
        }
        let path = key_file.unwrap_or(&own);
        let seed = read_key(path).map_err(|error| FolderError::Damaged {
            path: path.to_owned(),
            reason: error.to_string(),
        })?;
        let cosigner =
            Cosigner::from_seed(name, &seed).map_err(|_| FolderError::Name(name.to_owned()))?;
        let vkey = cosigner.verifier().to_string();
        match recorded {
            Some(found) if found != vkey => return Err(FolderError::Another { found }),
            Some(_) => {}
            None => Self::replace(&self.path, VKEY, format!("{vkey}\n").as_bytes())?,
        }
        Ok(cosigner)
    }

    fn make_key(folder: &Path, path: &Path, entropy: &dyn Entropy) -> Result<(), FolderError> {
        let seed = Zeroizing::new(random::<32>(entropy).map_err(|_| FolderError::Entropy)?);
        let digit = |nibble: u8| char::from_digit(nibble.into(), 16).unwrap_or_default();
        let hex: Zeroizing<String> = Zeroizing::new(
            seed.iter()
                .flat_map(|byte| [digit(byte >> 4), digit(byte & 0xf)])
                .collect(),
        );
        Self::replace(folder, KEY, hex.as_bytes())?;
        tracing::info!(key = %path.display(), "made the key of this witness: keep a copy of it elsewhere");
        Ok(())
    }

    /// Whether logs may be taken on without the operator's word.
    pub(super) fn may_begin(&self) -> bool {
        self.made_key
    }

    /// What is remembered of a log: nothing where it is not known, [`NOTHING_YET`] where it was never cosigned.
    pub(super) fn read_log(&self, origin_hash: &str) -> Result<Option<String>, FolderError> {
        let file = self.path.join(LOGS).join(origin_hash);
        match fs::metadata(&file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Ok(found) if found.len() <= MAX_FILE_BYTES => {}
            Ok(_) => {
                return Err(FolderError::Damaged {
                    path: file,
                    reason: "is too large".to_owned(),
                });
            }
            Err(error) => return Err(io_error(&file)(error)),
        }
        fs::read_to_string(&file).map(Some).map_err(io_error(&file))
    }

    /// Remembers a checkpoint: once this returns, a crash does not undo it.
    pub(super) fn write_log(&self, origin_hash: &str, note: &str) -> Result<(), FolderError> {
        Self::replace(&self.path.join(LOGS), origin_hash, note.as_bytes())
    }

    pub(super) fn evidence(&self) -> PathBuf {
        self.path.join(EVIDENCE)
    }

    /// Writes a file so that after a crash it is the old one or the new one, and the new one once this has returned.
    fn replace(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), FolderError> {
        let (file, beside) = (folder.join(name), folder.join(format!(".{name}.new")));
        let write = || -> io::Result<()> {
            let mut new = OpenOptions::new()
                .create(true)
                .truncate(true)
                .write(true)
                .mode(0o600)
                .open(&beside)?;
            new.write_all(bytes)?;
            new.sync_all()?;
            fs::rename(&beside, &file)?;
            File::open(folder)?.sync_all()
        };
        write().map_err(io_error(&file))
    }
}

pub(super) fn io_error(path: &Path) -> impl FnOnce(io::Error) -> FolderError {
    let path = path.to_owned();
    move |cause| FolderError::Io { path, cause }
}

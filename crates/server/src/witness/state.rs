//! What a witness knows of each log, and how it comes to know more.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::digest::{SHA256, digest};
use delt_hub::clock::{Clock, SECOND};
use delt_ledger::witness::{AddCheckpoint, Evidence, Refusal, Verdict, decide};
use delt_ledger::{Checkpoint, Cosigner, Note, NoteSignature, Verifier};

use super::evidence::{Kept, hex};
use super::folder::{Folder, FolderError, NOTHING_YET};

/// Why a witness does not start.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    #[error(transparent)]
    Folder(#[from] FolderError),
    #[error("name at least one log to witness: --log VKEY")]
    NoLog,
    #[error(
        "this witness does not know the log {0}. If it never cosigned it, take it on with --first {0}. If its state was lost, do not: it would cosign a second \
         history; restore the state, or begin a new witness with a new key"
    )]
    UnknownLog(String),
    #[error("--first {0}: no log of this name is given with --log")]
    FirstOfWhat(String),
    #[error(
        "what is remembered of the log {0} is damaged: restore it, or begin a new witness with a new key"
    )]
    Damaged(String),
}

/// A log that is to be witnessed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogToWitness {
    /// The log's key; its name is the log's origin. A log may have several.
    pub verifier: Verifier,
}

/// An answer to `add-checkpoint`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    Cosigned(NoteSignature),
    Conflict(u64),
    Refused(Refusal),
    /// The checkpoint could not be remembered, so it is not cosigned.
    Failed,
}

/// A witness: its key, its logs, its folder.
pub struct Witness {
    folder: Folder,
    cosigner: Cosigner,
    clock: Arc<dyn Clock>,
    logs: BTreeMap<String, Log>,
    /// It was said that no more unproved evidence is kept: strangers could have it said for ever.
    told_full: AtomicBool,
}

impl std::fmt::Debug for Witness {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Witness")
            .field("cosigner", &self.cosigner)
            .field("logs", &self.logs.keys())
            .finish_non_exhaustive()
    }
}

#[derive(Debug)]
struct Log {
    keys: Vec<Verifier>,
    hash: String,
    /// One request of a log at a time: decided, remembered and answered before the next.
    remembered: Mutex<Option<Remembered>>,
}

#[derive(Debug, Clone)]
struct Remembered {
    checkpoint: Checkpoint,
    note: Note,
}

impl Witness {
    /// Reads what the folder remembers of each log. A log that it does not know is taken on where the key is new, or where `first` names it.
    ///
    /// # Errors
    /// State is missing or damaged: then it must not cosign.
    pub fn open(
        folder: Folder,
        cosigner: Cosigner,
        logs: &[LogToWitness],
        first: &[String],
        clock: Arc<dyn Clock>,
    ) -> Result<Self, StateError> {
        let mut keys: BTreeMap<String, Vec<Verifier>> = BTreeMap::new();
        for log in logs {
            let name = log.verifier.name().to_owned();
            keys.entry(name).or_default().push(log.verifier.clone());
        }
        if keys.is_empty() {
            return Err(StateError::NoLog);
        }
        if let Some(stray) = first.iter().find(|name| !keys.contains_key(*name)) {
            return Err(StateError::FirstOfWhat(stray.clone()));
        }
        let mut opened = BTreeMap::new();
        for (origin, keys) in keys {
            let may_begin = folder.may_begin() || first.contains(&origin);
            let log = Log::open(&folder, &cosigner, &origin, keys, may_begin)?;
            opened.insert(origin, log);
        }
        Ok(Self {
            folder,
            cosigner,
            clock,
            logs: opened,
            told_full: AtomicBool::new(false),
        })
    }

    /// The key that its cosignatures verify with.
    pub fn verifier_key(&self) -> String {
        self.cosigner.verifier().to_string()
    }

    /// Decides about a request. It blocks: on the disk, and on another request for the same log.
    pub(super) fn add(&self, body: &[u8]) -> Answer {
        let Ok(request) = AddCheckpoint::parse(body) else {
            return Answer::Refused(Refusal::Malformed);
        };
        let origin = request.checkpoint.text().split('\n').next();
        let Some((origin, log)) = origin.and_then(|origin| self.logs.get_key_value(origin)) else {
            return Answer::Refused(Refusal::UnknownLog);
        };
        // What a request that panicked held was not changed: it is replaced as a whole.
        let mut remembered = log
            .remembered
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let before = remembered.as_ref().map(|r| &r.checkpoint);
        match decide(&request, &log.keys, before) {
            Verdict::Cosign(checkpoint) => {
                match self.remember(log, &request.checkpoint, checkpoint) {
                    Some((new, line)) => {
                        *remembered = Some(new);
                        Answer::Cosigned(line)
                    }
                    None => Answer::Failed,
                }
            }
            Verdict::Conflict { size, evidence } => {
                self.note_evidence(origin, evidence, remembered.as_ref(), &request);
                Answer::Conflict(size)
            }
            Verdict::Refuse { refusal, evidence } => {
                self.note_evidence(origin, evidence, remembered.as_ref(), &request);
                Answer::Refused(refusal)
            }
        }
    }

    /// Cosigns and writes both down; only what is written is answered.
    fn remember(
        &self,
        log: &Log,
        submitted: &Note,
        checkpoint: Checkpoint,
    ) -> Option<(Remembered, NoteSignature)> {
        let time = u64::try_from(self.clock.now() / SECOND).ok()?;
        let line = self.cosigner.cosign(submitted.text(), time).ok()?;
        let note = kept(submitted, &log.keys, &line)?;
        if let Err(error) = self.folder.write_log(&log.hash, &note.to_string()) {
            tracing::error!(%error, "a checkpoint cannot be remembered, so it is not cosigned");
            return None;
        }
        Some((Remembered { checkpoint, note }, line))
    }

    fn note_evidence(
        &self,
        log: &str,
        evidence: Option<Evidence>,
        remembered: Option<&Remembered>,
        request: &AddCheckpoint,
    ) {
        let (Some(kind), Some(old)) = (evidence, remembered) else {
            return;
        };
        let size = old.checkpoint.size;
        let (code, kept) = (
            kind.code(),
            self.folder.keep(kind, &old.note.to_string(), request),
        );
        match kept {
            Ok(Kept::New) if kind == Evidence::Fork => {
                tracing::error!(
                    log,
                    size,
                    "THE LOG FORKED: it signed two roots of one size; both notes are in evidence/"
                );
            }
            Ok(Kept::New) => {
                tracing::error!(
                    log,
                    size,
                    "the log signed a checkpoint that was not shown to extend what is remembered; both notes are in evidence/"
                );
            }
            Ok(Kept::Full) if !self.is_told(kind) => {
                tracing::error!(
                    log,
                    size,
                    code,
                    "no more evidence of this kind is kept: look at evidence/ and move it away"
                );
            }
            Ok(Kept::Known | Kept::Full) => {}
            Err(error) => tracing::error!(log, size, code, %error, "evidence cannot be kept"),
        }
    }

    /// Whether the operator knows that the places are taken. Of forks it is said each time: only the log can have it said.
    fn is_told(&self, kind: Evidence) -> bool {
        kind == Evidence::Unproved && self.told_full.swap(true, Ordering::Relaxed)
    }

    /// The newest checkpoint of the log whose origin has this SHA-256, in hexadecimal, with this witness's cosignature.
    pub(super) fn checkpoint(&self, origin_hash: &str) -> Option<String> {
        let log = self.logs.values().find(|log| log.hash == origin_hash)?;
        let remembered = log
            .remembered
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        remembered.as_ref().map(|r| r.note.to_string())
    }
}

impl Log {
    fn open(
        folder: &Folder,
        cosigner: &Cosigner,
        origin: &str,
        keys: Vec<Verifier>,
        may_begin: bool,
    ) -> Result<Self, StateError> {
        let hash = hex(digest(&SHA256, origin.as_bytes()).as_ref());
        let remembered = match folder.read_log(&hash)? {
            Some(text) if text == NOTHING_YET => None,
            Some(text) => Some(
                read(&text, cosigner, origin)
                    .ok_or_else(|| StateError::Damaged(origin.to_owned()))?,
            ),
            None if may_begin => {
                folder.write_log(&hash, NOTHING_YET)?;
                None
            }
            None => return Err(StateError::UnknownLog(origin.to_owned())),
        };
        Ok(Self {
            keys,
            hash,
            remembered: Mutex::new(remembered),
        })
    }
}

/// What is kept of a checkpoint: the signatures of the log's own keys, and ours.
fn kept(submitted: &Note, keys: &[Verifier], line: &NoteSignature) -> Option<Note> {
    let own = submitted.signatures().iter().filter(|signature| {
        let by =
            |key: &Verifier| key.name() == signature.name() && key.key_id() == signature.key_id();
        keys.iter().any(by)
    });
    let lines: String = own
        .chain([line])
        .map(|signature| signature.to_string() + "\n")
        .collect();
    Note::parse(&format!("{}\n{lines}", submitted.text())).ok()
}

/// A file that this witness wrote. Its own cosignature shows that nothing in it was changed.
fn read(text: &str, cosigner: &Cosigner, origin: &str) -> Option<Remembered> {
    let note = Note::parse(text).ok()?;
    cosigner.verifier().verify(&note).ok()?;
    let checkpoint = Checkpoint::from_text(note.text()).ok()?;
    (checkpoint.origin == origin).then_some(Remembered { checkpoint, note })
}

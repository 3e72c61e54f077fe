//! Checkpoints: the size and root of the log at a moment, signed (C2SP tlog-checkpoint).

use std::fmt;

use crate::hash::Hash;
use crate::key::{Signer, Verifier};
use crate::merkle::MAX_TREE_SIZE;
use crate::note::{Note, NoteError};

/// Why a checkpoint cannot be made, read or trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    #[error("not a checkpoint: {0}")]
    Note(#[from] NoteError),
    #[error("not a checkpoint: its text is not origin, size, root and extension lines")]
    Malformed,
    #[error("the checkpoint's origin is not the name of the key")]
    Origin,
}

/// The body of a checkpoint. Its `Display` is the note text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log this is; the name of the key that signs it.
    pub origin: String,
    /// Number of leaves.
    pub size: u64,
    pub root: Hash,
    /// Extension lines, opaque. Other implementations advise against them.
    pub extensions: Vec<String>,
}

impl Checkpoint {
    pub fn new(origin: &str, size: u64, root: Hash) -> Self {
        Self {
            origin: origin.to_owned(),
            size,
            root,
            extensions: Vec::new(),
        }
    }

    /// Reads a note text, which nobody need have signed.
    pub fn from_text(text: &str) -> Result<Self, CheckpointError> {
        let lines = text.strip_suffix('\n').ok_or(CheckpointError::Malformed)?;
        let mut lines = lines.split('\n');
        let mut next = || lines.next().ok_or(CheckpointError::Malformed);
        let origin = next()?.to_owned();
        let size = parse_size(next()?)?;
        let root = Hash::from_base64(next()?).map_err(|_| CheckpointError::Malformed)?;
        let extensions = lines.map(str::to_owned).collect();
        let checkpoint = Self {
            origin,
            size,
            root,
            extensions,
        };
        checkpoint.check()?;
        Ok(checkpoint)
    }

    /// The signed checkpoint. The key's name must be the origin, so that a key speaks for one log only.
    pub fn sign(&self, signer: &Signer) -> Result<Note, CheckpointError> {
        self.check()?;
        if self.origin != signer.name() {
            return Err(CheckpointError::Origin);
        }
        Ok(Note::sign(&self.to_string(), signer)?)
    }

    /// Reads a signed checkpoint and verifies the log's signature. Cosignatures are ignored.
    pub fn open(signed: &str, verifier: &Verifier) -> Result<Self, CheckpointError> {
        let note = Note::parse(signed)?;
        let checkpoint = Self::from_text(note.verify(verifier)?)?;
        if checkpoint.origin != verifier.name() {
            return Err(CheckpointError::Origin);
        }
        Ok(checkpoint)
    }

    fn check(&self) -> Result<(), CheckpointError> {
        let lines = || self.extensions.iter().chain([&self.origin]);
        if self.size > MAX_TREE_SIZE || lines().any(|l| l.is_empty() || l.contains('\n')) {
            return Err(CheckpointError::Malformed);
        }
        Ok(())
    }
}

/// A decimal number in its one spelling: no sign, no leading zero.
fn parse_size(text: &str) -> Result<u64, CheckpointError> {
    let size: u64 = text.parse().map_err(|_| CheckpointError::Malformed)?;
    if size.to_string() != text {
        return Err(CheckpointError::Malformed);
    }
    Ok(size)
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n{}\n{}", self.origin, self.size, self.root)?;
        self.extensions
            .iter()
            .try_for_each(|line| writeln!(f, "{line}"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::merkle::empty_root;

    /// The text of the example in C2SP tlog-checkpoint.
    const EXAMPLE: &str =
        "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";

    fn signer() -> Signer {
        Signer::from_seed("delt.example/log", &[9; 32]).unwrap()
    }

    #[test]
    fn the_example_reads_and_writes() {
        let checkpoint = Checkpoint::from_text(EXAMPLE).unwrap();
        assert_eq!(checkpoint.origin, "example.com/behind-the-sofa");
        assert_eq!(checkpoint.size, 20_852_163);
        assert_eq!(checkpoint.to_string(), EXAMPLE);
        let extended = Checkpoint::from_text(&format!("{EXAMPLE}more\n")).unwrap();
        assert_eq!(extended.extensions, ["more"]);
        assert_eq!(extended.to_string(), format!("{EXAMPLE}more\n"));
    }

    #[test]
    fn other_spellings_are_refused() {
        for (from, to) in [
            ("20852163", "020852163"),
            ("20852163", "+20852163"),
            ("20852163", "-1"),
            ("20852163", "9007199254740993"),
            ("20852163", ""),
            ("q2I=", "q2J="),
            ("q2I=\n", "q2I="),
            ("q2I=\n", "q2I=\n\n"),
            ("example.com/behind-the-sofa", ""),
        ] {
            let text = EXAMPLE.replace(from, to);
            assert_eq!(
                Checkpoint::from_text(&text),
                Err(CheckpointError::Malformed),
                "{text}"
            );
        }
    }

    #[test]
    fn only_the_logs_own_key_opens_it() {
        let checkpoint = Checkpoint::new("delt.example/log", 0, empty_root());
        let signed = checkpoint.sign(&signer()).unwrap().to_string();
        assert_eq!(
            Checkpoint::open(&signed, signer().verifier()),
            Ok(checkpoint)
        );
        let other = Checkpoint::new("other.example/log", 0, empty_root());
        assert_eq!(other.sign(&signer()), Err(CheckpointError::Origin));
        let smuggled = Note::sign(&other.to_string(), &signer())
            .unwrap()
            .to_string();
        let opened = Checkpoint::open(&smuggled, signer().verifier());
        assert_eq!(opened, Err(CheckpointError::Origin));
    }

    #[test]
    fn every_flipped_bit_is_found() {
        let checkpoint = Checkpoint::new("delt.example/log", 5, empty_root());
        let signed = checkpoint.sign(&signer()).unwrap().to_string();
        for bit in 0..signed.len() * 8 {
            let mut bytes = signed.clone().into_bytes();
            bytes[bit / 8] ^= 1 << (bit % 8);
            let opened = String::from_utf8(bytes)
                .is_ok_and(|text| Checkpoint::open(&text, signer().verifier()).is_ok());
            assert!(!opened, "bit {bit}");
        }
    }

    proptest! {
        #[test]
        fn reading_never_panics(text in any::<String>(), size in "[0-9+-]{0,30}") {
            let _ = Checkpoint::from_text(&text);
            let _ = Checkpoint::from_text(&format!("o\n{size}\n{text}\n"));
            let _ = Checkpoint::open(&text, signer().verifier());
        }
    }
}

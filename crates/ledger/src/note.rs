//! Signed notes: a text, an empty line, and signature lines (C2SP signed-note).

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::key::{Signer, Verifier, check_name};

/// Largest note, in bytes.
pub const MAX_NOTE_BYTES: usize = 1024 * 1024;

/// Most signature lines of a note.
pub const MAX_NOTE_SIGNATURES: usize = 100;

/// Why a note cannot be made, read or trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    #[error(
        "the note is larger than {MAX_NOTE_BYTES} bytes or has more than {MAX_NOTE_SIGNATURES} signatures"
    )]
    TooLarge,
    #[error("a note's text must end in a newline and hold no other control character")]
    Text,
    #[error("not a signed note: no text and signature lines separated by an empty line")]
    Malformed,
    #[error("the note is not signed by the expected key")]
    NotSigned,
    #[error("the expected key's signature does not match the note's text")]
    BadSignature,
}

/// One signature line: `— name base64(key id, signature)`. May be of a kind unknown here, such as a witness cosignature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteSignature {
    name: String,
    key_id: [u8; 4],
    signature: Vec<u8>,
}

impl NoteSignature {
    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn key_id(&self) -> [u8; 4] {
        self.key_id
    }

    /// The bytes after the key id; what they are depends on the key.
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// Reads one line, without its newline.
    pub fn parse(line: &str) -> Result<Self, NoteError> {
        let rest = line.strip_prefix("\u{2014} ").ok_or(NoteError::Malformed)?;
        let (name, encoded) = rest.split_once(' ').ok_or(NoteError::Malformed)?;
        check_name(name).map_err(|_| NoteError::Malformed)?;
        let bytes = STANDARD.decode(encoded).map_err(|_| NoteError::Malformed)?;
        let (key_id, signature) = bytes.split_first_chunk::<4>().ok_or(NoteError::Malformed)?;
        if signature.is_empty() {
            return Err(NoteError::Malformed);
        }
        Ok(Self {
            name: name.to_owned(),
            key_id: *key_id,
            signature: signature.to_vec(),
        })
    }
}

impl fmt::Display for NoteSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [&self.key_id, self.signature.as_slice()].concat();
        write!(f, "\u{2014} {} {}", self.name, STANDARD.encode(bytes))
    }
}

/// A text with its signatures. Reading one verifies nothing: see [`Note::verify`]. Its `Display` is the signed form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<NoteSignature>,
}

impl Note {
    /// Signs `text`, which must end in a newline.
    pub fn sign(text: &str, signer: &Signer) -> Result<Self, NoteError> {
        check_text(text)?;
        let mut note = Self {
            text: text.to_owned(),
            signatures: Vec::new(),
        };
        let verifier = signer.verifier();
        note.add(NoteSignature {
            name: verifier.name().to_owned(),
            key_id: verifier.key_id(),
            signature: signer.sign(text.as_bytes()),
        })?;
        Ok(note)
    }

    /// Adds a signature made elsewhere, e.g. a witness's cosignature. It is kept, not checked.
    pub fn add(&mut self, signature: NoteSignature) -> Result<(), NoteError> {
        if self.signatures.len() >= MAX_NOTE_SIGNATURES {
            return Err(NoteError::TooLarge);
        }
        self.signatures.push(signature);
        if self.to_string().len() > MAX_NOTE_BYTES {
            self.signatures.pop();
            return Err(NoteError::TooLarge);
        }
        Ok(())
    }

    /// Reads a signed note.
    pub fn parse(note: &str) -> Result<Self, NoteError> {
        if note.len() > MAX_NOTE_BYTES {
            return Err(NoteError::TooLarge);
        }
        // The text may hold empty lines itself, so the last one separates.
        let (text, lines) = note.rsplit_once("\n\n").ok_or(NoteError::Malformed)?;
        let text = format!("{text}\n");
        check_text(&text)?;
        let lines = lines.strip_suffix('\n').ok_or(NoteError::Malformed)?;
        if lines.split('\n').count() > MAX_NOTE_SIGNATURES {
            return Err(NoteError::TooLarge);
        }
        let signatures = lines
            .split('\n')
            .map(NoteSignature::parse)
            .collect::<Result<_, _>>()?;
        Ok(Self { text, signatures })
    }

    /// The text, with its final newline. Not to be trusted before [`Note::verify`].
    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn signatures(&self) -> &[NoteSignature] {
        &self.signatures
    }

    /// The text, if this key signed it. Signatures by other keys are ignored; one by this key that does not
    /// match refuses the whole note (signed-note, "Signatures").
    pub fn verify(&self, verifier: &Verifier) -> Result<&str, NoteError> {
        let mut own = self
            .signatures
            .iter()
            .filter(|line| line.name == verifier.name() && line.key_id == verifier.key_id())
            .peekable();
        if own.peek().is_none() {
            return Err(NoteError::NotSigned);
        }
        if own.all(|line| verifier.accepts(self.text.as_bytes(), &line.signature)) {
            return Ok(&self.text);
        }
        Err(NoteError::BadSignature)
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures
            .iter()
            .try_for_each(|line| writeln!(f, "{line}"))
    }
}

fn check_text(text: &str) -> Result<(), NoteError> {
    if text.len() > MAX_NOTE_BYTES {
        return Err(NoteError::TooLarge);
    }
    let control = |byte: u8| byte < 0x20 && byte != b'\n';
    if !text.ends_with('\n') || text.bytes().any(control) {
        return Err(NoteError::Text);
    }
    Ok(())
}

#[cfg(test)]
#[path = "note_tests.rs"]
mod tests;

//! Note keys: an Ed25519 key with a name, and its textual form, the vkey (C2SP signed-note, "Ed25519 signatures").

use std::fmt;

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::hash::sha256;

/// The signature type of plain Ed25519 in C2SP signed-note.
const ED25519_TYPE: u8 = 0x01;

/// Longest key name, in bytes.
const MAX_NAME_BYTES: usize = 1024;

/// Why a key cannot be made or read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    #[error(
        "a key name must be 1 to {MAX_NAME_BYTES} bytes without spaces, plus or control characters"
    )]
    Name,
    #[error("not a verifier key of the form name+key id+base64(type, public key)")]
    Malformed,
    #[error("the verifier key's id does not match its name and public key")]
    IdMismatch,
    #[error(
        "the key is of another signature type than this use needs: 1 for logs, 4 for witnesses"
    )]
    UnsupportedType,
    #[error("the Ed25519 key was refused")]
    Refused,
}

/// Checks the rule for key names (signed-note, "Format").
pub(crate) fn check_name(name: &str) -> Result<(), KeyError> {
    let allowed = |c: char| !c.is_whitespace() && !c.is_control() && c != '+';
    if name.is_empty() || name.len() > MAX_NAME_BYTES || !name.chars().all(allowed) {
        return Err(KeyError::Name);
    }
    Ok(())
}

/// The private half: signs notes.
pub struct Signer {
    verifier: Verifier,
    pair: Ed25519KeyPair,
}

impl Signer {
    /// `seed` is the Ed25519 private key of RFC 8032; `name` should be the log's origin.
    pub fn from_seed(name: &str, seed: &[u8; 32]) -> Result<Self, KeyError> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| KeyError::Refused)?;
        let public = pair
            .public_key()
            .as_ref()
            .try_into()
            .map_err(|_| KeyError::Refused)?;
        Ok(Self {
            verifier: Verifier::new(name, public)?,
            pair,
        })
    }

    pub fn name(&self) -> &str {
        self.verifier.name()
    }

    /// The public half, to hand to whoever verifies.
    pub fn verifier(&self) -> &Verifier {
        &self.verifier
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.pair.sign(message).as_ref().to_vec()
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({})", self.verifier)
    }
}

/// The public half: verifies notes. Its `Display` is the vkey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verifier {
    name: String,
    key_id: [u8; 4],
    public: [u8; 32],
}

impl Verifier {
    fn new(name: &str, public: [u8; 32]) -> Result<Self, KeyError> {
        check_name(name)?;
        Ok(Self {
            name: name.to_owned(),
            key_id: key_id(name, ED25519_TYPE, &public),
            public,
        })
    }

    /// Reads a vkey: `name+hex(key id)+base64(0x01, public key)`.
    pub fn from_vkey(vkey: &str) -> Result<Self, KeyError> {
        let (name, public) = read_vkey(vkey, ED25519_TYPE)?;
        let verifier = Self::new(name, public)?;
        Ok(verifier)
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// The first four bytes of SHA-256 over name, newline, type and public key.
    pub fn key_id(&self) -> [u8; 4] {
        self.key_id
    }

    pub fn public_key(&self) -> &[u8; 32] {
        &self.public
    }

    pub(crate) fn accepts(&self, message: &[u8], signature: &[u8]) -> bool {
        ed25519_accepts(&self.public, message, signature)
    }
}

impl fmt::Display for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_vkey(f, &self.name, ED25519_TYPE, &self.public)
    }
}

/// The first four bytes of SHA-256 over name, newline, signature type and public key (signed-note, "Signatures").
pub(crate) fn key_id(name: &str, kind: u8, public: &[u8; 32]) -> [u8; 4] {
    let id = sha256(&[name.as_bytes(), b"\n", &[kind], public]);
    let [a, b, c, d, ..] = *id.as_bytes();
    [a, b, c, d]
}

/// Name and public key of a vkey of this signature type, whose key is Ed25519.
pub(crate) fn read_vkey(vkey: &str, kind: u8) -> Result<(&str, [u8; 32]), KeyError> {
    let vkey = vkey.trim_end_matches('\n');
    let (name, rest) = vkey.split_once('+').ok_or(KeyError::Malformed)?;
    let (id, key) = rest.split_once('+').ok_or(KeyError::Malformed)?;
    if key.len() > 1024 {
        return Err(KeyError::Malformed);
    }
    let key = STANDARD.decode(key).map_err(|_| KeyError::Malformed)?;
    let (found, public) = key.split_first().ok_or(KeyError::Malformed)?;
    if *found != kind {
        return Err(KeyError::UnsupportedType);
    }
    let public = public.try_into().map_err(|_| KeyError::Malformed)?;
    check_name(name)?;
    if hex(key_id(name, kind, &public)) != id {
        return Err(KeyError::IdMismatch);
    }
    Ok((name, public))
}

/// The written form that [`read_vkey`] reads.
pub(crate) fn write_vkey(
    f: &mut fmt::Formatter<'_>,
    name: &str,
    kind: u8,
    public: &[u8; 32],
) -> fmt::Result {
    let mut key = vec![kind];
    key.extend_from_slice(public);
    let id = hex(key_id(name, kind, public));
    write!(f, "{name}+{id}+{}", STANDARD.encode(key))
}

pub(crate) fn ed25519_accepts(public: &[u8; 32], message: &[u8], signature: &[u8]) -> bool {
    UnparsedPublicKey::new(&ED25519, public)
        .verify(message, signature)
        .is_ok()
}

fn hex(key_id: [u8; 4]) -> String {
    format!("{:08x}", u32::from_be_bytes(key_id))
}

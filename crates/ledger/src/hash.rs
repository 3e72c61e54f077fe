//! A SHA-256 digest and its one textual form, standard base64, as the C2SP formats write it.

use std::fmt;

use aws_lc_rs::digest::{Context, SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Why bytes or text are not a [`struct@Hash`], or a [`crate::Salt`], which has the same shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not 32 bytes in standard base64")]
pub struct HashError;

/// A SHA-256 digest: 32 bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Hash([u8; 32]);

impl Hash {
    /// Bytes in a digest.
    pub const LENGTH: usize = 32;

    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Fails unless `bytes` are exactly 32.
    pub fn from_slice(bytes: &[u8]) -> Result<Self, HashError> {
        bytes.try_into().map(Self).map_err(|_| HashError)
    }

    /// Reads padded standard base64 (RFC 4648 §4). Other spellings of the same bytes are refused, so that
    /// a hash has one textual form.
    pub fn from_base64(text: &str) -> Result<Self, HashError> {
        decode_32(text).map(Self)
    }

    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    pub fn to_base64(self) -> String {
        STANDARD.encode(self.0)
    }
}

/// The hash of the concatenation of `parts`.
pub(crate) fn sha256(parts: &[&[u8]]) -> Hash {
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(part);
    }
    let mut bytes = [0; 32];
    bytes.copy_from_slice(context.finish().as_ref());
    Hash(bytes)
}

pub(crate) fn decode_32(text: &str) -> Result<[u8; 32], HashError> {
    // The length is looked at first, so that a hostile line cannot make us decode a megabyte.
    if text.len() != 44 {
        return Err(HashError);
    }
    let bytes = STANDARD.decode(text).map_err(|_| HashError)?;
    bytes.try_into().map_err(|_| HashError)
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_base64())
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hash({self})")
    }
}

impl<'de> Deserialize<'de> for Hash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::from_base64(&text).map_err(serde::de::Error::custom)
    }
}

impl Serialize for Hash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_is_sha_256() {
        assert_eq!(
            sha256(&[b"a", b"bc"]).to_base64(),
            "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="
        );
    }

    #[test]
    fn only_the_one_spelling_is_read() {
        let hash = sha256(&[b""]);
        assert_eq!(Hash::from_base64(&hash.to_base64()), Ok(hash));
        let loose = hash.to_base64().replace("FU=", "FV=");
        assert_eq!(Hash::from_base64(&loose), Err(HashError));
        assert_eq!(Hash::from_base64(""), Err(HashError));
    }
}

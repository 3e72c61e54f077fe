//! A salted commitment to an entry's canonical bytes: what the Merkle leaf holds in the payload's place.
//!
//! Without its salt a commitment says nothing about the payload, so when payload and salt are erased nobody
//! can find out by guessing (few patients, few operations) what had been logged.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::hash::{Hash, HashError, decode_32, sha256};
use crate::merkle::leaf_hash;

/// Separates these hashes from every other SHA-256 of the system. The terminating zero makes it prefix-free.
const DOMAIN: &[u8] = b"delt-audit-commitment/v1\0";

/// 32 random bytes, one draw an entry, kept beside the payload and erased with it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Salt([u8; 32]);

impl Salt {
    /// The caller draws the bytes from a cryptographic source.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub fn from_slice(bytes: &[u8]) -> Result<Self, HashError> {
        bytes.try_into().map(Self).map_err(|_| HashError)
    }

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

impl fmt::Debug for Salt {
    /// A salt in a log line would outlive its erasure, so it is never shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Salt(…)")
    }
}

/// The commitment: SHA-256 over the domain tag, the salt and the canonical bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Commitment(Hash);

impl Commitment {
    /// `canonical` are the bytes of [`crate::Entry::to_canonical`], as stored.
    pub fn of(salt: &Salt, canonical: &[u8]) -> Self {
        Self(sha256(&[DOMAIN, salt.as_bytes(), canonical]))
    }

    /// A commitment read back from the store or an export.
    pub const fn from_hash(hash: Hash) -> Self {
        Self(hash)
    }

    pub const fn as_hash(&self) -> &Hash {
        &self.0
    }

    /// The leaf of the Merkle tree whose data is this commitment (RFC 9162 §2.1.1).
    pub fn leaf(&self) -> Hash {
        leaf_hash(self.0.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn salt_and_payload_both_determine_it() {
        let salt = Salt::from_bytes([7; 32]);
        let commitment = Commitment::of(&salt, b"{}");
        assert_eq!(commitment, Commitment::of(&salt, b"{}"));
        assert_ne!(commitment, Commitment::of(&salt, b"[]"));
        assert_ne!(
            commitment,
            Commitment::of(&Salt::from_bytes([8; 32]), b"{}")
        );
    }

    /// The layout is a promise to whoever verifies without this code.
    #[test]
    fn the_layout_is_tag_salt_payload() {
        let mut bytes = b"delt-audit-commitment/v1\0".to_vec();
        bytes.extend_from_slice(&[7; 32]);
        bytes.extend_from_slice(b"{}");
        let commitment = Commitment::of(&Salt::from_bytes([7; 32]), b"{}");
        assert_eq!(*commitment.as_hash(), sha256(&[&bytes]));
    }

    #[test]
    fn a_salt_is_not_shown() {
        assert_eq!(format!("{:?}", Salt::from_bytes([7; 32])), "Salt(…)");
    }
}

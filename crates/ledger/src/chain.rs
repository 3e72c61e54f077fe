//! A patient's chain: every entry about a patient carries a running number and the chain's head before it, so that a gap shows.
//!
//! `head(0) = H(tag, salt)`, `head(n) = H(tag, salt, head(n-1), n, leaf(n))`. The heads go over leaf hashes, so whoever has only the hashes can follow
//! the chain. The salt belongs to one patient in one log: without it nobody can tell which leaves of the public tree belong together.

use std::fmt;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use crate::hash::{Hash, HashError, decode_32, sha256};

/// Separates these hashes from every other SHA-256 of the system. The terminating zero makes it prefix-free.
const DOMAIN: &[u8] = b"delt-patient-chain/v1\0";

/// 32 secret bytes of one log, from which every patient's salt follows: known to the hub and to those who verify the whole log.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ChainKey([u8; 32]);

impl ChainKey {
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub fn from_base64(text: &str) -> Result<Self, HashError> {
        decode_32(text).map(Self)
    }

    pub fn to_base64(self) -> String {
        STANDARD.encode(self.0)
    }
}

impl fmt::Debug for ChainKey {
    /// As with a salt, and for every patient at once.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ChainKey(…)")
    }
}

/// 32 secret bytes that belong to one patient in one log: known to the hub, the citizen and those who verify the whole log.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ChainSalt([u8; 32]);

impl ChainSalt {
    /// HMAC-SHA-256 under the log's key of the ASCII bytes of `patient`, the patient key in lower-case hexadecimal as entries have it.
    pub fn derive(key: &ChainKey, patient: &str) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &key.0);
        let mut bytes = [0; 32];
        bytes.copy_from_slice(hmac::sign(&key, patient.as_bytes()).as_ref());
        Self(bytes)
    }

    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub fn from_base64(text: &str) -> Result<Self, HashError> {
        decode_32(text).map(Self)
    }

    pub fn to_base64(self) -> String {
        STANDARD.encode(self.0)
    }
}

impl fmt::Debug for ChainSalt {
    /// In a log line it would tell which leaves belong to one patient, so it is never shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ChainSalt(…)")
    }
}

/// What an entry says of its place in its patient's chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChainLink {
    /// From 1.
    pub number: u64,
    /// The chain's head before this entry.
    pub previous: Hash,
}

/// How far a patient's chain has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chain {
    /// The number of the last entry; 0 before the first.
    pub number: u64,
    pub head: Hash,
}

impl Chain {
    /// Before the first entry.
    pub fn begin(salt: &ChainSalt) -> Self {
        Self {
            number: 0,
            head: sha256(&[DOMAIN, &salt.0]),
        }
    }

    /// What the next entry must say.
    pub const fn next_link(&self) -> ChainLink {
        ChainLink {
            number: self.number.saturating_add(1),
            previous: self.head,
        }
    }

    /// With the next entry, by its leaf hash.
    #[must_use]
    pub fn with(&self, salt: &ChainSalt, leaf: &Hash) -> Self {
        let number = self.number.saturating_add(1);
        let numbered = number.to_be_bytes();
        Self {
            number,
            head: sha256(&[
                DOMAIN,
                &salt.0,
                self.head.as_bytes(),
                &numbered,
                leaf.as_bytes(),
            ]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SALT: ChainSalt = ChainSalt([3; 32]);

    /// The layout is a promise to whoever verifies without this code.
    #[test]
    fn the_layout_is_tag_salt_head_number_leaf() {
        let leaf = sha256(&[b"leaf"]);
        let begun = Chain::begin(&SALT);
        let mut bytes = b"delt-patient-chain/v1\0".to_vec();
        bytes.extend_from_slice(&[3; 32]);
        assert_eq!(begun.head, sha256(&[&bytes]));
        bytes.extend_from_slice(begun.head.as_bytes());
        bytes.extend_from_slice(&1_u64.to_be_bytes());
        bytes.extend_from_slice(leaf.as_bytes());
        let next = begun.with(&SALT, &leaf);
        assert_eq!((next.number, next.head), (1, sha256(&[&bytes])));
        assert_eq!(next.next_link().number, 2);
        assert_eq!(next.next_link().previous, next.head);
    }

    #[test]
    fn another_salt_leaf_or_order_gives_another_head() {
        let (a, b) = (sha256(&[b"a"]), sha256(&[b"b"]));
        let through = |salt: &ChainSalt, leaves: &[Hash]| {
            leaves
                .iter()
                .fold(Chain::begin(salt), |chain, leaf| chain.with(salt, leaf))
                .head
        };
        let head = through(&SALT, &[a, b]);
        assert_ne!(head, through(&SALT, &[b, a]));
        assert_ne!(head, through(&SALT, &[a]));
        assert_ne!(head, through(&ChainSalt([4; 32]), &[a, b]));
    }

    /// Test case 2 of RFC 4231 §4.3, with its key filled up by zeros, which HMAC does itself.
    #[test]
    fn a_salt_is_the_hmac_of_the_patient_key() {
        let mut key = [0; 32];
        key[..4].copy_from_slice(b"Jefe");
        let salt = ChainSalt::derive(&ChainKey::from_bytes(key), "what do ya want for nothing?");
        assert_eq!(
            salt.to_base64(),
            "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM="
        );
    }

    #[test]
    fn a_salt_is_not_shown() {
        assert_eq!(format!("{:?}", ChainKey([3; 32])), "ChainKey(…)");
        assert_eq!(format!("{SALT:?}"), "ChainSalt(…)");
    }
}

//! The operator's keys: the patient key and the encryption of person numbers and message content.

use std::fmt;

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey},
    hmac,
};
use delt_formats::identifier::PersonNumber;
use delt_ledger::{ChainKey, ChainSalt};
use delt_policy::PatientKey;
use zeroize::Zeroizing;

use crate::{Error, Result};

/// The secrets of one installation, each 32 bytes, each from a file of its own.
pub struct Secrets {
    /// Turns person numbers into patient keys. Changing it makes every row unfindable: see `docs/OPERATIONS.md`.
    pub patient: Zeroizing<[u8; 32]>,
    /// Encrypts person numbers and message content at rest.
    pub encryption: Zeroizing<[u8; 32]>,
    /// Ed25519 seed that signs the log's checkpoints.
    pub log_signing: Zeroizing<[u8; 32]>,
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets(…)")
    }
}

/// What the hub does with its secrets.
pub(crate) struct Keyring {
    patient: hmac::Key,
    chains: hmac::Key,
    tags: hmac::Key,
    encryption: RandomizedNonceKey,
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keyring(…)")
    }
}

impl Keyring {
    pub(crate) fn new(secrets: &Secrets) -> Result<Self> {
        Ok(Self {
            patient: hmac::Key::new(hmac::HMAC_SHA256, secrets.patient.as_ref()),
            chains: derived(&secrets.patient, b"delt/patient-chain/v1"),
            tags: derived(&secrets.encryption, b"delt/tags/v1"),
            encryption: RandomizedNonceKey::new(&AES_256_GCM, secrets.encryption.as_ref())
                .map_err(|_| Error::internal("encryption key"))?,
        })
    }

    /// The key that a person's rows lie under: HMAC-SHA-256 over system and value.
    pub(crate) fn patient_key(&self, number: &PersonNumber) -> PatientKey {
        let mut context = hmac::Context::with_key(&self.patient);
        context.update(number.system().as_bytes());
        context.update(b"|");
        context.update(number.value().as_bytes());
        let mut key = [0; 32];
        key.copy_from_slice(context.sign().as_ref());
        PatientKey::new(key)
    }

    /// What tells the patient key apart from another, without telling the key.
    pub(crate) fn patient_mark(&self) -> Vec<u8> {
        hmac::sign(&self.patient, b"delt/key-mark/v1")
            .as_ref()
            .to_vec()
    }

    /// The same of the encryption key.
    pub(crate) fn encryption_mark(&self) -> Vec<u8> {
        self.tag("key-mark", &[]).to_vec()
    }

    /// What the salts of all chains in the log of this name follow from: for those who verify the whole log.
    pub(crate) fn chain_key(&self, origin: &str) -> ChainKey {
        let mut key = [0; 32];
        key.copy_from_slice(hmac::sign(&self.chains, origin.as_bytes()).as_ref());
        ChainKey::from_bytes(key)
    }

    /// The salt of a patient's chain of entries in the log of this name. Who has it can tell which leaves are about the patient, so it is given to that
    /// patient; from the chains of one log nothing follows about those of another.
    pub(crate) fn chain_salt(&self, origin: &str, patient: &PatientKey) -> ChainSalt {
        ChainSalt::derive(&self.chain_key(origin), &patient.hex())
    }

    /// Authenticates bytes that the hub hands out and wants back unchanged. `purpose` keeps one kind of tag from passing for another.
    pub(crate) fn tag(&self, purpose: &'static str, parts: &[&[u8]]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.tags);
        for part in std::iter::once(purpose.as_bytes()).chain(parts.iter().copied()) {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part);
        }
        let mut tag = [0; 32];
        tag.copy_from_slice(context.sign().as_ref());
        tag
    }

    /// Encrypts (AES-256-GCM) as nonce and ciphertext. `purpose` and `row` are authenticated: one kind of secret cannot pass for another, nor one row's for
    /// another's, so that whoever can write to the database cannot put one person's content under another's number.
    pub(crate) fn seal(&self, purpose: &'static str, row: &[u8], plain: &[u8]) -> Result<Vec<u8>> {
        let mut body = plain.to_vec();
        let nonce = self
            .encryption
            .seal_in_place_append_tag(bound(purpose, row), &mut body)
            .map_err(|_| Error::internal("sealing failed"))?;
        let mut sealed = nonce.as_ref().to_vec();
        sealed.append(&mut body);
        Ok(sealed)
    }

    /// The reverse of [`Keyring::seal`]. Fails where one bit was changed, or the row is another.
    pub(crate) fn open(&self, purpose: &'static str, row: &[u8], sealed: &[u8]) -> Result<Vec<u8>> {
        let wrong = || Error::internal("sealed bytes do not open");
        let (nonce, body) = sealed.split_at_checked(NONCE_LEN).ok_or_else(wrong)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| wrong())?;
        let mut body = body.to_vec();
        let length = self
            .encryption
            .open_in_place(nonce, bound(purpose, row), &mut body)
            .map_err(|_| wrong())?
            .len();
        body.truncate(length);
        Ok(body)
    }
}

/// What is authenticated beside the secret. No purpose holds a zero byte, so it shows where the purpose ends.
fn bound(purpose: &'static str, row: &[u8]) -> Aad<Vec<u8>> {
    Aad::from([purpose.as_bytes(), &[0], row].concat())
}

/// A key of its own for another use of the same secret.
fn derived(secret: &[u8; 32], label: &[u8]) -> hmac::Key {
    let source = hmac::Key::new(hmac::HMAC_SHA256, secret);
    hmac::Key::new(hmac::HMAC_SHA256, hmac::sign(&source, label).as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> Keyring {
        let key = || Zeroizing::new([7; 32]);
        Keyring::new(&Secrets {
            patient: key(),
            encryption: key(),
            log_signing: key(),
        })
        .unwrap()
    }

    #[test]
    fn a_chain_has_a_salt_of_its_own_in_each_log() {
        let salt = |origin, patient| keys().chain_salt(origin, &PatientKey::new([patient; 32]));
        assert_eq!(salt("delt.example/log", 1), salt("delt.example/log", 1));
        assert_ne!(salt("delt.example/log", 1), salt("delt.example/log", 2));
        assert_ne!(salt("delt.example/log", 1), salt("delt.example/other", 1));
    }

    #[test]
    fn what_is_sealed_opens_for_its_purpose_and_row_only() {
        let keys = keys();
        let sealed = keys.seal("one", b"row", b"secret").unwrap();
        assert_eq!(keys.open("one", b"row", &sealed).unwrap(), b"secret");
        let mut changed = sealed.clone();
        changed[20] ^= 1;
        for (purpose, row, sealed) in [
            ("one", b"raw", &sealed),
            ("two", b"row", &sealed),
            ("one", b"row", &changed),
            ("one", b"row", &Vec::new()),
        ] {
            assert!(keys.open(purpose, row, sealed).is_err());
        }
    }
}

//! The secret keys of a profile, and the token issuer's public one.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use delt_hub::entropy::{Entropy, random};
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PublicKeyData as _};
use serde_json::json;
use zeroize::Zeroizing;

use super::folder::Folder;
use super::{DATABASE, ProfileError};

pub(super) const PATIENT: &str = "patient.key";
pub(super) const ENCRYPTION: &str = "encryption.key";
pub(super) const LOG_SIGNING: &str = "log.key";
pub(super) const TOKEN: &str = "token.key";
pub(super) const JWKS: &str = "jwks.json";

/// Makes the keys that are not there yet.
pub(super) fn complete(folder: &Folder, entropy: &dyn Entropy) -> Result<(), ProfileError> {
    for name in [PATIENT, ENCRYPTION, LOG_SIGNING] {
        secret(folder, name, entropy)?;
    }
    token_key(folder)
}

/// The database is written with these keys, so that they cannot be new while it is old.
fn secret(folder: &Folder, name: &str, entropy: &dyn Entropy) -> Result<(), ProfileError> {
    if folder.has(name) {
        let path = folder.file(name);
        return match crate::config::read_key(&path) {
            Ok(_) => Ok(()),
            Err(error) => Err(ProfileError::damaged(&path, error)),
        };
    }
    if folder.has(DATABASE) {
        let (missing, present) = (folder.file(name), folder.file(DATABASE));
        return Err(ProfileError::Incomplete { missing, present });
    }
    let bytes = Zeroizing::new(random::<32>(entropy).map_err(|_| ProfileError::Entropy)?);
    folder.create(name, hexadecimal(&bytes).as_bytes())
}

fn hexadecimal(bytes: &[u8; 32]) -> Zeroizing<String> {
    let digit = |nibble: u8| char::from_digit(nibble.into(), 16).unwrap_or_default();
    Zeroizing::new(
        bytes
            .iter()
            .flat_map(|byte| [digit(byte >> 4), digit(byte & 0xf)])
            .collect(),
    )
}

/// ES256. The key set follows from the key, so it is written anew each time.
fn token_key(folder: &Folder) -> Result<(), ProfileError> {
    let pair = pair(folder, TOKEN)?;
    folder.replace(
        JWKS,
        json!({ "keys": [public_jwk(&pair)?] })
            .to_string()
            .as_bytes(),
    )
}

/// The ECDSA P-256 key in a file; a new one where there is no such file.
pub(super) fn pair(folder: &Folder, name: &str) -> Result<KeyPair, ProfileError> {
    let path = folder.file(name);
    let damaged = |error| ProfileError::damaged(&path, error);
    if folder.has(name) {
        return KeyPair::from_pem(&folder.read(name)?).map_err(damaged);
    }
    let pair = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(damaged)?;
    folder.create(name, Zeroizing::new(pair.serialize_pem()).as_bytes())?;
    Ok(pair)
}

/// RFC 7517, with the thumbprint of RFC 7638 as its id.
fn public_jwk(pair: &KeyPair) -> Result<serde_json::Value, ProfileError> {
    let (x, y) = coordinates(pair)?;
    Ok(
        json!({ "kty": "EC", "crv": "P-256", "x": x, "y": y, "use": "sig", "alg": "ES256", "kid": key_id(pair)? }),
    )
}

/// The `kid` of the profile's tokens.
pub(super) fn key_id(pair: &KeyPair) -> Result<String, ProfileError> {
    let (x, y) = coordinates(pair)?;
    let canonical = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
    Ok(URL_SAFE_NO_PAD.encode(digest(&SHA256, canonical.as_bytes())))
}

/// From the uncompressed point (SEC 1 §2.3.3): a byte 4, then 32 bytes each.
fn coordinates(pair: &KeyPair) -> Result<(String, String), ProfileError> {
    match pair.der_bytes().split_first() {
        Some((4, point)) if point.len() == 64 => {
            let (x, y) = point.split_at(32);
            Ok((URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y)))
        }
        _ => Err(ProfileError::TokenSigning(
            "the key is not on the curve P-256".to_owned(),
        )),
    }
}

//! An issuer's key set: does it hold a usable key for each algorithm that the issuer is allowed?

use jsonwebtoken::DecodingKey;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, JwkSet, KeyAlgorithm};

use crate::config::Algorithm;

pub(super) fn parse(bytes: &[u8]) -> Result<JwkSet, String> {
    serde_json::from_slice(bytes).map_err(|error| format!("is not a JSON Web Key Set: {error}"))
}

pub(super) fn has_key_for(keys: &JwkSet, algorithm: Algorithm) -> bool {
    keys.keys
        .iter()
        .any(|key| fits(key, algorithm) && DecodingKey::from_jwk(key).is_ok())
}

fn fits(key: &Jwk, algorithm: Algorithm) -> bool {
    use AlgorithmParameters::{EllipticCurve as Ec, OctetKeyPair, RSA};
    let type_fits = match (&key.algorithm, algorithm) {
        (Ec(ec), Algorithm::ES256) => ec.curve == EllipticCurve::P256,
        (Ec(ec), Algorithm::ES384) => ec.curve == EllipticCurve::P384,
        (OctetKeyPair(okp), Algorithm::EdDSA) => okp.curve == EllipticCurve::Ed25519,
        (RSA(_), Algorithm::RS256 | Algorithm::PS256) => true,
        _ => false,
    };
    let algorithm: KeyAlgorithm = jsonwebtoken::Algorithm::from(algorithm).into();
    type_fits
        && key
            .common
            .key_algorithm
            .is_none_or(|named| named == algorithm)
}

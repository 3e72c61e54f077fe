//! The issuers whose tokens are believed, and the keys they sign with.

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, JwkSet, PublicKeyUse};
use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey};

/// The most keys of one issuer: a rotation needs two or three.
const KEYS_MAX: usize = 32;

/// One issuer, as configured under `[[auth.issuers]]`.
#[derive(Debug, Clone)]
pub struct Issuer {
    /// Exactly the `iss` of its tokens.
    pub issuer: String,
    /// A token must name at least one of them in `aud`.
    pub audiences: Vec<String>,
    /// The only algorithms its tokens may use. Shared-secret algorithms are refused when the settings are read:
    /// whoever can verify such a token can also make one.
    pub algorithms: Vec<Algorithm>,
    /// Its public keys (RFC 7517).
    pub jwks: JwkSet,
}

/// An issuer with its keys parsed, ready to verify.
pub(super) struct TrustedIssuer {
    pub(super) issuer: String,
    pub(super) audiences: Vec<String>,
    keys: Vec<TrustedKey>,
}

struct TrustedKey {
    id: Option<String>,
    /// What both the issuer's list and the key's own type allow.
    algorithms: Vec<Algorithm>,
    key: DecodingKey,
}

impl TrustedIssuer {
    /// # Errors
    /// Everything that is wrong with the settings, each in a sentence.
    pub(super) fn new(issuer: Issuer) -> Result<Self, Vec<String>> {
        let problems = problems_of(&issuer);
        if !problems.is_empty() {
            return Err(problems);
        }
        let keys: Vec<_> = issuer
            .jwks
            .keys
            .iter()
            .filter_map(|jwk| trusted_key(jwk, &issuer.algorithms))
            .collect();
        if keys.is_empty() {
            return Err(vec![format!(
                "issuer {}: no key fits its algorithms",
                issuer.issuer
            )]);
        }
        Ok(Self {
            issuer: issuer.issuer,
            audiences: issuer.audiences,
            keys,
        })
    }

    /// The key for a token's header. Without a `kid` the choice must not be a guess, so exactly one key has to fit.
    pub(super) fn key(&self, kid: Option<&str>, algorithm: Algorithm) -> Option<&DecodingKey> {
        let mut fitting = self
            .keys
            .iter()
            .filter(|k| k.algorithms.contains(&algorithm))
            .filter(|k| kid.is_none() || k.id.as_deref() == kid);
        let first = fitting.next()?;
        fitting.next().is_none().then_some(&first.key)
    }
}

fn problems_of(issuer: &Issuer) -> Vec<String> {
    let keys = &issuer.jwks.keys;
    let symmetric = |k: &Jwk| matches!(k.algorithm, AlgorithmParameters::OctetKey(_));
    [
        (issuer.issuer.is_empty(), "has no name"),
        (
            issuer.audiences.iter().all(String::is_empty),
            "names no audience",
        ),
        (
            issuer.audiences.iter().any(String::is_empty),
            "has an empty audience",
        ),
        (issuer.algorithms.is_empty(), "allows no algorithm"),
        (
            issuer
                .algorithms
                .iter()
                .any(|a| a.family() == AlgorithmFamily::Hmac),
            "allows a shared-secret algorithm",
        ),
        (keys.len() > KEYS_MAX, "has too many keys"),
        (
            keys.iter().any(symmetric),
            "has a shared secret among its keys",
        ),
        (has_duplicate_ids(keys), "has two keys with the same kid"),
    ]
    .into_iter()
    .filter(|(wrong, _)| *wrong)
    .map(|(_, what)| format!("issuer {}: {what}", issuer.issuer))
    .collect()
}

fn has_duplicate_ids(keys: &[Jwk]) -> bool {
    let mut ids: Vec<_> = keys
        .iter()
        .filter_map(|k| k.common.key_id.as_deref())
        .collect();
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    ids.len() < count
}

/// A key that is for something else (encryption, an unknown curve) is passed over, as RFC 7517 §5 asks.
fn trusted_key(jwk: &Jwk, allowed: &[Algorithm]) -> Option<TrustedKey> {
    let signs = matches!(
        jwk.common.public_key_use,
        None | Some(PublicKeyUse::Signature)
    );
    let algorithms: Vec<_> = algorithms_of(jwk)
        .iter()
        .copied()
        .filter(|a| allowed.contains(a))
        .filter(|a| {
            jwk.common
                .key_algorithm
                .is_none_or(|named| named == (*a).into())
        })
        .collect();
    if !signs || algorithms.is_empty() {
        return None;
    }
    let key = DecodingKey::from_jwk(jwk).ok()?;
    Some(TrustedKey {
        id: jwk.common.key_id.clone(),
        algorithms,
        key,
    })
}

/// What a key's type and curve can verify (RFC 7518 §3.1, RFC 8037).
fn algorithms_of(jwk: &Jwk) -> &'static [Algorithm] {
    use Algorithm::{ES256, ES384, EdDSA, PS256, PS384, PS512, RS256, RS384, RS512};
    match &jwk.algorithm {
        AlgorithmParameters::RSA(_) => &[RS256, RS384, RS512, PS256, PS384, PS512],
        AlgorithmParameters::EllipticCurve(ec) if ec.curve == EllipticCurve::P256 => &[ES256],
        AlgorithmParameters::EllipticCurve(ec) if ec.curve == EllipticCurve::P384 => &[ES384],
        AlgorithmParameters::OctetKeyPair(okp) if okp.curve == EllipticCurve::Ed25519 => &[EdDSA],
        _ => &[],
    }
}

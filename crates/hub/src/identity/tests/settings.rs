//! Settings that would weaken the hub are refused when they are read.

use super::support::{ISSUER, Signer, issuer};
use crate::identity::{Algorithm, AuthSettings, Authenticator, Issuer};
use serde_json::json;

fn problems(change: impl FnOnce(&mut Issuer)) -> Vec<String> {
    let mut one = issuer(ISSUER, &[Algorithm::ES256], &[&Signer::ec().jwk("k")]);
    change(&mut one);
    let settings = AuthSettings {
        issuers: vec![one],
        ..AuthSettings::default()
    };
    Authenticator::new(settings)
        .err()
        .map(|e| e.problems)
        .unwrap_or_default()
}

fn keys(keys: &serde_json::Value) -> crate::identity::JwkSet {
    serde_json::from_value(json!({"keys": keys})).unwrap()
}

#[test]
fn a_shared_secret_is_no_way_to_sign() {
    assert!(problems(|_| {}).is_empty());
    for secret in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
        assert_eq!(problems(|i| i.algorithms.push(secret)).len(), 1);
    }
    let oct = json!({"kty": "oct", "k": "c2VjcmV0", "kid": "s"});
    assert_eq!(
        problems(|i| i.jwks.keys.extend(keys(&json!([oct])).keys)).len(),
        1
    );
}

#[test]
fn all_that_is_wrong_is_listed() {
    let found = problems(|i| {
        i.audiences.clear();
        i.algorithms.clear();
    });
    assert_eq!(found.len(), 2, "{found:?}");
    assert_eq!(problems(|i| i.audiences.push(String::new())).len(), 1);
    let twice = Signer::ec().jwk("k");
    assert_eq!(
        problems(|i| i.jwks.keys.extend(keys(&json!([twice])).keys)).len(),
        1
    );
}

#[test]
fn keys_for_something_else_are_passed_over() {
    let signer = Signer::ec();
    let variant = |name: &str, value: &str| {
        let mut jwk = signer.jwk("k");
        jwk[name] = json!(value);
        keys(&json!([jwk]))
    };
    assert!(problems(|i| i.jwks = variant("use", "sig")).is_empty());
    assert!(problems(|i| i.jwks = variant("alg", "ES256")).is_empty());
    for (name, value) in [
        ("use", "enc"),
        ("alg", "ES384"),
        ("crv", "P-521"),
        ("crv", "secp256k1"),
        ("kty", "new"),
    ] {
        assert_eq!(
            problems(|i| i.jwks = variant(name, value)).len(),
            1,
            "{name} {value}"
        );
    }
    let unknown = json!({"kty": "AKP", "alg": "ML-DSA-44", "pub": "x", "kid": "pq"});
    assert!(problems(|i| i.jwks.keys.extend(keys(&json!([unknown])).keys)).is_empty());
}

#[test]
fn an_issuer_is_configured_once_and_the_skew_is_bounded() {
    let one = issuer(ISSUER, &[Algorithm::ES256], &[&Signer::ec().jwk("k")]);
    let twice = AuthSettings {
        issuers: vec![one.clone(), one],
        ..AuthSettings::default()
    };
    assert!(Authenticator::new(twice).is_err());
    for clock_skew_s in [-1, 61] {
        let settings = AuthSettings {
            clock_skew_s,
            ..AuthSettings::default()
        };
        assert!(Authenticator::new(settings).is_err());
    }
    assert!(Authenticator::new(AuthSettings::default()).is_ok());
    let assumed_responsible_role = Some("auditor".to_owned());
    let settings = AuthSettings {
        assumed_responsible_role,
        ..AuthSettings::default()
    };
    assert!(Authenticator::new(settings).is_err());
}

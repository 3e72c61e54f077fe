//! Form, signature, issuer, audience and time.

use super::support::{AUDIENCE, ISSUER, NOW_S, Signer, World, b64, issuer, physician, sign};
use crate::error::code;
use crate::identity::{Algorithm, TOKEN_MAX};
use aws_lc_rs::{hmac, signature};
use proptest::prelude::*;
use serde_json::{Value, json};

#[test]
fn each_algorithm_of_the_issuer_verifies() {
    let world = World::new();
    world.call(&physician()).unwrap();
    let eddsa = sign(
        &world.ed,
        &json!({"alg": "EdDSA", "kid": "ed"}),
        &physician(),
    );
    world.present(&eddsa).unwrap();
}

#[test]
fn rsa_verifies_with_both_paddings_but_only_where_allowed() {
    let pkcs1 = Signer::rsa(&signature::RSA_PKCS1_SHA256);
    let pss = Signer::rsa(&signature::RSA_PSS_SHA256);
    let world = World::with(|settings| {
        let algorithms = [Algorithm::RS256, Algorithm::PS256];
        settings.issuers = vec![issuer(
            ISSUER,
            &algorithms,
            &[&pkcs1.jwk("a"), &pss.jwk("b")],
        )];
    });
    let token =
        |signer, alg: &str, kid: &str| sign(signer, &json!({"alg": alg, "kid": kid}), &physician());
    world.present(&token(&pkcs1, "RS256", "a")).unwrap();
    world.present(&token(&pss, "PS256", "b")).unwrap();
    for (alg, kid) in [
        ("PS256", "a"),
        ("RS256", "b"),
        ("RS384", "a"),
        ("ES256", "a"),
    ] {
        refused(&world, &token(&pkcs1, alg, kid));
    }
}

#[test]
fn types_of_access_tokens_are_accepted_and_others_are_not() {
    let world = World::new();
    let typed = |typ: Value| {
        sign(
            &world.ec,
            &json!({"alg": "ES256", "kid": "ec", "typ": typ}),
            &physician(),
        )
    };
    for typ in ["JWT", "jwt", "at+jwt", "application/at+jwt", "IUA-JWT"] {
        world.present(&typed(json!(typ))).unwrap();
    }
    for typ in ["id+jwt", "", "logout+jwt", "secevent+jwt"] {
        refused(&world, &typed(json!(typ)));
    }
}

#[test]
fn a_public_key_is_never_taken_for_a_secret() {
    let world = World::new();
    let jwk = world.ec.jwk("ec");
    let secrets = [
        jwk.to_string(),
        jwk["x"].as_str().unwrap().to_owned(),
        String::new(),
    ];
    for secret in secrets {
        let header = json!({"alg": "HS256", "typ": "JWT", "kid": "ec"});
        let message = format!(
            "{}.{}",
            b64(header.to_string().as_bytes()),
            b64(physician().to_string().as_bytes())
        );
        let tag = hmac::sign(
            &hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()),
            message.as_bytes(),
        );
        refused(&world, &format!("{message}.{}", b64(tag.as_ref())));
    }
}

#[test]
fn no_algorithm_and_foreign_algorithms_are_refused() {
    let world = World::new();
    for alg in [
        "none", "None", "NONE", "ES384", "RS256", "HS256", "ES512", "",
    ] {
        let token = sign(&world.ec, &json!({"alg": alg, "kid": "ec"}), &physician());
        refused(&world, &token);
        let unsigned = token.rsplit_once('.').unwrap().0;
        refused(&world, &format!("{unsigned}."));
        refused(&world, unsigned);
    }
}

#[test]
fn an_algorithm_of_another_issuer_does_not_help() {
    let world = World::new();
    let mut claims = physician();
    claims["iss"] = json!("https://other.example.dk");
    assert_eq!(world.refusal(&claims), code::TOKEN_INVALID);
    world
        .present(&sign(
            &world.ed,
            &json!({"alg": "EdDSA", "kid": "ed"}),
            &claims,
        ))
        .unwrap();
}

#[test]
fn a_key_that_is_not_the_issuers_does_not_verify() {
    let world = World::new();
    for header in [
        json!({"alg": "ES256", "kid": "ec"}),
        json!({"alg": "ES256"}),
    ] {
        refused(&world, &sign(&Signer::ec(), &header, &physician()));
    }
    for kid in ["unknown", "ed", ""] {
        refused(
            &world,
            &sign(
                &world.ec,
                &json!({"alg": "ES256", "kid": kid}),
                &physician(),
            ),
        );
    }
}

#[test]
fn without_a_kid_exactly_one_key_must_fit() {
    let (first, second) = (Signer::ec(), Signer::ec());
    let world = World::with(|settings| {
        settings.issuers = vec![issuer(
            ISSUER,
            &[Algorithm::ES256],
            &[&first.jwk("1"), &second.jwk("2")],
        )];
    });
    refused(
        &world,
        &sign(&first, &json!({"alg": "ES256"}), &physician()),
    );
    world
        .present(&sign(
            &first,
            &json!({"alg": "ES256", "kid": "1"}),
            &physician(),
        ))
        .unwrap();
    let alone = World::new();
    alone
        .present(&sign(&alone.ec, &json!({"alg": "ES256"}), &physician()))
        .unwrap();
}

#[test]
fn a_changed_token_does_not_verify() {
    let world = World::new();
    let token = world.token(&physician());
    let (head, signature) = token.rsplit_once('.').unwrap();
    let (header, _) = head.split_once('.').unwrap();
    let mut other = physician();
    other["sub"] = json!("somebody-else");
    refused(
        &world,
        &format!("{header}.{}.{signature}", b64(other.to_string().as_bytes())),
    );
}

#[test]
fn an_extension_that_must_be_understood_is_refused() {
    let world = World::new();
    let header = json!({"alg": "ES256", "kid": "ec", "crit": ["b64"], "b64": false});
    refused(&world, &sign(&world.ec, &header, &physician()));
}

#[test]
fn audience_and_issuer_must_be_ours() {
    let world = World::new();
    let variant = |name: &str, value: Value| {
        let mut claims = physician();
        claims[name] = value;
        claims
    };
    world
        .call(&variant(
            "aud",
            json!(["https://elsewhere.example", AUDIENCE]),
        ))
        .unwrap();
    for (name, value) in [
        ("aud", json!("https://elsewhere.example")),
        ("aud", json!([])),
        ("aud", json!(["https://delt.example.dk.evil.example"])),
        ("aud", json!(7)),
        ("iss", json!("https://sts.example.dk/")),
        ("iss", json!([ISSUER])),
    ] {
        assert_eq!(
            world.refusal(&variant(name, value)),
            code::TOKEN_INVALID,
            "{name}"
        );
    }
}

#[test]
fn each_required_claim_is_required_and_named() {
    let world = World::new();
    for name in [
        "iss",
        "sub",
        "aud",
        "exp",
        "iat",
        "jti",
        "client_id",
        "scope",
    ] {
        let mut claims = physician();
        claims.as_object_mut().unwrap().remove(name);
        let error = world.call(&claims).unwrap_err();
        assert_eq!(error.code(), code::TOKEN_INVALID, "{name}");
        assert!(
            name == "aud" || error.message().contains(&format!("`{name}`")),
            "{error}"
        );
        claims[name] = Value::Null;
        assert_eq!(world.refusal(&claims), code::TOKEN_INVALID, "{name}");
        claims[name] = json!({"of": "another form"});
        assert_eq!(world.refusal(&claims), code::TOKEN_INVALID, "{name}");
    }
}

#[test]
fn unknown_claims_are_ignored_and_repeated_ones_are_not() {
    let world = World::new();
    let mut claims = physician();
    claims["amr"] = json!(["mfa"]);
    claims["extensions"]["ihe_bppc"] = json!({"doc_id": "urn:oid:1.2"});
    world.call(&claims).unwrap();
    let text = physician()
        .to_string()
        .replacen('{', "{\"sub\":\"twice\",", 1);
    let head = format!(
        "{}.{}",
        b64(br#"{"alg":"ES256","kid":"ec"}"#),
        b64(text.as_bytes())
    );
    refused(&world, &resign(&world, &head));
}

#[test]
fn time_is_held_against_the_clock_that_is_given() {
    let world = World::with(|settings| settings.clock_skew_s = 30);
    let token = world.token(&physician());
    let (issued, expires) = (NOW_S - 10, NOW_S + 290);
    for good in [
        issued - 30,
        issued,
        NOW_S,
        expires - 1,
        expires,
        expires + 29,
    ] {
        world.at(&token, good).unwrap();
    }
    for bad in [
        i64::MIN / 1_000_000,
        0,
        issued - 31,
        expires + 30,
        i64::MAX / 1_000_000,
    ] {
        assert_eq!(
            world.at(&token, bad).unwrap_err().code(),
            code::TOKEN_EXPIRED,
            "{bad}"
        );
    }
}

#[test]
fn not_before_is_honoured() {
    let world = World::new();
    let mut claims = physician();
    claims["nbf"] = json!(NOW_S + 60);
    world.call(&claims).unwrap();
    claims["nbf"] = json!(NOW_S + 61);
    assert_eq!(world.refusal(&claims), code::TOKEN_EXPIRED);
    claims["nbf"] = json!("now");
    assert_eq!(world.refusal(&claims), code::TOKEN_INVALID);
}

#[test]
fn a_lifetime_is_within_an_hour() {
    let world = World::new();
    for (lifetime, good) in [
        (3600, true),
        (3601, false),
        (1, true),
        (0, false),
        (-5, false),
    ] {
        let mut claims = physician();
        claims["iat"] = json!(NOW_S);
        claims["exp"] = json!(NOW_S + lifetime);
        assert_eq!(world.call(&claims).is_ok(), good, "{lifetime}");
    }
    for (iat, exp) in [
        (i64::MIN, NOW_S + 1),
        (NOW_S, i64::MAX),
        (i64::MIN, i64::MAX),
    ] {
        let mut claims = physician();
        claims["iat"] = json!(iat);
        claims["exp"] = json!(exp);
        assert_eq!(world.refusal(&claims), code::TOKEN_INVALID);
    }
}

#[test]
fn an_oversized_token_is_not_looked_at() {
    let world = World::new();
    let mut claims = physician();
    claims["padding"] = json!("x".repeat(TOKEN_MAX));
    let error = world.call(&claims).unwrap_err();
    assert_eq!(
        (error.code(), error.message().contains("too large")),
        (code::TOKEN_INVALID, true)
    );
}

#[test]
fn claims_out_of_bounds_are_refused() {
    let world = World::new();
    for (name, value) in [
        ("sub", json!("")),
        ("jti", json!("x".repeat(257))),
        ("sub", json!("a\nb")),
        ("scope", json!("a\u{0}b")),
    ] {
        let mut claims = physician();
        claims[name] = value;
        assert_eq!(world.refusal(&claims), code::TOKEN_INVALID, "{name}");
    }
    let mut claims = physician();
    claims["extensions"]["ihe_iua"]["subject_name"] = json!("\u{1b}[2J");
    assert_eq!(world.refusal(&claims), code::TOKEN_INVALID);
}

#[test]
fn an_error_tells_nothing_of_the_person() {
    let world = World::new();
    let mut claims = physician();
    claims["extensions"]["ihe_iua"]["person_id"] = json!("urn:oid:1.2.208.176.1.2|0201609996x");
    let error = world.call(&claims).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("0201609996"));
}

fn refused(world: &World, token: &str) {
    assert_eq!(
        world.present(token).unwrap_err().code(),
        code::TOKEN_INVALID,
        "{token}"
    );
}

fn resign(world: &World, head: &str) -> String {
    let Signer::Ec(key) = &world.ec else {
        panic!("the EC key signs")
    };
    let random = aws_lc_rs::rand::SystemRandom::new();
    format!(
        "{head}.{}",
        b64(key.sign(&random, head.as_bytes()).unwrap().as_ref())
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_refused_without_a_panic(text in "\\PC{0,200}") {
        let world = World::new();
        prop_assert!(world.present(&text).is_err());
    }

    #[test]
    fn any_three_parts_are_refused_without_a_panic(
        header in prop::sample::select(vec![r#"{"alg":"ES256","kid":"ec"}"#, r#"{"alg":"EdDSA"}"#, r#"{"alg":"none"}"#, "{", "[]"]),
        claims in "\\PC{0,100}",
        signature in prop::collection::vec(any::<u8>(), 0..80),
    ) {
        let world = World::new();
        let token = format!("{}.{}.{}", b64(header.as_bytes()), b64(claims.as_bytes()), b64(&signature));
        prop_assert!(world.present(&token).is_err());
        let with_issuer = format!(r#"{{"iss":"{ISSUER}","sub":{}}}"#, json!(claims));
        let token = format!("{}.{}.{}", b64(header.as_bytes()), b64(with_issuer.as_bytes()), b64(&signature));
        prop_assert!(world.present(&token).is_err());
    }

    #[test]
    fn any_signed_claims_are_answered_without_a_panic(
        name in prop::sample::select(vec!["iss", "sub", "aud", "exp", "iat", "nbf", "jti", "scope", "cnf", "extensions"]),
        text in "\\PC{0,40}",
        number in any::<i64>(),
        as_text in any::<bool>(),
    ) {
        let world = World::new();
        let mut claims = physician();
        claims[name] = if as_text { json!(text) } else { json!(number) };
        if let Err(error) = world.call(&claims) {
            prop_assert_ne!(error.code(), code::INTERNAL);
        }
    }

    #[test]
    fn any_iua_claims_are_answered_without_a_panic(
        name in prop::sample::select(vec!["subject_organization_id", "national_provider_identifier", "person_id", "subject_name"]),
        text in "\\PC{0,40}",
    ) {
        let world = World::new();
        let mut claims = physician();
        claims["extensions"]["ihe_iua"][name] = json!(text);
        if let Err(error) = world.call(&claims) {
            prop_assert_ne!(error.code(), code::INTERNAL);
        }
    }
}

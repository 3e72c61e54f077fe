//! A token belongs to the certificate that it names (RFC 8705).

use super::support::{World, b64, certificate, physician};
use crate::error::code;
use serde_json::json;

#[test]
fn a_token_of_another_certificate_is_refused() {
    let world = World::new();
    let mut claims = physician();
    claims["cnf"]["x5t#S256"] = json!(b64(&certificate("source").sha256));
    assert_eq!(world.refusal(&claims), code::TOKEN_NOT_BOUND);
}

#[test]
fn a_malformed_thumbprint_binds_to_nothing() {
    let world = World::with(|settings| settings.require_binding = false);
    let right = b64(&certificate("ejournal").sha256);
    for thumbprint in [
        String::new(),
        right.chars().take(42).collect(),
        format!("{right}="),
        "*".repeat(43),
    ] {
        let mut claims = physician();
        claims["cnf"]["x5t#S256"] = json!(thumbprint);
        assert_eq!(world.refusal(&claims), code::TOKEN_NOT_BOUND);
    }
}

#[test]
fn an_unbound_token_is_refused_unless_the_settings_say_otherwise() {
    let mut claims = physician();
    claims.as_object_mut().unwrap().remove("cnf");
    assert_eq!(World::new().refusal(&claims), code::TOKEN_NOT_BOUND);
    World::with(|settings| settings.require_binding = false)
        .call(&claims)
        .unwrap();
}

#[test]
fn a_binding_of_another_kind_is_not_taken_for_none() {
    let world = World::with(|settings| settings.require_binding = false);
    for cnf in [json!({}), json!({"jkt": "abc"}), json!({"x5t#S256": null})] {
        let mut claims = physician();
        claims["cnf"] = cnf;
        assert_eq!(world.refusal(&claims), code::TOKEN_INVALID);
    }
}

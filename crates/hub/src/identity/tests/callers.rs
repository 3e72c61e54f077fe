//! Systems, their certificates, the request's context and its purpose.

use super::support::{NOW, World, certificate, key_of, physician, purpose, with_role};
use crate::error::{Kind, code};
use crate::identity::{ClientCertificate, Credentials, RequestContext};
use delt_policy::{Purpose, SystemKind};
use serde_json::json;

fn context() -> RequestContext {
    RequestContext::default()
}

#[test]
fn a_system_speaks_for_itself_without_a_token() {
    let world = World::new();
    let caller = world.ask("source", None, &context(), NOW).unwrap();
    assert_eq!(caller.party().system.id, "source");
    assert_eq!(caller.party().system.kinds, [SystemKind::Source]);
    assert_eq!(caller.party().system.organisation.code(), "990011000016008");
    assert!(caller.party().person.is_none() && caller.token().is_none());
    assert!(caller.purpose().is_none() && caller.person_key().is_none());
    assert_eq!(caller.certificate_sha256(), &certificate("source").sha256);
}

#[test]
fn nobody_is_recognised_without_a_registered_certificate() {
    let world = World::new();
    let token = world.token(&physician());
    let stranger = ClientCertificate {
        sha256: [1; 32],
        names: vec!["evil.example".to_owned()],
    };
    let both = ClientCertificate {
        sha256: [1; 32],
        names: vec![
            "ejournal.example.dk".to_owned(),
            "source.example.dk".to_owned(),
        ],
    };
    for certificate in [None, Some(stranger), Some(both)] {
        for bearer in [None, Some(token.clone())] {
            let credentials = Credentials {
                certificate: certificate.clone(),
                bearer,
            };
            let answer = world.authenticator.authenticate(
                &credentials,
                &context(),
                &world.directory,
                &key_of,
                NOW,
            );
            assert_eq!(answer.unwrap_err().code(), code::CERTIFICATE_UNKNOWN);
        }
    }
}

#[test]
fn the_client_id_is_the_system() {
    let world = World::with(|settings| settings.require_binding = false);
    let mut claims = physician();
    claims.as_object_mut().unwrap().remove("cnf");
    let token = world.token(&claims);
    let other = world.ask("source", Some(&token), &context(), NOW);
    assert_eq!(other.unwrap_err().code(), code::TOKEN_INVALID);
    world
        .ask("ejournal", Some(&token), &context(), NOW)
        .unwrap();
}

#[test]
fn an_empty_token_is_not_no_token() {
    let world = World::new();
    let answer = world.ask("source", Some(""), &context(), NOW);
    assert_eq!(answer.unwrap_err().code(), code::TOKEN_INVALID);
}

#[test]
fn a_token_may_speak_for_a_system_of_the_kind_that_the_directory_knows() {
    let world = World::with(|settings| settings.require_binding = false);
    for (role, system, other) in [
        ("source-system", "source", "register"),
        ("register-system", "register", "source"),
    ] {
        let mut claims = with_role("urn:delt:role", role);
        claims.as_object_mut().unwrap().remove("cnf");
        claims["extensions"]["ihe_iua"]["purpose_of_use"] = json!([]);
        assert_eq!(world.refusal(&claims), code::ACCESS_DENIED);
        claims["client_id"] = json!(other);
        let refused = world.ask(other, Some(&world.token(&claims)), &context(), NOW);
        assert_eq!(refused.unwrap_err().code(), code::ACCESS_DENIED);
        claims["client_id"] = json!(system);
        let token = world.token(&claims);
        let caller = world.ask(system, Some(&token), &context(), NOW).unwrap();
        assert!(caller.party().person.is_none() && caller.purpose().is_none());
        assert_eq!(caller.token().unwrap().id(), "j-1");
    }
}

#[test]
fn the_only_purpose_is_taken_and_one_of_several_must_be_picked() {
    let world = World::new();
    assert_eq!(
        world.call(&physician()).unwrap().purpose(),
        Some(Purpose::Treat)
    );
    let mut claims = physician();
    claims["extensions"]["ihe_iua"]["purpose_of_use"] =
        json!([purpose("TREAT"), purpose("BTG"), purpose("TREAT")]);
    assert_eq!(world.refusal(&claims), code::PURPOSE_NOT_CHOSEN);
    assert_eq!(
        world.pick(&claims, "BTG").unwrap().purpose(),
        Some(Purpose::Btg)
    );
    assert_eq!(
        world.pick(&claims, "TREAT").unwrap().purpose(),
        Some(Purpose::Treat)
    );
    for absent in ["HOPERAT", "treat"] {
        assert_eq!(
            world.pick(&claims, absent).unwrap_err().code(),
            code::PURPOSE_NOT_CHOSEN
        );
    }
    assert_eq!(
        world.pick(&physician(), "BTG").unwrap_err().code(),
        code::PURPOSE_NOT_CHOSEN
    );
}

#[test]
fn every_purpose_that_the_rules_know_can_be_picked() {
    let world = World::new();
    let mut claims = physician();
    let all: Vec<_> = Purpose::ALL.iter().map(|p| purpose(p.as_str())).collect();
    claims["extensions"]["ihe_iua"]["purpose_of_use"] = json!(all);
    for known in Purpose::ALL {
        assert_eq!(
            world.pick(&claims, known.as_str()).unwrap().purpose(),
            Some(known)
        );
    }
}

#[test]
fn a_person_needs_a_purpose_that_the_hub_has_a_rule_for() {
    let world = World::new();
    let mut claims = physician();
    let iua = "/extensions/ihe_iua/purpose_of_use";
    *claims.pointer_mut(iua).unwrap() = json!([]);
    assert_eq!(world.refusal(&claims), code::TOKEN_INVALID);
    *claims.pointer_mut(iua).unwrap() = json!([{"system": "urn:other", "code": "TREAT"}]);
    assert_eq!(world.refusal(&claims), code::TOKEN_INVALID);
    *claims.pointer_mut(iua).unwrap() = json!([purpose("HMARKT")]);
    assert_eq!(world.refusal(&claims), code::PURPOSE_NOT_ALLOWED);
    *claims.pointer_mut(iua).unwrap() = json!([purpose("HMARKT"), purpose("TREAT")]);
    assert_eq!(world.refusal(&claims), code::PURPOSE_NOT_CHOSEN);
    assert_eq!(
        world.pick(&claims, "TREAT").unwrap().purpose(),
        Some(Purpose::Treat)
    );
}

#[test]
fn a_system_by_itself_has_no_purpose_to_pick() {
    let world = World::new();
    let picked = RequestContext {
        purpose: Some("TREAT".to_owned()),
        ..context()
    };
    let answer = world.ask("source", None, &picked, NOW);
    assert_eq!(answer.unwrap_err().code(), code::PURPOSE_NOT_CHOSEN);
}

#[test]
fn the_context_goes_along() {
    let world = World::new();
    let asked = RequestContext {
        override_ground: None,
        purpose: Some("TREAT".to_owned()),
        override_reason: Some("Bevidstløs patient\ni skadestuen".to_owned()),
        request_id: Some("r-1".to_owned()),
        trace_id: Some("4bf92f3577b34da6a3ce929d0e0e4736".to_owned()),
    };
    let token = world.token(&physician());
    let caller = world.ask("ejournal", Some(&token), &asked, NOW).unwrap();
    assert_eq!(caller.override_reason(), asked.override_reason.as_deref());
    assert_eq!(caller.request_id(), Some("r-1"));
    assert_eq!(caller.trace_id(), asked.trace_id.as_deref());
}

#[test]
fn a_context_out_of_bounds_names_its_fields() {
    let world = World::new();
    let asked = RequestContext {
        override_ground: None,
        purpose: Some("a purpose".to_owned()),
        override_reason: Some("x".repeat(501)),
        request_id: Some("with space".to_owned()),
        trace_id: None,
    };
    let error = world.ask("source", None, &asked, NOW).unwrap_err();
    assert_eq!(error.kind(), Kind::Invalid);
    let fields: Vec<_> = error
        .field_violations()
        .iter()
        .map(|v| v.field.as_str())
        .collect();
    assert_eq!(
        fields,
        [
            "context.purpose",
            "context.override_reason",
            "context.request_id"
        ]
    );
    for request_id in ["", "é", &"x".repeat(65)] {
        let asked = RequestContext {
            request_id: Some(request_id.to_owned()),
            ..context()
        };
        assert_eq!(
            world.ask("source", None, &asked, NOW).unwrap_err().kind(),
            Kind::Invalid
        );
    }
    let longest = RequestContext {
        override_reason: Some("ø".repeat(500)),
        ..context()
    };
    world.ask("source", None, &longest, NOW).unwrap();
}

#[test]
fn a_malformed_trace_id_is_dropped() {
    let world = World::new();
    let zeros = "0".repeat(32);
    for trace_id in [
        "",
        "4BF92F3577B34DA6A3CE929D0E0E4736",
        "4bf9",
        zeros.as_str(),
    ] {
        let asked = RequestContext {
            trace_id: Some(trace_id.to_owned()),
            ..context()
        };
        assert_eq!(
            world.ask("source", None, &asked, NOW).unwrap().trace_id(),
            None
        );
    }
}

#[test]
fn debug_output_shows_no_secret_and_no_person() {
    let world = World::new();
    let token = world.token(&physician());
    let asked = RequestContext {
        override_reason: Some("Lonni".to_owned()),
        ..context()
    };
    let credentials = Credentials {
        certificate: Some(certificate("ejournal")),
        bearer: Some(token.clone()),
    };
    let caller = world.ask("ejournal", Some(&token), &asked, NOW).unwrap();
    let shown = format!(
        "{credentials:?} {asked:?} {caller:?} {:?}",
        world.authenticator
    );
    for hidden in [token.as_str(), "Lonni", "Lone", "8f2c", "9RK1H"] {
        assert!(!shown.contains(hidden), "{hidden} in {shown}");
    }
}

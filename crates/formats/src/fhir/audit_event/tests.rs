//! The tables of BALP, held against what is written.

use serde_json::{Value, json};

use super::*;

const DCM: &str = "http://dicom.nema.org/resources/ontology/DCM";

fn agent(id: &str) -> Agent {
    Agent {
        who: Identifier::new("urn:test", id),
        is_citizen: false,
        name: Some("Lone Læge".to_owned()),
        roles: vec![Coding::new("urn:roles", "laege")],
    }
}

fn device(id: &str) -> Device {
    Device {
        who: Identifier::new("urn:test", id),
        network: Network::Name(id.to_owned()),
    }
}

fn description() -> Description {
    Description {
        id: "e1".to_owned(),
        recorded: "2026-01-02T03:04:05.678901Z".to_owned(),
        outcome: Outcome::Success,
        outcome_words: None,
        error: None,
        purpose: Some(Purpose {
            code: "BTG".to_owned(),
            words: Some("Bevidstløs".to_owned()),
        }),
        client: device("ehr"),
        hub: device("hub"),
        user: Some(agent("9RK1H")),
        responsible: Some(agent("9LM4D")),
        organisation: Some(Identifier::new("urn:sor", "990")),
        patient: Some(Identifier::new("urn:key", "aa")),
        request_id: Some("r1".to_owned()),
        documents: vec![Identifier::new(URI, "urn:uuid:d1")],
        extensions: Vec::new(),
    }
}

fn object() -> Object {
    Object {
        kind: "DocumentReference",
        id: Identifier::new(URI, "urn:uuid:d0"),
    }
}

fn profile(event: &Value) -> Option<&str> {
    let url = event["meta"]["profile"][0].as_str()?;
    url.strip_prefix("https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.")
}

fn agent_of<'a>(event: &'a Value, code: &str) -> &'a Value {
    let agents = event["agent"].as_array().unwrap();
    let mut found = agents
        .iter()
        .filter(|agent| agent["type"]["coding"][0]["code"] == code);
    let one = found
        .next()
        .unwrap_or_else(|| panic!("no agent {code} in {event}"));
    assert!(found.next().is_none(), "one agent is {code}");
    one
}

fn entities<'a>(event: &'a Value, code: &str) -> Vec<&'a Value> {
    let all = event["entity"].as_array().unwrap();
    all.iter()
        .filter(|entity| entity["type"]["code"] == code)
        .collect()
}

fn all() -> [(Happening, &'static str, &'static str, [&'static str; 3]); 6] {
    let query = Happening::Query {
        text: "q".to_owned(),
    };
    let some = || Some(object());
    [
        (query, "PatientQuery", "E", ["110153", "110152", "IRCP"]),
        (
            Happening::Read(some()),
            "PatientRead",
            "R",
            ["110152", "110153", "IRCP"],
        ),
        (
            Happening::Create(some()),
            "PatientCreate",
            "C",
            ["110153", "110152", "AUT"],
        ),
        (
            Happening::Update(some()),
            "PatientUpdate",
            "U",
            ["110153", "110152", "AUT"],
        ),
        (
            Happening::Import(some()),
            "PrivacyDisclosure.Recipient",
            "C",
            ["110153", "110152", "IRCP"],
        ),
        (
            Happening::Export(some()),
            "PrivacyDisclosure.Source",
            "R",
            ["110152", "110153", "IRCP"],
        ),
    ]
}

#[test]
fn each_happening_has_the_codes_of_its_profile() {
    for (happening, name, action, [client, hub, user]) in all() {
        let event = description().to_json(&happening);
        assert_eq!(profile(&event), Some(name));
        assert_eq!(
            (&event["action"], &event["outcome"]),
            (&json!(action), &json!("0")),
            "{name}"
        );
        let [client, hub, user] = [client, hub, user].map(|code| agent_of(&event, code));
        assert_eq!(client["type"]["coding"][0]["system"], DCM);
        assert!(
            client["network"].is_object() && hub["network"].is_object(),
            "{name}"
        );
        assert_eq!(
            (&client["requestor"], &user["requestor"]),
            (&json!(false), &json!(true))
        );
        assert!(
            user.get("network").is_none() && user["who"].is_object(),
            "{name}"
        );
        assert_eq!(hub["who"], event["source"]["observer"], "val-audit-source");
        assert_eq!(entities(&event, "1").len(), 1, "one patient");
        assert_eq!(entities(&event, "2").len(), 1, "one query or object");
        assert_eq!(
            entities(&event, "XrequestId")[0]["what"]["identifier"]["value"],
            "r1"
        );
        assert_eq!(entities(&event, "DocumentReference").len(), 1);
        for purpose in [&event["purposeOfEvent"][0], &user["purposeOfUse"][0]] {
            assert_eq!(
                (&purpose["coding"][0]["code"], &purpose["text"]),
                (&json!("BTG"), &json!("Bevidstløs"))
            );
        }
    }
}

#[test]
fn a_query_has_its_text_in_base64_and_nothing_that_the_profile_forbids() {
    let text = "SearchRecord\ntype=æ".to_owned();
    let event = description().to_json(&Happening::Query { text });
    let query = entities(&event, "2")[0];
    assert_eq!(query["query"], "U2VhcmNoUmVjb3JkCnR5cGU9w6Y=");
    assert_eq!(query["role"]["code"], "24");
    assert!(query.get("what").is_none() && query.get("detail").is_none());
}

#[test]
fn what_was_not_done_claims_no_profile_and_points_at_its_outcome() {
    let refused = Description {
        outcome: Outcome::SeriousFailure,
        error: Some(Coding::new("urn:error", "ACCESS_DENIED")),
        ..description()
    };
    for (happening, name, ..) in all() {
        let event = refused.to_json(&happening);
        assert_eq!(profile(&event), None, "{name}");
        assert_eq!(event["outcome"], "8");
        assert_eq!(
            event["contained"][0]["issue"][0]["details"]["coding"][0]["code"],
            "ACCESS_DENIED"
        );
        assert_eq!(
            entities(&event, "OperationOutcome")[0]["what"]["reference"],
            "#outcome"
        );
    }
}

#[test]
fn a_profile_needs_its_patient_and_its_object() {
    let alone = Description {
        patient: None,
        ..description()
    };
    let claimed =
        all().map(|(happening, ..)| profile(&alone.to_json(&happening)).map(str::to_owned));
    let expected = ["Query", "Read", "Create", "Update"].map(|name| Some(name.to_owned()));
    assert_eq!(claimed[..4], expected);
    assert_eq!(claimed[4..], [None, None]);
    for happening in [
        Happening::Read(None),
        Happening::Create(None),
        Happening::Export(None),
    ] {
        assert_eq!(profile(&description().to_json(&happening)), None);
    }
}

#[test]
fn a_decision_by_consent_has_four_agents_and_closed_entities() {
    let consents = vec![
        Identifier::new(URI, "urn:uuid:c1"),
        Identifier::new(URI, "urn:uuid:c2"),
    ];
    let decision = Happening::Decision { consents };
    for (outcome, code) in [(Outcome::Success, "0"), (Outcome::SeriousFailure, "8")] {
        let event = Description {
            outcome,
            error: Some(Coding::new("urn:error", "ACCESS_DENIED")),
            ..description()
        }
        .to_json(&decision);
        assert_eq!(
            (profile(&event), &event["outcome"]),
            (Some("AuthZconsent"), &json!(code))
        );
        assert_eq!(event["subtype"][0]["code"], "AuthZ-Consent");
        let parts = ["110150", "IRCP", "PROV", "authserver"].map(|part| agent_of(&event, part));
        assert!(parts[1..].iter().all(|part| part.get("network").is_none()));
        assert!(parts[0]["network"].is_object() && parts[0].get("name").is_none());
        assert_eq!(
            parts[3]["who"], event["source"]["observer"],
            "val-audit-source"
        );
        assert_eq!(event["entity"].as_array().unwrap().len(), 3);
        assert_eq!(entities(&event, "Consent").len(), 2);
        assert!(event.get("contained").is_none());
    }
}

#[test]
fn a_decision_without_a_consent_a_user_or_a_place_claims_nothing() {
    let by_role = Happening::Decision {
        consents: Vec::new(),
    };
    let event = description().to_json(&by_role);
    assert_eq!(
        (profile(&event), &event["subtype"][0]["code"]),
        (None, &json!("AuthZ-Role"))
    );
    let consents = vec![Identifier::new(URI, "urn:uuid:c1")];
    let decision = Happening::Decision { consents };
    for lacking in [
        Description {
            user: None,
            ..description()
        },
        Description {
            organisation: None,
            ..description()
        },
        Description {
            patient: None,
            ..description()
        },
        Description {
            outcome: Outcome::MinorFailure,
            ..description()
        },
    ] {
        assert_eq!(profile(&lacking.to_json(&decision)), None);
    }
}

#[test]
fn a_system_alone_is_the_requestor_and_has_the_purpose() {
    let alone = Description {
        user: None,
        ..description()
    };
    let event = alone.to_json(&Happening::Create(Some(object())));
    let client = agent_of(&event, "110153");
    assert_eq!(
        (
            &client["requestor"],
            &client["purposeOfUse"][0]["coding"][0]["code"]
        ),
        (&json!(true), &json!("BTG"))
    );
}

#[test]
fn extensions_nest_and_count_no_further_than_fhir() {
    let extensions = vec![Extension::parts(
        "urn:x",
        vec![
            Extension::text("a", "b"),
            Extension::count("n", u64::MAX),
            Extension::base64("h", "AA=="),
        ],
    )];
    let event = Description {
        extensions,
        ..description()
    }
    .to_json(&Happening::Other(None));
    let parts = &event["extension"][0]["extension"];
    assert_eq!(
        *parts,
        json!([
            {"url": "a", "valueString": "b"},
            {"url": "n", "valueUnsignedInt": 2_147_483_647},
            {"url": "h", "valueBase64Binary": "AA=="},
        ])
    );
}

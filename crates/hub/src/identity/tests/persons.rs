//! The person behind the call, in each standing, and those the person acts under or for.

use super::support::{EINER, HOSPITAL, LAEGE, LONNI, World, citizen, key_of, physician, with_role};
use crate::error::code;
use crate::identity::RoleAliases;
use delt_formats::identifier::PersonNumber;
use delt_policy::{AuthorisationId, CitizenRelation, PersonKind};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const SKS: &str =
    "http://medcomfhir.dk/ig/terminology/CodeSystem/medcom-core-PractitionerRolesSKSadministrativ";
const NATIONAL: &str = "urn:dk:healthcare:national-federation-role";
const DELT: &str = "urn:delt:role";

fn kind(world: &World, claims: &Value) -> PersonKind {
    world
        .call(claims)
        .unwrap()
        .party()
        .person
        .clone()
        .unwrap()
        .kind
}

fn iua(mut claims: Value, name: &str, value: Value) -> Value {
    claims["extensions"]["ihe_iua"][name] = value;
    claims
}

fn on_behalf(mut claims: Value, acting: &Value) -> Value {
    claims["extensions"]["delt"] = json!({"on_behalf_of": acting});
    claims
}

fn professional(role: &str) -> PersonKind {
    let authorisation = AuthorisationId::parse("9RK1H").unwrap();
    PersonKind::Professional {
        authorisation,
        role: role.to_owned(),
    }
}

#[test]
fn a_physician_is_recognised() {
    let world = World::new();
    let caller = world.call(&physician()).unwrap();
    let person = caller.party().person.as_ref().unwrap();
    assert_eq!(person.kind, professional("laege"));
    assert_eq!(
        person.organisation.as_ref().unwrap().code(),
        "990021000016004"
    );
    assert!(caller.party().responsible.is_none() && caller.party().on_behalf.is_none());
    let token = caller.token().unwrap();
    assert_eq!(
        (token.subject(), token.person_name()),
        ("8f2c", Some("Lone Læge"))
    );
    assert_eq!(token.issuer(), "https://sts.example.dk");
    assert_eq!(
        token.scopes(),
        ["user/DocumentReference.rs", "ITI-67", "ITI-68"]
    );
}

#[test]
fn professions_have_aliases_and_case_does_not_matter() {
    let world = World::new();
    let code = |code: &str| kind(&world, &with_role(LAEGE, code));
    assert_eq!(code("7170"), professional("laege"));
    assert_eq!(code("5166"), professional("sygeplejerske"));
    assert_eq!(code("Sygeplejerske"), professional("sygeplejerske"));
    for unknown in ["kvaksalver", "9999", ""] {
        assert_eq!(
            world.refusal(&with_role(LAEGE, unknown)),
            code::TOKEN_INVALID
        );
    }
}

#[test]
fn the_aliases_can_be_configured() {
    let table = BTreeMap::from([("1234".to_owned(), "jordemoder".to_owned())]);
    let world = World::with(|s| s.role_aliases = RoleAliases::new(table).unwrap());
    assert_eq!(
        kind(&world, &with_role(LAEGE, "1234")),
        professional("jordemoder")
    );
    assert_eq!(
        world.refusal(&with_role(LAEGE, "7170")),
        code::TOKEN_INVALID
    );
    let wrong = BTreeMap::from([("1".to_owned(), "auditor".to_owned())]);
    assert_eq!(RoleAliases::new(wrong).unwrap_err().len(), 1);
}

#[test]
fn staff_without_authorisation_is_recognised_by_its_own_code_systems() {
    let world = World::new();
    assert_eq!(
        kind(&world, &with_role(SKS, "Laegesekretaer")),
        PersonKind::Administrative {
            role: "laegesekretaer".to_owned()
        }
    );
    let national = PersonKind::NationalRole {
        role: "nspPlejeAssR3".to_owned(),
    };
    assert_eq!(
        kind(&world, &with_role(NATIONAL, "nspPlejeAssR3")),
        national
    );
    assert_eq!(
        kind(
            &world,
            &with_role(NATIONAL, &format!("{NATIONAL}:nspPlejeAssR3"))
        ),
        national
    );
    for code in ["", "with space", &"x".repeat(65), &format!("{NATIONAL}:")] {
        assert_eq!(
            world.refusal(&with_role(NATIONAL, code)),
            code::TOKEN_INVALID
        );
    }
}

#[test]
fn the_hubs_own_roles_come_from_their_own_system_only() {
    let world = World::new();
    for (code, expected) in [
        ("auditor", PersonKind::Auditor),
        ("data-protection-officer", PersonKind::DataProtectionOfficer),
        ("operator", PersonKind::Operator),
    ] {
        assert_eq!(kind(&world, &with_role(DELT, code)), expected);
        assert_eq!(
            world.refusal(&with_role("urn:other", code)),
            code::TOKEN_INVALID
        );
        let national = kind(&world, &with_role(NATIONAL, code));
        assert_eq!(
            national,
            PersonKind::NationalRole {
                role: code.to_owned()
            }
        );
    }
    assert_eq!(
        world.refusal(&with_role(DELT, "superuser")),
        code::TOKEN_INVALID
    );
}

#[test]
fn one_session_has_one_role() {
    let world = World::new();
    let physician_and = |system: &str, code: &str| {
        let roles = json!([{"system": LAEGE, "code": "laege"}, {"system": system, "code": code}]);
        iua(physician(), "subject_role", roles)
    };
    world
        .call(&physician_and("urn:unknown:system", "anything"))
        .unwrap();
    world.call(&physician_and(LAEGE, "7170")).unwrap();
    assert_eq!(
        world.refusal(&physician_and(DELT, "auditor")),
        code::TOKEN_INVALID
    );
    assert_eq!(
        world.refusal(&physician_and(LAEGE, "tandlaege")),
        code::TOKEN_INVALID
    );
    assert_eq!(
        world.refusal(&iua(physician(), "subject_role", json!([]))),
        code::TOKEN_INVALID
    );
    let many = vec![json!({"system": LAEGE, "code": "laege"}); 33];
    assert_eq!(
        world.refusal(&iua(physician(), "subject_role", json!(many))),
        code::TOKEN_INVALID
    );
}

#[test]
fn a_token_without_the_extension_speaks_for_nobody() {
    let world = World::new();
    for extensions in [json!({}), json!({"ihe_iua": {}}), json!({"delt": {}})] {
        let mut claims = physician();
        claims["extensions"] = extensions;
        assert_eq!(world.refusal(&claims), code::TOKEN_INVALID);
    }
}

#[test]
fn a_professional_needs_an_authorisation_id_of_the_registers_form() {
    let world = World::new();
    let with = |id: Value| iua(physician(), "national_provider_identifier", id);
    assert_eq!(kind(&world, &with(json!("9rk1h"))), professional("laege"));
    for wrong in [
        json!(null),
        json!(""),
        json!("9RK1"),
        json!("9RK1HH"),
        json!("AEIOU"),
        json!(12345),
    ] {
        assert_eq!(world.refusal(&with(wrong)), code::TOKEN_INVALID);
    }
}

#[test]
fn the_organisation_must_be_known_and_served() {
    let world = World::new();
    let at = |sor: &str| {
        iua(
            physician(),
            "subject_organization_id",
            json!(format!("urn:oid:1.2.208.176.1.1|{sor}")),
        )
    };
    for served in ["990021000016004", "990031000016002"] {
        let caller = world.call(&at(served)).unwrap();
        let person = caller.party().person.clone().unwrap();
        assert_eq!(person.organisation.unwrap().code(), served);
    }
    for foreign in ["990011000016008", "990401000016001", "999999999999999"] {
        assert_eq!(world.refusal(&at(foreign)), code::FOREIGN_ORGANISATION);
    }
    for wrong in [
        json!(null),
        json!("990021000016004"),
        json!("urn:oid:1.2.3|990021000016004"),
        json!("urn:oid:1.2.208.176.1.1|"),
        json!(format!("{HOSPITAL}|x")),
    ] {
        let claims = iua(physician(), "subject_organization_id", wrong);
        assert_eq!(world.refusal(&claims), code::TOKEN_INVALID);
    }
    for role in ["auditor", "operator", "data-protection-officer"] {
        let claims = iua(
            with_role(DELT, role),
            "subject_organization_id",
            json!(null),
        );
        assert_eq!(world.refusal(&claims), code::TOKEN_INVALID, "{role}");
    }
}

#[test]
fn a_citizen_is_known_by_the_key_of_their_number() {
    let world = World::new();
    let caller = world.call(&citizen()).unwrap();
    let key = key_of(&PersonNumber::cpr("0201609996").unwrap());
    let person = caller.party().person.as_ref().unwrap();
    assert_eq!(person.kind, PersonKind::Citizen { key });
    assert!(person.organisation.is_none() && caller.party().on_behalf.is_none());
    assert_eq!(caller.person_key(), Some(&key));
    for wrong in [
        json!(null),
        json!("0201609996"),
        json!("urn:oid:1.2.3|0201609996"),
        json!("urn:oid:1.2.208.176.1.2|9999999999"),
    ] {
        assert_eq!(
            world.refusal(&iua(citizen(), "person_id", wrong)),
            code::TOKEN_INVALID
        );
    }
}

#[test]
fn a_citizen_may_act_for_another() {
    let world = World::new();
    for (name, relation) in [
        ("custody", CitizenRelation::Custody),
        ("guardian", CitizenRelation::Guardian),
        ("proxy", CitizenRelation::Proxy),
    ] {
        let claims = on_behalf(citizen(), &json!({"person_id": EINER, "relation": name}));
        let acting = world
            .call(&claims)
            .unwrap()
            .party()
            .on_behalf
            .clone()
            .unwrap();
        let key = key_of(&PersonNumber::cpr("0201609995").unwrap());
        assert_eq!((acting.patient, acting.relation), (key, relation));
    }
    for wrong in [
        json!({}),
        json!({"person_id": EINER}),
        json!({"relation": "proxy"}),
        json!({"person_id": EINER, "relation": "neighbour"}),
        json!({"person_id": "0201609995", "relation": "proxy"}),
        json!({"person_id": EINER, "relation": "proxy", "national_provider_identifier": "9RK1H"}),
        json!({"national_provider_identifier": "9RK1H"}),
    ] {
        assert_eq!(
            world.refusal(&on_behalf(citizen(), &wrong)),
            code::TOKEN_INVALID
        );
    }
}

#[test]
fn a_helper_acts_under_a_responsible_professional() {
    let world = World::new();
    let acting = json!({
        "national_provider_identifier": "9LM4D", "subject_name": "Ole Overlæge",
        "subject_role": {"system": LAEGE, "code": "laege"}
    });
    for helper in [
        with_role(NATIONAL, "nspPlejeAssR3"),
        with_role(SKS, "laegesekretaer"),
        physician(),
    ] {
        let caller = world.call(&on_behalf(helper, &acting)).unwrap();
        let responsible = caller.party().responsible.as_ref().unwrap();
        assert_eq!(responsible.authorisation().unwrap().as_str(), "9LM4D");
        assert_eq!(
            responsible.organisation,
            caller.party().person.as_ref().unwrap().organisation
        );
        assert_eq!(
            caller.token().unwrap().responsible_name(),
            Some("Ole Overlæge")
        );
    }
}

#[test]
fn the_responsible_profession_is_said_or_assumed_and_else_stays_unsaid() {
    let role = |world: &World, acting: &Value| {
        let caller = world
            .call(&on_behalf(with_role(NATIONAL, "nspPlejeAssR3"), acting))
            .unwrap();
        match caller.party().responsible.clone().unwrap().kind {
            PersonKind::Professional { role, .. } => role,
            other => panic!("{other:?}"),
        }
    };
    let unsaid = json!({"national_provider_identifier": "9LM4D"});
    let said = json!({"national_provider_identifier": "9LM4D", "subject_role": {"system": LAEGE, "code": "5433"}});
    let assuming = World::with(|s| s.assumed_responsible_role = Some("laege".to_owned()));
    assert_eq!(role(&World::new(), &unsaid), "");
    assert_eq!(role(&assuming, &unsaid), "laege");
    assert_eq!(role(&assuming, &said), "tandlaege");
}

#[test]
fn an_on_behalf_of_that_does_not_fit_the_role_is_refused() {
    let world = World::new();
    let helper = json!({"national_provider_identifier": "9LM4D"});
    world.call(&on_behalf(physician(), &helper)).unwrap();
    for role in [
        "auditor",
        "operator",
        "data-protection-officer",
        "source-system",
        "register-system",
    ] {
        let claims = on_behalf(with_role(DELT, role), &helper);
        assert_eq!(world.refusal(&claims), code::TOKEN_INVALID, "{role}");
    }
    for wrong in [
        json!({}),
        json!({"subject_name": "Ole"}),
        json!({"national_provider_identifier": "AEIOU"}),
        json!({"national_provider_identifier": "9LM4D", "person_id": EINER}),
        json!({"person_id": EINER, "relation": "custody"}),
        json!({"national_provider_identifier": "9LM4D", "subject_role": {"system": DELT, "code": "auditor"}}),
    ] {
        assert_eq!(
            world.refusal(&on_behalf(physician(), &wrong)),
            code::TOKEN_INVALID
        );
    }
}

#[test]
fn staff_may_bring_their_own_number_and_it_must_be_one() {
    let world = World::new();
    let caller = world
        .call(&iua(physician(), "person_id", json!(LONNI)))
        .unwrap();
    assert_eq!(
        caller.person_key(),
        Some(&key_of(&PersonNumber::cpr("0201609996").unwrap()))
    );
    assert_eq!(
        world.refusal(&iua(physician(), "person_id", json!("x"))),
        code::TOKEN_INVALID
    );
}

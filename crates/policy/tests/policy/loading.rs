//! Role policies load as a whole or are refused as a whole, and identifiers and directories that are broken stay harmless.

use delt_policy::roles::{Confidentiality, DocumentClass, Principal, RoleQuestion};
use delt_policy::*;

use crate::world::*;

const SCHEMA: &str = include_str!("../../../../deploy/policy/delt.cedarschema");
const READS: &str = r#"@id("reads") permit(principal == Delt::Professional::"laege",
    action in Delt::Action::"ReadRecord", resource);"#;

fn load(policy: &str) -> Result<RolePolicy, PolicyInvalid> {
    RolePolicy::from_sources(SCHEMA, &[("test.cedar", policy)])
}

fn physician_reads() -> RoleQuestion {
    RoleQuestion {
        principal: Principal::Professional("laege".to_owned()),
        sector: Sector::Region,
        action: Action::SearchRecord,
        purpose: Some(Purpose::Treat),
        helper: false,
    }
}

#[test]
fn every_policy_has_a_name() {
    let ids = POLICY.policy_ids();
    assert!(ids.len() > 15);
    assert!(ids.contains(&"physician-breaks-glass".to_owned()));
}

#[test]
fn the_version_depends_on_the_text_and_not_on_the_order() {
    let other = READS.replace("reads", "sees");
    let version = |files: &[(&str, &str)]| {
        RolePolicy::from_sources(SCHEMA, files)
            .unwrap()
            .version()
            .to_owned()
    };
    let both = version(&[("a", READS), ("b", &other)]);
    assert_eq!(both.len(), 64);
    assert_eq!(both, version(&[("b", &other), ("a", READS)]));
    assert_ne!(both, version(&[("a", &other), ("b", READS)]));
    assert_ne!(both, version(&[("a", READS)]));
}

#[test]
fn a_set_that_is_not_right_is_refused() {
    type Check = fn(&PolicyInvalid) -> bool;
    let cases: [(&str, &str, Check); 7] = [
        ("no grammar", "permit(", |e| {
            matches!(e, PolicyInvalid::Policy { .. })
        }),
        ("no id", "permit(principal, action, resource);", |e| {
            matches!(e, PolicyInvalid::Unnamed { .. })
        }),
        (
            "a template",
            r#"@id("t") permit(principal == ?principal, action, resource);"#,
            |e| matches!(e, PolicyInvalid::Unnamed { .. }),
        ),
        (
            "a role with a typo",
            r#"@id("t") permit(principal == Delt::Professional::"leage", action, resource);"#,
            |e| matches!(e, PolicyInvalid::Invalid(_)),
        ),
        (
            "an unknown attribute",
            r#"@id("t") permit(principal, action, resource) when { context.colour == "red" };"#,
            |e| matches!(e, PolicyInvalid::Invalid(_)),
        ),
        (
            "an attribute that not every action has",
            r#"@id("t") permit(principal, action, resource) when { context.confidentiality == Delt::Confidentiality::"N" };"#,
            |e| matches!(e, PolicyInvalid::Invalid(_)),
        ),
        (
            "a policy that can never apply",
            r#"@id("t") permit(principal is Delt::Professional, action == Delt::Action::"SendMessage", resource);"#,
            |e| matches!(e, PolicyInvalid::Invalid(_)),
        ),
    ];
    for (name, policy, check) in cases {
        let error = load(policy).unwrap_err();
        assert!(check(&error), "{name}: {error}");
    }
    let twice = format!("{READS}\n");
    let error = RolePolicy::from_sources(SCHEMA, &[("a", READS), ("b", &twice)]).unwrap_err();
    assert!(matches!(error, PolicyInvalid::Duplicate { .. }), "{error}");
    let huge = " ".repeat(2 << 20);
    assert_eq!(load(&huge).unwrap_err(), PolicyInvalid::TooLarge);
    let files = vec![("x", ""); 65];
    let error = RolePolicy::from_sources(SCHEMA, &files).unwrap_err();
    assert_eq!(error, PolicyInvalid::TooLarge);
}

#[test]
fn a_schema_that_is_not_right_is_refused() {
    let error = RolePolicy::from_sources("entity", &[]).unwrap_err();
    assert!(matches!(error, PolicyInvalid::Schema(_)), "{error}");
    let lacking = SCHEMA.replace("LinkPatient, ", "");
    let error = RolePolicy::from_sources(&lacking, &[]).unwrap_err();
    assert_eq!(error, PolicyInvalid::ActionMissing("LinkPatient"));
}

#[test]
fn an_empty_set_permits_nothing() {
    let empty = RolePolicy::from_sources(SCHEMA, &[]).unwrap();
    assert!(!empty.table(&physician_reads()).permits_any());
}

#[test]
fn an_evaluation_that_fails_is_a_denial() {
    // Integer overflow passes every validation and fails when it is evaluated. Cedar then skips the policy, here a
    // `forbid`, and would permit by the other.
    let fails = r#"@id("fails") forbid(principal, action in Delt::Action::"ReadRecord", resource)
        when { 9223372036854775807 + (if context.helper then 1 else 2) == 0 };"#;
    let policy = load(&format!("{READS}{fails}")).unwrap();
    let table = policy.table(&physician_reads());
    assert!(!table.permits_any());
    let question = RoleQuestion {
        action: Action::GetPatient,
        ..physician_reads()
    };
    assert!(!policy.answer(&question).permitted);
    let sound = load(READS).unwrap().table(&physician_reads());
    assert!(
        sound
            .answer(DocumentClass::Other, Confidentiality::VeryRestricted)
            .permitted
    );
}

#[test]
fn a_class_is_read_from_the_type_code() {
    let cases = [
        ("39289-4", DocumentClass::Appointment),
        ("53576-5", DocumentClass::HomeMeasurement),
        ("74465-6", DocumentClass::Questionnaire),
        ("PDC", DocumentClass::Stamkort),
        ("pdc", DocumentClass::Other),
        ("81215-6", DocumentClass::CarePlan),
        ("11450-4", DocumentClass::DiagnosisList),
        ("18842-5", DocumentClass::DischargeLetter),
        (" 11502-2 ", DocumentClass::LabReport),
        ("CMR", DocumentClass::Note),
        ("PSCR", DocumentClass::Pregnancy),
        ("", DocumentClass::Other),
        ("11502-20", DocumentClass::Other),
    ];
    for (code, class) in cases {
        assert_eq!(DocumentClass::of_type_code(code), class, "{code}");
    }
}

#[test]
fn identifiers_are_read_strictly_and_shown_masked() {
    for text in [
        "",
        "sor:",
        "sor:12a",
        "SOR:12",
        "990",
        "shak:990",
        "sor:123456789012345678901",
    ] {
        assert!(OrganisationId::parse(text).is_err(), "{text}");
    }
    assert_eq!(
        OrganisationId::parse("sor:990011000016008").unwrap().code(),
        "990011000016008"
    );
    let key = PatientKey::new([0xab; 32]);
    assert_eq!(PatientKey::from_hex(&key.hex()), Ok(key));
    assert_eq!(format!("{key:?}"), "PatientKey(abab…)");
    for text in [
        "",
        "ab",
        &"g".repeat(64),
        &"a".repeat(63),
        &"a".repeat(65),
        &"æ".repeat(32),
    ] {
        assert!(PatientKey::from_hex(text).is_err(), "{text}");
    }
    assert!(!format!("{:?}", auth("7LK1D")).contains("7LK"));
    for text in ["", "7LK 1", "æøå12", &"A".repeat(21)] {
        assert!(AuthorisationId::parse(text).is_err(), "{text}");
    }
}

#[test]
fn a_directory_with_a_loop_ends() {
    let tree = OrganisationTree::new([
        (org("1"), Some(org("2")), None),
        (org("2"), Some(org("1")), None),
        (org("3"), Some(org("3")), Some(Sector::Region)),
    ]);
    assert!(tree.is_within(&org("1"), &org("2")) && tree.is_within(&org("2"), &org("1")));
    assert!(!tree.is_within(&org("1"), &org("3")));
    assert!(tree.ancestors(&org("1")).count() <= 32);
    assert_eq!(tree.sector(&org("1")), Sector::Unknown);
    assert_eq!(TREE.sector(&org(WARD)), Sector::Region);
}

#[test]
fn names_read_back() {
    for purpose in Purpose::ALL {
        assert_eq!(Purpose::from_code(purpose.as_str()), Some(purpose));
        let json = serde_json::to_string(&purpose).unwrap();
        assert_eq!(json, format!("\"{}\"", purpose.as_str()));
    }
    for sector in Sector::ALL {
        assert_eq!(Sector::from_code(sector.as_str()), Some(sector));
    }
    for kind in RelationKind::ALL {
        assert_eq!(RelationKind::from_code(kind.as_str()), Some(kind));
    }
}

//! The shapes of IHE PCF's own examples, with Danish identifiers: FHIR Consent → records → decision.

mod shapes;
mod table;
mod world;

use delt_policy::{ConsentKind, Who};
use serde_json::json;

use super::*;
use shapes::{actor, consent, document, label, organisation, purposes};
use world::{CARDIOLOGIST, GP, HEART, PSYCHIATRY, mapped};

const YEAR: (&str, &str) = ("2026-11-23", "2027-10-31");

fn kinds(records: &[ConsentTerms]) -> Vec<ConsentKind> {
    records.iter().map(|terms| terms.kind).collect()
}

fn refused(provision: serde_json::Value) -> String {
    mapped(&consent(provision)).unwrap_err().path
}

#[test]
fn what_closes_comes_before_what_opens() {
    let period = json!({"start": YEAR.0, "end": YEAR.1});
    let done = mapped(&consent(json!({
        "type": "deny", "period": period,
        "provision": [{"type": "permit", "actor": [organisation(GP)]}]
    })));
    let done = done.unwrap();
    assert_eq!(
        kinds(&done.records),
        [ConsentKind::Negative, ConsentKind::Positive]
    );
    assert!(done.remarks.contains(&Remark::PermitGoesFirst));
    assert!(done.remarks.contains(&Remark::PermitWithoutUnits));
}

#[test]
fn a_permit_must_end_within_a_year() {
    let permit = |period: serde_json::Value| {
        json!({
            "type": "deny",
            "provision": [{"type": "permit", "period": period, "actor": [actor(CARDIOLOGIST)]}]
        })
    };
    let end = "Consent.provision.provision[0].period.end";
    assert_eq!(refused(permit(json!({"start": "2026-01-01"}))), end);
    assert_eq!(refused(permit(json!({"end": "2027-12-31"}))), end);
    assert_eq!(refused(permit(json!({"end": "2026-10-01"}))), end);
    assert!(mapped(&consent(permit(json!({"end": "2027-11-01"})))).is_ok());
}

#[test]
fn an_exception_opens_no_more_than_the_rule_closes() {
    let root = json!({
        "type": "deny", "actor": [organisation(PSYCHIATRY)], "period": {"end": YEAR.1},
        "provision": [{"type": "permit", "data": [document(HEART)]}]
    });
    let done = mapped(&consent(root)).unwrap();
    assert!(matches!(&done.records[1].who, Who::Organisation(place) if !place.with_underlying));
    assert!(matches!(&done.records[0].who, Who::Organisation(place) if place.with_underlying));
    let both = json!({
        "type": "deny", "actor": [organisation(PSYCHIATRY)], "period": {"end": YEAR.1},
        "provision": [{"type": "permit", "actor": [actor(CARDIOLOGIST)]}]
    });
    assert_eq!(refused(both), "Consent.provision.provision[0].actor");
}

#[test]
fn what_a_permit_would_override_is_no_exception_to_it() {
    let path = refused(json!({
        "type": "permit", "actor": [organisation(GP)], "period": {"end": YEAR.1},
        "provision": [{"type": "deny", "data": [document(HEART)]}]
    }));
    assert_eq!(path, "Consent.provision.provision[0]");
}

#[test]
fn a_consent_is_for_every_purpose_or_for_none() {
    assert_eq!(
        refused(json!({"type": "permit", "purpose": purposes(&["TREAT"])})),
        "Consent.provision.purpose"
    );
    assert_eq!(
        refused(json!({"type": "deny", "purpose": purposes(&["HOPERAT"])})),
        "Consent.provision.purpose"
    );
    assert_eq!(
        refused(json!({"type": "permit", "purpose": purposes(&["BTG"])})),
        "Consent.provision.purpose"
    );
    let limited = json!({"type": "deny", "provision": [
        {"type": "permit", "purpose": purposes(&["BTG"]), "data": [document(HEART)]}
    ]});
    assert_eq!(refused(limited), "Consent.provision.provision[0].purpose");
    let denies = json!({"type": "deny", "provision": [{"type": "deny"}]});
    assert_eq!(refused(denies), "Consent.provision.provision[0]");
}

#[test]
fn labels_are_refused_in_exceptions_too() {
    let path = refused(json!({
        "type": "permit",
        "provision": [{"type": "permit", "securityLabel": [label("v3-ActCode", "PSY")]}]
    }));
    assert_eq!(path, "Consent.provision.provision[0].securityLabel");
}

/// A date has no offset: what closes begins by summer time and ends by winter time, what opens the other way round.
#[test]
fn a_date_begins_and_ends_where_it_protects_more() {
    let period = json!({"start": "2027-01-01", "end": "2027-06-30"});
    let done = mapped(&consent(json!({
        "type": "deny", "period": period, "provision": [{"type": "permit", "actor": [actor(CARDIOLOGIST)]}]
    })));
    let done = done.unwrap();
    let hour = 3_600_000_000;
    let [block, permit] = &done.records[..] else {
        panic!("a block and a permit");
    };
    assert_eq!(permit.valid_from.unwrap() - block.valid_from.unwrap(), hour);
    assert_eq!(
        block.valid_until.unwrap() - permit.valid_until.unwrap(),
        hour
    );
}

#[test]
fn a_past_start_is_left_out_and_a_past_end_refused() {
    let done = mapped(&consent(
        json!({"type": "deny", "period": {"start": "2020"}}),
    ))
    .unwrap();
    assert_eq!(done.records[0].valid_from, None);
    let ended = json!({"type": "deny", "period": {"end": "2026-11-01"}});
    assert_eq!(refused(ended), "Consent.provision.period.end");
    let lapsed =
        json!({"type": "permit", "provision": [{"type": "deny", "period": {"end": "2026-11-01"}}]});
    assert_eq!(mapped(&consent(lapsed)).unwrap().records, []);
}

#[test]
fn who_and_whose_must_be_said_by_number() {
    let mut unknown = consent(json!({"type": "deny"}));
    unknown["patient"] = json!({"reference": "Patient/17"});
    assert_eq!(mapped(&unknown).unwrap_err().path, "Consent.patient");
    let mut unknown = consent(json!({"type": "deny"}));
    unknown["performer"] = json!([{"reference": "RelatedPerson/17"}]);
    assert_eq!(mapped(&unknown).unwrap_err().path, "Consent.performer[0]");
    let group = json!({"type": "deny", "actor": [{
        "role": actor(CARDIOLOGIST)["role"], "reference": {"reference": "Group/all"}
    }]});
    assert_eq!(refused(group), "Consent.provision.actor[0].reference");
}

#[test]
fn one_consent_comes_to_no_more_than_fifty_records() {
    let actors: Vec<_> = (0..10).map(|_| actor(CARDIOLOGIST)).collect();
    let data: Vec<_> = (0..10).map(|_| document(HEART)).collect();
    assert_eq!(
        refused(json!({"type": "deny", "actor": actors, "data": data})),
        "Consent.provision"
    );
}

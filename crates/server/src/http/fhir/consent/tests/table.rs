//! One row for each of the example consents of IHE PCF: what its note says the token permits and what is left to
//! filter, or why Delt refuses to keep it.

use delt_policy::{Purpose, Verdict, WithheldReason};
use serde_json::{Value, json};

use super::shapes::{EINER, consent, data, document, label, person, purposes, usual, written_at};
use super::world::{HEART, MIND, PSYCHIATRY, kept, mapped, seen};

/// What comes of an example.
enum Comes {
    /// To so many records; the cardiologist who treats sees of heart, mind and old …
    To(usize, Option<[bool; 3]>),
    /// Refused, at this place.
    Refused(&'static str),
}
use Comes::{Refused, To};

const ALL: Option<[bool; 3]> = Some([true; 3]);
const LABEL: &str = "Consent.provision.securityLabel";
const REFERENCE: &str = "Consent.provision.data[0].reference";
const EXCEPTION: &str = "Consent.provision.provision[0].data[0].reference";

#[expect(clippy::needless_pass_by_value, reason = "made for the call")]
fn permit(more: Value) -> Value {
    let mut provision = json!({"type": "permit", "purpose": usual()});
    let members = provision.as_object_mut().unwrap();
    members.extend(more.as_object().unwrap().clone());
    provision
}

fn basic() -> Vec<(&'static str, Value, Comes)> {
    let mut infant = consent(permit(json!({})));
    infant["performer"] = json!([person(EINER)]);
    let research = json!({"type": "permit", "purpose": purposes(&["HRESCH"])});
    vec![
        // "There is no residual": all that treatment sees.
        ("basic-treat", consent(permit(json!({}))), To(0, ALL)),
        ("basic-ink", consent(permit(json!({}))), To(0, ALL)),
        ("basic-treat-infant", infant, To(0, ALL)),
        (
            "basic-research",
            consent(research),
            Refused("Consent.provision.purpose"),
        ),
    ]
}

fn intermediate() -> Vec<(&'static str, Value, Comes)> {
    let documents =
        json!({"period": {"end": "2027-10-31"}, "data": [document(HEART), document(MIND)]});
    let observation = json!({"data": [data("instance", "Observation/weight")]});
    let timeframe = json!({"dataPeriod": {"start": "2022-01-01", "end": "2022-12-31"}});
    let not = |data: Value| json!({"provision": [{"type": "deny", "data": [data]}]});
    let encounter = json!({"data": [data("related", "Encounter/stay")]});
    let dissent = json!({"type": "deny", "provision": [{
        "type": "permit", "purpose": purposes(&["BTG"]),
        "actor": [{"reference": {"reference": "Group/privileged"}, "role": super::actor("9RK1H")["role"]}]
    }]});
    let row = |name, more| (name, consent(permit(more)));
    let with = |(name, consent): (&'static str, Value), comes| (name, consent, comes);
    vec![
        // "First as a forbid everything, second as a permit of that specific data."
        with(row("data", documents), To(3, Some([true, true, false]))),
        with(
            row("data that is no document", observation),
            Refused(REFERENCE),
        ),
        // "Nothing BUT the information in that timeframe is allowed."
        with(
            row("timeframe", timeframe),
            To(2, Some([true, true, false])),
        ),
        // "The residual need only express the forbid."
        with(
            row(
                "not-authoredby an organisation",
                not(written_at(PSYCHIATRY)),
            ),
            To(1, Some([true, false, true])),
        ),
        with(
            row(
                "not-authoredby a practitioner",
                not(data("authoredby", "Practitioner/x")),
            ),
            Refused(EXCEPTION),
        ),
        with(row("encounter", encounter), Refused(REFERENCE)),
        with(
            row("not-encounter", not(data("related", "Encounter/stay"))),
            Refused(EXCEPTION),
        ),
        // "Any access request that has not declared break-glass would be rejected."
        ("dissent-break-glass", consent(dissent), To(1, None)),
    ]
}

fn advanced() -> Vec<(&'static str, Value, Comes)> {
    let normal = label("v3-Confidentiality", "N");
    let restricted = label("v3-Confidentiality", "R");
    let focused = |more: Value| {
        let exception =
            json!({"type": "permit", "securityLabel": [more], "actor": [super::actor("9RK1H")]});
        consent(permit(
            json!({"securityLabel": [normal], "provision": [exception]}),
        ))
    };
    let labelled = |labels: Value| consent(permit(json!({"securityLabel": labels})));
    vec![
        ("normal", labelled(json!([normal])), Refused(LABEL)),
        (
            "normal-restricted",
            labelled(json!([normal, restricted])),
            Refused(LABEL),
        ),
        (
            "normal-focused-psy",
            focused(label("v3-ActCode", "PSY")),
            Refused(LABEL),
        ),
        (
            "normal-focused-restricted",
            focused(restricted),
            Refused(LABEL),
        ),
    ]
}

#[test]
fn each_example_comes_to_what_its_note_says_or_is_refused() {
    for (name, consent, comes) in basic().into_iter().chain(intermediate()).chain(advanced()) {
        match (mapped(&consent), comes) {
            (Err(refusal), Refused(path)) => assert_eq!(refusal.path, path, "{name}"),
            (Ok(done), To(records, expected)) => {
                assert_eq!(done.records.len(), records, "{name}");
                let seen = seen(kept(&done.records), Purpose::Treat);
                let open =
                    |verdicts: Vec<Verdict>| verdicts.iter().map(|v| v.is_visible()).collect();
                assert_eq!(seen.map(open), expected.map(|seen| seen.to_vec()), "{name}");
            }
            (Ok(_), Refused(_)) => panic!("{name}: should be refused"),
            (Err(refusal), To(..)) => panic!("{name}: refused at {refusal}"),
        }
    }
}

/// "Provided a request by an authorised user with purpose break-glass, this would result in a permit, with no residual."
#[test]
fn the_dissent_opens_to_break_glass() {
    let (_, dissent, _) = intermediate().pop().unwrap();
    let records = mapped(&dissent).unwrap().records;
    let seen = seen(kept(&records), Purpose::Btg).unwrap();
    assert_eq!(seen, [Verdict::VisibleByOverride; 3]);
}

/// A consent that asks for no more than the law gives lifts nothing that the citizen closed before.
#[test]
fn a_plain_permit_lifts_no_earlier_block() {
    let (_, exclusion, _) = intermediate().remove(3);
    let (_, plain, _) = basic().remove(0);
    let mut records = mapped(&exclusion).unwrap().records;
    records.extend(mapped(&plain).unwrap().records);
    let seen = seen(kept(&records), Purpose::Treat).unwrap();
    assert_eq!(seen[1], Verdict::Withheld(WithheldReason::Consent));
}

/// Whoever gave it for somebody else must be the one who registers it.
#[test]
fn what_somebody_else_gave_is_told_apart() {
    let rows = basic();
    assert!(!mapped(&rows[0].1).unwrap().for_another);
    assert!(mapped(&rows[2].1).unwrap().for_another);
}

//! Cases as text and as JSON.

use delt_proto::review::v1::{ReviewCase, ReviewEvent};
use serde_json::{Value, json};

use super::super::json as wire;
use super::super::table::{Table, plain};
use super::super::values::minute;
use super::words::{decision_word, ground_word, kind_word, state_word, step_word};

pub(super) fn as_json(case: &ReviewCase) -> Value {
    json!({
        "number": case.number,
        "kind": kind_word(case.kind()),
        "state": state_word(case.state()),
        "opened_time": wire::time(case.opened_time.as_ref()),
        "person_id": case.person_id,
        "authorisation_id": case.authorisation_id,
        "role": case.role,
        "organisation": case.organisation,
        "override_ground": ground_word(case.override_ground()),
        "reason": case.reason,
        "expires_time": wire::time(case.expires_time.as_ref()),
        "audit_entry_id": case.audit_entry_id,
        "patient_key": case.patient_key,
        "detail": case.detail,
        "evidence_entry_ids": case.evidence_entry_ids,
        "sample_id": case.sample_id,
        "revision": case.revision,
        "assignee": case.assignee,
        "decision": decision_word(case.decision()),
        "decided_time": wire::time(case.decided_time.as_ref()),
        "events": case.events.iter().map(event).collect::<Value>(),
    })
}

fn event(event: &ReviewEvent) -> Value {
    json!({
        "revision": event.revision,
        "time": wire::time(event.time.as_ref()),
        "person_id": event.person_id,
        "person_name": event.person_name,
        "kind": step_word(event.kind()),
        "assignee": event.assignee,
        "decision": decision_word(event.decision()),
        "text": event.text,
    })
}

pub(super) fn table(cases: &[ReviewCase]) -> String {
    if cases.is_empty() {
        return "No cases.\n".to_owned();
    }
    let mut table = Table::new([
        "CASE",
        "OPENED (UTC)",
        "KIND",
        "STATE",
        "WHO",
        "ROLE",
        "WHERE",
        "WHOSE CASE",
        "WHAT",
    ]);
    for case in cases {
        table.row([
            case.number.to_string(),
            minute(case.opened_time.as_ref()),
            kind_word(case.kind()).to_owned(),
            state_word(case.state()).to_owned(),
            case.person_id.clone(),
            case.role.clone(),
            case.organisation.clone(),
            case.assignee.clone(),
            what(case),
        ]);
    }
    table.to_string()
}

/// What was found or said, in one line.
fn what(case: &ReviewCase) -> String {
    let decision = decision_word(case.decision());
    let parts = [decision, &case.detail, &case.reason];
    let said: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    said.join(": ")
}

pub(super) fn as_text(case: &ReviewCase) -> String {
    let lines = [
        ("case", case.number.to_string()),
        ("kind", kind_word(case.kind()).to_owned()),
        ("state", state_word(case.state()).to_owned()),
        ("decision", decision_word(case.decision()).to_owned()),
        ("decided", minute(case.decided_time.as_ref())),
        ("whose case", case.assignee.clone()),
        ("revision", case.revision.to_string()),
        ("opened", minute(case.opened_time.as_ref())),
        ("closes", minute(case.expires_time.as_ref())),
        ("who", case.person_id.clone()),
        ("role", case.role.clone()),
        ("where", case.organisation.clone()),
        ("found", case.detail.clone()),
        ("ground", ground_word(case.override_ground()).to_owned()),
        ("reason", case.reason.clone()),
        ("patient key", case.patient_key.clone()),
        ("begun by", case.audit_entry_id.clone()),
        ("sample", case.sample_id.clone()),
        ("evidence", case.evidence_entry_ids.join(" ")),
    ];
    let told = lines.iter().filter(|(_, value)| !value.is_empty());
    let told = told.map(|(name, value)| format!("{name:<12} {}\n", plain(value)));
    told.chain(case.events.iter().map(step)).collect()
}

/// A step of the work: who did what, and under it what they wrote.
fn step(event: &ReviewEvent) -> String {
    let who = if event.person_name.is_empty() {
        &event.person_id
    } else {
        &event.person_name
    };
    let what = [
        step_word(event.kind()),
        &event.assignee,
        decision_word(event.decision()),
    ];
    let what: Vec<&str> = what.into_iter().filter(|part| !part.is_empty()).collect();
    let line = format!(
        "{:>3}  {}  {}: {}",
        event.revision,
        minute(event.time.as_ref()),
        plain(who),
        plain(&what.join(" "))
    );
    let text = event
        .text
        .lines()
        .map(|line| format!("\n       {}", plain(line)));
    format!("{line}{}\n", text.collect::<String>())
}

#[cfg(test)]
mod tests {
    use delt_proto::common::v1::OverrideGround;
    use delt_proto::review::v1::{
        ReviewCaseKind, ReviewCaseState, ReviewDecision, ReviewEventKind,
    };

    use super::*;

    fn case() -> ReviewCase {
        ReviewCase {
            number: 7,
            kind: ReviewCaseKind::BreakGlass.into(),
            state: ReviewCaseState::Open.into(),
            opened_time: delt_client::json::from_rfc3339("2026-11-23T08:05:09Z"),
            person_id: "9KARD".to_owned(),
            authorisation_id: "9KARD".to_owned(),
            override_ground: OverrideGround::EssentialConsideration.into(),
            reason: "Bevidstløs".to_owned(),
            ..ReviewCase::default()
        }
    }

    #[test]
    fn a_case_is_a_row_of_the_list() {
        let text = table(&[case()]);
        let row = text.lines().nth(1).unwrap();
        assert!(
            row.starts_with("7     2026-11-23 08:05  break-glass  open   9KARD"),
            "{text}"
        );
        assert!(row.ends_with("Bevidstløs"), "{text}");
        assert_eq!(table(&[]), "No cases.\n");
    }

    #[test]
    fn a_case_in_full_leaves_out_what_it_does_not_have() {
        let text = as_text(&case());
        assert!(
            text.contains("ground       essential-consideration\n"),
            "{text}"
        );
        assert!(!text.contains("closes"), "{text}");
        assert_eq!(as_json(&case())["number"], 7);
    }

    #[test]
    fn a_step_is_told_in_a_line_with_its_text_below() {
        let event = ReviewEvent {
            revision: 2,
            time: delt_client::json::from_rfc3339("2026-11-23T09:00:00Z"),
            person_name: "Tilde Tilsyn".to_owned(),
            kind: ReviewEventKind::Proposed.into(),
            decision: ReviewDecision::Justified.into(),
            text: "Akut\n\u{1b}[2Jindlagt".to_owned(),
            ..ReviewEvent::default()
        };
        assert_eq!(
            step(&event),
            "  2  2026-11-23 09:00  Tilde Tilsyn: proposed justified\n       Akut\n       \u{fffd}[2Jindlagt\n"
        );
    }
}

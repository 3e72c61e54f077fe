//! Cases and the work on them.

use delt_hub::{
    Error, Released, Result,
    review::{
        Assignee, ReviewCase, ReviewText, Step,
        operations::{
            AssignReviewCase, AssignTo, CommentReviewCase, DecideReviewCase, GetReviewCase,
            ListReviewCases,
        },
    },
};
use delt_proto::{common::v1::AuditReceipt, review::v1};

use super::words;
use crate::grpc::wire;

pub(super) fn list(message: v1::ListReviewCasesRequest, page_max: u32) -> Result<ListReviewCases> {
    Ok(ListReviewCases {
        after: message.after_number,
        kind: words::kind(message.kind)?,
        state: words::state(message.state)?,
        page_size: wire::page_size(message.page_size, page_max)?,
    })
}

pub(super) fn listed(done: Released<Vec<ReviewCase>>) -> v1::ListReviewCasesResponse {
    v1::ListReviewCasesResponse {
        cases: done.value.into_iter().map(written).collect(),
        receipt: Some(wire::receipt(&done.receipt)),
    }
}

pub(super) const fn get(message: &v1::GetReviewCaseRequest) -> GetReviewCase {
    GetReviewCase {
        number: message.number,
    }
}

pub(super) fn one(done: Released<ReviewCase>) -> v1::GetReviewCaseResponse {
    let (review_case, receipt) = parts(done);
    v1::GetReviewCaseResponse {
        review_case,
        receipt,
    }
}

pub(super) fn assign(message: v1::AssignReviewCaseRequest) -> Result<AssignReviewCase> {
    let to = match (message.release, wire::optional(&message.assignee)) {
        (true, None) => AssignTo::Nobody,
        (true, Some(_)) => return Err(Error::invalid("assignee", "goes not with release")),
        (false, None) => AssignTo::Me,
        (false, Some(id)) => AssignTo::Somebody(Assignee::parse(id)?),
    };
    Ok(AssignReviewCase {
        number: message.number,
        expected_revision: message.expected_revision,
        to,
    })
}

pub(super) fn assigned(done: Released<ReviewCase>) -> v1::AssignReviewCaseResponse {
    let (review_case, receipt) = parts(done);
    v1::AssignReviewCaseResponse {
        review_case,
        receipt,
    }
}

pub(super) fn comment(message: v1::CommentReviewCaseRequest) -> Result<CommentReviewCase> {
    Ok(CommentReviewCase {
        number: message.number,
        expected_revision: message.expected_revision,
        text: ReviewText::parse("text", &message.text)?,
    })
}

pub(super) fn commented(done: Released<ReviewCase>) -> v1::CommentReviewCaseResponse {
    let (review_case, receipt) = parts(done);
    v1::CommentReviewCaseResponse {
        review_case,
        receipt,
    }
}

pub(super) fn decide(message: v1::DecideReviewCaseRequest) -> Result<DecideReviewCase> {
    let decision = words::decision(message.decision)?;
    Ok(DecideReviewCase {
        number: message.number,
        expected_revision: message.expected_revision,
        decision: decision.ok_or_else(|| Error::invalid("decision", "is required"))?,
        text: ReviewText::parse("text", &message.text)?,
    })
}

pub(super) fn decided(done: Released<ReviewCase>) -> v1::DecideReviewCaseResponse {
    let (review_case, receipt) = parts(done);
    v1::DecideReviewCaseResponse {
        review_case,
        receipt,
    }
}

fn parts(done: Released<ReviewCase>) -> (Option<v1::ReviewCase>, Option<AuditReceipt>) {
    (
        Some(written(done.value)),
        Some(wire::receipt(&done.receipt)),
    )
}

fn written(case: ReviewCase) -> v1::ReviewCase {
    let authorisation = case.authorisation.map(|id| id.as_str().to_owned());
    v1::ReviewCase {
        number: case.number,
        kind: words::written_kind(case.kind),
        state: words::written_state(case.state),
        opened_time: Some(wire::timestamp(case.opened_at)),
        authorisation_id: authorisation.unwrap_or_default(),
        role: case.role,
        organisation: case.organisation.code().to_owned(),
        override_ground: wire::to_override_ground(case.ground).into(),
        reason: case.reason,
        expires_time: case.expires_at.map(wire::timestamp),
        audit_entry_id: wire::to_optional(case.audit_entry_id),
        patient_key: case.patient.map(|key| key.hex()).unwrap_or_default(),
        person_id: case.person_id.unwrap_or_default(),
        assignee: case.assignee.unwrap_or_default(),
        decision: case.decision.map_or(0, words::written_decision),
        decided_time: case.decided_at.map(wire::timestamp),
        revision: case.revision,
        detail: case.detail,
        evidence_entry_ids: case.evidence.iter().map(ToString::to_string).collect(),
        events: case.steps.into_iter().map(step).collect(),
        sample_id: wire::to_optional(case.sample),
    }
}

fn step(step: Step) -> v1::ReviewEvent {
    v1::ReviewEvent {
        revision: step.revision,
        time: Some(wire::timestamp(step.happened_at)),
        person_id: step.person_id,
        person_name: step.person_name,
        kind: words::written_step(step.kind),
        assignee: step.assignee.unwrap_or_default(),
        decision: step.decision.map_or(0, words::written_decision),
        text: step.text,
    }
}

//! JSON of the answers, in the names of the wire contract.

use delt_client::json::to_rfc3339;
use delt_proto::common::v1::{AuditReceipt, Code, Ground, Period};
use delt_proto::consent::v1::{Consent, OrganisationScope};
use delt_proto::message::v1::Message;
use delt_proto::relation::v1::TreatmentRelation;
use prost_types::Timestamp;
use serde_json::{Value, json};

use super::consent::kind_word;
use super::messages::state_word;
use super::relation::relation_word;

pub(super) fn time(moment: Option<&Timestamp>) -> Value {
    moment.and_then(to_rfc3339).map_or(Value::Null, Value::from)
}

pub(super) fn period(period: Option<&Period>) -> Value {
    period.map_or(
        Value::Null,
        |period| json!({ "start": time(period.start.as_ref()), "end": time(period.end.as_ref()) }),
    )
}

pub(super) fn receipt(receipt: Option<&AuditReceipt>) -> Value {
    receipt.map_or(Value::Null, |receipt| {
        json!({
            "entry_id": receipt.entry_id,
            "leaf_hash": delt_client::json::to_hex(&receipt.leaf_hash),
            "recorded_time": time(receipt.recorded_time.as_ref()),
            "promised_time": time(receipt.promised_time.as_ref()),
            "signed_note": receipt.signed_note,
        })
    })
}

pub(super) fn grounds(grounds: &[Ground]) -> Value {
    let ground = |ground: &Ground| json!({ "rule": ground.rule, "reference": ground.reference, "detail": ground.detail });
    grounds.iter().map(ground).collect()
}

pub(super) fn consent(consent: &Consent) -> Value {
    let (what, who) = (consent.what.as_ref(), consent.who.as_ref());
    json!({
        "consent_id": consent.consent_id,
        "kind": kind_word(consent.kind),
        "what": what.map(|what| json!({
            "entry_uuid": what.entry_uuid,
            "type_codes": what.type_codes.iter().map(code).collect::<Value>(),
            "data_period": period(what.data_period.as_ref()),
            "originating": what.originating.as_ref().map(scope),
        })),
        "who": who.map(|who| json!({
            "authorisation_id": who.authorisation_id,
            "organisation": who.organisation.as_ref().map(scope),
        })),
        "validity": period(consent.validity.as_ref()),
        "created_time": time(consent.created_time.as_ref()),
        "ended_time": time(consent.ended_time.as_ref()),
        "registered_by": consent.registered_by,
        "on_behalf": consent.on_behalf,
    })
}

fn code(code: &Code) -> Value {
    json!({ "system": code.system, "code": code.code })
}

fn scope(scope: &OrganisationScope) -> Value {
    json!({ "organisation": scope.organisation, "with_underlying": scope.with_underlying })
}

pub(super) fn relation(relation: &TreatmentRelation) -> Value {
    json!({
        "relation_id": relation.relation_id,
        "kind": relation_word(relation.kind),
        "organisation": relation.organisation,
        "authorisation_id": relation.authorisation_id,
        "validity": period(relation.validity.as_ref()),
        "created_time": time(relation.created_time.as_ref()),
        "ended_time": time(relation.ended_time.as_ref()),
        "verify_by_time": time(relation.verify_by_time.as_ref()),
        "confirmed_time": time(relation.confirmed_time.as_ref()),
    })
}

pub(super) fn message(message: &Message) -> Value {
    json!({
        "message_id": message.message_id,
        "message_type": message.message_type,
        "sender_message_id": message.sender_message_id,
        "sender_gln": message.sender_gln,
        "receiver_gln": message.receiver_gln,
        "state": state_word(message.state),
        "accepted_time": time(message.accepted_time.as_ref()),
        "acknowledged_time": time(message.acknowledged_time.as_ref()),
        "mime_type": message.mime_type,
        "size": message.size,
        "entry_uuid": message.entry_uuid,
        "attempts": message.attempts,
    })
}

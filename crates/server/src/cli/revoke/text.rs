//! Revocations as a person and a program read them.

use delt_proto::access::v1::{
    AccountSubject, Revocation, RevocationKind, TokenSubject, access_subject::Subject,
};
use serde_json::{Value, json};

use crate::cli::json as wire;
use crate::cli::table::Table;
use crate::cli::values::minute;

pub(super) fn line(revocation: &Revocation) -> String {
    let id = &revocation.revocation_id;
    let what = format!("{} {}", kind(revocation), subject(revocation));
    let state = if revocation.ended_time.is_some() {
        "lifted"
    } else {
        "in force at every hub of the store"
    };
    format!("revocation {id} of {}: {state}\n", what.trim_end())
}

pub(super) fn table(revocations: &[Revocation]) -> String {
    if revocations.is_empty() {
        return "Nothing is revoked.\n".to_owned();
    }
    let mut table = Table::new([
        "REVOKED (UTC)",
        "KIND",
        "SUBJECT",
        "ISSUED BEFORE",
        "ENDS",
        "LIFTED",
        "REASON",
        "REVOCATION",
    ]);
    for revocation in revocations {
        table.row([
            minute(revocation.created_time.as_ref()),
            kind(revocation).to_owned(),
            subject(revocation),
            minute(revocation.issued_before.as_ref()),
            minute(revocation.valid_until.as_ref()),
            minute(revocation.ended_time.as_ref()),
            revocation.reason.clone(),
            revocation.revocation_id.clone(),
        ]);
    }
    table.to_string()
}

pub(super) fn as_json(revocation: &Revocation) -> Value {
    json!({
        "revocation_id": revocation.revocation_id,
        "kind": kind(revocation),
        "subject": subject(revocation),
        "issued_before": wire::time(revocation.issued_before.as_ref()),
        "valid_until": wire::time(revocation.valid_until.as_ref()),
        "reason": revocation.reason,
        "created_time": wire::time(revocation.created_time.as_ref()),
        "created_by": revocation.created_by,
        "ended_time": wire::time(revocation.ended_time.as_ref()),
        "ended_by": revocation.ended_by,
    })
}

fn kind(revocation: &Revocation) -> &'static str {
    match revocation.kind() {
        RevocationKind::Unspecified => "something",
        RevocationKind::Token => "token",
        RevocationKind::Person => "person",
        RevocationKind::Professional => "professional",
        RevocationKind::Account => "account",
        RevocationKind::System => "system",
    }
}

/// What was revoked; nothing for a person, whose number is not kept.
fn subject(revocation: &Revocation) -> String {
    let subject = revocation.subject.as_ref();
    match subject.and_then(|subject| subject.subject.as_ref()) {
        Some(Subject::Token(TokenSubject { issuer, token_id })) => format!("{issuer} {token_id}"),
        Some(Subject::Account(AccountSubject { issuer, subject })) => format!("{issuer} {subject}"),
        Some(Subject::AuthorisationId(id) | Subject::SystemId(id)) => id.clone(),
        Some(Subject::Person(_)) | None => String::new(),
    }
}

//! `RevokeAccess`: takes access back, from the next request on.

use std::collections::BTreeMap;

use delt_policy::{Action, Scope};
use uuid::Uuid;

use crate::{
    Error, Result, audit,
    clock::{Micros, rfc3339},
    entropy,
    error::code,
    identity::{CLOCK_SKEW_MAX_S, LIFETIME_MAX_S},
    operation::{Context, Effect, Found, Operation, Sealed, Subject},
    revocation::{AccessSubject, REASON_MAX, Revocation, RevocationKind, rows},
    store::Tx,
};

/// Longest claim of a token, as it is read there.
const CLAIM_MAX: usize = 256;
const SECOND: Micros = 1_000_000;
/// How far ahead an issuer's clock may be.
const SKEW: Micros = CLOCK_SKEW_MAX_S * SECOND;
/// How long a token that is issued now is good at most, on whatever clock.
const LIFETIME: Micros = (LIFETIME_MAX_S + 2 * CLOCK_SKEW_MAX_S) * SECOND;

/// Takes access back, at every hub of the store, from the next request on.
#[derive(Debug, Clone)]
pub struct RevokeAccess {
    pub subject: AccessSubject,
    /// Only tokens that were issued before: whoever logs in anew gets in. Goes with a person, a professional or an account.
    pub issued_before: Option<Micros>,
    /// Why: 1 to 200 characters, no person number.
    pub reason: String,
    /// The caller's own id of the request: a retry with the same one answers the same.
    pub request_id: Option<Uuid>,
}

impl Sealed for RevokeAccess {}

impl Operation for RevokeAccess {
    type Outcome = Revocation;
    const ACTION: Action = Action::RevokeAccess;
    const EFFECT: Effect = Effect::Writes;

    fn subject(&self) -> Subject {
        let mut filters = noted(&self.subject);
        if let Some(before) = self.issued_before {
            filters.insert("issued_before".to_owned(), rfc3339(before));
        }
        Subject {
            patient: self.subject.number().cloned(),
            filters,
            ..Subject::default()
        }
    }

    async fn run(&self, _: &Scope, tx: &mut Tx<'_>, cx: &Context) -> Result<Found<Revocation>> {
        self.check(cx)?;
        let marks = self.subject.marks(&cx.keys, &cx.patient_keys);
        let own = cx.caller.credential(&cx.keys);
        if own.would_be_taken(&marks, self.issued_before) {
            let problem = "would take the access that this request is made with; somebody else must revoke it";
            return Err(Error::invalid("subject", problem));
        }
        let kept = self.kept(cx)?;
        let id = kept.revocation_id;
        if let Some(earlier) = rows::one(tx, &cx.keys, id).await? {
            let mut same =
                earlier.reason == self.reason && earlier.issued_before == self.issued_before;
            for mark in &marks {
                same = same && rows::stands_under(tx, mark, id).await?;
            }
            return if same {
                Ok(Found::new(earlier).on(&id))
            } else {
                Err(Error::new(code::REQUEST_ID_REUSED))
            };
        }
        let sealed = self.subject.sealed(&cx.keys, id)?;
        for mark in &marks {
            rows::insert(tx, mark, &kept, sealed.as_deref()).await?;
        }
        Ok(Found::new(kept).on(&id))
    }
}

/// What the audit entry tells of a subject: the kind, and of a professional the authorisation id. A person stands in it as its patient.
pub(super) fn noted(subject: &AccessSubject) -> BTreeMap<String, String> {
    let kind = subject.kind().as_str().to_owned();
    let mut filters = BTreeMap::from([("kind".to_owned(), kind)]);
    match subject {
        AccessSubject::Professional(id) => {
            filters.insert("authorisation".to_owned(), id.as_str().to_owned());
        }
        AccessSubject::System(id) if is_claim(id) => {
            filters.insert("system".to_owned(), id.clone());
        }
        _ => {}
    }
    filters
}

impl RevokeAccess {
    fn check(&self, cx: &Context) -> Result<()> {
        check_subject(&self.subject)?;
        let known = |id: &String| cx.directory.system(id).is_some();
        if matches!(&self.subject, AccessSubject::System(id) if !known(id)) {
            return Err(Error::invalid(
                "subject.system_id",
                "is no system of the directory",
            ));
        }
        let printable = !self.reason.chars().any(char::is_control);
        if !(1..=REASON_MAX).contains(&self.reason.trim().chars().count()) || !printable {
            return Err(Error::invalid(
                "reason",
                "has 1 to 200 printable characters",
            ));
        }
        if audit::holds_number(&self.reason) {
            return Err(Error::invalid("reason", "must not contain a person number"));
        }
        match self.issued_before {
            Some(_) if !self.subject.kind().has_sessions() => Err(Error::invalid(
                "issued_before",
                "goes with a person, a professional or an account",
            )),
            Some(before) if before > cx.now.saturating_add(SKEW) => {
                Err(Error::invalid("issued_before", "lies ahead"))
            }
            _ => Ok(()),
        }
    }

    fn kept(&self, cx: &Context) -> Result<Revocation> {
        let system = &cx.caller.party().system.id;
        let revocation_id = match self.request_id {
            Some(request) => entropy::derived("access-revocation", system, &request.to_string()),
            None => cx.uuid()?,
        };
        let kind = self.subject.kind();
        let last_issued = match kind {
            RevocationKind::Token => Some(cx.now),
            _ => self.issued_before,
        };
        Ok(Revocation {
            revocation_id,
            kind,
            subject: Some(self.subject.clone()).filter(|subject| subject.number().is_none()),
            issued_before: self.issued_before,
            valid_until: last_issued.map(|at| at.saturating_add(LIFETIME)),
            reason: self.reason.clone(),
            created_at: cx.now,
            created_by: system.clone(),
            ended_at: None,
            ended_by: None,
        })
    }
}

/// Claims have the form that a token's have.
pub(super) fn check_subject(subject: &AccessSubject) -> Result<()> {
    let claims = match subject {
        AccessSubject::Token { issuer, token_id } => vec![
            ("subject.token.issuer", issuer),
            ("subject.token.token_id", token_id),
        ],
        AccessSubject::Account { issuer, subject } => vec![
            ("subject.account.issuer", issuer),
            ("subject.account.subject", subject),
        ],
        AccessSubject::System(id) => vec![("subject.system_id", id)],
        AccessSubject::Person(_) | AccessSubject::Professional(_) => Vec::new(),
    };
    match claims.into_iter().find(|(_, text)| !is_claim(text)) {
        Some((field, _)) => Err(Error::invalid(field, "has 1 to 256 printable characters")),
        None => Ok(()),
    }
}

fn is_claim(text: &str) -> bool {
    (1..=CLAIM_MAX).contains(&text.chars().count()) && !text.chars().any(char::is_control)
}

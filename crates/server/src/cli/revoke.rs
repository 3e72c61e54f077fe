//! `delt revoke token|person|professional|account|system|list|lift`

mod text;

use clap::{Args, Subcommand};
use delt_proto::access::v1::{
    AccessSubject, AccountSubject, LiftRevocationRequest, ListRevocationsRequest, Revocation,
    RevokeAccessRequest, TokenSubject, access_subject::Subject,
};
use delt_proto::common::v1::AuditReceipt;
use prost_types::Timestamp;
use serde_json::{Value, json};

use super::arguments::HubArgs;
use super::connect::Usually;
use super::output::{Output, receipt_line};
use super::values::{Moment, Person};
use super::{Done, Outcome, Surroundings, json as wire};
use text::{as_json, line, table};

#[derive(Debug, Args)]
pub struct Revoke {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// One token, by its issuer and its id
    Token {
        /// The token's `iss`
        issuer: String,
        /// The token's `jti`
        token_id: String,
        #[command(flatten)]
        why: Why,
    },
    /// A person by number, whoever issued the token: a citizen, or staff whose tokens tell the number
    Person {
        /// A CPR number, or system|value
        person: Person,
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        why: Why,
    },
    /// A professional by authorisation id, with the helpers who act under the professional's responsibility
    Professional {
        authorisation_id: String,
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        why: Why,
    },
    /// One account of an issuer
    Account {
        /// The tokens' `iss`
        issuer: String,
        /// The tokens' `sub`
        subject: String,
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        why: Why,
    },
    /// A system, and everybody who works in it
    #[command(name = "system")]
    WholeSystem {
        /// Its id in the directory
        system_id: String,
        #[command(flatten)]
        why: Why,
    },
    /// What is revoked, newest first
    List(List),
    /// Let in again
    Lift {
        /// From `delt revoke list`
        revocation: String,
    },
}

#[derive(Debug, Args)]
struct Why {
    /// Up to 200 characters, without any person number: the number of the incident
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

#[derive(Debug, Args)]
struct Which {
    /// Only tokens that were issued before: whoever logs in anew gets in
    #[arg(long, value_name = "TIME")]
    issued_before: Option<Moment>,
    /// The same, of all that are out now: for a stolen session
    #[arg(long, conflicts_with = "issued_before")]
    sessions_so_far: bool,
}

#[derive(Debug, Args)]
struct List {
    /// Only what stands against this person
    #[arg(long, value_name = "NUMBER")]
    person: Option<Person>,
    /// Only what stands against this authorisation
    #[arg(long, value_name = "ID", conflicts_with = "person")]
    professional: Option<String>,
    /// Lifted ones too, and those whose tokens have all ended
    #[arg(long)]
    all: bool,
}

impl Revoke {
    pub(super) async fn run(self, hub: &HubArgs, around: &Surroundings<'_>) -> Outcome {
        let (subject, which, why) = match self.action {
            Action::List(asked) => return list(asked, hub, around).await,
            Action::Lift { revocation } => return lift(revocation, hub, around).await,
            Action::Token {
                issuer,
                token_id,
                why,
            } => {
                let token = TokenSubject { issuer, token_id };
                (Subject::Token(token), None, why)
            }
            Action::Person { person, which, why } => (Subject::Person(person.0), Some(which), why),
            Action::Professional {
                authorisation_id,
                which,
                why,
            } => (Subject::AuthorisationId(authorisation_id), Some(which), why),
            Action::Account {
                issuer,
                subject,
                which,
                why,
            } => {
                let account = AccountSubject { issuer, subject };
                (Subject::Account(account), Some(which), why)
            }
            Action::WholeSystem { system_id, why } => (Subject::SystemId(system_id), None, why),
        };
        let request = RevokeAccessRequest {
            context: None,
            subject: asked(Some(subject)),
            issued_before: which.and_then(|which| which.moment(around)),
            reason: why.reason,
            request_id: around.uuid()?.to_string(),
        };
        revoke(request, hub, around).await
    }
}

impl Which {
    fn moment(self, around: &Surroundings<'_>) -> Option<Timestamp> {
        let now = self.sessions_so_far.then(|| around.now());
        let now = now.map(|now| Timestamp {
            seconds: now.unix_timestamp(),
            // A token says the second in which it was issued: what was issued in this one is out.
            nanos: 999_999_000,
        });
        self.issued_before.map(|moment| moment.0).or(now)
    }
}

fn asked(subject: Option<Subject>) -> Option<AccessSubject> {
    subject.map(|subject| AccessSubject {
        subject: Some(subject),
    })
}

async fn revoke(request: RevokeAccessRequest, hub: &HubArgs, around: &Surroundings<'_>) -> Outcome {
    let session = hub.connect(around, Usually::Operator).await?;
    let request = RevokeAccessRequest {
        context: session.context,
        ..request
    };
    let answer = session.hub.revocations().revoke(request).await?;
    tell(answer.revocation, answer.receipt.as_ref(), session.output)
}

async fn lift(revocation_id: String, hub: &HubArgs, around: &Surroundings<'_>) -> Outcome {
    let session = hub.connect(around, Usually::Operator).await?;
    let request = LiftRevocationRequest {
        context: session.context,
        revocation_id,
    };
    let answer = session.hub.revocations().lift(request).await?;
    tell(answer.revocation, answer.receipt.as_ref(), session.output)
}

/// What became of one revocation.
fn tell(revocation: Option<Revocation>, receipt: Option<&AuditReceipt>, output: Output) -> Outcome {
    let revocation = revocation.unwrap_or_default();
    output.answer(
        || json!({ "revocation": as_json(&revocation), "receipt": wire::receipt(receipt) }),
        || format!("{}{}", line(&revocation), receipt_line(receipt)),
    )?;
    Ok(Done::All)
}

async fn list(wanted: List, hub: &HubArgs, around: &Surroundings<'_>) -> Outcome {
    let session = hub.connect(around, Usually::Operator).await?;
    let person = wanted.person.map(|person| Subject::Person(person.0));
    let subject = person.or(wanted.professional.map(Subject::AuthorisationId));
    let mut request = ListRevocationsRequest {
        context: session.context,
        subject: asked(subject),
        include_ended: wanted.all,
        ..ListRevocationsRequest::default()
    };
    let mut all = Vec::new();
    let receipt = loop {
        let answer = session.hub.revocations().list(request.clone()).await?;
        all.extend(answer.revocations);
        if answer.next_page_token.is_empty() {
            break answer.receipt;
        }
        request.page_token = answer.next_page_token;
    };
    let receipt = receipt.as_ref();
    session.output.answer(
        || {
            json!({
                "revocations": all.iter().map(as_json).collect::<Value>(),
                "receipt": wire::receipt(receipt),
            })
        },
        || format!("{}{}", table(&all), receipt_line(receipt)),
    )?;
    Ok(Done::All)
}

//! `delt consent list|block|permit|opt-out|end|import`

mod import;
mod terms;
mod text;

use clap::{Args, Subcommand};
use delt_proto::consent::v1::{
    Consent as Registered, ConsentKind, CreateConsentRequest, EndConsentRequest,
    ListConsentsRequest,
};
use serde_json::{Value, json};

use super::arguments::HubArgs;
use super::connect::Usually;
use super::output::receipt_line;
use super::values::Person;
use super::{Done, Outcome, Surroundings, json as wire};
use terms::Terms;
use text::table;

#[derive(Debug, Args)]
pub struct Consent {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// What a citizen has blocked and permitted
    List {
        person: Person,
        /// Ended ones too
        #[arg(long)]
        all: bool,
    },
    /// Keep somebody, or everybody, from some data, or from all
    Block(Create),
    /// Open despite blocks, for a year at most
    Permit(Create),
    /// Have no discharge letters sent: to one place, or to anybody
    OptOut {
        /// A CPR number, or system|value
        person: Person,
        /// The place that shall not have them, with its units: SOR code
        #[arg(long, value_name = "SOR")]
        receiver: Option<String>,
    },
    /// Register what a FHIR Consent (IHE PCF) asks for, or say why Delt cannot keep it
    Import(import::Import),
    /// End a consent; it stays as history
    End {
        person: Person,
        /// From `delt consent list`
        consent: String,
    },
}

/// What is not said is not limited: without any flag it is all data, for all professionals.
#[derive(Debug, Args)]
struct Create {
    /// A CPR number, or system|value
    person: Person,
    #[command(flatten)]
    terms: Terms,
}

/// The word of a kind of consent.
pub(super) fn kind_word(kind: i32) -> &'static str {
    match ConsentKind::try_from(kind) {
        Ok(ConsentKind::Block) => "block",
        Ok(ConsentKind::Permit) => "permit",
        Ok(ConsentKind::DischargeLetterOptOut) => "no discharge letters",
        Ok(ConsentKind::Unspecified) | Err(_) => "",
    }
}

impl Consent {
    pub(super) async fn run(self, hub: &HubArgs, around: &Surroundings<'_>) -> Outcome {
        match self.action {
            Action::List { person, all } => list(person, all, hub, around).await,
            Action::Block(create) => create.run(ConsentKind::Block, hub, around).await,
            Action::Permit(create) => create.run(ConsentKind::Permit, hub, around).await,
            Action::OptOut { person, receiver } => {
                let create = Create::opt_out(person, receiver);
                create
                    .run(ConsentKind::DischargeLetterOptOut, hub, around)
                    .await
            }
            Action::Import(import) => import.run(hub, around).await,
            Action::End { person, consent } => end(person, consent, hub, around).await,
        }
    }
}

impl Create {
    fn opt_out(person: Person, receiver: Option<String>) -> Self {
        Self {
            person,
            terms: Terms::about(receiver),
        }
    }

    async fn run(self, kind: ConsentKind, hub: &HubArgs, around: &Surroundings<'_>) -> Outcome {
        let session = hub
            .connect(around, Usually::Citizen(&self.person.0))
            .await?;
        let request = CreateConsentRequest {
            context: session.context.clone(),
            consent: Some(self.terms.consent(kind)),
            patient: Some(self.person.0),
            request_id: around.uuid()?.to_string(),
        };
        let answer = session.hub.consents().create(request).await?;
        let consent = answer.consent.unwrap_or_default();
        session.output.answer(
            || one(&consent, &wire::receipt(answer.receipt.as_ref())),
            || {
                format!(
                    "{} {}\n{}",
                    kind_word(consent.kind),
                    consent.consent_id,
                    receipt_line(answer.receipt.as_ref())
                )
            },
        )?;
        Ok(Done::All)
    }
}

async fn end(person: Person, id: String, hub: &HubArgs, around: &Surroundings<'_>) -> Outcome {
    let session = hub.connect(around, Usually::Citizen(&person.0)).await?;
    let context = session.context.clone();
    let request = EndConsentRequest {
        context,
        patient: Some(person.0),
        consent_id: id,
    };
    let answer = session.hub.consents().end(request).await?;
    let consent = answer.consent.unwrap_or_default();
    session.output.answer(
        || one(&consent, &wire::receipt(answer.receipt.as_ref())),
        || {
            format!(
                "{} {} ended\n{}",
                kind_word(consent.kind),
                consent.consent_id,
                receipt_line(answer.receipt.as_ref())
            )
        },
    )?;
    Ok(Done::All)
}

fn one(consent: &Registered, receipt: &Value) -> Value {
    json!({ "consent": wire::consent(consent), "receipt": receipt })
}

async fn list(person: Person, all: bool, hub: &HubArgs, around: &Surroundings<'_>) -> Outcome {
    let session = hub.connect(around, Usually::Citizen(&person.0)).await?;
    let context = session.context.clone();
    let request = ListConsentsRequest {
        context,
        patient: Some(person.0),
        include_ended: all,
    };
    let answer = session.hub.consents().list(request).await?;
    session.output.answer(
        || {
            json!({
                "consents": answer.consents.iter().map(wire::consent).collect::<Value>(),
                "receipt": wire::receipt(answer.receipt.as_ref()),
            })
        },
        || {
            format!(
                "{}{}",
                table(&answer.consents),
                receipt_line(answer.receipt.as_ref())
            )
        },
    )?;
    Ok(Done::All)
}

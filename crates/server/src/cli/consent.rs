//! `delt consent list|block|permit|end`

use clap::{Args, Subcommand};
use delt_proto::consent::v1::{
    Consent as Registered, ConsentKind, CreateConsentRequest, EndConsentRequest,
    ListConsentsRequest, OrganisationScope, What, Who,
};
use serde_json::{Value, json};

use super::arguments::HubArgs;
use super::connect::Usually;
use super::filter::{codes, systems};
use super::output::receipt_line;
use super::table::Table;
use super::values::{Moment, Person, minute, period, span};
use super::{Done, Outcome, Surroundings, json as wire};

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
    /// One document
    #[arg(
        long,
        value_name = "UUID",
        default_value = "",
        hide_default_value = true
    )]
    entry: String,
    /// Documents of this type: LOINC, or system|code
    #[arg(long = "type", value_name = "CODE")]
    types: Vec<String>,
    /// Data from this time or later
    #[arg(long, value_name = "TIME")]
    data_from: Option<Moment>,
    /// Data from before this time
    #[arg(long, value_name = "TIME")]
    data_to: Option<Moment>,
    /// Data from this place: SOR code
    #[arg(long, value_name = "SOR")]
    data_at: Option<String>,
    /// For one professional: authorisation id
    #[arg(long, value_name = "ID", default_value = "", hide_default_value = true)]
    professional: String,
    /// For those who work here: SOR code
    #[arg(long, value_name = "SOR")]
    organisation: Option<String>,
    /// The places named are meant without their underlying units
    #[arg(long)]
    only_unit: bool,
    /// Applies from this time
    #[arg(long, value_name = "TIME")]
    from: Option<Moment>,
    /// Applies until this time; a permit must have it
    #[arg(long, value_name = "TIME")]
    to: Option<Moment>,
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
            Action::End { person, consent } => end(person, consent, hub, around).await,
        }
    }
}

impl Create {
    async fn run(self, kind: ConsentKind, hub: &HubArgs, around: &Surroundings<'_>) -> Outcome {
        let session = hub
            .connect(around, Usually::Citizen(&self.person.0))
            .await?;
        let request = CreateConsentRequest {
            context: session.context.clone(),
            consent: Some(self.consent(kind)),
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

    fn consent(&self, kind: ConsentKind) -> Registered {
        let scope = |organisation: &String| OrganisationScope {
            organisation: organisation.clone(),
            with_underlying: !self.only_unit,
        };
        Registered {
            kind: kind.into(),
            what: Some(What {
                entry_uuid: self.entry.clone(),
                type_codes: codes(&self.types, systems::LOINC),
                data_period: period(self.data_from, self.data_to),
                originating: self.data_at.as_ref().map(scope),
            }),
            who: Some(Who {
                authorisation_id: self.professional.clone(),
                organisation: self.organisation.as_ref().map(scope),
            }),
            validity: period(self.from, self.to),
            ..Default::default()
        }
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

fn table(consents: &[Registered]) -> String {
    if consents.is_empty() {
        return "No consents.\n".to_owned();
    }
    let mut table = Table::new(["KIND", "WHAT", "WHO", "APPLIES (UTC)", "ENDED", "CONSENT"]);
    for consent in consents {
        table.row([
            kind_word(consent.kind).to_owned(),
            what_text(consent.what.as_ref()),
            who_text(consent.who.as_ref()),
            span(consent.validity.as_ref()),
            minute(consent.ended_time.as_ref()),
            consent.consent_id.clone(),
        ]);
    }
    table.to_string()
}

fn what_text(what: Option<&What>) -> String {
    let Some(what) = what else {
        return "all data".to_owned();
    };
    let mut parts = Vec::new();
    if !what.entry_uuid.is_empty() {
        parts.push(what.entry_uuid.clone());
    }
    parts.extend(what.type_codes.iter().map(|code| code.code.clone()));
    parts.extend(what.data_period.as_ref().map(|period| span(Some(period))));
    parts.extend(what.originating.as_ref().map(scope_text));
    if parts.is_empty() {
        "all data".to_owned()
    } else {
        parts.join(", ")
    }
}

fn who_text(who: Option<&Who>) -> String {
    let Some(who) = who else {
        return "everybody".to_owned();
    };
    let person = (!who.authorisation_id.is_empty()).then(|| who.authorisation_id.clone());
    let parts: Vec<String> = person
        .into_iter()
        .chain(who.organisation.as_ref().map(scope_text))
        .collect();
    if parts.is_empty() {
        "everybody".to_owned()
    } else {
        parts.join(" at ")
    }
}

fn scope_text(scope: &OrganisationScope) -> String {
    let alone = if scope.with_underlying { "" } else { " alone" };
    format!("{}{alone}", scope.organisation)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_consent_reads_as_a_sentence_in_columns() {
        let scope = OrganisationScope {
            organisation: "990031000016002".into(),
            with_underlying: false,
        };
        let who = Who {
            authorisation_id: "9RK1H".into(),
            organisation: Some(scope),
        };
        assert_eq!(who_text(Some(&who)), "9RK1H at 990031000016002 alone");
        assert_eq!(who_text(Some(&Who::default())), "everybody");
        assert_eq!(what_text(Some(&What::default())), "all data");
        let what = What {
            type_codes: codes(&["39289-4".into()], systems::LOINC),
            ..Default::default()
        };
        assert_eq!(what_text(Some(&what)), "39289-4");
    }
}

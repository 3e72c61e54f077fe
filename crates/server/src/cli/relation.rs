//! `delt relation add|end|list|attest|alerts`

mod attestation;

use clap::{Args, Subcommand, ValueEnum};
use delt_proto::relation::v1::{
    EndRelationRequest, ListRelationsRequest, RegisterRelationRequest, RelationKind,
    TreatmentRelation,
};
use serde_json::{Value, json};

use super::arguments::HubArgs;
use super::connect::Usually;
use super::output::receipt_line;
use super::table::Table;
use super::values::{Moment, Person, minute, period, span};
use super::{Done, Outcome, Surroundings, json as wire};

/// Who speaks for a list, when nobody says; a system of the development profile.
const USUAL_SYSTEM: &str = "ejournal-hovedstaden";

#[derive(Debug, Args)]
pub struct Relation {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Register that somebody treats a person
    Add(Add),
    /// End a relation; it stays as history
    End {
        person: Person,
        /// From `delt relation list`
        relation: String,
    },
    /// Who treats a person
    List {
        person: Person,
        /// Ended ones too
        #[arg(long)]
        all: bool,
    },
    /// Say that you treat a person though nothing says so yet; a fact must confirm it afterwards
    Attest(attestation::Attest),
    /// What professionals said that nothing confirmed in time, by number
    Alerts(attestation::Alerts),
}

#[derive(Debug, Args)]
struct Add {
    /// A CPR number, or system|value
    person: Person,
    #[arg(long, value_enum)]
    kind: Kind,
    /// The place of treatment: SOR code; covers its underlying units
    #[arg(long, value_name = "SOR")]
    organisation: String,
    /// Where it is one professional's only: authorisation id
    #[arg(long, value_name = "ID", default_value = "", hide_default_value = true)]
    professional: String,
    #[arg(long, value_name = "TIME")]
    from: Option<Moment>,
    #[arg(long, value_name = "TIME")]
    to: Option<Moment>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    Admission,
    Referral,
    Appointment,
    /// The GP's list of patients
    GpList,
    /// Municipal home care
    HomeCare,
}

impl From<Kind> for RelationKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Admission => Self::Admission,
            Kind::Referral => Self::Referral,
            Kind::Appointment => Self::Appointment,
            Kind::GpList => Self::GpList,
            Kind::HomeCare => Self::HomeCare,
        }
    }
}

/// The word of a kind of relation.
pub(super) fn relation_word(kind: i32) -> &'static str {
    match RelationKind::try_from(kind) {
        Ok(RelationKind::Admission) => "admission",
        Ok(RelationKind::Referral) => "referral",
        Ok(RelationKind::Appointment) => "appointment",
        Ok(RelationKind::GpList) => "gp-list",
        Ok(RelationKind::HomeCare) => "home-care",
        Ok(RelationKind::Attestation) => "attestation",
        Ok(RelationKind::Unspecified) | Err(_) => "",
    }
}

impl Relation {
    pub(super) async fn run(self, hub: &HubArgs, around: &Surroundings<'_>) -> Outcome {
        match self.action {
            Action::Add(add) => add.run(hub, around).await,
            Action::End { person, relation } => end(person, relation, hub, around).await,
            Action::List { person, all } => list(person, all, hub, around).await,
            Action::Attest(attest) => attest.run(hub, around).await,
            Action::Alerts(alerts) => alerts.run(hub, around).await,
        }
    }
}

impl Add {
    async fn run(self, hub: &HubArgs, around: &Surroundings<'_>) -> Outcome {
        let session = hub
            .connect(around, Usually::SystemOf(&self.organisation))
            .await?;
        let relation = TreatmentRelation {
            kind: RelationKind::from(self.kind).into(),
            organisation: self.organisation,
            authorisation_id: self.professional,
            validity: period(self.from, self.to),
            ..Default::default()
        };
        let request = RegisterRelationRequest {
            context: session.context,
            patient: Some(self.person.0),
            relation: Some(relation),
            request_id: around.uuid()?.to_string(),
        };
        let answer = session.hub.relations().register(request).await?;
        let relation = answer.relation.unwrap_or_default();
        session.output.answer(
            || one(&relation, &wire::receipt(answer.receipt.as_ref())),
            || {
                format!(
                    "relation {}\n{}",
                    relation.relation_id,
                    receipt_line(answer.receipt.as_ref())
                )
            },
        )?;
        Ok(Done::All)
    }
}

async fn end(person: Person, id: String, hub: &HubArgs, around: &Surroundings<'_>) -> Outcome {
    let session = hub.connect(around, Usually::System(USUAL_SYSTEM)).await?;
    let request = EndRelationRequest {
        context: session.context,
        patient: Some(person.0),
        relation_id: id,
    };
    let answer = session.hub.relations().end(request).await?;
    let relation = answer.relation.unwrap_or_default();
    session.output.answer(
        || one(&relation, &wire::receipt(answer.receipt.as_ref())),
        || {
            format!(
                "relation {} ended\n{}",
                relation.relation_id,
                receipt_line(answer.receipt.as_ref())
            )
        },
    )?;
    Ok(Done::All)
}

fn one(relation: &TreatmentRelation, receipt: &Value) -> Value {
    json!({ "relation": wire::relation(relation), "receipt": receipt })
}

async fn list(person: Person, all: bool, hub: &HubArgs, around: &Surroundings<'_>) -> Outcome {
    let patient = person.0;
    let session = hub.connect(around, Usually::Citizen(&patient)).await?;
    let request = ListRelationsRequest {
        context: session.context,
        patient: Some(patient),
        include_ended: all,
    };
    let answer = session.hub.relations().list(request).await?;
    session.output.answer(
        || {
            json!({
                "relations": answer.relations.iter().map(wire::relation).collect::<Value>(),
                "receipt": wire::receipt(answer.receipt.as_ref()),
            })
        },
        || {
            format!(
                "{}{}",
                table(&answer.relations),
                receipt_line(answer.receipt.as_ref())
            )
        },
    )?;
    Ok(Done::All)
}

fn table(relations: &[TreatmentRelation]) -> String {
    if relations.is_empty() {
        return "No treatment relations.\n".to_owned();
    }
    let mut table = Table::new([
        "KIND",
        "ORGANISATION",
        "PROFESSIONAL",
        "VALID (UTC)",
        "ENDED",
        "ATTESTATION",
        "RELATION",
    ]);
    for relation in relations {
        table.row([
            relation_word(relation.kind).to_owned(),
            relation.organisation.clone(),
            relation.authorisation_id.clone(),
            span(relation.validity.as_ref()),
            minute(relation.ended_time.as_ref()),
            attestation::standing(relation),
            relation.relation_id.clone(),
        ]);
    }
    table.to_string()
}

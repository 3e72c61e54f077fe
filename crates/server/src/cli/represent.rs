//! `delt represent grant|end|list`

use clap::{Args, Subcommand, ValueEnum};
use delt_proto::delegation::v1::{
    EndRepresentationRequest, ListRepresentationsRequest, RegisterRepresentationRequest,
    Representation, RepresentationKind,
};
use serde_json::{Value, json};

use super::arguments::HubArgs;
use super::connect::Usually;
use super::delegate::number;
use super::filter::{codes, systems};
use super::output::receipt_line;
use super::rights::{RightWord, to_wire, words};
use super::table::Table;
use super::values::{Moment, Person, minute, period, span};
use super::{Done, Outcome, Surroundings, json as wire};

/// Who tells of custody and guardians, when nobody says; a system of the development profile.
pub(super) const REGISTER: &str = "personregister";

#[derive(Debug, Args)]
pub struct Represent {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Let somebody act for a citizen
    ///
    /// A citizen gives a power of attorney (proxy), which must end. Custody and guardianship are told by the register that knows:
    /// in the development profile the system `personregister`.
    Grant(Grant),
    /// End it: it closes at once, and stays as history
    End {
        /// The citizen: a CPR number, or system|value
        person: Person,
        /// From `delt represent list`
        representation: String,
    },
    /// Who may act for a citizen; with --system personregister, what registers told of
    List {
        /// The citizen: a CPR number, or system|value
        person: Person,
        /// Ended ones too
        #[arg(long)]
        all: bool,
    },
}

#[derive(Debug, Args)]
struct Grant {
    /// The citizen: a CPR number, or system|value
    person: Person,
    /// Who acts: a CPR number, or system|value
    #[arg(long, value_name = "PERSON")]
    representative: Person,
    #[arg(long, value_enum, default_value = "proxy")]
    kind: Kind,
    /// What may be done; give it once for each right
    #[arg(
        long = "right",
        value_enum,
        value_name = "RIGHT",
        default_value = "read-record"
    )]
    rights: Vec<RightWord>,
    /// Only documents of this type: LOINC code, or system|code. May be given several times
    #[arg(long = "type", value_name = "CODE")]
    types: Vec<String>,
    /// Custody only: granted by application for a child of 15 to 17
    #[arg(long)]
    after_fifteen: bool,
    /// [default: now]
    #[arg(long, value_name = "TIME")]
    from: Option<Moment>,
    /// A power of attorney must have it
    #[arg(long, value_name = "TIME")]
    to: Option<Moment>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// Custody of a child: until 15, or with --after-fifteen until 18
    Custody,
    /// Guardian (værge)
    Guardian,
    /// Power of attorney (fuldmagt)
    Proxy,
}

impl From<Kind> for RepresentationKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Custody => Self::Custody,
            Kind::Guardian => Self::Guardian,
            Kind::Proxy => Self::Proxy,
        }
    }
}

/// The word of a kind of representation.
fn kind_word(kind: i32) -> &'static str {
    match RepresentationKind::try_from(kind) {
        Ok(RepresentationKind::Custody) => "custody",
        Ok(RepresentationKind::Guardian) => "guardian",
        Ok(RepresentationKind::Proxy) => "proxy",
        Ok(RepresentationKind::Unspecified) | Err(_) => "",
    }
}

impl Represent {
    pub(super) async fn run(self, hub: &HubArgs, around: &Surroundings<'_>) -> Outcome {
        match self.action {
            Action::Grant(grant) => grant.run(hub, around).await,
            Action::End {
                person,
                representation,
            } => end(person, representation, hub, around).await,
            Action::List { person, all } => list(person, all, hub, around).await,
        }
    }
}

impl Grant {
    async fn run(self, hub: &HubArgs, around: &Surroundings<'_>) -> Outcome {
        let usually = match self.kind {
            Kind::Proxy => Usually::Citizen(&self.person.0),
            Kind::Custody | Kind::Guardian => Usually::System(REGISTER),
        };
        let session = hub.connect(around, usually).await?;
        let representation = Representation {
            kind: RepresentationKind::from(self.kind).into(),
            rights: to_wire(self.rights),
            type_codes: codes(&self.types, systems::LOINC),
            after_fifteen: self.after_fifteen,
            validity: period(self.from, self.to),
            representative: Some(self.representative.0),
            ..Representation::default()
        };
        let request = RegisterRepresentationRequest {
            context: session.context,
            patient: Some(self.person.0),
            representation: Some(representation),
            request_id: around.uuid()?.to_string(),
        };
        let answer = session.hub.delegations().represent(request).await?;
        let representation = answer.representation.unwrap_or_default();
        let receipt = answer.receipt.as_ref();
        session.output.answer(
            || one(&representation, &wire::receipt(receipt)),
            || {
                format!(
                    "{} {}, {}\n{}",
                    kind_word(representation.kind),
                    representation.representation_id,
                    span(representation.validity.as_ref()),
                    receipt_line(receipt)
                )
            },
        )?;
        Ok(Done::All)
    }
}

async fn end(person: Person, id: String, hub: &HubArgs, around: &Surroundings<'_>) -> Outcome {
    let session = hub.connect(around, Usually::Citizen(&person.0)).await?;
    let context = session.context.clone();
    let request = EndRepresentationRequest {
        context,
        patient: Some(person.0),
        representation_id: id,
    };
    let answer = session
        .hub
        .delegations()
        .end_representation(request)
        .await?;
    let representation = answer.representation.unwrap_or_default();
    let receipt = answer.receipt.as_ref();
    session.output.answer(
        || one(&representation, &wire::receipt(receipt)),
        || {
            format!(
                "{} {} ended\n{}",
                kind_word(representation.kind),
                representation.representation_id,
                receipt_line(receipt)
            )
        },
    )?;
    Ok(Done::All)
}

async fn list(
    person: Person,
    include_ended: bool,
    hub: &HubArgs,
    around: &Surroundings<'_>,
) -> Outcome {
    let session = hub.connect(around, Usually::Citizen(&person.0)).await?;
    let context = session.context.clone();
    let request = ListRepresentationsRequest {
        context,
        patient: Some(person.0),
        include_ended,
    };
    let answer = session.hub.delegations().representatives(request).await?;
    let receipt = answer.receipt.as_ref();
    session.output.answer(
        || {
            json!({
                "representations": answer.representations.iter().map(written).collect::<Value>(),
                "receipt": wire::receipt(receipt),
            })
        },
        || {
            let table = table(&answer.representations);
            format!("{table}{}", receipt_line(receipt))
        },
    )?;
    Ok(Done::All)
}

fn one(representation: &Representation, receipt: &Value) -> Value {
    json!({ "representation": written(representation), "receipt": receipt })
}

fn written(representation: &Representation) -> Value {
    let types = representation.type_codes.iter();
    json!({
        "representation_id": representation.representation_id,
        "kind": kind_word(representation.kind),
        "representative": number(representation.representative.as_ref()),
        "rights": words(&representation.rights),
        "type_codes": types.map(|code| code.code.as_str()).collect::<Value>(),
        "after_fifteen": representation.after_fifteen,
        "validity": wire::period(representation.validity.as_ref()),
        "created_time": wire::time(representation.created_time.as_ref()),
        "ended_time": wire::time(representation.ended_time.as_ref()),
    })
}

fn table(representations: &[Representation]) -> String {
    if representations.is_empty() {
        return "Nobody may act for this person.\n".to_owned();
    }
    let mut table = Table::new([
        "KIND",
        "WHO",
        "RIGHTS",
        "TYPES",
        "VALID (UTC)",
        "ENDED",
        "REPRESENTATION",
    ]);
    for representation in representations {
        let who = representation.representative.as_ref();
        let types = representation.type_codes.iter();
        let types: Vec<&str> = types.map(|code| code.code.as_str()).collect();
        table.row([
            kind_word(representation.kind).to_owned(),
            who.map_or_else(String::new, |number| number.value.clone()),
            words(&representation.rights).join(", "),
            if types.is_empty() {
                "all".to_owned()
            } else {
                types.join(", ")
            },
            span(representation.validity.as_ref()),
            minute(representation.ended_time.as_ref()),
            representation.representation_id.clone(),
        ]);
    }
    table.to_string()
}

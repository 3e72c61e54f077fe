//! `delt delegate helper|end|list`

use clap::{Args, Subcommand};
use delt_proto::common::v1::Identifier;
use delt_proto::delegation::v1::{
    DelegateToHelperRequest, EndHelperDelegationRequest, HelperDelegation,
    ListHelperDelegationsRequest,
};
use serde_json::{Value, json};

use super::arguments::HubArgs;
use super::connect::Usually;
use super::output::receipt_line;
use super::rights::{HelperRightWord, to_wire, words};
use super::table::Table;
use super::values::{Moment, Person, minute, period, span};
use super::{Done, Outcome, Surroundings, json as wire};

#[derive(Debug, Args)]
pub struct Delegate {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Let a helper act under your responsibility, at the place where you work
    ///
    /// It is the professional who answers for the helper that asks: `--as gp`. It lasts for two years unless it is said, and at most;
    /// what it opens stands under both names in the log. Breaking the glass and attesting a relation cannot be delegated.
    Helper(Helper),
    /// End a delegation that you gave: it closes at once, and stays as history
    End {
        /// From `delt delegate list`
        delegation: String,
    },
    /// The delegations that you gave, and those that you received
    List {
        /// Ended ones too
        #[arg(long)]
        all: bool,
    },
}

#[derive(Debug, Args)]
struct Helper {
    /// The helper: a CPR number, or system|value
    person: Person,
    /// What the helper may do; give it once for each right
    #[arg(
        long = "right",
        value_enum,
        value_name = "RIGHT",
        default_value = "read-record"
    )]
    rights: Vec<HelperRightWord>,
    /// [default: now]
    #[arg(long, value_name = "TIME")]
    from: Option<Moment>,
    /// [default: two years after the start, and at most]
    #[arg(long, value_name = "TIME")]
    to: Option<Moment>,
}

impl Delegate {
    pub(super) async fn run(self, hub: &HubArgs, around: &Surroundings<'_>) -> Outcome {
        match self.action {
            Action::Helper(helper) => helper.run(hub, around).await,
            Action::End { delegation } => end(delegation, hub, around).await,
            Action::List { all } => list(all, hub, around).await,
        }
    }
}

impl Helper {
    async fn run(self, hub: &HubArgs, around: &Surroundings<'_>) -> Outcome {
        let session = hub.connect(around, Usually::Somebody).await?;
        let request = DelegateToHelperRequest {
            context: session.context,
            helper: Some(self.person.0),
            rights: to_wire(self.rights),
            validity: period(self.from, self.to),
            request_id: around.uuid()?.to_string(),
        };
        let answer = session.hub.delegations().delegate(request).await?;
        let delegation = answer.delegation.unwrap_or_default();
        let receipt = answer.receipt.as_ref();
        session.output.answer(
            || one(&delegation, &wire::receipt(receipt)),
            || {
                format!(
                    "delegation {}, {}\n{}",
                    delegation.delegation_id,
                    span(delegation.validity.as_ref()),
                    receipt_line(receipt)
                )
            },
        )?;
        Ok(Done::All)
    }
}

async fn end(delegation_id: String, hub: &HubArgs, around: &Surroundings<'_>) -> Outcome {
    let session = hub.connect(around, Usually::Somebody).await?;
    let request = EndHelperDelegationRequest {
        context: session.context,
        delegation_id,
    };
    let answer = session.hub.delegations().end_helper(request).await?;
    let delegation = answer.delegation.unwrap_or_default();
    let receipt = answer.receipt.as_ref();
    session.output.answer(
        || one(&delegation, &wire::receipt(receipt)),
        || {
            let id = &delegation.delegation_id;
            format!("delegation {id} ended\n{}", receipt_line(receipt))
        },
    )?;
    Ok(Done::All)
}

async fn list(include_ended: bool, hub: &HubArgs, around: &Surroundings<'_>) -> Outcome {
    let session = hub.connect(around, Usually::Somebody).await?;
    let request = ListHelperDelegationsRequest {
        context: session.context,
        include_ended,
    };
    let answer = session.hub.delegations().helpers(request).await?;
    let receipt = answer.receipt.as_ref();
    session.output.answer(
        || {
            json!({
                "delegations": answer.delegations.iter().map(written).collect::<Value>(),
                "receipt": wire::receipt(receipt),
            })
        },
        || format!("{}{}", table(&answer.delegations), receipt_line(receipt)),
    )?;
    Ok(Done::All)
}

fn one(delegation: &HelperDelegation, receipt: &Value) -> Value {
    json!({ "delegation": written(delegation), "receipt": receipt })
}

fn written(delegation: &HelperDelegation) -> Value {
    json!({
        "delegation_id": delegation.delegation_id,
        "helper": number(delegation.helper.as_ref()),
        "responsible": delegation.responsible,
        "organisation": delegation.organisation,
        "rights": words(&delegation.rights),
        "validity": wire::period(delegation.validity.as_ref()),
        "created_time": wire::time(delegation.created_time.as_ref()),
        "ended_time": wire::time(delegation.ended_time.as_ref()),
    })
}

/// A person's number, where the hub told it.
pub(super) fn number(number: Option<&Identifier>) -> Value {
    number.map_or(
        Value::Null,
        |number| json!({ "system": number.system, "value": number.value }),
    )
}

fn table(delegations: &[HelperDelegation]) -> String {
    if delegations.is_empty() {
        return "No delegations.\n".to_owned();
    }
    let mut table = Table::new([
        "HELPER",
        "RESPONSIBLE",
        "ORGANISATION",
        "RIGHTS",
        "VALID (UTC)",
        "ENDED",
        "DELEGATION",
    ]);
    for delegation in delegations {
        let helper = delegation.helper.as_ref();
        table.row([
            helper.map_or_else(|| "you".to_owned(), |number| number.value.clone()),
            delegation.responsible.clone(),
            delegation.organisation.clone(),
            words(&delegation.rights).join(", "),
            span(delegation.validity.as_ref()),
            minute(delegation.ended_time.as_ref()),
            delegation.delegation_id.clone(),
        ]);
    }
    table.to_string()
}

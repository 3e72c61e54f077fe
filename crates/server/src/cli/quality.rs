//! `delt quality permit|end|list`

use clap::{Args, Subcommand};
use delt_proto::delegation::v1::{
    EndQualityPermissionRequest, ListQualityPermissionsRequest, QualityPermission,
    RegisterQualityPermissionRequest,
};
use serde_json::{Value, json};

use super::arguments::HubArgs;
use super::connect::Usually;
use super::output::receipt_line;
use super::table::Table;
use super::values::{Moment, minute, period, span};
use super::{Done, Outcome, Surroundings, json as wire};

#[derive(Debug, Args)]
pub struct Quality {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Permit a professional quality work on a place's own data, for a year at most
    ///
    /// The system of the place says so, on the management's decision. The professional then reads with `--purpose HQUALIMP`
    /// what the place itself made in the last five years.
    Permit(Permit),
    /// End a permission: it closes at once, and stays as history
    End {
        /// The place of treatment: SOR code
        #[arg(long, value_name = "SOR")]
        organisation: String,
        /// From `delt quality list`
        permission: String,
    },
    /// Who has a permission at a place
    List {
        /// The place of treatment: SOR code
        #[arg(long, value_name = "SOR")]
        organisation: String,
        /// Ended ones too
        #[arg(long)]
        all: bool,
    },
}

#[derive(Debug, Args)]
struct Permit {
    /// Whom: authorisation id
    professional: String,
    /// The place of treatment whose own data may be looked at, with its underlying units: SOR code
    #[arg(long, value_name = "SOR")]
    organisation: String,
    /// The management's own reference of its decision, without any person number
    #[arg(long, value_name = "TEXT")]
    reference: String,
    /// [default: now]
    #[arg(long, value_name = "TIME")]
    from: Option<Moment>,
    /// One year after the start at most
    #[arg(long, value_name = "TIME")]
    to: Moment,
}

impl Quality {
    pub(super) async fn run(self, hub: &HubArgs, around: &Surroundings<'_>) -> Outcome {
        match self.action {
            Action::Permit(permit) => permit.run(hub, around).await,
            Action::End {
                organisation,
                permission,
            } => end(organisation, permission, hub, around).await,
            Action::List { organisation, all } => list(organisation, all, hub, around).await,
        }
    }
}

impl Permit {
    async fn run(self, hub: &HubArgs, around: &Surroundings<'_>) -> Outcome {
        let session = hub
            .connect(around, Usually::SystemOf(&self.organisation))
            .await?;
        let permission = QualityPermission {
            organisation: self.organisation,
            authorisation_id: self.professional,
            reference: self.reference,
            validity: period(self.from, Some(self.to)),
            ..QualityPermission::default()
        };
        let request = RegisterQualityPermissionRequest {
            context: session.context,
            permission: Some(permission),
            request_id: around.uuid()?.to_string(),
        };
        let answer = session.hub.delegations().permit(request).await?;
        let permission = answer.permission.unwrap_or_default();
        let receipt = answer.receipt.as_ref();
        session.output.answer(
            || one(&permission, &wire::receipt(receipt)),
            || {
                format!(
                    "permission {}, {}\n{}",
                    permission.permission_id,
                    span(permission.validity.as_ref()),
                    receipt_line(receipt)
                )
            },
        )?;
        Ok(Done::All)
    }
}

async fn end(
    organisation: String,
    permission_id: String,
    hub: &HubArgs,
    around: &Surroundings<'_>,
) -> Outcome {
    let session = hub
        .connect(around, Usually::SystemOf(&organisation))
        .await?;
    let context = session.context.clone();
    let request = EndQualityPermissionRequest {
        context,
        organisation,
        permission_id,
    };
    let answer = session.hub.delegations().end_permission(request).await?;
    let permission = answer.permission.unwrap_or_default();
    let receipt = answer.receipt.as_ref();
    session.output.answer(
        || one(&permission, &wire::receipt(receipt)),
        || {
            let id = &permission.permission_id;
            format!("permission {id} ended\n{}", receipt_line(receipt))
        },
    )?;
    Ok(Done::All)
}

async fn list(
    organisation: String,
    include_ended: bool,
    hub: &HubArgs,
    around: &Surroundings<'_>,
) -> Outcome {
    let session = hub
        .connect(around, Usually::SystemOf(&organisation))
        .await?;
    let context = session.context.clone();
    let request = ListQualityPermissionsRequest {
        context,
        organisation,
        include_ended,
    };
    let answer = session.hub.delegations().permissions(request).await?;
    let receipt = answer.receipt.as_ref();
    session.output.answer(
        || {
            json!({
                "permissions": answer.permissions.iter().map(written).collect::<Value>(),
                "receipt": wire::receipt(receipt),
            })
        },
        || format!("{}{}", table(&answer.permissions), receipt_line(receipt)),
    )?;
    Ok(Done::All)
}

fn one(permission: &QualityPermission, receipt: &Value) -> Value {
    json!({ "permission": written(permission), "receipt": receipt })
}

fn written(permission: &QualityPermission) -> Value {
    json!({
        "permission_id": permission.permission_id,
        "organisation": permission.organisation,
        "authorisation_id": permission.authorisation_id,
        "reference": permission.reference,
        "validity": wire::period(permission.validity.as_ref()),
        "created_time": wire::time(permission.created_time.as_ref()),
        "ended_time": wire::time(permission.ended_time.as_ref()),
    })
}

fn table(permissions: &[QualityPermission]) -> String {
    if permissions.is_empty() {
        return "No permissions.\n".to_owned();
    }
    let mut table = Table::new([
        "PROFESSIONAL",
        "ORGANISATION",
        "REFERENCE",
        "VALID (UTC)",
        "ENDED",
        "PERMISSION",
    ]);
    for permission in permissions {
        table.row([
            permission.authorisation_id.clone(),
            permission.organisation.clone(),
            permission.reference.clone(),
            span(permission.validity.as_ref()),
            minute(permission.ended_time.as_ref()),
            permission.permission_id.clone(),
        ]);
    }
    table.to_string()
}

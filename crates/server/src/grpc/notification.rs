//! What a citizen is told, on the wire.

use delt_hub::{
    Released, Result,
    notification::{
        NotificationKind,
        operations::{ListNotifications, Notification},
    },
};
use delt_proto::notification::v1::{self as v1, notification_service_server::NotificationService};
use tonic::Request;

use super::{Answer, Api, wire};

/// `delt.notification.v1.NotificationService`
#[derive(Debug, Clone)]
pub(crate) struct Notifications(pub(crate) Api);

#[tonic::async_trait]
impl NotificationService for Notifications {
    async fn list_notifications(
        &self,
        request: Request<v1::ListNotificationsRequest>,
    ) -> Answer<v1::ListNotificationsResponse> {
        let page_max = self.0.hub.settings().page_size_max;
        let read = |message| list(message, page_max);
        self.0.answer(request, read, listed).await
    }
}

fn list(message: v1::ListNotificationsRequest, page_max: u32) -> Result<ListNotifications> {
    let after = wire::optional(&message.after_notification_id)
        .map(|id| wire::uuid("after_notification_id", id))
        .transpose()?;
    Ok(ListNotifications {
        patient: wire::person("patient", message.patient.as_ref())?,
        after,
        page_size: wire::page_size(message.page_size, page_max)?,
    })
}

fn listed(done: Released<Vec<Notification>>) -> v1::ListNotificationsResponse {
    v1::ListNotificationsResponse {
        notifications: done.value.into_iter().map(written).collect(),
        receipt: Some(wire::receipt(&done.receipt)),
    }
}

fn written(notification: Notification) -> v1::Notification {
    let Notification {
        kept,
        organisation_name,
        texts,
    } = notification;
    let text = |text: delt_hub::notification::LocalizedText| v1::LocalizedText {
        language: text.language.to_owned(),
        text: text.text,
    };
    v1::Notification {
        notification_id: kept.id.to_string(),
        kind: kind(kept.kind).into(),
        created_time: Some(wire::timestamp(kept.created_at)),
        organisation: kept.organisation.code().to_owned(),
        organisation_name,
        role: kept.role,
        override_ground: wire::to_override_ground(kept.ground).into(),
        reason: kept.reason,
        audit_entry_id: wire::to_optional(kept.audit_entry_id),
        texts: texts.into_iter().map(text).collect(),
    }
}

const fn kind(kind: NotificationKind) -> v1::NotificationKind {
    match kind {
        NotificationKind::BreakGlass => v1::NotificationKind::BreakGlass,
        NotificationKind::RelationUnconfirmed => v1::NotificationKind::RelationUnconfirmed,
    }
}

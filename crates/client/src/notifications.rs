//! What a citizen is told without asking.

use delt_proto::notification::v1::notification_service_client::NotificationServiceClient;
use delt_proto::notification::v1::{ListNotificationsRequest, ListNotificationsResponse};
use tonic::transport::Channel;

use crate::call::{Service, calls};

/// `NotificationService`.
#[derive(Debug, Clone)]
pub struct Notifications(pub(crate) Service<NotificationServiceClient<Channel>>);

impl Notifications {
    calls! {
        /// Oldest first, from where the last call ended.
        pub list = list_notifications(ListNotificationsRequest) -> ListNotificationsResponse, Safe;
    }
}

//! `delt notifications PERSON`

use clap::{Args, ValueEnum};
use delt_proto::notification::v1::{ListNotificationsRequest, Notification, NotificationKind};
use serde_json::{Value, json};

use super::arguments::HubArgs;
use super::connect::Usually;
use super::output::receipt_line;
use super::review::ground_word;
use super::table::plain;
use super::values::{Person, minute};
use super::{Done, Outcome, Surroundings, json as wire};

/// Oldest first. Whoever asks again says with --after what was seen.
#[derive(Debug, Args)]
pub struct Notifications {
    /// A CPR number, or system|value
    person: Person,
    /// Only what came after this notification
    #[arg(long, value_name = "ID", default_value = "", hide_default_value = true)]
    after: String,
    /// Show this many at most
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=500))]
    limit: u32,
    #[arg(long, value_enum, default_value_t = Language::En)]
    language: Language,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Language {
    Da,
    En,
}

impl Language {
    const fn code(self) -> &'static str {
        match self {
            Self::Da => "da",
            Self::En => "en",
        }
    }
}

impl Notifications {
    pub(super) async fn run(self, hub: &HubArgs, around: &Surroundings<'_>) -> Outcome {
        let session = hub
            .connect(around, Usually::Citizen(&self.person.0))
            .await?;
        let request = ListNotificationsRequest {
            context: session.context,
            patient: Some(self.person.0),
            after_notification_id: self.after,
            page_size: self.limit,
        };
        let answer = session.hub.notifications().list(request).await?;
        session.output.answer(
            || {
                json!({
                    "notifications": answer.notifications.iter().map(as_json).collect::<Value>(),
                    "receipt": wire::receipt(answer.receipt.as_ref()),
                })
            },
            || {
                as_text(&answer.notifications, self.language)
                    + &receipt_line(answer.receipt.as_ref())
            },
        )?;
        Ok(Done::All)
    }
}

fn as_json(notification: &Notification) -> Value {
    json!({
        "notification_id": notification.notification_id,
        "kind": kind_word(notification.kind()),
        "created_time": wire::time(notification.created_time.as_ref()),
        "organisation": notification.organisation,
        "organisation_name": notification.organisation_name,
        "role": notification.role,
        "override_ground": ground_word(notification.override_ground()),
        "reason": notification.reason,
        "audit_entry_id": notification.audit_entry_id,
        "texts": notification.texts.iter().map(|text| {
            json!({ "language": text.language, "text": text.text })
        }).collect::<Value>(),
    })
}

const fn kind_word(kind: NotificationKind) -> &'static str {
    match kind {
        NotificationKind::BreakGlass => "break-glass",
        NotificationKind::RelationUnconfirmed => "relation-unconfirmed",
        NotificationKind::Unspecified => "",
    }
}

fn as_text(notifications: &[Notification], language: Language) -> String {
    if notifications.is_empty() {
        return "Nothing to tell.\n".to_owned();
    }
    notifications
        .iter()
        .map(|notification| paragraph(notification, language))
        .collect()
}

fn paragraph(notification: &Notification, language: Language) -> String {
    let text = notification
        .texts
        .iter()
        .find(|text| text.language == language.code());
    let mut lines = format!(
        "{}  {}\n",
        minute(notification.created_time.as_ref()),
        plain(text.map(|text| text.text.as_str()).unwrap_or_default())
    );
    let below = [
        ("reason", &notification.reason),
        ("audit entry", &notification.audit_entry_id),
        ("notification", &notification.notification_id),
    ];
    for (name, value) in below {
        if !value.is_empty() {
            lines.extend(["                  ", name, ": ", &plain(value), "\n"]);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use delt_proto::notification::v1::LocalizedText;

    #[test]
    fn a_notification_reads_as_a_sentence_with_its_reason() {
        let notification = Notification {
            notification_id: "n-1".to_owned(),
            created_time: delt_client::json::from_rfc3339("2026-11-23T08:05:09Z"),
            reason: "Bevidstløs\u{1b}[2J".to_owned(),
            texts: vec![LocalizedText {
                language: "da".to_owned(),
                text: "Læge ved Hospitalet …".to_owned(),
            }],
            ..Notification::default()
        };
        let text = as_text(&[notification], Language::Da);
        assert!(
            text.starts_with("2026-11-23 08:05  Læge ved Hospitalet …\n"),
            "{text}"
        );
        assert!(text.contains("reason: Bevidstløs"), "{text}");
        assert!(!text.contains('\u{1b}'), "{text}");
        assert!(!text.contains("audit entry"), "{text}");
        assert_eq!(as_text(&[], Language::En), "Nothing to tell.\n");
    }
}

//! `delt record PERSON`

use clap::Args;
use delt_client::RecordView;
use delt_client::json::{indexed_to_json, status_word};
use delt_proto::document::v1::DocumentEntryType;
use delt_proto::record::v1::{SearchRecordRequest, Withheld, WithheldReason};
use delt_proto::spliced::IndexedDocument;
use serde_json::{Value, json};

use super::arguments::HubArgs;
use super::connect::Usually;
use super::failure::Failure;
use super::filter::FilterArgs;
use super::output::receipt_line;
use super::table::Table;
use super::values::{Person, minute};
use super::{Done, Outcome, Surroundings, json as wire};

const PAGE: i32 = 500;

/// Newest first. What was withheld is counted, in general terms.
#[derive(Debug, Args)]
pub struct Record {
    /// A CPR number, or system|value
    person: Person,
    #[command(flatten)]
    filter: FilterArgs,
    /// Show this many documents at most
    #[arg(long, default_value_t = 100, value_name = "N")]
    limit: u32,
}

impl Record {
    pub(super) async fn run(self, hub: &HubArgs, around: &Surroundings<'_>) -> Outcome {
        let session = hub.connect(around, Usually::Somebody).await?;
        let request = SearchRecordRequest {
            context: session.context,
            patient: Some(self.person.0),
            filter: Some(self.filter.filter()),
            page_size: i32::try_from(self.limit).unwrap_or(PAGE).clamp(1, PAGE),
            page_token: String::new(),
        };
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let view = session.hub.record().search_all(request, limit).await?;
        let documents: Result<Vec<Value>, _> = view.documents.iter().map(indexed_to_json).collect();
        let (documents, text) = (documents?, text(&view)?);
        session
            .output
            .answer(|| view_json(&view, &documents), || text)?;
        Ok(Done::All)
    }
}

fn view_json(view: &RecordView, documents: &[Value]) -> Value {
    let withheld = |withheld: &Withheld| json!({ "reason": reason(withheld.reason()), "count": withheld.count });
    json!({
        "documents": documents,
        "total": view.total,
        "withheld": view.withheld.iter().map(withheld).collect::<Value>(),
        "grounds": wire::grounds(&view.grounds),
        "receipts": view.receipts.iter().map(|receipt| wire::receipt(Some(receipt))).collect::<Value>(),
    })
}

fn text(view: &RecordView) -> Result<String, Failure> {
    let mut table = Table::new(["WRITTEN (UTC)", "TITLE", "TYPE", "FROM", "MARK", "ENTRY"]);
    for document in &view.documents {
        table.row(row(document)?);
    }
    let mut text = if view.documents.is_empty() {
        String::new()
    } else {
        format!("{table}\n")
    };
    text.push_str(&count_sentence(view.documents.len(), view.total));
    text.extend(
        view.withheld
            .iter()
            .copied()
            .filter(|withheld| withheld.count > 0)
            .map(withheld_sentence),
    );
    text.extend(
        view.receipts
            .iter()
            .map(|receipt| receipt_line(Some(receipt))),
    );
    Ok(text)
}

fn count_sentence(shown: usize, total: u32) -> String {
    match shown {
        0 => "No documents to show.\n".to_owned(),
        shown if shown < total as usize => format!("{shown} of {total} documents.\n"),
        1 => "1 document.\n".to_owned(),
        shown => format!("{shown} documents.\n"),
    }
}

fn row(document: &IndexedDocument) -> Result<[String; 6], Failure> {
    let entry = document
        .document_entry()
        .map_err(|_| Failure::new("the hub sent an entry that does not decode"))?;
    let kind = entry.type_code.as_ref();
    let institution = entry
        .author
        .as_ref()
        .and_then(|author| author.institution.as_ref());
    let on_demand = entry.document_entry_type() == DocumentEntryType::OnDemand;
    Ok([
        minute(entry.creation_time.as_ref()),
        entry.title,
        kind.map(|code| {
            if code.display.is_empty() {
                &code.code
            } else {
                &code.display
            }
        })
        .cloned()
        .unwrap_or_default(),
        institution
            .map(|place| {
                if place.name.is_empty() {
                    &place.sor
                } else {
                    &place.name
                }
            })
            .cloned()
            .unwrap_or_default(),
        marks(document, on_demand),
        entry.entry_uuid,
    ])
}

/// What is unusual about a document: nothing for a current one.
fn marks(document: &IndexedDocument, on_demand: bool) -> String {
    let status = status_word(document.status);
    let marks = [
        (status != "approved", status),
        (on_demand, "on-demand"),
        (document.dead_since.is_some(), "unavailable"),
        (document.opened_by_override, "break-glass"),
    ];
    let marks: Vec<&str> = marks
        .iter()
        .filter(|(set, _)| *set)
        .map(|(_, mark)| *mark)
        .collect();
    marks.join(",")
}

fn reason(reason: WithheldReason) -> &'static str {
    match reason {
        WithheldReason::Unspecified => "unspecified",
        WithheldReason::Consent => "consent",
        WithheldReason::Role => "role",
        WithheldReason::Purpose => "purpose",
    }
}

fn withheld_sentence(withheld: Withheld) -> String {
    let count = withheld.count;
    let (documents, are) = if count == 1 {
        ("document", "is")
    } else {
        ("documents", "are")
    };
    let because = match withheld.reason() {
        WithheldReason::Consent => "because the citizen has blocked access",
        WithheldReason::Role => "because the role does not allow it",
        WithheldReason::Purpose => "because the purpose does not reach so far",
        WithheldReason::Unspecified => "for another reason",
    };
    format!("{count} {documents} {are} not shown {because}.\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use delt_proto::common::v1::AuditReceipt;
    use delt_proto::document::v1::{AvailabilityStatus, DocumentEntry};
    use prost::Message as _;

    fn view() -> RecordView {
        let entry = DocumentEntry {
            title: "Aftale".into(),
            entry_uuid: "f70b".into(),
            creation_time: delt_client::json::from_rfc3339("2026-10-20T09:05:00Z"),
            ..Default::default()
        };
        let document = IndexedDocument {
            entry: entry.encode_to_vec().into(),
            status: AvailabilityStatus::Superseded.into(),
            opened_by_override: true,
            ..Default::default()
        };
        let receipt = AuditReceipt {
            entry_id: "a-1".into(),
            ..Default::default()
        };
        RecordView {
            documents: vec![document],
            total: 1,
            receipts: vec![receipt],
            ..Default::default()
        }
    }

    #[test]
    fn a_record_reads_as_a_table_with_its_marks_and_receipt() {
        let text = text(&view()).unwrap();
        let row = text.lines().nth(1).unwrap();
        assert!(row.starts_with("2026-10-20 09:05  Aftale"), "{text}");
        assert!(row.ends_with("superseded,break-glass  f70b"), "{text}");
        assert!(text.ends_with("\n1 document.\naudit entry a-1\n"), "{text}");
    }

    #[test]
    fn what_is_withheld_is_a_sentence() {
        let mut view = view();
        view.withheld = vec![
            Withheld {
                reason: WithheldReason::Consent.into(),
                count: 2,
            },
            Withheld {
                reason: WithheldReason::Role.into(),
                count: 0,
            },
        ];
        let text = text(&view).unwrap();
        assert!(
            text.contains("2 documents are not shown because the citizen has blocked access.\n")
        );
        assert!(!text.contains("role"));
        let json = view_json(&view, &[]);
        assert_eq!(
            json["withheld"][0],
            json!({ "reason": "consent", "count": 2 })
        );
    }

    #[test]
    fn an_entry_that_does_not_decode_is_a_failure() {
        let mut view = view();
        view.documents[0].entry = vec![0xff].into();
        assert!(text(&view).is_err());
    }
}

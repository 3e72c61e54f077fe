//! `delt audit search`

use clap::Args;
use delt_ledger::{Entry, Outcome as Logged};
use delt_proto::audit::v1::{LogEntry, SearchEntriesRequest};
use serde_json::{Value, json};

use super::super::arguments::HubArgs;
use super::super::connect::{Session, Usually};
use super::super::failure::Failure;
use super::super::output::receipt_line;
use super::super::table::Table;
use super::super::{Done, Outcome, Surroundings, json as wire};
use super::filter::EntryArgs;
use super::{actor, as_json, decoded};

const PAGE: i32 = 100;

#[derive(Debug, Args)]
pub(super) struct Search {
    #[command(flatten)]
    which: EntryArgs,
    /// Show this many entries at most
    #[arg(long, default_value_t = 50, value_name = "N")]
    limit: u32,
}

#[derive(Default)]
struct Found {
    entries: Vec<LogEntry>,
    receipts: Vec<delt_proto::common::v1::AuditReceipt>,
    more: bool,
}

impl Search {
    pub(super) async fn run(self, hub: &HubArgs, around: &Surroundings<'_>) -> Outcome {
        let session = hub.connect(around, Usually::Auditor).await?;
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let request = SearchEntriesRequest {
            context: session.context.clone(),
            filter: Some(self.which.filter()),
            page_size: i32::try_from(self.limit).unwrap_or(PAGE).clamp(1, PAGE),
            page_token: String::new(),
        };
        let found = search(&session, request, limit).await?;
        let entries: Result<Vec<Value>, Failure> = found.entries.iter().map(as_json).collect();
        let (entries, text) = (entries?, text(&found)?);
        session.output.answer(
            || {
                json!({
                    "entries": entries, "more": found.more,
                    "receipts": found.receipts.iter().map(|receipt| wire::receipt(Some(receipt))).collect::<Value>(),
                })
            },
            || text,
        )?;
        Ok(Done::All)
    }
}

/// Follows the pages up to the limit.
async fn search(
    session: &Session,
    mut request: SearchEntriesRequest,
    limit: usize,
) -> Result<Found, Failure> {
    let log = session.hub.audit();
    let mut found = Found::default();
    loop {
        let page = log.search(request.clone()).await?;
        found.receipts.extend(page.receipt);
        found.entries.extend(page.entries);
        found.more = !page.next_page_token.is_empty() || found.entries.len() > limit;
        if page.next_page_token.is_empty() || found.entries.len() >= limit {
            found.entries.truncate(limit);
            return Ok(found);
        }
        if page.next_page_token == request.page_token {
            return Err(Failure::new(
                "the hub's answer breaks the contract: a page that leads to itself",
            ));
        }
        request.page_token = page.next_page_token;
    }
}

fn text(found: &Found) -> Result<String, Failure> {
    let mut text = if found.entries.is_empty() {
        "No entries.\n".to_owned()
    } else {
        let mut table = Table::new([
            "TIME (UTC)",
            "OPERATION",
            "OUTCOME",
            "WHO",
            "SYSTEM",
            "WHY",
            "SHOWN",
            "ENTRY",
        ]);
        for entry in &found.entries {
            table.row(row(&decoded(entry)?));
        }
        table.to_string()
    };
    if found.more {
        text += "There are more; --limit shows them.\n";
    }
    text.extend(
        found
            .receipts
            .iter()
            .map(|receipt| receipt_line(Some(receipt))),
    );
    Ok(text)
}

fn row(entry: &Entry) -> [String; 8] {
    let outcome = match entry.outcome {
        Logged::Permitted => "permitted",
        Logged::Denied => "denied",
        Logged::Failed => "failed",
    };
    // A request that continues an opening gives no reason of its own.
    let broken = entry.purpose.as_deref() == Some("BTG");
    let glass = if broken && entry.outcome == Logged::Permitted {
        " !"
    } else {
        ""
    };
    let shown = match (entry.disclosed.len(), entry.withheld) {
        (0, 0) => String::new(),
        (shown, 0) => shown.to_string(),
        (shown, withheld) => format!("{shown}, {withheld} withheld"),
    };
    [
        entry
            .recorded_at
            .chars()
            .take(19)
            .collect::<String>()
            .replace('T', " "),
        entry.operation.clone(),
        outcome.to_owned(),
        actor(entry),
        entry.actor.system.clone(),
        format!("{}{glass}", entry.purpose.as_deref().unwrap_or_default()),
        shown,
        entry.id.clone(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The column that says why, of an entry with this outcome and purpose.
    fn why(outcome: &str, purpose: &str) -> String {
        let entry = json!({
            "version": delt_ledger::ENTRY_VERSION, "id": "01a207bc-8b47-75ca-8802-b90deeb2ed9f",
            "recorded_at": "2026-11-23T09:28:46.000000Z", "operation": "SearchRecord",
            "outcome": outcome, "purpose": purpose, "actor": {"system": "ehr-hovedstaden"},
        });
        let entry = Entry::from_json(entry.to_string().as_bytes()).unwrap();
        row(&entry)[5].clone()
    }

    #[test]
    fn an_answer_behind_the_broken_glass_is_marked_with_and_without_a_reason_of_its_own() {
        assert_eq!(why("permitted", "BTG"), "BTG !");
        assert_eq!(why("denied", "BTG"), "BTG");
        assert_eq!(why("permitted", "TREAT"), "TREAT");
    }
}

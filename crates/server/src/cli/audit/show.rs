//! `delt audit show ENTRY`

use clap::Args;
use delt_proto::audit::v1::GetEntryRequest;
use serde_json::{Value, json};

use super::super::arguments::HubArgs;
use super::super::connect::Usually;
use super::super::failure::Failure;
use super::super::output::receipt_line;
use super::super::table::plain;
use super::super::{Done, Outcome, Surroundings, json as wire};
use super::as_json;

#[derive(Debug, Args)]
pub(super) struct Show {
    /// The entry's id
    entry: String,
}

impl Show {
    pub(super) async fn run(self, hub: &HubArgs, around: &Surroundings<'_>) -> Outcome {
        let session = hub.connect(around, Usually::Auditor).await?;
        let request = GetEntryRequest {
            context: session.context.clone(),
            entry_id: self.entry,
        };
        let answer = session.hub.audit().entry(request).await?;
        let entry = answer
            .entry
            .ok_or_else(|| Failure::new("the hub's answer holds no entry"))?;
        let entry = as_json(&entry)?;
        session.output.answer(
            || json!({ "entry": entry, "receipt": wire::receipt(answer.receipt.as_ref()) }),
            || format!("{}{}", text(&entry), receipt_line(answer.receipt.as_ref())),
        )?;
        Ok(Done::All)
    }
}

/// One line for each thing that the entry says.
fn text(entry: &Value) -> String {
    let mut lines = Vec::new();
    flatten("", entry.get("entry").unwrap_or(&Value::Null), &mut lines);
    for name in ["leaf_index", "leaf_hash"] {
        flatten(name, entry.get(name).unwrap_or(&Value::Null), &mut lines);
    }
    let width = lines
        .iter()
        .map(|(path, _)| path.len())
        .max()
        .unwrap_or_default();
    let line = |(path, value): &(String, String)| format!("{path:width$}  {}\n", plain(value));
    lines.iter().map(line).collect::<Vec<_>>().concat()
}

fn flatten(path: &str, value: &Value, lines: &mut Vec<(String, String)>) {
    let below = |name: &str| {
        if path.is_empty() {
            name.to_owned()
        } else {
            format!("{path}.{name}")
        }
    };
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                flatten(&below(name), value, lines);
            }
        }
        Value::Array(items) => {
            for item in items {
                flatten(path, item, lines);
            }
        }
        Value::String(text) => lines.push((path.to_owned(), text.clone())),
        Value::Null => {}
        other => lines.push((path.to_owned(), other.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_reads_line_by_line() {
        let entry = json!({
            "entry": { "actor": { "system": "gp" }, "disclosed": ["a", "b\u{1b}"] },
            "leaf_hash": null, "leaf_index": 7,
        });
        assert_eq!(
            text(&entry),
            "actor.system  gp\ndisclosed     a\ndisclosed     b\u{fffd}\nleaf_index    7\n"
        );
    }
}

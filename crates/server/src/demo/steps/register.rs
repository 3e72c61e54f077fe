//! Each source system registers pointers to its documents; the documents stay where they are.

use delt_client::bulk::{Item, Options};
use delt_client::{ClientError, Connection};
use delt_proto::document::v1::{DocumentEntry, ListSourceDocumentsRequest};
use futures_util::stream;
use serde_json::{Map, Value, json};

use crate::demo::DemoError;
use crate::demo::stage::Stage;
use crate::demo::step::Step;

const PAGE: i32 = 500;

/// What became of one stream.
#[derive(Debug, Default)]
struct Tally {
    registered: usize,
    already: usize,
    refused: Vec<String>,
}

pub(in crate::demo) async fn tell(stage: &mut Stage, step: &mut Step) -> Result<(), DemoError> {
    let (mut rows, mut facts) = (Vec::new(), Map::new());
    let (mut complete, mut unchanged) = (true, true);
    for source in &stage.sources {
        let system = source.system();
        let connection = stage.system(system.id).await?;
        let own = stage
            .documents
            .iter()
            .filter(|held| held.system == system.id);
        let entries: Vec<DocumentEntry> = own.map(|held| held.entry.clone()).collect();
        let first = register(&connection, &entries).await?;
        let again = register(&connection, &entries).await?;
        let listed = list(&connection).await?;
        for refused in &first.refused {
            step.check(format!("{}: {refused}", system.name), false);
        }
        let all = entries.len();
        // Others may have registered with this source since: what it holds must be there, not alone there.
        complete &= first.registered + first.already == all && listed >= all;
        unchanged &= again.already == all;
        let counted = [all, first.registered, listed].map(|count| count.to_string());
        let [holds, new, listed_text] = counted;
        rows.push([system.name.to_owned(), holds, new, listed_text]);
        let counted = json!({ "documents": all, "registered": first.registered, "listed": listed });
        facts.insert(system.id.to_owned(), counted);
    }
    let total = stage.documents.len();
    step.table(["SOURCE SYSTEM", "HOLDS", "NEW", "IN THE INDEX"], &rows);
    step.say(format!(
        "{total} pointers in the index; no document has left its source."
    ));
    step.check("every document of every source is in the index", complete);
    step.check("the same streams once more change nothing", unchanged);
    step.fact("documents", total);
    step.fact("sources", Value::Object(facts));
    Ok(())
}

/// One bidirectional stream, with an outcome for each entry.
async fn register(source: &Connection, entries: &[DocumentEntry]) -> Result<Tally, ClientError> {
    let items: Vec<Item> = (1..)
        .zip(entries.iter().cloned())
        .map(|(line, entry)| (line, Ok(entry)))
        .collect();
    let documents = source.documents();
    let mut outcomes = documents
        .register_all(stream::iter(items), Options::default())
        .await?;
    let mut tally = Tally::default();
    while let Some(outcome) = outcomes.next().await? {
        match outcome.result {
            Ok(answer) if answer.already_registered => tally.already += 1,
            Ok(_) => tally.registered += 1,
            Err(error) => tally
                .refused
                .push(format!("entry {}: {error}", outcome.line)),
        }
    }
    Ok(tally)
}

/// How many entries the index holds for this source.
async fn list(source: &Connection) -> Result<usize, ClientError> {
    let mut request = ListSourceDocumentsRequest {
        page_size: PAGE,
        ..Default::default()
    };
    let mut found = 0;
    loop {
        let page = source.documents().list(request.clone()).await?;
        found += page.documents.len();
        if page.next_page_token.is_empty() {
            return Ok(found);
        }
        request.page_token = page.next_page_token;
    }
}

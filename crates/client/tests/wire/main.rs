//! The SDK against a hub that misbehaves, over real sockets with mutual TLS.
#![expect(clippy::unwrap_used, reason = "tests")]

mod hub;

use std::path::Path;
use std::time::Duration;

use delt_client::bulk::{Import, Journal, LineOutcome, Options, Resumed, Summary};
use delt_client::proto::document::v1::{DocumentEntry, RegisterDocumentRequest};
use delt_client::{Backoff, ClientError, Connection, Kind, TokenSource};
use hub::{Hub, Plan};

fn request(title: &str) -> RegisterDocumentRequest {
    let entry = DocumentEntry {
        title: title.to_owned(),
        ..Default::default()
    };
    RegisterDocumentRequest {
        context: None,
        entry: Some(entry),
    }
}

async fn connect(hub: &Hub) -> Connection {
    let mut settings = hub.settings().with_token(TokenSource::text("t0ken"));
    settings.retry = Backoff {
        first: Duration::from_millis(5),
        ..Backoff::default()
    };
    Connection::connect(settings).await.unwrap()
}

#[tokio::test]
async fn what_passes_by_itself_is_repeated_under_one_id() {
    let hub = Hub::start(Plan {
        unavailable: 2,
        ..Plan::default()
    })
    .await;
    let documents = connect(&hub).await.documents();
    documents.register(request("a")).await.unwrap();
    documents.register(request("b")).await.unwrap();
    let seen = hub.seen();
    let ids: Vec<&str> = seen.iter().map(|call| call.request_id.as_str()).collect();
    assert_eq!(ids.len(), 4, "two attempts more for the first");
    assert!(
        ids[0] == ids[1] && ids[1] == ids[2] && ids[2] != ids[3],
        "{ids:?}"
    );
    assert!(
        seen.iter()
            .all(|call| call.authorization == "Bearer t0ken" && call.certified)
    );
}

#[tokio::test]
async fn a_refusal_comes_back_at_once_with_its_reason() {
    let hub = Hub::start(Plan::default()).await;
    let refused = connect(&hub)
        .await
        .documents()
        .register(request("bad"))
        .await
        .unwrap_err();
    assert_eq!(
        (refused.kind(), refused.reason()),
        (Kind::Invalid, Some("BAD_TITLE"))
    );
    assert_eq!(refused.violations()[0].field, "entry.title");
    assert_eq!(hub.seen().len(), 1);
}

#[tokio::test]
async fn a_hub_that_stays_away_is_given_up() {
    let hub = Hub::start(Plan {
        unavailable: 100,
        ..Plan::default()
    })
    .await;
    let error = connect(&hub)
        .await
        .documents()
        .register(request("a"))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Unavailable);
    assert_eq!(hub.seen().len(), 5);
}

#[tokio::test]
async fn another_authority_is_not_believed() {
    let (hub, other) = (
        Hub::start(Plan::default()).await,
        Hub::start(Plan::default()).await,
    );
    let mut settings = hub.settings();
    settings.ca_pem = other.settings().ca_pem;
    let error = Connection::connect(settings).await.unwrap_err();
    assert!(matches!(error, ClientError::Unreachable(_)), "{error}");
}

/// Runs a file, and gives what was told of it.
async fn import(hub: &Hub, file: &Path) -> (Resumed, Result<Summary, String>, Vec<(u64, bool)>) {
    let documents = connect(hub).await.documents();
    let journal = Journal::open(file).unwrap();
    let resumed = journal.resumed;
    let options = Options {
        window: 8,
        ..Options::default()
    };
    let mut told = Vec::new();
    let tell = |outcome: &LineOutcome| told.push((outcome.line, outcome.result.is_ok()));
    let summary = Import::new(&documents, file, journal, options)
        .run(tell)
        .await;
    (resumed, summary.map_err(|error| error.to_string()), told)
}

fn file(folder: &Path, lines: u64, bad: &[u64]) -> std::path::PathBuf {
    let title = |line| {
        if bad.contains(&line) {
            "bad".to_owned()
        } else {
            line.to_string()
        }
    };
    let line = |line| format!("{{\"title\":\"{}\"}}\n", title(line));
    let path = folder.join("entries.ndjson");
    std::fs::write(
        &path,
        (1..=lines).map(line).collect::<String>() + "{nonsense\n",
    )
    .unwrap();
    path
}

#[tokio::test]
async fn a_broken_connection_costs_a_run_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = file(folder.path(), 300, &[7]);
    // Each stream breaks after a hundred items, so that it takes four.
    let hub = Hub::start(Plan {
        breaks_after: Some(100),
        ..Plan::default()
    })
    .await;
    let (resumed, summary, told) = import(&hub, &file).await;
    assert_eq!(resumed, Resumed::Fresh);
    assert_eq!(
        summary.unwrap(),
        Summary {
            registered: 299,
            already_registered: 0,
            refused: 2
        }
    );
    assert_eq!(
        told.iter().map(|(line, _)| *line).collect::<Vec<_>>(),
        (1..=301).collect::<Vec<_>>()
    );
    let refused: Vec<u64> = told
        .iter()
        .filter(|(_, ok)| !ok)
        .map(|(line, _)| *line)
        .collect();
    assert_eq!(refused, [7, 301]);
}

#[tokio::test]
async fn the_next_run_tries_only_what_was_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = file(folder.path(), 50, &[7]);
    let hub = Hub::start(Plan::default()).await;
    assert!(import(&hub, &file).await.1.is_ok());
    let (resumed, summary, told) = import(&hub, &file).await;
    assert_eq!(
        resumed,
        Resumed::Continued {
            done: 51,
            failed: 2
        }
    );
    assert_eq!(
        summary.unwrap(),
        Summary {
            registered: 0,
            already_registered: 0,
            refused: 2
        }
    );
    assert_eq!(told, [(7, false), (51, false)]);
}

#[tokio::test]
async fn a_run_that_comes_no_further_is_given_up_and_goes_on_later() {
    let folder = tempfile::tempdir().unwrap();
    let file = file(folder.path(), 50, &[]);
    let hub = Hub::start(Plan {
        breaks_after: Some(0),
        ..Plan::default()
    })
    .await;
    let (_, summary, told) = import(&hub, &file).await;
    assert!(summary.is_err() && told.is_empty());
    let hub = Hub::start(Plan::default()).await;
    assert_eq!(import(&hub, &file).await.1.unwrap().registered, 50);
}

//! `delt.source.v1` over TLS.

use std::time::Duration;

use delt_hub::document::SourceFault;
use delt_hub::organisation::SourceEndpoint;
use tokio::net::TcpListener;
use tokio::time::Instant;

use super::support::{MAX, Pki, Source, endpoint, fetch};

#[tokio::test]
async fn the_bytes_come_whole_and_the_source_knows_who_asks() {
    let pki = Pki::new();
    let source = Source::start(&pki, "source").await;
    let clients = pki.clients();
    let at = source.grpc();
    assert_eq!(fetch(&clients, &at, "good").await.unwrap(), b"hello");
    let who = fetch(&clients, &at, "who").await.unwrap();
    let expected = "hub.example.dk 1.2.208.99.1.1 00000000-0000-0000-0000-000000000007";
    assert_eq!(String::from_utf8(who).unwrap(), expected);
}

#[tokio::test]
async fn each_way_of_failing_has_its_fault() {
    let pki = Pki::new();
    let source = Source::start(&pki, "source").await;
    let clients = pki.clients();
    let at = source.grpc();
    for (document, fault) in [
        ("gone", SourceFault::Gone),
        ("forbidden", SourceFault::Unavailable),
        ("die-midway", SourceFault::Unavailable),
        ("endless", SourceFault::TooLarge),
        ("large-chunk", SourceFault::Unavailable),
    ] {
        assert_eq!(
            fetch(&clients, &at, document).await,
            Err(fault),
            "{document}"
        );
    }
    let largest = fetch(&clients, &at, "largest").await.unwrap();
    assert_eq!(largest.len() as u64, MAX);
}

#[tokio::test]
async fn a_source_that_hangs_is_given_up_at_its_deadline() {
    let pki = Pki::new();
    let source = Source::start(&pki, "source").await;
    let clients = pki.clients();
    let at = SourceEndpoint {
        deadline_ms: 300,
        ..source.grpc()
    };
    for document in ["slow", "hang-midway"] {
        let begun = Instant::now();
        assert_eq!(
            fetch(&clients, &at, document).await,
            Err(SourceFault::DeadlineExceeded)
        );
        assert!(begun.elapsed() < Duration::from_secs(1), "{document}");
    }
    // The connection is as good as before.
    assert_eq!(fetch(&clients, &at, "good").await.unwrap(), b"hello");
}

#[tokio::test]
async fn another_name_or_another_authority_is_not_the_source() {
    let pki = Pki::new();
    let other_name = Source::start(&pki, "other").await;
    let clients = pki.clients();
    assert_eq!(
        fetch(&clients, &other_name.grpc(), "good").await,
        Err(SourceFault::Unavailable)
    );
    // Unless the directory says that this is the name.
    let named = SourceEndpoint {
        server_name: Some("other.example.dk".into()),
        ..other_name.grpc()
    };
    assert_eq!(fetch(&clients, &named, "good").await.unwrap(), b"hello");
    let other_authority = Source::start(&Pki::new(), "source").await;
    let outcome = fetch(&clients, &other_authority.grpc(), "good").await;
    assert_eq!(outcome, Err(SourceFault::Unavailable));
}

#[tokio::test]
async fn a_source_that_is_down_or_does_not_speak_is_unavailable_and_comes_back() {
    let pki = Pki::new();
    let clients = pki.clients();
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = silent.local_addr().unwrap().port();
    let at = endpoint(&format!("grpc+tls://localhost:{port}"));
    // Accepts and says nothing: the connect timeout ends it.
    assert_eq!(
        fetch(&clients, &at, "good").await,
        Err(SourceFault::Unavailable)
    );
    drop(silent);
    assert_eq!(
        fetch(&clients, &at, "good").await,
        Err(SourceFault::Unavailable)
    );
    let source = Source::start_at(&pki, "source", port).await;
    assert_eq!(
        fetch(&clients, &source.grpc(), "good").await.unwrap(),
        b"hello"
    );
}

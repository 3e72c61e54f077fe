//! Plain HTTPS GET.

use std::time::Duration;

use delt_hub::document::SourceFault;
use delt_hub::organisation::SourceEndpoint;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::time::Instant;
use tokio_rustls::TlsAcceptor;

use super::support::{MAX, Pki, Source, endpoint, fetch};

#[tokio::test]
async fn the_bytes_come_whole_and_the_source_knows_who_asks() {
    let pki = Pki::new();
    let source = Source::start(&pki, "source").await;
    let clients = pki.clients();
    let at = source.https();
    assert_eq!(fetch(&clients, &at, "good").await.unwrap(), b"hello");
    // Characters that mean something in a URL stay within their segment.
    assert_eq!(
        fetch(&clients, &at, "1.2^ex/t?a%b").await.unwrap(),
        b"hello"
    );
    let who = fetch(&clients, &at, "who").await.unwrap();
    let expected = "hub.example.dk 1.2.208.99.1.1 00000000-0000-0000-0000-000000000007";
    assert_eq!(String::from_utf8(who).unwrap(), expected);
}

#[tokio::test]
async fn each_way_of_failing_has_its_fault() {
    let pki = Pki::new();
    let source = Source::start(&pki, "source").await;
    let clients = pki.clients();
    let at = source.https();
    for (document, fault) in [
        ("gone", SourceFault::Gone),
        ("gone-for-good", SourceFault::Gone),
        ("moved", SourceFault::Unavailable),
        ("forbidden", SourceFault::Unavailable),
        ("zipped", SourceFault::Unavailable),
        ("die-midway", SourceFault::Unavailable),
        ("endless", SourceFault::TooLarge),
        ("announced", SourceFault::TooLarge),
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
        ..source.https()
    };
    for document in ["slow", "hang-midway"] {
        let begun = Instant::now();
        assert_eq!(
            fetch(&clients, &at, document).await,
            Err(SourceFault::DeadlineExceeded)
        );
        assert!(begun.elapsed() < Duration::from_secs(1), "{document}");
    }
}

#[tokio::test]
async fn another_name_or_another_authority_is_not_the_source() {
    let pki = Pki::new();
    let clients = pki.clients();
    let other_name = Source::start(&pki, "other").await;
    assert_eq!(
        fetch(&clients, &other_name.https(), "good").await,
        Err(SourceFault::Unavailable)
    );
    let other_authority = Source::start(&Pki::new(), "source").await;
    let outcome = fetch(&clients, &other_authority.https(), "good").await;
    assert_eq!(outcome, Err(SourceFault::Unavailable));
}

/// A web server of HTTP/1.1 that answers every connection with `answer` and then cuts the cable.
async fn cut_off(pki: &Pki, answer: &'static [u8]) -> SourceEndpoint {
    let mut tls = (*pki.server("source")).clone();
    tls.alpn_protocols = vec![b"http/1.1".to_vec()];
    let acceptor = TlsAcceptor::from(std::sync::Arc::new(tls));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut tasks = tokio::task::JoinSet::new();
    tasks.spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let Ok(mut stream) = acceptor.accept(stream).await else {
                continue;
            };
            let _request = stream.read(&mut [0; 4_096]).await;
            stream.write_all(answer).await.unwrap();
            stream.flush().await.unwrap();
            // No close_notify: whoever trusts the end of the connection takes a part for the whole.
            drop(stream);
        }
    });
    tasks.detach_all();
    endpoint(&format!(
        "https://localhost:{port}/d/{{repositoryUniqueId}}/{{uniqueId}}"
    ))
}

#[tokio::test]
async fn a_cut_cable_never_looks_like_the_end() {
    let pki = Pki::new();
    let clients = pki.clients();
    for answer in [
        &b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\npart"[..],
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\npart\r\n",
        b"HTTP/1.1 200 OK\r\n\r\npart",
        b"HTTP/1.1 200 OK\r\ncontent-le",
        b"not HTTP at all\r\n\r\n",
    ] {
        let at = cut_off(&pki, answer).await;
        assert_eq!(
            fetch(&clients, &at, "d").await,
            Err(SourceFault::Unavailable)
        );
    }
}

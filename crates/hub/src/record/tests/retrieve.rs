//! `RetrieveDocument` and the fetching after it.

use std::{sync::atomic::Ordering, time::Duration};

use bytes::Bytes;
use delt_ledger::Outcome;
use uuid::Uuid;

use super::{
    fixtures::{HOSPITAL, PRACTICE, break_glass, citizen, entry, lonni, of_practice, physician},
    sources::Answer,
    world::World,
};
use crate::{
    Error, Result, Settings,
    clock::SECOND,
    document::{DocumentEntry, EntryType, SourceFault},
    error::code,
    record::{Document, RecordFilter, RetrieveDocument, SearchRecord},
};

/// More than is checked whole.
const LARGE: usize = (4 << 20) + 1_000;

async fn open(world: &World, entry: Uuid) -> Result<Document> {
    open_within(world, entry, None).await
}

async fn open_within(world: &World, entry: Uuid, left: Option<Duration>) -> Result<Document> {
    let asked = RetrieveDocument {
        patient: lonni(),
        entry_uuid: entry,
    };
    let released = world.person(&physician(HOSPITAL, "TREAT"), asked).await?;
    world.hub.fetch(released, left).await
}

/// The bytes that came, and how it ended: whether they were verified, or what went wrong.
async fn read(mut document: Document) -> (Vec<u8>, Result<bool>) {
    let mut bytes = Vec::new();
    loop {
        match document.next().await {
            Ok(Some(piece)) => bytes.extend_from_slice(&piece),
            Ok(None) => {
                assert_eq!(document.size(), bytes.len() as u64);
                return (bytes, Ok(document.is_verified()));
            }
            Err(error) => return (bytes, Err(error)),
        }
    }
}

async fn fetch(world: &World, entry: Uuid) -> Result<Vec<u8>> {
    let (bytes, ending) = read(open(world, entry).await?).await;
    ending.map(|_| bytes)
}

/// The code that a document fails with, and how much of it came before.
async fn failure(world: &World, entry: Uuid) -> (usize, &'static str) {
    let (came, error): (usize, Error) = match open(world, entry).await {
        Err(error) => (0, error),
        Ok(document) => {
            let (bytes, ending) = read(document).await;
            (bytes.len(), ending.unwrap_err())
        }
    };
    (came, error.code().name)
}

async fn dead_since(world: &World, entry: Uuid) -> Option<i64> {
    let search = SearchRecord {
        patient: lonni(),
        filter: RecordFilter::default(),
        page_size: 100,
        page_token: String::new(),
    };
    let page = world.person(&citizen(), search).await.unwrap().value;
    page.documents
        .into_iter()
        .find(|document| document.entry_uuid == entry)
        .unwrap()
        .dead_since
}

#[tokio::test]
async fn the_audit_entry_comes_before_the_question_to_the_source() {
    let world = World::treating().await;
    let entry = world.share(1, b"hello").await;
    assert_eq!(fetch(&world, entry).await.unwrap(), b"hello");
    let log = world.log("RetrieveDocument").await;
    assert_eq!(log.len(), 1);
    assert_eq!(log[0].outcome, Outcome::Permitted);
    assert_eq!(log[0].target.as_deref(), Some(entry.to_string().as_str()));
    assert_eq!(log[0].disclosed, [entry.to_string()]);
    let named = world.sources.audit_entry.lock().unwrap().unwrap();
    assert_eq!(log[0].id, named.to_string());
}

#[tokio::test]
async fn a_source_has_as_long_as_the_caller_waits() {
    let world = World::treating().await;
    let entry = world.share(1, b"hello").await;
    let given = || world.sources.deadline_ms.lock().unwrap().take().unwrap();
    open_within(&world, entry, None).await.unwrap();
    let own = given();
    for (left, expected) in [(70, 70), (u64::MAX, own)] {
        let left = Some(Duration::from_millis(left));
        open_within(&world, entry, left).await.unwrap();
        assert_eq!(given(), expected);
    }
}

#[tokio::test]
async fn hidden_and_missing_are_one_answer_and_two_entries_in_the_log() {
    let world = World::treating().await;
    world.register(of_practice(2)).await;
    world.block_origin(PRACTICE).await;
    let hidden = open(&world, Uuid::from_u128(2)).await.unwrap_err();
    let missing = open(&world, Uuid::from_u128(3)).await.unwrap_err();
    assert_eq!(hidden.code(), code::NOT_FOUND);
    assert_eq!(
        (hidden.code(), hidden.message()),
        (missing.code(), missing.message())
    );
    assert_eq!(world.sources.asked.load(Ordering::SeqCst), 0);
    let log = world.log("RetrieveDocument").await;
    assert_eq!(log[0].outcome, Outcome::Denied);
    assert_eq!(log[0].error_code.as_deref(), Some("ACCESS_DENIED"));
    assert!(
        log[0]
            .grounds
            .iter()
            .any(|ground| ground.rule == "consent-block")
    );
    assert!(log[0].disclosed.is_empty());
    assert_eq!(log[1].outcome, Outcome::Failed);
    assert_eq!(log[1].error_code.as_deref(), Some("NOT_FOUND"));
}

#[tokio::test]
async fn break_glass_opens_a_blocked_document_and_says_so() {
    let world = World::treating().await;
    world.register(of_practice(2)).await;
    world.block_origin(PRACTICE).await;
    let asked = RetrieveDocument {
        patient: lonni(),
        entry_uuid: Uuid::from_u128(2),
    };
    let claims = physician(HOSPITAL, "BTG");
    let released = world
        .person_with(&claims, &break_glass(), asked)
        .await
        .unwrap();
    assert!(released.value.opened_by_override);
    let log = world.log("RetrieveDocument").await;
    assert!(log[0].override_reason.is_some());
    assert!(
        log[0]
            .grounds
            .iter()
            .any(|ground| ground.rule == "break-glass")
    );
}

#[tokio::test]
async fn a_small_document_that_is_wrong_gives_no_byte_and_marks_the_pointer() {
    let world = World::treating().await;
    for (id, sent) in [(1, &b"hallo"[..]), (2, b"hell"), (3, b"hello!"), (4, b"")] {
        let entry = world.share(id, b"hello").await;
        world.answer(id, Answer::Pieces(vec![Bytes::from_static(sent)]));
        assert_eq!(
            failure(&world, entry).await,
            (0, "CONTENT_MISMATCH"),
            "{sent:?}"
        );
        assert!(dead_since(&world, entry).await.is_some());
    }
}

#[tokio::test]
async fn every_failure_leaves_a_second_entry_that_names_the_first() {
    let world = World::treating().await;
    let entry = world.share(1, b"hello").await;
    world.answer(1, Answer::Refused(SourceFault::Gone));
    assert_eq!(failure(&world, entry).await, (0, "SOURCE_GONE"));
    let log = world.log("RetrieveDocument").await;
    assert_eq!(log.len(), 2);
    assert_eq!(log[1].outcome, Outcome::Failed);
    assert_eq!(log[1].error_code.as_deref(), Some("SOURCE_GONE"));
    assert_eq!(log[1].filters["retrieval"], log[0].id);
    assert_eq!(
        (&log[1].target, &log[1].patient),
        (&log[0].target, &log[0].patient)
    );
    assert!(log[1].disclosed.is_empty());
    // And when the source has it again, the pointer is good again.
    assert!(dead_since(&world, entry).await.is_some());
    world.answer(1, Answer::Pieces(vec![Bytes::from_static(b"hello")]));
    assert_eq!(fetch(&world, entry).await.unwrap(), b"hello");
    assert_eq!(dead_since(&world, entry).await, None);
}

#[tokio::test]
async fn a_source_that_breaks_off_or_hangs_is_unavailable_and_its_pointer_stays() {
    let world = World::treating().await;
    let half = || vec![Bytes::from_static(b"hel")];
    for (id, answer) in [
        (1, Answer::Refused(SourceFault::Unavailable)),
        (2, Answer::Broken(half(), SourceFault::Unavailable)),
        (3, Answer::Hang),
        (4, Answer::HangAfter(half())),
    ] {
        let entry = world.share(id, b"hello").await;
        world.answer(id, answer);
        assert_eq!(failure(&world, entry).await, (0, "SOURCE_UNAVAILABLE"));
        assert_eq!(dead_since(&world, entry).await, None);
    }
}

#[tokio::test]
async fn a_large_document_passes_and_is_never_complete_when_it_is_wrong() {
    let world = World::treating().await;
    let good: Vec<u8> = (0..LARGE)
        .map(|at| u8::try_from(at % 251).unwrap())
        .collect();
    let entry = world.share(1, &good).await;
    let pieces = |bytes: &[u8]| {
        bytes
            .chunks(100_000)
            .map(Bytes::copy_from_slice)
            .collect::<Vec<_>>()
    };
    world.answer(1, Answer::Pieces(pieces(&good)));
    let (bytes, ending) = read(open(&world, entry).await.unwrap()).await;
    assert!(bytes == good);
    assert_eq!(ending, Ok(true));
    let mut wrong = good.clone();
    *wrong.last_mut().unwrap() ^= 1;
    let longer = [&good[..], b"!"].concat();
    for (sent, code) in [
        (Answer::Pieces(pieces(&wrong)), "CONTENT_MISMATCH"),
        (Answer::Pieces(pieces(&longer)), "CONTENT_MISMATCH"),
        (
            Answer::Pieces(pieces(&good[..LARGE - 1])),
            "CONTENT_MISMATCH",
        ),
        (
            Answer::Broken(pieces(&good), SourceFault::Unavailable),
            "SOURCE_UNAVAILABLE",
        ),
        (Answer::HangAfter(pieces(&good)), "SOURCE_UNAVAILABLE"),
    ] {
        world.answer(1, sent);
        let (came, failed) = failure(&world, entry).await;
        assert_eq!(failed, code);
        assert!(0 < came && came < LARGE, "{came} of {LARGE} came");
    }
}

#[tokio::test]
async fn chunks_are_bounded() {
    let world = World::treating().await;
    let entry = world.share(1, &vec![7; 1_000_000]).await;
    let mut document = open(&world, entry).await.unwrap();
    while let Some(piece) = document.next().await.unwrap() {
        assert!(piece.len() <= 128 << 10);
    }
}

#[tokio::test]
async fn an_on_demand_document_is_bounded_and_not_called_verified() {
    let settings = Settings {
        document_bytes_max: 1_000,
        ..Settings::default()
    };
    let world = World::with(settings).await;
    world.relate(HOSPITAL).await;
    let on_demand = |id| DocumentEntry {
        entry_type: EntryType::OnDemand,
        size: None,
        hash: None,
        ..entry(id)
    };
    world.register(on_demand(1)).await;
    world.answer(1, Answer::Pieces(vec![Bytes::from_static(b"made now")]));
    let (bytes, ending) = read(open(&world, Uuid::from_u128(1)).await.unwrap()).await;
    assert_eq!((bytes.as_slice(), ending), (&b"made now"[..], Ok(false)));
    world.register(on_demand(2)).await;
    world.answer(2, Answer::Pieces(vec![Bytes::from(vec![0; 1_001])]));
    assert_eq!(failure(&world, Uuid::from_u128(2)).await.1, "TOO_LARGE");
}

#[tokio::test]
async fn a_source_that_keeps_failing_is_left_alone_for_a_while() {
    let world = World::treating().await;
    let entry = world.share(1, b"hello").await;
    world.answer(1, Answer::Refused(SourceFault::Unavailable));
    for _ in 0..8 {
        assert_eq!(failure(&world, entry).await, (0, "SOURCE_UNAVAILABLE"));
    }
    assert_eq!(world.sources.asked.load(Ordering::SeqCst), 5);
    // The others are asked as before.
    let other = of_practice(2);
    world.register(other).await;
    assert_eq!(
        failure(&world, Uuid::from_u128(2)).await,
        (0, "SOURCE_GONE")
    );
    world.later(5 * SECOND);
    world.answer(1, Answer::Pieces(vec![Bytes::from_static(b"hello")]));
    assert_eq!(fetch(&world, entry).await.unwrap(), b"hello");
}

#[tokio::test]
async fn a_failed_document_stays_failed() {
    let world = World::treating().await;
    let good = vec![7; LARGE];
    let entry = world.share(1, &good).await;
    world.answer(
        1,
        Answer::Broken(vec![Bytes::from(good)], SourceFault::Unavailable),
    );
    let mut document = open(&world, entry).await.unwrap();
    while let Ok(Some(_)) = document.next().await {}
    assert_eq!(
        document.next().await.unwrap_err().code(),
        code::SOURCE_UNAVAILABLE
    );
    assert_eq!(world.log("RetrieveDocument").await.len(), 2);
}

//! A document is fetched from its source at the moment of use, and given out only as what was registered.

use std::time::Duration;

use delt_client::proto::audit::v1::{EntryFilter, GetEntryRequest};
use delt_client::proto::common::v1::AuditReceipt;
use delt_client::{ClientError, Connection, TokenSource};
use delt_server::demo::fixtures::SampleDocument;
use delt_server::demo::source::Fault;
use delt_server::profile::Holder;
use delt_tests::calls::{
    fetch, holdings, is_not_found, log, pointer, record, refusal, treats, wanted,
};
use delt_tests::entries::{
    CARDIOLOGY, EINER, LONNI, MUNICIPALITY, REGION_H, REGION_M, cpr, fixture, held, nobodys, uuids,
};
use delt_tests::hub::{Backend, TestHub, sample};
use delt_tests::on_both;
use delt_tests::sources::Sourced;
use tonic::Code;

const EHR: &str = "ehr-hovedstaden";
/// The hub checks a document up to this size before its first byte leaves.
const CHECKED_WHOLE: usize = 4 << 20;
/// How long a source may keep the hub of these tests waiting.
const DEADLINE: Duration = Duration::from_millis(800);

/// An impatient hub, these documents at their sources, and a cardiologist who treats Lonni.
async fn treated(backend: Backend, documents: &[&SampleDocument]) -> (Sourced, Connection) {
    let world = Sourced::start(backend, documents, DEADLINE).await;
    treats(&world.hub, REGION_H, CARDIOLOGY, cpr(LONNI)).await;
    let reader = reader(&world.hub, "kard").await;
    (world, reader)
}

/// A professional whose system takes the first answer.
async fn reader(hub: &TestHub, key: &str) -> Connection {
    let token = hub.token(&Holder::Professional(sample(key)), EHR, &[]);
    let mut settings = hub
        .settings(hub.running.api, EHR)
        .with_token(TokenSource::text(token));
    settings.retry.retries = 0;
    Connection::connect(settings).await.unwrap()
}

/// Bytes that differ all along.
fn noise(size: usize) -> Vec<u8> {
    let mut state = 1_u32;
    std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    })
    .take(size)
    .collect()
}

async fn fetched(reader: &Connection, document: &SampleDocument) -> Result<Vec<u8>, ClientError> {
    fetch(reader, cpr(LONNI), &document.entry.entry_uuid).await
}

/// What came before the error that ended it.
async fn broken_off(reader: &Connection, document: &SampleDocument) -> (usize, ClientError) {
    let mut retrieval = reader
        .record()
        .retrieve(wanted(cpr(LONNI), &document.entry.entry_uuid))
        .await
        .unwrap();
    let mut received = 0;
    loop {
        match retrieval.chunk().await {
            Ok(Some(chunk)) => received += chunk.len(),
            Ok(None) => panic!("it came whole"),
            Err(error) => {
                assert!(retrieval.trailer().is_none());
                return (received, error);
            }
        }
    }
}

/// The log's entry of a receipt, as JSON.
async fn entry_of(hub: &TestHub, receipt: Option<&AuditReceipt>) -> serde_json::Value {
    let request = GetEntryRequest {
        context: None,
        entry_id: receipt.unwrap().entry_id.clone(),
    };
    let entry = hub
        .auditor()
        .await
        .audit()
        .entry(request)
        .await
        .unwrap()
        .entry
        .unwrap();
    serde_json::from_slice(&entry.entry_json).unwrap()
}

/// The log's entries that name a document, newest first, as outcome and error code.
async fn logged(hub: &TestHub, document: &SampleDocument) -> Vec<(String, String)> {
    let filter = EntryFilter {
        operation: "RetrieveDocument".to_owned(),
        ..EntryFilter::default()
    };
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let entries = log(hub, filter).await.into_iter();
    let entries = entries
        .map(|entry| serde_json::from_slice::<serde_json::Value>(&entry.entry_json).unwrap());
    let of_document = entries.filter(|entry| entry["target"] == document.entry.entry_uuid.as_str());
    of_document
        .map(|entry| (text(&entry["outcome"]), text(&entry["error_code"])))
        .collect()
}

on_both! {
    async fn a_document_comes_from_its_source_as_it_was_registered(backend) {
        // The region answers gRPC, the municipality plain HTTPS.
        let (plan, measurements) = (fixture("rm-plan-lonni-genoptraening.xml"), fixture("kt-hjemmemaalinger-lonni.xml"));
        let large = held(REGION_H, LONNI, noise(CHECKED_WHOLE + 300_000));
        let (world, reader) = treated(backend, &[&plan, &measurements, &large]).await;
        for document in [&plan, &measurements, &large] {
            let retrieval = reader.record().retrieve(wanted(cpr(LONNI), &document.entry.entry_uuid)).await.unwrap();
            let header = retrieval.header().clone();
            assert_eq!((header.entry_uuid.as_str(), header.size), (document.entry.entry_uuid.as_str(), Some(document.bytes.len() as u64)));
            assert_eq!((header.mime_type.as_str(), header.opened_by_override), ("text/xml", false));
            let mut bytes = Vec::new();
            let trailer = retrieval.write_to(&mut bytes).await.unwrap();
            assert!(bytes == document.bytes, "{}", document.file);
            assert_eq!((trailer.verified, trailer.size), (true, bytes.len() as u64));
        }
        assert_eq!(world.served(), 3);
    }

    async fn a_document_made_on_demand_is_not_called_verified(backend) {
        let report = fixture("rh-laboratoriesvar-lonni.xml");
        let (_world, reader) = treated(backend, &[&report]).await;
        let retrieval = reader.record().retrieve(wanted(cpr(LONNI), &report.entry.entry_uuid)).await.unwrap();
        assert_eq!(retrieval.header().size, None);
        let mut bytes = Vec::new();
        let trailer = retrieval.write_to(&mut bytes).await.unwrap();
        assert_eq!((trailer.verified, trailer.size), (false, report.bytes.len() as u64));
        assert!(bytes == report.bytes);
    }

    async fn other_bytes_than_registered_are_not_disclosed(backend) {
        let documents = [
            held(REGION_M, LONNI, noise(20_000)), held(MUNICIPALITY, LONNI, noise(20_000)), held(REGION_M, LONNI, noise(CHECKED_WHOLE)),
        ];
        let (world, reader) = treated(backend, &documents.each_ref()).await;
        for document in &documents {
            world.source(document.system).set_fault_of(&document.entry.unique_id, Some(Fault::WrongBytes));
            // Not even the header comes.
            let refused = reader.record().retrieve(wanted(cpr(LONNI), &document.entry.entry_uuid)).await;
            assert_eq!(refusal(&refused), (Code::DataLoss, "CONTENT_MISMATCH"));
        }
        let kept = pointer(&world.hub.system(REGION_M).await, &documents[0].entry.entry_uuid).await.unwrap();
        assert!(kept.document.unwrap().dead_since.is_some(), "its source can see it");
    }

    async fn other_bytes_than_registered_never_make_a_large_document_whole(backend) {
        let document = held(REGION_M, LONNI, noise(CHECKED_WHOLE + 1));
        let (world, reader) = treated(backend, &[&document]).await;
        world.source(REGION_M).set_fault(Some(Fault::WrongBytes));
        let (received, error) = broken_off(&reader, &document).await;
        assert!(received < document.bytes.len(), "all {received} bytes came");
        assert_eq!(refusal::<()>(&Err(error)), (Code::DataLoss, "CONTENT_MISMATCH"));
    }

    async fn a_second_hash_is_checked_where_the_source_gave_one(backend) {
        let mut document = held(REGION_M, LONNI, noise(5_000));
        document.entry.hash_sha256 = vec![7; 32].into();
        let (_world, reader) = treated(backend, &[&document]).await;
        assert_eq!(refusal(&fetched(&reader, &document).await), (Code::DataLoss, "CONTENT_MISMATCH"));
    }

    async fn a_source_of_another_size_is_found_out(backend) {
        let (mut short, mut long) = (held(REGION_M, LONNI, noise(5_000)), held(MUNICIPALITY, LONNI, noise(5_000)));
        (short.entry.size, long.entry.size) = (Some(5_001), Some(4_999));
        let (_world, reader) = treated(backend, &[&short, &long]).await;
        for document in [&short, &long] {
            assert_eq!(refusal(&fetched(&reader, document).await), (Code::DataLoss, "CONTENT_MISMATCH"));
        }
    }

    async fn a_source_that_hangs_is_given_up_at_its_deadline(backend) {
        let documents = [held(REGION_M, LONNI, noise(1_000)), held(MUNICIPALITY, LONNI, noise(1_000))];
        let (world, reader) = treated(backend, &documents.each_ref()).await;
        for document in &documents {
            world.source(document.system).set_fault(Some(Fault::Hang));
            let refused = fetched(&reader, document).await;
            assert_eq!(refusal(&refused), (Code::Unavailable, "SOURCE_UNAVAILABLE"));
            assert!(refused.unwrap_err().retry_after().is_some());
            let kept = pointer(&world.hub.system(document.system).await, &document.entry.entry_uuid).await.unwrap();
            assert!(kept.document.unwrap().dead_since.is_none(), "a slow source still has its document");
            world.source(document.system).set_fault(Some(Fault::Slow(DEADLINE / 8)));
            assert!(fetched(&reader, document).await.unwrap() == document.bytes);
        }
    }

    async fn a_source_that_dies_midway_gives_no_document(backend) {
        let small = [held(REGION_M, LONNI, noise(50_000)), held(MUNICIPALITY, LONNI, noise(50_000))];
        let large = held(REGION_H, LONNI, noise(2 * CHECKED_WHOLE));
        let (world, reader) = treated(backend, &[&small[0], &small[1], &large]).await;
        for document in &small {
            world.source(document.system).set_fault(Some(Fault::DiesMidway));
            let refused = reader.record().retrieve(wanted(cpr(LONNI), &document.entry.entry_uuid)).await;
            assert_eq!(refusal(&refused), (Code::Unavailable, "SOURCE_UNAVAILABLE"));
        }
        world.source(REGION_H).set_fault(Some(Fault::DiesMidway));
        let (received, error) = broken_off(&reader, &large).await;
        assert!(received < large.bytes.len());
        assert_eq!(refusal::<()>(&Err(error)), (Code::Unavailable, "SOURCE_UNAVAILABLE"));
        let failed = ("failed".to_owned(), "SOURCE_UNAVAILABLE".to_owned());
        assert_eq!(logged(&world.hub, &large).await, [failed, ("permitted".to_owned(), String::new())]);
    }

    async fn a_document_that_is_gone_marks_its_pointer_until_it_is_back(backend) {
        let documents = [held(REGION_M, LONNI, noise(1_000)), held(MUNICIPALITY, LONNI, noise(1_000))];
        let good = held(REGION_M, LONNI, noise(1_000));
        let (world, reader) = treated(backend, &[&documents[0], &documents[1], &good]).await;
        for document in &documents {
            let own = world.hub.system(document.system).await;
            let source = world.source(document.system);
            assert!(holdings(&own, true).await.documents.is_empty());
            source.set_fault_of(&document.entry.unique_id, Some(Fault::Gone));
            assert_eq!(refusal(&fetched(&reader, document).await), (Code::NotFound, "SOURCE_GONE"));
            let dead = holdings(&own, true).await.documents;
            assert_eq!(uuids(&dead), std::slice::from_ref(&document.entry.entry_uuid));
            let since = dead[0].dead_since;
            assert!(since.is_some());
            assert_eq!(refusal(&fetched(&reader, document).await), (Code::NotFound, "SOURCE_GONE"));
            assert_eq!(holdings(&own, true).await.documents[0].dead_since, since, "since the first time");
            let view = record(&reader, cpr(LONNI)).await;
            assert_eq!(view.documents.iter().filter(|document| document.dead_since.is_some()).count(), 1, "the reader sees it too");
            source.set_fault_of(&document.entry.unique_id, None);
            assert!(fetched(&reader, document).await.unwrap() == document.bytes);
            assert!(holdings(&own, true).await.documents.is_empty());
        }
        assert!(fetched(&reader, &good).await.unwrap() == good.bytes);
    }

    async fn a_source_that_is_off_is_asked_again_when_it_is_back(backend) {
        let document = held(REGION_M, LONNI, noise(1_000));
        let (mut world, reader) = treated(backend, &[&document]).await;
        world.source_mut(REGION_M).switch_off().await;
        assert_eq!(refusal(&fetched(&reader, &document).await), (Code::Unavailable, "SOURCE_UNAVAILABLE"));
        world.source_mut(REGION_M).switch_on().await.unwrap();
        assert!(fetched(&reader, &document).await.unwrap() == document.bytes);
    }

    async fn the_log_has_its_entry_before_the_first_byte_comes(backend) {
        let document = held(REGION_M, LONNI, noise(CHECKED_WHOLE * 2));
        let (world, reader) = treated(backend, &[&document]).await;
        let retrieval = reader.record().retrieve(wanted(cpr(LONNI), &document.entry.entry_uuid)).await.unwrap();
        let entry = entry_of(&world.hub, retrieval.header().receipt.as_ref()).await;
        assert_eq!((&entry["operation"], &entry["outcome"]), (&"RetrieveDocument".into(), &"permitted".into()));
        assert_eq!(entry["disclosed"], serde_json::json!([document.entry.entry_uuid]));
        assert_eq!(entry["actor"]["person"]["id"], "9RK1H");
        drop(retrieval);
        // While the source still keeps everybody waiting, the auditor sees who asked.
        world.source(REGION_M).set_fault(Some(Fault::Hang));
        let (refused, waiting) = tokio::join!(fetched(&reader, &document), async {
            tokio::time::sleep(DEADLINE / 4).await;
            logged(&world.hub, &document).await
        });
        assert_eq!(refusal(&refused).1, "SOURCE_UNAVAILABLE");
        assert_eq!(waiting.iter().filter(|(outcome, _)| outcome == "permitted").count(), 2, "{waiting:?}");
    }

    async fn a_withheld_document_is_not_found_and_its_source_not_asked(backend) {
        let (note, einers) = (held(REGION_M, LONNI, noise(1_000)), held(REGION_M, EINER, noise(1_000)));
        let (world, reader) = treated(backend, &[&note, &einers]).await;
        treats(&world.hub, MUNICIPALITY, "990631000016007", cpr(LONNI)).await;
        let nurse = world.hub.professional("hspl", MUNICIPALITY).await;
        let missing = fetch(&nurse, cpr(LONNI), &nobodys()).await;
        let withheld = fetched(&nurse, &note).await;
        let anothers = fetched(&reader, &einers).await;
        assert!(is_not_found(&missing) && is_not_found(&withheld) && is_not_found(&anothers));
        let missing = format!("{:?}", missing.unwrap_err());
        assert_eq!((format!("{:?}", withheld.unwrap_err()), format!("{:?}", anothers.unwrap_err())), (missing.clone(), missing));
        assert_eq!(world.served(), 0);
        let refusals = logged(&world.hub, &note).await;
        assert_eq!((refusals.len(), refusals[0].0.as_str()), (1, "denied"), "the log knows the difference");
    }

    async fn a_professional_without_a_relation_gets_no_document(backend) {
        let document = held(REGION_M, LONNI, noise(1_000));
        let (world, _) = treated(backend, &[&document]).await;
        let stranger = reader(&world.hub, "boern").await;
        for entry in [&document.entry.entry_uuid, &nobodys()] {
            let refused = fetch(&stranger, cpr(LONNI), entry).await;
            assert_eq!(refusal(&refused), (Code::PermissionDenied, "NO_TREATMENT_RELATION"));
        }
        let alone = world.hub.system(EHR).await;
        assert!(matches!(refusal(&fetched(&alone, &document).await).0, Code::Unauthenticated | Code::PermissionDenied));
        assert_eq!(world.served(), 0);
        assert_eq!(logged(&world.hub, &document).await[0].0, "denied");
        let citizen = world.hub.citizen(LONNI).await;
        assert!(fetched(&citizen, &document).await.unwrap() == document.bytes, "it is hers");
    }
}

//! Several documents are fetched at once, and each has its own outcome.

use std::collections::HashMap;
use std::time::Duration;

use delt_client::Connection;
use delt_client::proto::document::v1::ItemError;
use delt_client::proto::record::v1::RetrieveDocumentsRequest;
use delt_client::proto::record::v1::retrieve_documents_response::Part;
use delt_server::demo::fixtures::SampleDocument;
use delt_server::demo::source::Fault;
use delt_tests::calls::{refusal, treats};
use delt_tests::entries::{
    CARDIOLOGY, EINER, GP, LONNI, MUNICIPALITY, REGION_H, REGION_M, cpr, held, nobodys,
};
use delt_tests::hub::Backend;
use delt_tests::on_both;
use delt_tests::sources::Sourced;
use futures_util::StreamExt as _;
use tonic::Code;

const DEADLINE: Duration = Duration::from_millis(1_500);

/// What came of one document, and when its end came.
#[derive(Debug, Default)]
struct Came {
    bytes: Vec<u8>,
    verified: Option<bool>,
    error: Option<ItemError>,
    /// The place of its last part in the order of arrival.
    after: usize,
}

impl Came {
    fn is_whole(&self, document: &SampleDocument) -> bool {
        self.verified == Some(true) && self.error.is_none() && self.bytes == document.bytes
    }

    fn reason(&self) -> (Code, &str) {
        self.error
            .as_ref()
            .map_or((Code::Ok, ""), |error| (error.status.into(), &error.reason))
    }
}

fn request(entries: &[&str]) -> RetrieveDocumentsRequest {
    RetrieveDocumentsRequest {
        context: None,
        patient: Some(cpr(LONNI)),
        entry_uuids: entries.iter().map(|entry| (*entry).to_owned()).collect(),
    }
}

async fn fetch_all(reader: &Connection, entries: &[&str]) -> HashMap<String, Came> {
    let mut place = 0;
    let mut parts = reader
        .record()
        .retrieve_many(request(entries))
        .await
        .unwrap();
    let mut all: HashMap<String, Came> = HashMap::new();
    while let Some(part) = parts.next().await {
        let part = part.unwrap();
        let came = all.entry(part.entry_uuid).or_default();
        assert!(
            came.verified.is_none() && came.error.is_none(),
            "something came after the end"
        );
        match part.part.unwrap() {
            Part::Header(_) => {}
            Part::Chunk(chunk) => came.bytes.extend_from_slice(&chunk),
            Part::Trailer(trailer) => came.verified = Some(trailer.verified),
            Part::Error(error) => came.error = Some(error),
        }
        place += 1;
        came.after = place;
    }
    all
}

async fn treated(backend: Backend, documents: &[&SampleDocument]) -> (Sourced, Connection) {
    let world = Sourced::start(backend, documents, DEADLINE).await;
    treats(&world.hub, REGION_H, CARDIOLOGY, cpr(LONNI)).await;
    let reader = world.hub.professional("kard", "ehr-hovedstaden").await;
    (world, reader)
}

fn id(document: &SampleDocument) -> &str {
    &document.entry.entry_uuid
}

on_both! {
    async fn a_source_that_hangs_or_dies_costs_only_its_own_documents(backend) {
        let [hanging, dying, lying, good] = [REGION_H, REGION_M, GP, MUNICIPALITY].map(|system| {
            [held(system, LONNI, vec![b'a'; 30_000]), held(system, LONNI, vec![b'b'; 6 << 20])]
        });
        let all: Vec<_> = [&hanging, &dying, &lying, &good].into_iter().flatten().collect();
        let (world, reader) = treated(backend, &all).await;
        world.source(REGION_H).set_fault(Some(Fault::Hang));
        world.source(REGION_M).set_fault(Some(Fault::DiesMidway));
        world.source(GP).set_fault_of(&lying[0].entry.unique_id, Some(Fault::WrongBytes));
        let ids: Vec<_> = all.iter().map(|document| id(document)).collect();
        let came = fetch_all(&reader, &ids).await;
        assert_eq!(came.len(), 8);
        for document in &hanging {
            let outcome = &came[id(document)];
            assert_eq!((outcome.reason(), outcome.bytes.len()), ((Code::Unavailable, "SOURCE_UNAVAILABLE"), 0));
        }
        for document in &dying {
            let outcome = &came[id(document)];
            assert_eq!(outcome.reason(), (Code::Unavailable, "SOURCE_UNAVAILABLE"));
            assert!(outcome.bytes.len() < document.bytes.len());
        }
        assert_eq!(came[id(&lying[0])].reason(), (Code::DataLoss, "CONTENT_MISMATCH"));
        assert!(came[id(&lying[0])].bytes.is_empty());
        for document in [&lying[1], &good[0], &good[1]] {
            assert!(came[id(document)].is_whole(document), "{}", document.system);
        }
        let first_given_up = hanging.iter().map(|document| came[id(document)].after).min().unwrap();
        assert!(came[id(&good[0])].after < first_given_up, "the good came while the hanging was waited for");
    }

    async fn each_document_has_its_own_decision(backend) {
        let (mine, einers) = (held(REGION_M, LONNI, vec![1; 1_000]), held(REGION_M, EINER, vec![2; 1_000]));
        let (world, reader) = treated(backend, &[&mine, &einers]).await;
        let missing = nobodys();
        let came = fetch_all(&reader, &[id(&einers), id(&mine), &missing]).await;
        assert!(came[id(&mine)].is_whole(&mine));
        for entry in [id(&einers), &missing] {
            assert_eq!((came[entry].reason(), came[entry].bytes.len()), ((Code::NotFound, "NOT_FOUND"), 0));
        }
        assert_eq!(came[id(&einers)].error, came[&missing].error, "hidden and missing are one answer");
        assert_eq!(world.served(), 1);
    }

    async fn many_documents_of_one_source_all_come(backend) {
        let documents: Vec<_> = (0..50).map(|at| held(MUNICIPALITY, LONNI, vec![at; 20_000])).collect();
        let all: Vec<_> = documents.iter().collect();
        let (_world, reader) = treated(backend, &all).await;
        let ids: Vec<_> = documents.iter().map(id).collect();
        let came = fetch_all(&reader, &ids).await;
        assert!(documents.iter().all(|document| came[id(document)].is_whole(document)));
    }

    async fn a_list_that_is_empty_too_long_or_repeats_itself_is_refused(backend) {
        let document = held(REGION_M, LONNI, vec![1; 1_000]);
        let (_world, reader) = treated(backend, &[&document]).await;
        let many: Vec<_> = (0..51).map(|_| nobodys()).collect();
        let many: Vec<_> = many.iter().map(String::as_str).collect();
        for entries in [&[][..], &many, &[id(&document), id(&document)], &["x"]] {
            let refused = reader.record().retrieve_many(request(entries)).await.map(drop);
            assert_eq!(refusal(&refused), (Code::InvalidArgument, "INVALID_ARGUMENT"));
        }
    }
}

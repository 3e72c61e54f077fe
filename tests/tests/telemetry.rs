//! Spans and metrics come to a collector, tell what took time, and tell nothing of a person.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use delt_proto::record::v1::patient_record_service_client::PatientRecordServiceClient;
use delt_server::config::{Ratio, Telemetry};
use delt_server::profile::{self, Holder};
use delt_server::telemetry;
use delt_tests::calls::{everything, fetch, operator, treats, try_register};
use delt_tests::collector::{Collector, Got};
use delt_tests::entries::{
    CARDIOLOGY, EINER, GP, LARS, LONNI, MUNICIPALITY, REGION_H, REGION_M, cpr, held, note,
};
use delt_tests::hub::{Backend, TestHub, sample, test_person};
use delt_tests::rpcs;
use delt_tests::samples::EHR;
use delt_tests::sources::Sourced;
use opentelemetry_proto::tonic::trace::v1::Span;

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
/// All that a span may be called beside the operations.
const STEPS: [&str; 6] = ["authenticate", "facts", "decide", "run", "audit", "source"];
/// All that a span may say.
const ATTRIBUTES: [&str; 1] = ["outcome"];

fn collected(collector: &Collector) -> Telemetry {
    Telemetry {
        otlp_endpoint: Some(collector.url()),
        sample_ratio: Ratio::ALL,
        otlp_interval_ms: 200,
        resource: BTreeMap::from([("service.instance.id".to_owned(), "hub-1".to_owned())]),
        ..Telemetry::default()
    }
}

/// Everybody asks for everything, and a few searches and documents that succeed.
async fn a_day(world: &Sourced, documents: &[&str]) {
    let hub = &world.hub;
    treats(hub, REGION_H, CARDIOLOGY, cpr(LONNI)).await;
    let reader = hub.professional("kard", EHR).await;
    let mut search = reader.signed(everything(cpr(LONNI))).unwrap();
    let traceparent = format!("00-{TRACE}-b7ad6b7169203331-01");
    search
        .metadata_mut()
        .insert("traceparent", traceparent.parse().unwrap());
    PatientRecordServiceClient::new(reader.channel())
        .search_record(search)
        .await
        .unwrap();
    for document in documents {
        fetch(&reader, cpr(LONNI), document).await.unwrap();
    }
    let titled = delt_proto::document::v1::DocumentEntry {
        title: format!("Notat om {LONNI}"),
        ..note(REGION_H, LONNI)
    };
    try_register(&hub.system(REGION_H).await, &titled)
        .await
        .unwrap();
    let callers = [
        hub.system(REGION_H).await,
        reader,
        hub.professional("gp", GP).await,
        hub.citizen(LONNI).await,
        hub.citizen(EINER).await,
        hub.supervisor().await,
        operator(hub).await,
    ];
    for caller in callers {
        for rpc in rpcs::all() {
            drop(rpcs::ask(&caller, &rpc).await);
        }
    }
}

fn hex(id: &[u8]) -> String {
    let bytes: Vec<_> = id.iter().map(|byte| format!("{byte:02x}")).collect();
    bytes.concat()
}

fn children<'a>(got: &'a Got, parent: &Span) -> BTreeSet<&'a str> {
    let of_parent = got
        .spans
        .iter()
        .filter(|span| span.parent_span_id == parent.span_id);
    of_parent.map(|span| span.name.as_str()).collect()
}

/// Of a search, a command and a document.
fn tells_what_took_time(got: &Got, heard: &[String]) {
    let steps = BTreeSet::from(["authenticate", "facts", "decide", "run", "audit"]);
    let search = got
        .spans
        .iter()
        .find(|span| hex(&span.trace_id) == TRACE && span.name == "SearchRecord");
    let search = search.expect("the search, in the trace of its caller");
    assert_eq!(hex(&search.parent_span_id), "b7ad6b7169203331");
    assert_eq!(children(got, search), steps);
    let command = got
        .spans
        .iter()
        .find(|span| span.name == "RegisterDocument")
        .unwrap();
    assert_eq!(children(got, command), steps);
    for heard in heard {
        let asked = got
            .spans
            .iter()
            .find(|span| *heard == format!("00-{}-{}-01", hex(&span.trace_id), hex(&span.span_id)));
        let asked = asked.expect("the source was told the span");
        assert_eq!(asked.name, "source");
        let fetch = got
            .spans
            .iter()
            .find(|span| span.span_id == asked.parent_span_id)
            .unwrap();
        let call = got
            .spans
            .iter()
            .find(|span| span.span_id == fetch.parent_span_id)
            .unwrap();
        assert_eq!(
            (fetch.name.as_str(), call.name.as_str()),
            ("FetchDocument", "RetrieveDocument call")
        );
        assert_eq!(
            children(got, call),
            BTreeSet::from(["RetrieveDocument", "FetchDocument"])
        );
    }
}

/// The names and the attributes are those of a list, and no person's number, name or token is anywhere in what came.
fn tells_nothing_of_a_person(got: &Got) {
    for span in &got.spans {
        let name = span.name.trim_end_matches(" call");
        // Items of a stream that are registered together.
        let name = name.trim_end_matches(" batch");
        let named = STEPS.contains(&name) || name.chars().all(|c| c.is_ascii_alphabetic());
        assert!(named, "{name}");
        for attribute in &span.attributes {
            assert!(
                ATTRIBUTES.contains(&attribute.key.as_str()),
                "{}: {}",
                span.name,
                attribute.key
            );
        }
        assert!(span.events.is_empty() && span.links.is_empty() && span.trace_state.is_empty());
    }
    let text = String::from_utf8_lossy(&got.bytes);
    let numbers = [LONNI, EINER, LARS].into_iter().flat_map(|number| {
        [
            number.to_owned(),
            format!("{}-{}", &number[..6], &number[6..]),
        ]
    });
    let persons = [LONNI, EINER, LARS].map(test_person);
    let professionals = profile::professionals().unwrap();
    let names = persons.iter().map(|person| person.family.clone());
    let names = names.chain(professionals.iter().map(|one| one.family.clone()));
    let given = persons.iter().flat_map(|person| person.given.clone());
    for secret in numbers
        .chain(names)
        .chain(given)
        .chain(["eyJ".to_owned(), "Bearer".to_owned()])
    {
        assert!(!text.contains(&secret), "what was sent says {secret}");
    }
}

async fn on(backend: Backend, collector: &Collector, telemetry: &Telemetry) {
    let documents = [
        held(REGION_M, LONNI, b"<a/>".to_vec()),
        held(MUNICIPALITY, LONNI, b"<b/>".to_vec()),
    ];
    let world = Sourced::start_with(
        backend,
        &documents.each_ref(),
        Duration::from_secs(10),
        |config| {
            config.telemetry = telemetry.clone();
        },
    )
    .await;
    let uuids = documents
        .each_ref()
        .map(|document| document.entry.entry_uuid.as_str());
    a_day(&world, &uuids).await;
    let heard = [REGION_M, MUNICIPALITY].map(|system| world.source(system).traceparent().unwrap());
    stop(world.hub).await;
    // Spans are sent in batches, some seconds apart.
    while !heard.iter().all(|heard| {
        collector
            .got()
            .spans
            .iter()
            .any(|span| heard.contains(&hex(&span.span_id)))
    }) {
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    tells_what_took_time(&collector.got(), &heard);
}

async fn stop(hub: TestHub) {
    hub.running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_collector_learns_what_took_time_and_nothing_of_a_person() {
    let collector = Collector::start().await;
    let telemetry = collected(&collector);
    let started = telemetry::start(&telemetry, None).unwrap();
    on(Backend::Sqlite, &collector, &telemetry).await;
    on(Backend::Postgres, &collector, &telemetry).await;
    started.stop().await;
    let got = collector.got();
    tells_nothing_of_a_person(&got);
    let operations: BTreeSet<_> = got.spans.iter().map(|span| span.name.as_str()).collect();
    assert!(operations.len() > 30, "{operations:?}");
    let metrics: BTreeSet<_> = got
        .metrics
        .iter()
        .map(|metric| metric.name.as_str())
        .collect();
    for name in [
        "delt_requests",
        "delt_request_duration_seconds",
        "delt_log_entries",
        "delt_store_batch_size",
    ] {
        assert!(metrics.contains(name), "no {name} in {metrics:?}");
    }
    let resource: BTreeSet<_> = got
        .resource
        .iter()
        .map(|attribute| attribute.key.as_str())
        .collect();
    assert_eq!(
        resource,
        BTreeSet::from(["service.instance.id", "service.name", "service.version"])
    );
}

/// What a holder's token looks like, so that the search above looks for the right thing.
#[test]
fn tokens_begin_as_the_test_expects() {
    let ground = delt_tests::hub::Groundwork::lay();
    let holder = Holder::Professional(sample("kard"));
    assert!(delt_tests::hub::token(&ground.profile, &holder, EHR, &[]).starts_with("eyJ"));
}

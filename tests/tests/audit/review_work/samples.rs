//! Random samples: drawn once, drawn again offline, and steered by nobody.

use std::collections::BTreeSet;

use delt_client::Connection;
use delt_client::proto::audit::v1::{ExportEntriesRequest, GetCheckpointRequest};
use delt_client::proto::common::v1::Period;
use delt_client::proto::review::v1::{
    DrawSampleRequest, DrawSampleResponse, ListReviewCasesRequest, ListSamplesRequest,
    ReviewCaseKind, ReviewSample,
};
use delt_client::{ClientError, json};
use delt_ledger::Hash;
use delt_ledger::sample::{Plan, Redrawn, redraw};
use delt_tests::calls::{fields, is_not_found, refusal, treats};
use delt_tests::entries::{CARDIOLOGY, EINER, LONNI, cpr, note};
use delt_tests::glass::auditor_at;
use delt_tests::hub::{TestHub, now};
use delt_tests::on_both;
use delt_tests::process;
use delt_tests::samples::{EHR, REGION_HOVEDSTADEN, REGION_MIDTJYLLAND, entries, of, search};
use prost_types::Timestamp;
use tonic::Code;

const SEED: &str = "11 17 23 28 31 35 +7";

/// The cardiologist looks two persons up, so many times each, and Lonni looks herself.
async fn look_ups(hub: &TestHub, times: usize) -> Timestamp {
    for person in [LONNI, EINER] {
        treats(hub, EHR, CARDIOLOGY, cpr(person)).await;
        delt_tests::calls::register(
            &hub.system(delt_tests::entries::REGION_H).await,
            &note(delt_tests::entries::REGION_H, person),
        )
        .await;
    }
    let doctor = hub.professional("kard", EHR).await;
    for _ in 0..times {
        search(&doctor, LONNI).await.unwrap();
        search(&doctor, EINER).await.unwrap();
    }
    search(&hub.citizen(LONNI).await, LONNI).await.unwrap();
    moment(0)
}

/// So many seconds from now.
fn moment(seconds: i64) -> Timestamp {
    let now = now();
    Timestamp {
        seconds: now.unix_timestamp() + seconds,
        nanos: i32::try_from(now.nanosecond() / 1_000 * 1_000).unwrap(),
    }
}

fn request(end: Timestamp, seed: &str, size: u32) -> DrawSampleRequest {
    DrawSampleRequest {
        organisation: REGION_HOVEDSTADEN.to_owned(),
        period: Some(Period {
            start: Some(moment(-3_600)),
            end: Some(end),
        }),
        seed: seed.to_owned(),
        size,
        ..DrawSampleRequest::default()
    }
}

/// Draws; entries that still wait for their place in the log are waited for.
async fn draw(
    auditor: &Connection,
    request: &DrawSampleRequest,
) -> Result<DrawSampleResponse, ClientError> {
    for _ in 0..50 {
        let answer = auditor.reviews().draw(request.clone()).await;
        match &answer {
            Err(error) if error.reason() == Some("STORE_UNAVAILABLE") => {
                tokio::time::sleep(std::time::Duration::from_millis(200)).await;
            }
            _ => return answer,
        }
    }
    panic!("the log is not sealed");
}

async fn drawn(auditor: &Connection, request: &DrawSampleRequest) -> ReviewSample {
    draw(auditor, request).await.unwrap().sample.unwrap()
}

/// The whole log, as the supervisor exports it.
async fn export(hub: &TestHub) -> Vec<u8> {
    let mut out = Vec::new();
    let supervisor = hub.supervisor().await;
    supervisor
        .audit()
        .export_to(ExportEntriesRequest::default(), &mut out)
        .await
        .unwrap();
    out
}

fn micros(at: &Timestamp) -> i64 {
    at.seconds * 1_000_000 + i64::from(at.nanos) / 1_000
}

fn plan(sample: &ReviewSample) -> Plan {
    let period = sample.period.unwrap();
    Plan {
        units: sample
            .units
            .iter()
            .map(|code| format!("sor:{code}"))
            .collect(),
        from: micros(&period.start.unwrap()),
        to: micros(&period.end.unwrap()),
        seed: sample.seed.clone(),
        size: sample.size as usize,
        tree_size: sample.tree_size,
        root: Hash::from_slice(&sample.root_hash).unwrap(),
    }
}

fn again(log: &[u8], plan: &Plan) -> Redrawn {
    redraw(log, plan, |at| json::from_rfc3339(at).map(|at| micros(&at))).unwrap()
}

on_both! {
    async fn a_sample_is_drawn_once_and_again_by_anybody(backend) {
        let hub = TestHub::start(backend).await;
        let end = look_ups(&hub, 6).await;
        let auditor = hub.auditor().await;
        let asked = request(end, SEED, 5);
        let sample = drawn(&auditor, &asked).await;
        assert_eq!(sample.population, 12, "permitted look-ups of the region's users, no citizen's");
        assert_eq!((sample.entry_ids.len(), sample.case_numbers.len()), (5, 5));
        assert_eq!(sample.units, [CARDIOLOGY]);
        // The log goes on, and the sample stays.
        look_ups(&hub, 2).await;
        let retried = drawn(&auditor, &asked).await;
        assert_eq!(retried, sample, "a seed gives one sample");
        let log = export(&hub).await;
        let told = again(&log, &plan(&sample));
        assert_eq!(told.entries, sample.entry_ids);
        assert_eq!((told.population, told.late, told.erased), (12, 0, 0));
        assert_eq!(told.root, Some(Hash::from_slice(&sample.root_hash).unwrap()));
        assert!(told.disorder < 60_000_000, "{}", told.disorder);
    }

    async fn each_look_up_of_a_sample_has_its_case(backend) {
        let hub = TestHub::start(backend).await;
        let end = look_ups(&hub, 3).await;
        let auditor = hub.auditor().await;
        let sample = drawn(&auditor, &request(end, SEED, 500)).await;
        assert_eq!(sample.entry_ids.len(), 6, "no more than there are");
        let listed = ListReviewCasesRequest { kind: ReviewCaseKind::Sample.into(), ..ListReviewCasesRequest::default() };
        let cases = auditor.reviews().list(listed).await.unwrap().cases;
        let numbers: Vec<_> = cases.iter().map(|case| case.number).collect();
        assert_eq!(numbers, sample.case_numbers);
        for (case, entry) in cases.iter().zip(&sample.entry_ids) {
            assert_eq!(&case.audit_entry_id, entry);
            assert_eq!((case.authorisation_id.as_str(), case.organisation.as_str()), ("9RK1H", CARDIOLOGY));
            assert_eq!(case.sample_id, sample.sample_id);
            assert!(!case.patient_key.is_empty());
        }
        let shown = delt_tests::glass::case(&auditor, numbers[0]).await.unwrap();
        assert_eq!(shown.evidence_entry_ids, std::slice::from_ref(&shown.audit_entry_id));
        let page = ListSamplesRequest { page_size: 1, ..ListSamplesRequest::default() };
        let page = auditor.reviews().samples(page).await.unwrap();
        assert_eq!(page.samples, [sample]);
        let next = ListSamplesRequest { page_token: page.next_page_token, page_size: 1, ..ListSamplesRequest::default() };
        assert!(auditor.reviews().samples(next).await.unwrap().samples.is_empty());
        assert_eq!(entries(&hub, of("DrawSample")).await.iter().filter(|e| e.error_code.is_none()).count(), 2);
    }

    async fn nobody_draws_until_they_like_it(backend) {
        let hub = TestHub::start(backend).await;
        let end = look_ups(&hub, 6).await;
        let auditor = hub.auditor().await;
        let mut asked = request(end, SEED, 4);
        let sample = drawn(&auditor, &asked).await;
        asked.size = 5;
        let larger = draw(&auditor, &asked).await;
        assert_eq!(refusal(&larger), (Code::AlreadyExists, "IDENTITY_CONFLICT"));
        // The other seed shows in the list, beside the one that was published.
        let mut other = request(end, "another seed", 4);
        other.period = asked.period;
        drawn(&auditor, &other).await;
        let all = auditor.reviews().samples(ListSamplesRequest::default()).await.unwrap().samples;
        let seeds: BTreeSet<_> = all.iter().map(|sample| sample.seed.as_str()).collect();
        assert_eq!(seeds, [SEED, "another seed"].into());
        // Another checkpoint, another seed or a look-up left out does not draw the same.
        look_ups(&hub, 2).await;
        tokio::time::sleep(std::time::Duration::from_millis(1_500)).await;
        let log = export(&hub).await;
        let good = plan(&sample);
        let wrong = again(&log, &Plan { seed: "another seed".to_owned(), ..good.clone() });
        assert_ne!(wrong.entries, sample.entry_ids);
        let later = again(&log, &Plan { tree_size: good.tree_size + 3, ..good.clone() });
        assert_ne!(later.root, Some(good.root));
        let earlier = again(&log, &Plan { tree_size: good.tree_size - 8, ..good });
        assert!(earlier.late > 0 || earlier.root != Some(plan(&sample).root));
    }

    async fn what_cannot_be_drawn_is_refused(backend) {
        let hub = TestHub::start(backend).await;
        let end = look_ups(&hub, 1).await;
        let auditor = hub.auditor().await;
        let good = request(end, SEED, 2);
        let field = |change: &dyn Fn(&mut DrawSampleRequest)| {
            let mut asked = good.clone();
            change(&mut asked);
            let auditor = auditor.clone();
            async move { fields(&draw(&auditor, &asked).await) }
        };
        assert_eq!(field(&|r| r.seed = "short".to_owned()).await, ["seed"]);
        assert_eq!(field(&|r| r.size = 0).await, ["size"]);
        assert_eq!(field(&|r| r.size = 501).await, ["size"]);
        assert_eq!(field(&|r| r.period = None).await, ["period.start"]);
        let ahead = Period { start: Some(moment(-60)), end: Some(moment(3_600)) };
        assert_eq!(field(&|r| r.period = Some(ahead)).await, ["period.end"]);
        let long = Period { start: Some(moment(-367 * 86_400)), end: Some(end) };
        assert_eq!(field(&|r| r.period = Some(long)).await, ["period"]);
        let foreign = auditor_at(&hub, REGION_MIDTJYLLAND).await;
        assert!(is_not_found(&draw(&foreign, &good).await));
        assert!(foreign.reviews().samples(ListSamplesRequest::default()).await.unwrap().samples.is_empty());
        let sample = drawn(&auditor, &good).await;
        let reused = DrawSampleRequest { request_id: "4d0a3c5e-8a53-4f0c-9d53-0d8f8a6f2d11".to_owned(), seed: "lottery of May".to_owned(), ..good };
        drawn(&auditor, &reused).await;
        let other = draw(&auditor, &DrawSampleRequest { seed: "lottery of June".to_owned(), ..reused }).await;
        assert_eq!(refusal(&other), (Code::AlreadyExists, "REQUEST_ID_REUSED"));
        assert_eq!(sample.entry_ids.len(), 2);
    }

    async fn the_command_draws_again_without_a_hub(backend) {
        let hub = TestHub::start(backend).await;
        let end = look_ups(&hub, 5).await;
        let sample = drawn(&hub.auditor().await, &request(end, SEED, 3)).await;
        let key = hub.supervisor().await.audit().checkpoint(GetCheckpointRequest {}).await.unwrap().verifier_key;
        let file = |name: &str, bytes: &[u8]| {
            let path = hub.folder().join(name);
            std::fs::write(&path, bytes).unwrap();
            path.to_str().unwrap().to_owned()
        };
        let log = file("log.ndjson", &export(&hub).await);
        let verify = |sample: &ReviewSample| {
            let told = file("sample.json", told(sample).as_bytes());
            process::run(["review", "sample", "verify", "--sample", &told, "--export", &log, "--key", &key, "--json"])
        };
        let good = verify(&sample);
        assert_eq!(good.status.code(), Some(0), "{good:?}");
        let verdict: serde_json::Value = serde_json::from_slice(&good.stdout).unwrap();
        assert_eq!((&verdict["holds"], &verdict["complete"]), (&true.into(), &true.into()), "{verdict}");
        let mut swapped = sample.clone();
        swapped.entry_ids[0] = swapped.entry_ids[1].clone();
        let mut moved = sample.clone();
        moved.tree_size += 1;
        for steered in [swapped, moved] {
            assert_eq!(verify(&steered).status.code(), Some(1));
        }
    }
}

/// A sample as `delt review sample draw --json` prints it.
fn told(sample: &ReviewSample) -> String {
    let period = sample.period.unwrap();
    serde_json::json!({ "sample": {
        "sample_id": sample.sample_id, "organisation": sample.organisation, "units": sample.units,
        "period": { "start": json::to_rfc3339(&period.start.unwrap()), "end": json::to_rfc3339(&period.end.unwrap()) },
        "seed": sample.seed, "size": sample.size, "tree_size": sample.tree_size, "root_hash": json::to_hex(&sample.root_hash),
        "population": sample.population, "entry_ids": sample.entry_ids,
    }})
    .to_string()
}

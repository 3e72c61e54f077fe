//! What a broken glass leaves is whole or not there: on a store that cannot write, in a killed process, and from two hubs at once; and it closes by
//! itself.

use std::collections::BTreeSet;
use std::time::Duration;

use delt_client::Connection;
use delt_client::proto::audit::v1::{EntryFilter, GetEntryRequest};
use delt_client::proto::notification::v1::NotificationKind;
use delt_client::proto::relation::v1::AttestRelationRequest;
use delt_client::proto::review::v1::{ReviewCase, ReviewCaseKind};
use delt_server::profile::Holder;
use delt_tests::calls::refusal;
use delt_tests::entries::{LONNI, cpr};
use delt_tests::glass::{broken, case, cases, essential, going_on, inbox_of};
use delt_tests::hub::{TestHub, sample, settings, token};
use delt_tests::on_both;
use delt_tests::postgres::Postgres;
use delt_tests::samples::{EHR, entries, of, register_record};
use delt_tests::served::Served;
use delt_tests::timed::{DAY, TimedHub};
use futures_util::future::join_all;
use tonic::Code;

const REASON: &str = "Bevidstløs patient i akutmodtagelsen";
const UNAVAILABLE: (Code, &str) = (Code::Unavailable, "STORE_UNAVAILABLE");
const KILLS: u64 = 3;

/// Runs a statement on a hub's store, behind its back.
async fn on_store(hub: &TestHub, statement: &'static str) {
    let url = &hub.config().store.url;
    if url.starts_with("sqlite:") {
        let pool = sqlx::SqlitePool::connect(url).await.unwrap();
        sqlx::raw_sql(statement).execute(&pool).await.unwrap();
        pool.close().await;
    } else {
        let pool = sqlx::PgPool::connect(url).await.unwrap();
        sqlx::raw_sql(statement).execute(&pool).await.unwrap();
        pool.close().await;
    }
}

/// No number is missing, every case began with an entry of the log, and the citizen was told of each and of nothing else.
async fn assert_whole(cases: &[ReviewCase], supervisor: &Connection, citizen: &Connection) {
    let numbers: Vec<u64> = cases.iter().map(|case| case.number).collect();
    assert_eq!(numbers, (1..=cases.len() as u64).collect::<Vec<_>>());
    for case in cases {
        let request = GetEntryRequest {
            context: None,
            entry_id: case.audit_entry_id.clone(),
        };
        let entry = supervisor.audit().entry(request).await;
        assert!(entry.is_ok(), "case {} has no entry", case.number);
    }
    let told = inbox_of(citizen, LONNI, "").await.unwrap();
    let told: BTreeSet<_> = told
        .into_iter()
        .map(|told| (told.audit_entry_id, told.reason))
        .collect();
    let opened: BTreeSet<_> = cases
        .iter()
        .map(|case| (case.audit_entry_id.clone(), case.reason.clone()))
        .collect();
    assert_eq!(told, opened);
    assert_eq!(opened.len(), cases.len());
}

fn reason(number: u64) -> String {
    format!("Akut vurdering nummer {number}")
}

on_both! {
    async fn where_the_citizen_cannot_be_told_nothing_is_disclosed(backend) {
        let hub = TestHub::start(backend).await;
        let all = register_record(&hub, LONNI).await;
        let doctor = hub.professional_for("reserve", EHR, &["BTG"]).await;
        on_store(&hub, "ALTER TABLE notification RENAME TO elsewhere").await;
        assert_eq!(refusal(&broken(&doctor, essential(REASON)).await), UNAVAILABLE);
        assert!(cases(&hub.supervisor().await).await.is_empty());
        let permitted = entries(&hub, EntryFilter { purpose_of_use: "BTG".to_owned(), ..of("SearchRecord") }).await;
        assert!(permitted.is_empty(), "what was not disclosed is not in the log as though it were");

        on_store(&hub, "ALTER TABLE elsewhere RENAME TO notification").await;
        assert_eq!(broken(&doctor, essential(REASON)).await.unwrap().total, all);
        let opened = cases(&hub.auditor().await).await;
        assert_whole(&opened, &hub.supervisor().await, &hub.citizen(LONNI).await).await;
    }

    async fn the_glass_closes_by_itself_after_the_time_that_is_set(backend) {
        let hub = TimedHub::start(backend).await;
        let all = register_record(&hub.hub, LONNI).await;
        let open = async |context| {
            let doctor = hub.professional("reserve", EHR, &["BTG"]).await;
            broken(&doctor, context).await
        };
        open(essential(REASON)).await.unwrap();
        hub.pass(4 * 3_600 - 1);
        assert_eq!(open(going_on()).await.unwrap().total, all);
        hub.pass(1);
        let closed = open(going_on()).await;
        assert_eq!(refusal(&closed), (Code::PermissionDenied, "OVERRIDE_REASON_REQUIRED"));
        open(essential(REASON)).await.unwrap();
        let auditor = hub.professional("auditor", "tilsyn", &[]).await;
        assert_eq!(cases(&auditor).await.len(), 2, "the same reason again is another case");
    }

    async fn a_word_that_nothing_confirmed_is_reviewed_and_told_with_its_reason(backend) {
        let timed = TimedHub::start(backend).await;
        let request = AttestRelationRequest {
            patient: Some(cpr(LONNI)),
            reason: REASON.to_owned(),
            ..AttestRelationRequest::default()
        };
        let doctor = timed.professional("reserve", EHR, &[]).await;
        doctor.relations().attest(request).await.unwrap();
        timed.pass(15 * DAY);
        let auditor = timed.professional("auditor", "tilsyn", &[]).await;
        let mut opened = cases(&auditor).await;
        for _ in 0..100 {
            if !opened.is_empty() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
            opened = cases(&auditor).await;
        }
        let [opened] = opened.as_slice() else { panic!("{} cases", opened.len()) };
        assert_eq!((opened.kind(), opened.reason.as_str()), (ReviewCaseKind::RelationUnconfirmed, REASON));
        assert_eq!(case(&auditor, opened.number).await.unwrap(), *opened);
        assert_eq!((opened.override_ground, &opened.expires_time), (0, &None));
        let told = inbox_of(&timed.citizen(LONNI).await, LONNI, "").await.unwrap();
        let [told] = told.as_slice() else { panic!("{} notifications", told.len()) };
        assert_eq!((told.kind(), told.reason.as_str()), (NotificationKind::RelationUnconfirmed, REASON));
    }

    async fn two_hubs_on_one_store_number_without_a_gap_and_open_no_twins(backend) {
        let hub = TestHub::start(backend).await;
        register_record(&hub, LONNI).await;
        let twin = hub.twin().await;
        let there = hub.token(&Holder::Professional(sample("reserve")), EHR, &["BTG"]);
        let here = hub.professional_for("reserve", EHR, &["BTG"]).await;
        let there = hub.connect(twin.api, EHR, Some(there)).await;
        // Each reason is given three times at each hub, all at once.
        let attempts = (0..48).map(|attempt| {
            let caller = if attempt % 2 == 0 { &here } else { &there };
            broken(caller, essential(&reason(attempt / 6)))
        });
        for answer in join_all(attempts.collect::<Vec<_>>()).await {
            answer.unwrap();
        }
        let opened = cases(&hub.auditor().await).await;
        assert_eq!(opened.len(), 8);
        assert_whole(&opened, &hub.supervisor().await, &hub.citizen(LONNI).await).await;
        twin.stop().await;
    }
}

/// A physician of the hub in the process, with a token that breaks the glass.
async fn physician(hub: &Served) -> Connection {
    let token = token(
        &hub.profile,
        &Holder::Professional(sample("reserve")),
        EHR,
        &["BTG"],
    );
    let settings = settings(&hub.profile, hub.api, EHR);
    let settings = settings.with_token(delt_client::TokenSource::text(token));
    Connection::connect(settings).await.expect("a connection")
}

/// Breaks the glass for one reason after another until the hub is gone; how often it was answered.
async fn break_until_killed(doctor: &Connection, round: u64) -> u64 {
    for number in 0.. {
        let context = essential(&reason(round * 1_000_000 + number));
        if broken(doctor, context).await.is_err() {
            return number;
        }
    }
    0
}

async fn kills_leave_no_half_opening(store: Option<String>) {
    let mut hub = Served::start(store);
    let mut answered = 0;
    for round in 0..KILLS {
        let doctor = physician(&hub).await;
        let (done, ()) = tokio::join!(break_until_killed(&doctor, round), async {
            tokio::time::sleep(Duration::from_millis(300 + 150 * round)).await;
            tokio::task::block_in_place(|| hub.process.kill());
        });
        answered += done;
        tokio::task::block_in_place(|| hub.restart());
    }
    assert!(answered > 5, "only {answered} were answered");
    let supervisor = hub.professional("dpo", "tilsyn").await;
    let mut opened = Vec::new();
    loop {
        let request = delt_client::proto::review::v1::ListReviewCasesRequest {
            after_number: opened.last().map_or(0, |case: &ReviewCase| case.number),
            page_size: 500,
            ..Default::default()
        };
        let page = supervisor.reviews().list(request).await.unwrap().cases;
        if page.is_empty() {
            break;
        }
        opened.extend(page);
    }
    let count = opened.len() as u64;
    // The last of each round may have been written and not answered.
    assert!(
        (answered..=answered + KILLS).contains(&count),
        "{answered}, {count}"
    );
    let numbers: Vec<u64> = opened.iter().map(|case| case.number).collect();
    assert_eq!(numbers, (1..=count).collect::<Vec<_>>());
    opened.truncate(400);
    let told = inbox_of(&hub.citizen(LONNI).await, LONNI, "")
        .await
        .unwrap();
    for (opened, told) in opened.iter().zip(told) {
        assert_eq!(opened.audit_entry_id, told.audit_entry_id);
        let request = GetEntryRequest {
            context: None,
            entry_id: opened.audit_entry_id.clone(),
        };
        supervisor.audit().entry(request).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_hub_leaves_no_case_without_its_entry_on_sqlite() {
    Box::pin(kills_leave_no_half_opening(None)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_hub_leaves_no_case_without_its_entry_on_postgres() {
    let url = tokio::task::spawn_blocking(|| Postgres::shared().database());
    let url = url.await.unwrap();
    Box::pin(kills_leave_no_half_opening(Some(url))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_the_terminal_a_glass_is_broken_goes_on_is_told_and_is_reviewed() {
    let hub = Served::start(None);
    let run = |arguments: &[&str]| tokio::task::block_in_place(|| hub.run(arguments));
    let text = |arguments: &[&str]| {
        let output = run(arguments);
        assert!(
            output.status.success(),
            "{arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap()
    };
    let silent = ["record", LONNI, "--as", "reserve", "--purpose", "BTG"];
    let refused = run(&silent);
    assert!(!refused.status.success());
    assert!(String::from_utf8_lossy(&refused.stderr).contains("OVERRIDE_REASON_REQUIRED"));
    text(&["record", LONNI, "--as", "reserve", "--break-glass", REASON]);
    text(&silent);
    let told = text(&["notifications", LONNI, "--language", "da"]);
    assert!(
        told.contains("Læge ved Øresund Testhospital, Akutafdelingen"),
        "{told}"
    );
    assert!(told.contains(REASON), "{told}");
    let listed = text(&["review", "list", "--kind", "break-glass"]);
    assert_eq!(listed.matches(REASON).count(), 1, "{listed}");
    let shown = text(&["review", "show", "1"]);
    assert!(
        shown.contains("essential-consideration") && shown.contains(REASON),
        "{shown}"
    );
    assert!(!run(&["review", "show", "2"]).status.success());
}

//! More is asked than the hub can do: who asks too much is turned away, and others notice nothing. Counts and outcomes, no times.

use std::time::Duration;

use delt_client::proto::audit::v1::EntryFilter;
use delt_client::{ClientError, Connection, TokenSource};
use delt_server::demo::source::Fault;
use delt_server::profile::Holder;
use delt_tests::calls::{
    everything, fetch, holdings, log, record, refusal, register, treats, try_register,
};
use delt_tests::entries::{CARDIOLOGY, LONNI, REGION_H, REGION_M, cpr, held, note};
use delt_tests::hub::{TestHub, sample};
use delt_tests::on_both;
use delt_tests::samples::EHR;
use delt_tests::sources::Sourced;
use tokio::task::JoinSet;
use tonic::Code;

/// Longer than any of these tests.
const NEVER: Duration = Duration::from_mins(2);

/// More than any budget of these tests, and less than a page of the log.
const AT_ONCE: usize = 60;

/// A connection that takes the first answer.
async fn hasty(hub: &TestHub, system: &str, token: Option<String>) -> Connection {
    let mut settings = hub.settings(hub.running.api, system);
    if let Some(token) = token {
        settings = settings.with_token(TokenSource::text(token));
    }
    settings.retry.retries = 0;
    Connection::connect(settings).await.unwrap()
}

fn cardiologist(hub: &TestHub) -> String {
    hub.token(&Holder::Professional(sample("kard")), EHR, &[])
}

/// That the hub had no place, and says when to come back.
fn is_turned_away<T>(outcome: &Result<T, ClientError>) -> bool {
    let says = refusal(outcome) == (Code::ResourceExhausted, "TOO_MANY");
    let pause = outcome.as_ref().err().and_then(ClientError::retry_after);
    says && pause.is_some_and(|pause| pause >= Duration::from_millis(250))
}

/// So many entries of an operation stand in the log.
async fn logged(hub: &TestHub, operation: &str, error_code: Option<&str>) -> usize {
    let filter = EntryFilter {
        operation: operation.to_owned(),
        ..EntryFilter::default()
    };
    let entries = log(hub, filter).await.into_iter();
    let told = |json: &[u8]| serde_json::from_slice::<serde_json::Value>(json).unwrap();
    let codes = entries.map(|entry| {
        told(&entry.entry_json)["error_code"]
            .as_str()
            .map(str::to_owned)
    });
    codes.filter(|code| code.as_deref() == error_code).count()
}

on_both! {
    async fn a_system_whose_calls_hang_takes_no_place_from_another(backend) {
        let document = held(REGION_M, LONNI, b"<a/>".to_vec());
        let world = Sourced::start_with(backend, &[&document], NEVER, |config| config.limits.requests_in_flight = 4).await;
        let hub = &world.hub;
        treats(hub, REGION_H, CARDIOLOGY, cpr(LONNI)).await;
        let other = hub.system(REGION_H).await;
        world.source(REGION_M).set_fault(Some(Fault::Hang));
        let reader = hasty(hub, EHR, Some(cardiologist(hub))).await;
        let mut asked = JoinSet::new();
        for _ in 0..6 {
            let (reader, entry) = (reader.clone(), document.entry.entry_uuid.clone());
            asked.spawn(async move { fetch(&reader, cpr(LONNI), &entry).await });
        }
        // Two hang, as many as it may have; the four others are told at once.
        for _ in 0..4 {
            let outcome = asked.join_next().await.unwrap().unwrap();
            assert!(is_turned_away(&outcome), "{outcome:?}");
        }
        let search = reader.record().search(everything(cpr(LONNI))).await;
        assert!(is_turned_away(&search));
        for _ in 0..10 {
            register(&other, &note(REGION_H, LONNI)).await;
        }
        hub.citizen(LONNI).await.consents().list(delt_client::proto::consent::v1::ListConsentsRequest {
            patient: Some(cpr(LONNI)), ..Default::default()
        }).await.unwrap();
        // Who asks again as it was told gets an answer as soon as there is a place.
        let patient = hub.connect(hub.running.api, EHR, Some(cardiologist(hub))).await;
        let (view, ()) = tokio::join!(record(&patient, cpr(LONNI)), asked.shutdown());
        assert_eq!(view.documents.len(), 11);
    }

    async fn what_is_turned_away_leaves_nothing(backend) {
        let hub = TestHub::start_with(backend, &delt_server::profile::SourceAddresses::default(), |config| {
            config.limits.system_requests_per_second = 1;
            config.limits.system_request_burst = 10;
        }).await;
        let source = hasty(&hub, REGION_H, None).await;
        let mut asked = JoinSet::new();
        for _ in 0..AT_ONCE {
            let source = source.clone();
            asked.spawn(async move { try_register(&source, &note(REGION_H, LONNI)).await });
        }
        let outcomes = asked.join_all().await;
        let turned_away = outcomes.iter().filter(|outcome| is_turned_away(outcome)).count();
        let accepted = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
        assert!(turned_away > 0 && accepted + turned_away == AT_ONCE, "{outcomes:?}");
        assert!(accepted >= 10);
        assert_eq!(logged(&hub, "RegisterDocument", None).await, accepted);
        // The client waits as long as it is told to, and is answered.
        let patient = hub.system(REGION_H).await;
        assert_eq!(holdings(&patient, false).await.documents.len(), accepted);
    }

    async fn who_tries_tokens_does_not_fill_the_log(backend) {
        let hub = TestHub::start_with(backend, &delt_server::profile::SourceAddresses::default(), |config| {
            config.limits.refusals_per_second = 1;
            config.limits.refusal_burst = 5;
        }).await;
        let good = hasty(&hub, EHR, Some(cardiologist(&hub))).await;
        let records = good.record();
        let search = || records.search(everything(cpr(LONNI)));
        assert_eq!(refusal(&search().await).1, "NO_TREATMENT_RELATION");
        let bad = hasty(&hub, EHR, Some(format!("{}x", cardiologist(&hub)))).await;
        let mut asked = JoinSet::new();
        for _ in 0..AT_ONCE {
            let bad = bad.clone();
            asked.spawn(async move { bad.record().search(everything(cpr(LONNI))).await });
        }
        let outcomes = asked.join_all().await;
        let turned_away = outcomes.iter().filter(|outcome| is_turned_away(outcome)).count();
        let is_looked_at = |outcome: &&_| refusal(*outcome) == (Code::Unauthenticated, "TOKEN_INVALID");
        let looked_at = outcomes.iter().filter(is_looked_at).count();
        assert!(turned_away > 0 && looked_at + turned_away == AT_ONCE, "{outcomes:?}");
        assert!(looked_at >= 5);
        assert_eq!(logged(&hub, "SearchRecord", Some("TOKEN_INVALID")).await, looked_at);
        // A token that was found good before is let in all the while.
        assert_eq!(refusal(&search().await).1, "NO_TREATMENT_RELATION");
    }
}

//! A period in figures, held against a count by hand.

use std::collections::{BTreeMap, BTreeSet};

use delt_client::Connection;
use delt_client::proto::audit::v1::EntryFilter;
use delt_client::proto::common::v1::Period;
use delt_client::proto::review::v1::{
    GetPeriodReportRequest, GetPeriodReportResponse, ReviewCaseKind, ReviewCaseState,
    ReviewDecision,
};
use delt_ledger::Entry;
use delt_tests::calls::{is_not_found, log, treats};
use delt_tests::entries::{CARDIOLOGY, EINER, LONNI, cpr};
use delt_tests::glass::auditor_at;
use delt_tests::hub::{TestHub, now, sample};
use delt_tests::on_both;
use delt_tests::samples::{EHR, REGION_HOVEDSTADEN, REGION_MIDTJYLLAND, search};
use prost_types::Timestamp;

use super::people::{break_glass, decide, glass_case};

fn moment(seconds: i64) -> Timestamp {
    let seconds = now().unix_timestamp() + seconds;
    Timestamp { seconds, nanos: 0 }
}

async fn report(
    auditor: &Connection,
    organisation: &str,
) -> Result<GetPeriodReportResponse, delt_client::ClientError> {
    let request = GetPeriodReportRequest {
        context: None,
        organisation: organisation.to_owned(),
        period: Some(Period {
            start: Some(moment(-3_600)),
            end: Some(moment(3_600)),
        }),
    };
    auditor.reviews().report(request).await
}

type Key = (String, String, String, String);
type Counted = (u64, BTreeSet<String>, BTreeSet<String>);

/// The same from the entries themselves.
async fn by_hand(hub: &TestHub, before: &str) -> BTreeMap<Key, (u64, u64, u64)> {
    let filter = EntryFilter {
        organisation: REGION_HOVEDSTADEN.to_owned(),
        ..EntryFilter::default()
    };
    let mut counts: BTreeMap<Key, Counted> = BTreeMap::new();
    for kept in log(hub, filter).await {
        let entry = Entry::from_json(&kept.entry_json).unwrap();
        if entry.recorded_at.as_str() >= before {
            continue;
        }
        let person = entry.actor.person.as_ref();
        let place = person.and_then(|person| person.organisation.clone());
        let place = place.or(entry.actor.system_organisation.clone()).unwrap();
        let outcome = serde_json::to_value(entry.outcome).unwrap();
        let key = (
            place.trim_start_matches("sor:").to_owned(),
            entry.operation.clone(),
            entry.purpose.clone().unwrap_or_default(),
            outcome.as_str().unwrap().to_owned(),
        );
        let count = counts.entry(key).or_default();
        count.0 += 1;
        count.1.extend(person.map(|person| person.id.clone()));
        count.2.extend(entry.patient);
    }
    counts
        .into_iter()
        .map(|(key, (times, persons, patients))| {
            (key, (times, persons.len() as u64, patients.len() as u64))
        })
        .collect()
}

on_both! {
    async fn the_figures_are_those_of_the_log(backend) {
        let hub = TestHub::start(backend).await;
        break_glass(&hub, sample("reserve")).await;
        treats(&hub, EHR, CARDIOLOGY, cpr(EINER)).await;
        let doctor = hub.professional("kard", EHR).await;
        for _ in 0..3 {
            search(&doctor, EINER).await.unwrap();
        }
        search(&doctor, LONNI).await.unwrap_err();
        let auditor = hub.auditor().await;
        decide(&auditor, &glass_case(&hub).await, ReviewDecision::Justified).await.unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(1_500)).await;
        let report = report(&auditor, REGION_HOVEDSTADEN).await.unwrap();
        let own = report.receipt.as_ref().unwrap().recorded_time.as_ref().unwrap();
        let own = delt_client::json::to_rfc3339(own).unwrap();
        let told: BTreeMap<Key, _> = report.accesses.iter().map(|count| {
            let key = (count.organisation.clone(), count.operation.clone(), count.purpose_of_use.clone(), count.outcome.clone());
            (key, (count.accesses, count.persons, count.patients))
        }).collect();
        assert_eq!(told, by_hand(&hub, &own).await);
        let looks = (CARDIOLOGY.to_owned(), "SearchRecord".to_owned(), "TREAT".to_owned(), "permitted".to_owned());
        assert_eq!(told.get(&looks), Some(&(3, 1, 1)));
        assert!(report.accesses.iter().all(|count| !count.organisation_name.is_empty()));
        let glass = report.cases.iter().find(|count| count.kind() == ReviewCaseKind::BreakGlass).unwrap();
        assert_eq!((glass.state(), glass.decision(), glass.cases), (ReviewCaseState::Closed, ReviewDecision::Justified, 1));
        assert!(report.median_seconds_to_decision < 60);
        assert_eq!(report.root_hash.len(), 32);
        assert!(report.tree_size >= 5);
    }

    async fn a_unit_has_its_own_figures_and_others_none(backend) {
        let hub = TestHub::start(backend).await;
        break_glass(&hub, sample("reserve")).await;
        let auditor = hub.auditor().await;
        tokio::time::sleep(std::time::Duration::from_millis(1_200)).await;
        let unit = report(&auditor, CARDIOLOGY).await.unwrap();
        assert!(unit.accesses.is_empty() && unit.cases.iter().all(|count| count.kind() != ReviewCaseKind::BreakGlass));
        let foreign = auditor_at(&hub, REGION_MIDTJYLLAND).await;
        assert!(is_not_found(&report(&foreign, REGION_HOVEDSTADEN).await));
    }
}

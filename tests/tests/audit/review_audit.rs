//! What the access log must not miss: items of a stream that cannot be read, both sides of a link, another citizen, and a person's earlier numbers.

use delt_client::bulk::{Item, Options};
use delt_client::proto::audit::v1::{
    EntryFilter, ListPatientAccessesRequest, SearchEntriesRequest,
};
use delt_client::proto::document::v1::DocumentEntry;
use delt_client::proto::patient::v1::MergePatientRequest;
use delt_tests::calls::{everything, log, operator, treats};
use delt_tests::entries::{CARDIOLOGY, EINER, LONNI, REGION_H, X_ECPR, cpr, note, number};
use delt_tests::hub::TestHub;
use delt_tests::on_both;
use futures_util::stream;
use serde_json::Value;

/// The official test number of the national register.
const NATIONAL: &str = "0203291WQ3";

async fn logged(hub: &TestHub, filter: EntryFilter) -> Vec<Value> {
    let entries = log(hub, filter).await;
    let read = |bytes: &[u8]| serde_json::from_slice(bytes).unwrap();
    entries
        .iter()
        .map(|entry| read(&entry.entry_json))
        .collect()
}

fn of(operation: &str) -> EntryFilter {
    EntryFilter {
        operation: operation.to_owned(),
        ..EntryFilter::default()
    }
}

on_both! {
    async fn an_item_that_cannot_be_read_leaves_an_entry_as_a_call_does(backend) {
        let hub = TestHub::start(backend).await;
        let source = hub.system(REGION_H).await;
        let nameless = DocumentEntry { patient: None, ..note(REGION_H, LONNI) };
        let items: Vec<Item> = vec![(1, Ok(nameless)), (2, Ok(note(REGION_H, LONNI)))];
        let mut outcomes =
            source.documents().register_all(stream::iter(items), Options::default()).await.unwrap();
        while outcomes.next().await.unwrap().is_some() {}
        let mut told: Vec<_> = logged(&hub, of("RegisterDocument"))
            .await
            .iter()
            .map(|entry| entry["outcome"].as_str().unwrap().to_owned())
            .collect();
        told.sort();
        assert_eq!(told, ["failed", "permitted"]);
    }

    async fn a_citizen_sees_that_another_citizen_tried(backend) {
        let hub = TestHub::start(backend).await;
        let (lonni, einer) = (hub.citizen(LONNI).await, hub.citizen(EINER).await);
        lonni.record().search(everything(cpr(LONNI))).await.unwrap();
        einer.record().search(everything(cpr(LONNI))).await.unwrap_err();
        let request = ListPatientAccessesRequest { patient: Some(cpr(LONNI)), ..Default::default() };
        let seen = lonni.audit().accesses(request).await.unwrap().accesses;
        let told: Vec<_> =
            seen.iter().map(|a| (a.person_role.as_str(), a.outcome.as_str())).collect();
        assert_eq!(told, [("citizen", "denied")]);
    }

    async fn a_merge_names_both_numbers_and_the_log_is_found_by_either(backend) {
        let hub = TestHub::start(backend).await;
        let old = number(X_ECPR, NATIONAL);
        treats(&hub, REGION_H, CARDIOLOGY, old.clone()).await;
        let reader = hub.professional("kard", "ehr-hovedstaden").await;
        reader.record().search(everything(old.clone())).await.unwrap();
        let merge = MergePatientRequest {
            context: None,
            old: Some(old.clone()),
            new: Some(cpr(LONNI)),
        };
        operator(&hub).await.patients().merge(merge).await.unwrap();
        reader.record().search(everything(cpr(LONNI))).await.unwrap();
        for patient in [cpr(LONNI), old] {
            let filter = EntryFilter { patient: Some(patient), ..of("SearchRecord") };
            assert_eq!(logged(&hub, filter).await.len(), 2);
        }
        let looks = logged(&hub, of("SearchRecord")).await;
        let [after, before] = looks.as_slice() else { panic!("two looks, newest first") };
        let supervisor = hub.supervisor().await;
        let request = SearchEntriesRequest {
            filter: Some(of("MergePatient")),
            ..Default::default()
        };
        let merges = supervisor.audit().search(request).await.unwrap().entries;
        let merged: Value = serde_json::from_slice(&merges[0].entry_json).unwrap();
        assert_eq!(merged["patient"], before["patient"]);
        assert_eq!(merged["target"], after["patient"]);
    }
}

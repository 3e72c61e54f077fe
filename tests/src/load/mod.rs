//! A load of registrations, blocks and searches that knows what it was told: no acknowledged pointer may be missed later, and no blocked one shown.

mod account;
mod worker;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use delt_client::proto::document::v1::ListSourceDocumentsRequest;
use delt_client::proto::relation::v1::{RegisterRelationRequest, RelationKind, TreatmentRelation};
use delt_client::{Backoff, Connection};
use delt_server::profile::Holder;
use tokio::task::JoinSet;

pub use account::{Account, Pointer, State, Sums};
use worker::Worker;

use crate::calls::{everything, found};
use crate::chains::verified;
use crate::entries::{CARDIOLOGY, EINER, LONNI, REGION_H, cpr, read, uuids};
use crate::fleet::Callers;
use crate::hub::{sample, test_person};
use crate::samples::EHR;

const PERSONS: [&str; 2] = [LONNI, EINER];

/// Callers at work.
#[derive(Debug)]
pub struct Load {
    account: Arc<Account>,
    callers: Callers,
    stop: Arc<AtomicBool>,
    tasks: JoinSet<()>,
}

/// What the SDK tries by itself, for as long as a fail-over of the database may take.
pub fn patient() -> Backoff {
    Backoff {
        retries: 60,
        longest: Duration::from_secs(2),
        ..Backoff::default()
    }
}

/// An SDK that tries nothing twice.
pub fn impatient() -> Backoff {
    Backoff {
        retries: 0,
        ..Backoff::default()
    }
}

impl Load {
    /// Two who register and block, and three who search, all over connections of their own.
    pub async fn start(callers: &Callers, retry: Backoff) -> Self {
        treated(callers).await;
        let mut load = Self {
            account: Arc::default(),
            callers: callers.clone(),
            stop: Arc::default(),
            tasks: JoinSet::new(),
        };
        for _ in 0..2 {
            let worker = load.worker(retry);
            load.tasks.spawn(async move { worker.write().await });
        }
        for number in 0..3 {
            let worker = load.worker(retry);
            load.tasks.spawn(async move { worker.search(number).await });
        }
        load
    }

    fn worker(&self, retry: Backoff) -> Worker {
        let mut citizens = Vec::new();
        for person in PERSONS {
            let holder = Holder::Citizen(test_person(person));
            citizens.push(self.callers.connect("sundhedsportal", Some(holder), retry));
        }
        let doctor = Holder::Professional(sample("kard"));
        Worker {
            account: Arc::clone(&self.account),
            stop: Arc::clone(&self.stop),
            source: self.callers.connect(REGION_H, None, retry),
            doctor: self.callers.connect(EHR, Some(doctor), retry),
            citizens,
        }
    }

    /// Waits until so many more pointers are registered and searches answered.
    ///
    /// # Panics
    /// They are not within two minutes.
    pub async fn goes_on(&self, more: usize) {
        let (pointers, searches) = self.account.progress();
        for _ in 0..1_200 {
            let now = self.account.progress();
            if now.0 >= pointers + more && now.1 >= searches + more {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("the load stands still: {:?}", self.account.close());
    }

    /// Ends the load, and holds everything that was acknowledged against what the hubs say now: nothing is lost, no answer was wrong, the log verifies and has
    /// the entry of every answer.
    pub async fn settle(mut self) -> Sums {
        self.stop.store(true, Ordering::Relaxed);
        while let Some(ended) = self.tasks.join_next().await {
            ended.expect("a caller ends in order");
        }
        let sums = self.account.close();
        assert!(sums.wrong.is_empty(), "{:?}", sums.wrong);
        assert!(sums.final_errors.is_empty(), "{:?}", sums.final_errors);
        nothing_is_lost(&self.callers, &sums).await;
        let supervisor = Holder::Professional(sample("dpo"));
        let supervisor = self.callers.connect("tilsyn", Some(supervisor), patient());
        let logged = verified(&supervisor, &[]).await;
        for (entry, leaf) in &sums.receipts {
            assert_eq!(
                logged.leaves.get(entry),
                Some(leaf),
                "an answer without its entry"
            );
        }
        sums
    }
}

/// The persons are treated at the cardiologist's.
async fn treated(callers: &Callers) {
    let hospital = callers.connect(EHR, None, patient());
    for person in PERSONS {
        let relation = TreatmentRelation {
            kind: RelationKind::Admission.into(),
            organisation: CARDIOLOGY.to_owned(),
            ..TreatmentRelation::default()
        };
        let request = RegisterRelationRequest {
            patient: Some(cpr(person)),
            relation: Some(relation),
            ..RegisterRelationRequest::default()
        };
        hospital
            .relations()
            .register(request)
            .await
            .expect("a relation is registered");
    }
}

/// Every acknowledged pointer is held, and shown unless it was blocked.
async fn nothing_is_lost(callers: &Callers, sums: &Sums) {
    let held = held(&callers.connect(REGION_H, None, patient())).await;
    let doctor = Holder::Professional(sample("kard"));
    let doctor = callers.connect(EHR, Some(doctor), patient());
    let mut shown = BTreeSet::new();
    for person in PERSONS {
        shown.extend(uuids(
            &found(&doctor, everything(cpr(person))).await.documents,
        ));
    }
    for pointer in &sums.pointers {
        assert!(
            held.contains(&pointer.uuid),
            "an acknowledged pointer is lost: {pointer:?}"
        );
        match pointer.state {
            State::Registered => assert!(shown.contains(&pointer.uuid), "{pointer:?} is not shown"),
            State::Blocked => assert!(!shown.contains(&pointer.uuid), "{pointer:?} is shown"),
            State::Changing => {}
        }
    }
}

/// The entryUUIDs of all that the index holds for a source.
pub async fn held(source: &Connection) -> BTreeSet<String> {
    let mut held = BTreeSet::new();
    let mut page_token = String::new();
    loop {
        let request = ListSourceDocumentsRequest {
            page_size: 500,
            page_token,
            ..Default::default()
        };
        let page = source
            .documents()
            .list(request)
            .await
            .expect("a source may list its own");
        held.extend(
            page.documents
                .iter()
                .map(|document| read(document).entry_uuid),
        );
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return held;
        }
    }
}

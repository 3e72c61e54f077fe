//! Witnesses: the hub publishes what enough of them cosigned, and a log that was rolled back or forked is found by them.

mod copies;
mod killed;
mod regions;
mod secured;

use std::time::Duration;

use delt_client::Connection;
use delt_client::proto::audit::v1::{
    ExportEntriesRequest, GetCheckpointRequest, GetCheckpointResponse, ListWitnessesRequest,
    ListWitnessesResponse,
};
use delt_ledger::export::{ProblemKind, TrustedCheckpoint, verify};
use delt_ledger::{Note, Verifier, WitnessPolicy};
use delt_server::profile::SourceAddresses;
use delt_server::serve;
use delt_server::serve::Running;
use delt_tests::entries::LONNI;
use delt_tests::hub::{Backend, Groundwork, TestHub};
use delt_tests::on_both;
use delt_tests::process::{free_address, get};
use delt_tests::samples::{EHR, lonni_at_the_hospital, search};
use regions::{Region, follow, log_key, policy_of, three, two_of};

/// Asked so often, a fifth of a second apart: a minute and a half, for a busy machine.
const QUESTIONS: usize = 450;
const PAUSE: Duration = Duration::from_millis(200);

/// A hub whose log three regions witness, of which two are enough.
async fn witnessed(backend: Backend) -> (TestHub, [Region; 3]) {
    let ground = Groundwork::lay();
    let log = log_key(&ground.profile.config());
    let regions = three(&log).await;
    let policy = policy_of(&log, &regions);
    let hub = ground
        .start(backend, &SourceAddresses::default(), |config| {
            follow(config, &policy);
        })
        .await;
    (hub, regions)
}

async fn checkpoint(caller: &Connection) -> GetCheckpointResponse {
    let answer = caller.audit().checkpoint(GetCheckpointRequest {}).await;
    answer.expect("open to all")
}

async fn witnesses(caller: &Connection) -> ListWitnessesResponse {
    let answer = caller.audit().witnesses(ListWitnessesRequest {}).await;
    answer.expect("open to all")
}

/// Waits until the witnesses are in a state.
async fn until(
    caller: &Connection,
    what: &str,
    holds: impl Fn(&ListWitnessesResponse) -> bool,
) -> ListWitnessesResponse {
    let mut last = witnesses(caller).await;
    for _ in 0..QUESTIONS {
        if holds(&last) {
            return last;
        }
        tokio::time::sleep(PAUSE).await;
        last = witnesses(caller).await;
    }
    panic!("not in time: {what}; {last:?}");
}

/// Waits until all that has happened so far is published; answers the size.
async fn all_published(caller: &Connection) -> u64 {
    // What is in the queue now is sealed within this.
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    let sealed = witnesses(caller).await.tree_size;
    until(caller, "all is published", |state| {
        state.cosigned_tree_size >= sealed
    })
    .await
    .cosigned_tree_size
}

/// Looks often enough that the log grows past a size.
async fn grow_past(doctor: &Connection, size: u64) {
    for _ in 0..QUESTIONS {
        search(doctor, LONNI).await.expect("requests go on");
        if witnesses(doctor).await.tree_size > size {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the log did not grow past {size}");
}

fn problems(state: &ListWitnessesResponse) -> Vec<&str> {
    state
        .witnesses
        .iter()
        .map(|one| one.problem.as_str())
        .collect()
}

/// What anybody can check with the policy alone: how many cosigned, and the size.
fn check(policy: &str, note: &str) -> (usize, u64) {
    let policy = WitnessPolicy::parse(policy.as_bytes()).expect("the policy is one");
    let opened = policy.open(note).expect("the policy is content");
    (opened.cosigned.len(), opened.checkpoint.size)
}

on_both! {
    async fn what_two_of_three_cosigned_is_published_and_verifies_offline(backend) {
        let ground = Groundwork::lay();
        let log = log_key(&ground.profile.config());
        let folder = tempfile::tempdir().unwrap();
        let running: Vec<_> = ["north", "middle", "south"]
            .map(|name| regions::Running::start(&folder.path().join(name), name, &log, free_address()))
            .into_iter()
            .collect();
        let vkey = |name: &str| std::fs::read_to_string(folder.path().join(name).join("witness.vkey")).unwrap();
        let vkeys = ["north", "middle", "south"].map(vkey);
        let all: Vec<_> = ["north", "middle", "south"]
            .into_iter()
            .zip(vkeys.iter().map(|vkey| vkey.trim()))
            .zip(&running)
            .map(|((name, vkey), running)| (name, vkey, running.address))
            .collect();
        let policy = two_of(&log, &all);
        let hub = ground.start(backend, &SourceAddresses::default(), |config| follow(config, &policy)).await;
        let (_, doctor) = lonni_at_the_hospital(&hub).await;
        let size = all_published(&doctor).await;
        let answer = checkpoint(&doctor).await;
        let (cosigned, published) = check(&policy, &answer.cosigned_checkpoint);
        assert!(cosigned >= 2 && published >= size, "{answer:?}");
        let state = until(&doctor, "the third, too", |state| {
            state.witnesses.iter().all(|one| one.tree_size >= size && one.cosigned_time.is_some())
        }).await;
        assert_eq!(problems(&state), ["", "", ""]);
        assert_eq!(state.policy, policy);
        let text = get(hub.running.admin, "/metrics").unwrap().1;
        assert!(text.contains("delt_witness_lag_entries{witness=\"north\"}"), "{text}");
        assert!(text.contains("delt_cosigned_lag_seconds"), "{text}");
        for (name, _, address) in all {
            let hash = origin_hash(&log);
            let (status, note) = get(address, &format!("/{hash}/checkpoint")).unwrap();
            assert_eq!(status, 200, "{name}");
            assert!(Note::parse(&note).unwrap().verify(&log).is_ok(), "{name} serves what it cosigned");
        }
        assert!(regions::evidence(&folder.path().join("north")).is_empty());
    }

    async fn publishing_halts_where_too_few_are_left_and_requests_go_on(backend) {
        let (hub, mut regions) = witnessed(backend).await;
        let (_, doctor) = lonni_at_the_hospital(&hub).await;
        let first = all_published(&doctor).await;

        regions[0].fall().await;
        grow_past(&doctor, first).await;
        let second = all_published(&doctor).await;
        assert!(second > first, "two of three are enough");
        let state = until(&doctor, "one is told to be down", |state| problems(state) == ["unreachable", "", ""]).await;
        assert!(state.witnesses[0].tree_size < second);

        regions[1].fall().await;
        until(&doctor, "a quiet log", |state| state.cosigned_tree_size == state.tree_size).await;
        let halted = witnesses(&doctor).await.cosigned_tree_size;
        grow_past(&doctor, halted + 3).await;
        tokio::time::sleep(Duration::from_secs(2)).await;
        let state = until(&doctor, "two are down", |state| problems(state) == ["unreachable", "unreachable", ""]).await;
        assert_eq!(state.cosigned_tree_size, halted);
        let answer = checkpoint(&doctor).await;
        assert_eq!(check(&state.policy, &answer.cosigned_checkpoint).1, halted, "the last cosigned stays");
        assert!(answer.checkpoint.contains(&format!("\n{}\n", state.tree_size)), "the newest is told beside it");
        assert_eq!(get(hub.running.admin, "/readyz").unwrap().0, 200, "witnesses do not make a hub unready");

        regions[0].rise().await;
        regions[1].rise().await;
        let caught_up = all_published(&doctor).await;
        assert!(caught_up > halted + 3);
        until(&doctor, "all are well", |state| problems(state) == ["", "", ""]).await;
        assert!(regions.iter().all(|region| region.evidence().is_empty()));
    }

    async fn a_log_that_was_rolled_back_is_refused_and_found(backend) {
        let (hub, regions) = witnessed(backend).await;
        lonni_at_the_hospital(&hub).await;
        let mut earlier = None;
        let hub = hub.restart_with(async |config| earlier = Some(copies::copy(config).await)).await;
        let doctor = hub.professional("kard", EHR).await;
        for _ in 0..5 {
            search(&doctor, LONNI).await.unwrap();
        }
        let seen = all_published(&doctor).await;
        let kept_outside = checkpoint(&doctor).await.cosigned_checkpoint;
        until(&doctor, "all have seen it", |state| state.witnesses.iter().all(|one| one.tree_size >= seen)).await;

        // The restore: what was written since the copy is gone, and other things are written in its place.
        let hub = hub.restart_with(async |config| config.store = earlier.take().unwrap()).await;
        let doctor = hub.professional("kard", EHR).await;
        let before = witnesses(&doctor).await.cosigned_tree_size;
        assert!(before < seen);
        grow_past(&doctor, seen + 1).await;
        let state = until(&doctor, "refused by all", |state| {
            problems(state) == ["refused_inconsistent"; 3]
        }).await;
        assert_eq!(state.cosigned_tree_size, before, "nothing of the new history is published");
        for region in &regions {
            assert!(!region.evidence().is_empty(), "{} keeps what shows it", region.name);
        }
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        let text = get(hub.running.admin, "/metrics").unwrap().1;
        let line = "delt_witness_problem{witness=\"north\",problem=\"refused_inconsistent\"} 1";
        assert!(text.contains(line), "{text}");

        // And who kept the cosigned checkpoint sees it in any export.
        let log = log_key(hub.config());
        let report = verified(&hub, &log, &kept_outside).await;
        let rewritten = |problem: &delt_ledger::export::Problem| matches!(problem.kind, ProblemKind::HistoryRewritten { .. });
        assert!(report.problems.iter().any(rewritten), "{report}");
    }

    async fn of_two_histories_at_most_one_is_published(backend) {
        let (hub, regions) = witnessed(backend).await;
        let (_, doctor) = lonni_at_the_hospital(&hub).await;
        all_published(&doctor).await;
        let mut fork = None;
        let hub = hub.restart_with(async |config| {
            let store = copies::copy(config).await;
            fork = Some(delt_server::config::Config { store, ..config.clone() });
        }).await;
        let other = serve::start(&fork.unwrap()).await.expect("a second hub with the same key");
        let doctors = [
            hub.professional("kard", EHR).await,
            at(&hub, &other).await,
        ];
        let base = [&doctors[0], &doctors[1]].map(async |doctor| witnesses(doctor).await.cosigned_tree_size);
        let [base, same] = base;
        let base = base.await.max(same.await);
        for _ in 0..3 {
            for doctor in &doctors {
                grow_past(doctor, base).await;
            }
        }
        let mut advanced = [0, 0];
        for _ in 0..40 {
            for (doctor, advanced) in doctors.iter().zip(&mut advanced) {
                search(doctor, LONNI).await.expect("requests go on, on both");
                *advanced = witnesses(doctor).await.cosigned_tree_size.saturating_sub(base);
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert!(advanced[0] == 0 || advanced[1] == 0, "two histories were published: {advanced:?}");
        // The one that is not believed grows past the other, and says so to those who know better.
        let loser = &doctors[usize::from(advanced[0] > 0)];
        let winner = &doctors[usize::from(advanced[0] == 0)];
        grow_past(loser, witnesses(winner).await.tree_size + 2).await;
        let state = until(loser, "it is refused", |state| problems(state).contains(&"refused_inconsistent")).await;
        assert!(state.cosigned_tree_size <= base, "its history is not published");
        let kept: usize = regions.iter().map(|region| region.evidence().len()).sum();
        assert!(kept > 0, "somebody keeps what shows it");
        other.stop().await;
    }

    async fn one_hub_of_several_asks(backend) {
        let (hub, _regions) = witnessed(backend).await;
        if backend == Backend::Sqlite {
            return; // One process a database.
        }
        let twin = hub.twin().await;
        let (_, doctor) = lonni_at_the_hospital(&hub).await;
        all_published(&doctor).await;
        // The one goes, and the other takes over.
        let first = witnesses(&doctor).await.cosigned_tree_size;
        let doctor = at(&hub, &twin).await;
        hub.running.stop().await;
        grow_past(&doctor, first).await;
        assert!(all_published(&doctor).await > first);
        twin.stop().await;
    }
}

/// The doctor, at another hub.
async fn at(hub: &TestHub, other: &Running) -> Connection {
    let holder = delt_server::profile::Holder::Professional(delt_tests::hub::sample("kard"));
    let token = hub.token(&holder, EHR, &[]);
    hub.connect(other.api, EHR, Some(token)).await
}

async fn verified(hub: &TestHub, log: &Verifier, trusted: &str) -> delt_ledger::export::Report {
    let mut bytes = Vec::new();
    let supervisor = hub.supervisor().await;
    let request = ExportEntriesRequest::default();
    supervisor
        .audit()
        .export_to(request, &mut bytes)
        .await
        .expect("a data protection officer may export");
    let trusted = TrustedCheckpoint {
        note: trusted.to_owned(),
        proof: None,
    };
    verify(bytes.as_slice(), log, &[trusted]).expect("memory can be read")
}

fn origin_hash(log: &Verifier) -> String {
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, log.name().as_bytes());
    hash.as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect::<Vec<_>>()
        .concat()
}

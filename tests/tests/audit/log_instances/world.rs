//! The hubs, what they have answered, and what must hold of it.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use delt_client::proto::audit::v1::{ExportEntriesRequest, GetCheckpointRequest};
use delt_client::proto::common::v1::AuditReceipt;
use delt_client::{Connection, TokenSource};
use delt_hub::clock::{HOUR, Micros, SECOND};
use delt_ledger::export::{TrustedCheckpoint, verify};
use delt_ledger::{Checkpoint, Entry, Hash, SignedReceipt, Verifier};
use delt_server::config::{Config, Store};
use delt_server::profile::{Holder, SourceAddresses};
use delt_tests::calls::try_register;
use delt_tests::entries::{EINER, LONNI, REGION_H, note};
use delt_tests::hub::{Backend, Groundwork, sample, settings, test_person, token_at};
use delt_tests::postgres::Postgres;
use delt_tests::samples::search;
use futures_util::future::join_all;
use time::OffsetDateTime;
use tokio::runtime::Runtime;

use super::clock::SteppingClock;
use super::instance::Instance;

/// 2026-11-23 09:00 UTC.
const START: Micros = 1_795_424_400 * SECOND;
/// How long anybody waits for a hub.
const PATIENCE: Duration = Duration::from_millis(1_500);
const PATIENTS: [&str; 2] = [LONNI, EINER];

/// xorshift64*: looks random and is the same in every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % bound
    }

    fn index(&mut self, length: usize) -> usize {
        usize::try_from(self.below(length as u64)).unwrap()
    }
}

pub(crate) struct World {
    runtime: Runtime,
    ground: Groundwork,
    config: Config,
    instances: Vec<Instance>,
    chance: Chance,
    seed: u64,
    receipts: Vec<AuditReceipt>,
    checkpoints: BTreeSet<String>,
    answered: u64,
    refused: u64,
}

/// What is asked of a hub.
#[derive(Clone, Copy)]
enum Ask {
    Register(&'static str),
    Look(&'static str),
}

impl World {
    pub(crate) fn new(backend: Backend, hubs: usize, seed: u64) -> Self {
        let ground = Groundwork::lay();
        let none = SourceAddresses::default();
        ground.profile.write_systems(&none).unwrap();
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let mut config = ground.profile.config_at(any, any).unwrap();
        if backend == Backend::Postgres {
            config.store = Store::with_url(Postgres::shared().database());
        }
        config.store.timeout_ms = 1_000;
        config.audit.checkpoint_interval_ms = 50;
        let start = |_| Instance::start(config.clone(), Arc::new(SteppingClock::at(START)));
        Self {
            runtime: Runtime::new().unwrap(),
            instances: (0..hubs).map(start).collect(),
            ground,
            config,
            chance: Chance(seed),
            seed,
            receipts: Vec::new(),
            checkpoints: BTreeSet::new(),
            answered: 0,
            refused: 0,
        }
    }

    /// Something happens.
    pub(crate) fn step(&mut self) {
        for instance in &self.instances {
            instance.clock.step(50_000);
        }
        let at = self.chance.index(self.instances.len());
        match self.chance.below(100) {
            0..62 => self.requests(),
            62..72 => self.step_clock(at),
            72..80 => self.instances[at].clock.stand_still(true),
            80..90 => self.all_go_on(),
            90..94 => self.die(at),
            _ => self.read_checkpoint(at),
        }
    }

    /// Up to six requests at once, at hubs that go. Where none does, all go on.
    fn requests(&mut self) {
        let going: Vec<_> = (0..self.instances.len())
            .filter(|at| !self.instances[*at].clock.stands_still())
            .collect();
        if going.is_empty() {
            return self.all_go_on();
        }
        let mut asked = Vec::new();
        for _ in 0..=self.chance.below(6) {
            let at = going[self.chance.index(going.len())];
            let patient = PATIENTS[self.chance.index(PATIENTS.len())];
            let ask = if self.chance.below(2) == 0 {
                Ask::Register(patient)
            } else {
                Ask::Look(patient)
            };
            asked.push((at, ask));
        }
        // Now and then one of them stands still while it works.
        let stops = (self.chance.below(8) == 0).then_some(asked[0].0);
        let pause = Duration::from_millis(1 + self.chance.below(8));
        let answers = asked.iter().map(|(at, ask)| self.ask(*at, *ask));
        let stopping = async {
            tokio::time::sleep(pause).await;
            if let Some(at) = stops {
                self.instances[at].clock.stand_still(true);
            }
        };
        let working = async { tokio::join!(join_all(answers), stopping).0 };
        let answers = self.runtime.block_on(working);
        for receipt in answers {
            match receipt {
                Some(receipt) => {
                    self.answered += 1;
                    self.receipts.push(receipt);
                }
                None => self.refused += 1,
            }
        }
    }

    /// The receipt of the answer, where one came.
    async fn ask(&self, at: usize, ask: Ask) -> Option<AuditReceipt> {
        let instance = &self.instances[at];
        let asking = async {
            match ask {
                Ask::Register(patient) => {
                    let source = self.connect(instance, REGION_H, None).await?;
                    let registered = try_register(&source, &note(REGION_H, patient)).await.ok()?;
                    registered.receipt
                }
                Ask::Look(patient) => {
                    let holder = Holder::Citizen(test_person(patient));
                    let citizen = self
                        .connect(instance, "sundhedsportal", Some(holder))
                        .await?;
                    search(&citizen, patient).await.ok()?.receipts.pop()
                }
            }
        };
        tokio::time::timeout(PATIENCE, asking).await.ok()?
    }

    async fn connect(
        &self,
        instance: &Instance,
        system: &str,
        holder: Option<Holder>,
    ) -> Option<Connection> {
        let mut settings = settings(&self.ground.profile, instance.api, system);
        settings.retry.retries = 0;
        if let Some(holder) = holder {
            let shows = instance.clock.shows() / SECOND;
            let now = OffsetDateTime::from_unix_timestamp(shows).unwrap();
            let token = token_at(&self.ground.profile, &holder, system, &[], now);
            settings = settings.with_token(TokenSource::text(token));
        }
        Connection::connect(settings).await.ok()
    }

    /// Up to two hours, forwards or backwards.
    fn step_clock(&mut self, at: usize) {
        let by = i64::try_from(self.chance.below(4 * 3_600)).unwrap() * SECOND - 2 * HOUR;
        self.instances[at].clock.step(by);
    }

    fn all_go_on(&self) {
        for instance in &self.instances {
            instance.clock.stand_still(false);
        }
    }

    /// A hub dies and another takes its place, with the clock that it had.
    fn die(&mut self, at: usize) {
        let clock = self.instances[at].clock.clone();
        drop(self.instances.remove(at));
        let stood: Vec<_> = self
            .instances
            .iter()
            .filter(|instance| instance.clock.stands_still())
            .map(|instance| instance.clock.clone())
            .collect();
        // Who starts waits for what a hub that stands still may hold: a migration's lock, the log's head.
        self.all_go_on();
        self.instances
            .insert(at, Instance::start(self.config.clone(), clock));
        for clock in stood {
            clock.stand_still(true);
        }
    }

    fn read_checkpoint(&mut self, at: usize) {
        if self.instances[at].clock.stands_still() {
            return;
        }
        let read = async {
            let reader = self.connect(&self.instances[at], REGION_H, None).await?;
            let request = GetCheckpointRequest::default();
            reader.audit().checkpoint(request).await.ok()
        };
        let waiting = async { tokio::time::timeout(PATIENCE, read).await };
        if let Ok(Some(answer)) = self.runtime.block_on(waiting) {
            self.checkpoints.insert(answer.checkpoint);
        }
    }

    /// What must hold in the end.
    pub(crate) fn check(&mut self) {
        self.all_go_on();
        std::thread::sleep(Duration::from_secs(3));
        let (export, verifier) = self.runtime.block_on(self.export());
        let trusted: Vec<_> = self
            .checkpoints
            .iter()
            .map(|note| TrustedCheckpoint {
                note: note.clone(),
                proof: None,
            })
            .collect();
        let report = verify(export.as_bytes(), &verifier, &trusted).unwrap();
        let seed = self.seed;
        assert!(
            report.is_intact() && report.complete,
            "seed {seed}: {report}"
        );
        self.check_checkpoints(&verifier);
        let entries = entries(&export);
        self.check_receipts(&entries, &verifier);
        check_chains(&entries, seed);
        assert!(
            self.answered > 40,
            "seed {seed}: {} answered, {} not",
            self.answered,
            self.refused
        );
    }

    async fn export(&self) -> (String, Verifier) {
        let instance = &self.instances[0];
        let holder = Holder::Professional(sample("dpo"));
        let supervisor = self.connect(instance, "tilsyn", Some(holder)).await;
        let supervisor = supervisor.expect("a connection");
        let request = GetCheckpointRequest::default();
        let checkpoint = supervisor.audit().checkpoint(request).await.unwrap();
        let mut export = Vec::new();
        let request = ExportEntriesRequest::default();
        let done = supervisor.audit().export_to(request, &mut export).await;
        done.unwrap();
        let verifier = Verifier::from_vkey(&checkpoint.verifier_key).unwrap();
        (String::from_utf8(export).unwrap(), verifier)
    }

    /// One size has one root, whichever hub signed it.
    fn check_checkpoints(&self, verifier: &Verifier) {
        let mut roots: BTreeMap<u64, Hash> = BTreeMap::new();
        for note in &self.checkpoints {
            let checkpoint = Checkpoint::open(note, verifier).unwrap();
            let before = roots.insert(checkpoint.size, checkpoint.root);
            assert!(
                before.is_none_or(|root| root == checkpoint.root),
                "seed {}",
                self.seed
            );
        }
    }

    fn check_receipts(&self, entries: &BTreeMap<String, (Entry, Hash)>, verifier: &Verifier) {
        for receipt in &self.receipts {
            let entry = entries.get(&receipt.entry_id);
            let (_, leaf) = entry.unwrap_or_else(|| {
                panic!("seed {}: {} is not in the log", self.seed, receipt.entry_id)
            });
            let signed = SignedReceipt::open(&receipt.signed_note, verifier).unwrap();
            assert_eq!(signed.leaf_hash, *leaf, "seed {}", self.seed);
        }
    }
}

/// The entries of an export with their leaf hashes, by id.
fn entries(export: &str) -> BTreeMap<String, (Entry, Hash)> {
    let lines = export.lines().skip(1).map(|line| {
        let line = delt_ledger::export::Line::from_line(line.as_bytes()).expect("a line");
        let leaf = line.content.commitment().leaf();
        let delt_ledger::export::Content::Entry { json, .. } = line.content else {
            panic!("nothing is erased here");
        };
        let entry = Entry::from_json(&json).expect("an entry");
        (entry.id.clone(), (entry, leaf))
    });
    lines.collect()
}

/// Each patient's entries are numbered from 1 without a gap.
fn check_chains(entries: &BTreeMap<String, (Entry, Hash)>, seed: u64) {
    let mut chains: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
    for (entry, _) in entries.values() {
        let Some(patient) = &entry.patient else {
            continue;
        };
        let link = entry.patient_chain.expect("an entry about a patient");
        chains.entry(patient).or_default().push(link.number);
    }
    assert_eq!(chains.len(), PATIENTS.len());
    for (_, mut numbers) in chains {
        numbers.sort_unstable();
        let expected: Vec<_> = (1..=numbers.len() as u64).collect();
        assert_eq!(numbers, expected, "seed {seed}");
    }
}

//! The hub under simulation, and each step as its user would take it.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use delt_client::proto::audit::v1::{EntryFilter, SearchEntriesRequest};
use delt_client::proto::common::v1::{OverrideGround, Period, RequestContext};
use delt_client::proto::consent::v1 as consent;
use delt_client::proto::directory::v1::ListOrganisationsRequest;
use delt_client::proto::relation::v1 as relation;
use delt_client::{ClientError, Connection, RecordView};
use delt_hub::clock::Clock;
use delt_hub::entropy::SystemEntropy;
use delt_ledger::{Entry, Outcome};
use delt_server::profile::{Holder, SourceAddresses};
use delt_tests::calls::everything;
use delt_tests::entries::{EINER, LONNI, cpr, read};
use delt_tests::hub::{Backend, Groundwork, TestHub, sample, test_person, token_at};
use delt_tests::samples::{documents_of, within};
use prost_types::Timestamp;
use time::OffsetDateTime;

use crate::model::{
    Clinician, Consent, Document, Expected, Micros, Model, Opening, Relation, What, Who,
};
use crate::others::RUN_OUT_DAYS;
use crate::steps::{DAY, HOUR, Step};

/// 1 June 2026.
const BEGIN: Micros = 1_780_272_000_000_000;
const MILLISECOND: Micros = 1_000;
/// What the development profile's settings say.
const GLASS: Micros = 4 * HOUR;

type Result<T> = std::result::Result<T, ClientError>;

/// A clock that stands still until it is moved.
#[derive(Debug)]
struct Hands(AtomicI64);

impl Clock for Hands {
    fn now(&self) -> Micros {
        self.0.load(Ordering::SeqCst)
    }
}

pub(crate) struct World {
    hub: TestHub,
    clock: Arc<Hands>,
    seed: u64,
    pub(crate) model: Model,
    /// What happened, for whoever reads a failure.
    pub(crate) trail: Vec<String>,
    refused: usize,
    /// Searches behind the broken glass, let in or not.
    broken: usize,
    opened: usize,
}

impl World {
    pub(crate) async fn new(backend: Backend, seed: u64) -> Self {
        let clock = Arc::new(Hands(AtomicI64::new(BEGIN)));
        let entropy = Arc::new(SystemEntropy::default());
        let hub = Groundwork::lay()
            .start_at(
                backend,
                &SourceAddresses::default(),
                |config| config.policy.discharge_run_out_days = RUN_OUT_DAYS.unsigned_abs(),
                clock.clone(),
                entropy,
            )
            .await;
        let parents = parents(&hub.system("ehr-hovedstaden").await).await;
        let mut world = Self {
            hub,
            clock,
            seed,
            model: Model {
                now: BEGIN,
                parents,
                ..Model::default()
            },
            trail: Vec::new(),
            refused: 0,
            broken: 0,
            opened: 0,
        };
        for person in [LONNI, EINER] {
            world.register(person).await;
        }
        world
    }

    async fn register(&mut self, person: &'static str) {
        for held in documents_of(person) {
            let source = self.system(held.system).await;
            delt_tests::calls::register(&source, &held.entry).await;
            let institution = held.entry.author.and_then(|author| author.institution);
            self.model.documents.push(Document {
                uuid: held.entry.entry_uuid,
                person,
                type_code: held.entry.type_code.unwrap().code,
                author: institution.unwrap().sor,
            });
        }
    }

    pub(crate) async fn play(&mut self, step: Step) {
        self.tick(MILLISECOND);
        match step {
            Step::Treat(who, person) => self.treat(who, person).await,
            Step::BreakGlass {
                who,
                person,
                reason,
            } => self.break_glass(who, person, reason).await,
            Step::ReadOwn(person) => {
                let found = search(&self.citizen(person).await, person, None).await;
                let expected = self.model.own(person);
                self.compare(found, &expected).await;
            }
            Step::ReadAnother => {
                let found = search(&self.citizen(EINER).await, LONNI, None).await;
                self.compare(found, &Expected::Refused).await;
            }
            Step::Block {
                person,
                what,
                who,
                days,
            } => self.consent(person, true, what, who, days).await,
            Step::Permit { person, who, days } => {
                self.consent(person, false, What::All, who, Some(days))
                    .await;
            }
            Step::EndConsent(index) => self.end_consent(index).await,
            Step::Relate {
                person,
                place,
                system,
                days,
            } => self.relate(person, place, system, days).await,
            Step::EndRelation(index) => self.end_relation(index).await,
            Step::Attest(who, person) => self.attest(who, person).await,
            Step::Admit => self.admit().await,
            Step::Discharge(index) => self.discharge(index).await,
            Step::Delegate(days) => self.delegate(days).await,
            Step::EndDelegation(index) => self.end_delegation(index).await,
            Step::Help(person) => self.help(person).await,
            Step::Wait(time) => self.tick(time),
        }
    }

    async fn treat(&mut self, who: &Clinician, person: &str) {
        let context = context("TREAT", None);
        let found = search(&self.clinician(who).await, person, Some(context)).await;
        let expected = self.model.treatment(who, person);
        self.compare(found, &expected).await;
    }

    async fn break_glass(&mut self, who: &'static Clinician, person: &'static str, reason: bool) {
        // A reason of its own each time, so that each begins an opening of its own.
        let text = format!("Bevidstløs, hændelse {}", self.trail.len());
        let context = context("BTG", reason.then_some(text));
        let found = search(&self.clinician(who).await, person, Some(context)).await;
        let expected = self.model.broken_glass(who, person, reason);
        self.broken += 1;
        if reason {
            self.opened += 1;
            self.model.openings.push(Opening {
                person,
                by: who.key,
                until: self.model.now + GLASS,
            });
        }
        self.compare(found, &expected).await;
    }

    /// What was shown is what may be shown, and the log says so.
    pub(crate) async fn compare(&mut self, found: Result<RecordView>, expected: &Expected) {
        let entry = self.newest().await;
        assert!(!entry.grounds.is_empty(), "no grounds {}", self.story());
        let shown = match found {
            Err(error) => {
                assert!(error.refusal().is_some(), "{error} {}", self.story());
                assert_eq!(entry.outcome, Outcome::Denied, "{}", self.story());
                self.refused += 1;
                Expected::Refused
            }
            Ok(view) => {
                let shown = shown(&view);
                self.check_entry(&entry, &shown);
                shown
            }
        };
        assert_eq!(&shown, expected, "{}", self.story());
    }

    fn check_entry(&self, entry: &Entry, shown: &Expected) {
        let Expected::Shows { entries, .. } = shown else {
            return;
        };
        let disclosed: BTreeSet<String> = entry.disclosed.iter().cloned().collect();
        assert_eq!(entry.outcome, Outcome::Permitted, "{}", self.story());
        assert_eq!(&disclosed, entries, "{}", self.story());
        assert!(entry.policy_version.is_some(), "{}", self.story());
    }

    /// Every refusal and every override of the run stands in the log.
    pub(crate) async fn check_log(&mut self) {
        let of = |outcome: &str, override_only| EntryFilter {
            operation: "SearchRecord".to_owned(),
            outcome: outcome.to_owned(),
            override_only,
            ..EntryFilter::default()
        };
        let denied = requests(&self.log(of("denied", false)).await);
        assert_eq!(denied, self.refused, "{}", self.story());
        let broken = requests(&self.log(of("", true)).await);
        assert_eq!(broken, self.broken, "{}", self.story());
        assert_eq!(self.cases().await, self.opened, "{}", self.story());
    }

    /// How many review cases the broken glass has opened.
    async fn cases(&mut self) -> usize {
        // The rules open cases of other kinds, whenever their turn comes.
        let request = delt_client::proto::review::v1::ListReviewCasesRequest {
            kind: delt_client::proto::review::v1::ReviewCaseKind::BreakGlass.into(),
            page_size: 500,
            ..Default::default()
        };
        let answer = self.supervisor().await.reviews().list(request).await;
        answer.expect("the supervisor sees all cases").cases.len()
    }

    async fn newest(&mut self) -> Entry {
        let filter = EntryFilter {
            operation: "SearchRecord".to_owned(),
            ..EntryFilter::default()
        };
        self.log(filter).await.into_iter().next().expect("an entry")
    }

    async fn log(&mut self, filter: EntryFilter) -> Vec<Entry> {
        let request = SearchEntriesRequest {
            filter: Some(filter),
            page_size: 500,
            ..SearchEntriesRequest::default()
        };
        let answer = self.supervisor().await.audit().search(request).await;
        let entries = answer.expect("the supervisor may search").entries;
        entries
            .iter()
            .map(|entry| Entry::from_json(&entry.entry_json).expect("an entry"))
            .collect()
    }

    async fn consent(
        &mut self,
        person: &'static str,
        blocks: bool,
        what: What,
        who: Who,
        days: Option<i64>,
    ) {
        let until = days.map(|days| self.model.now + days * DAY);
        let kind = if blocks {
            consent::ConsentKind::Block
        } else {
            consent::ConsentKind::Permit
        };
        let request = consent::CreateConsentRequest {
            patient: Some(cpr(person)),
            consent: Some(consent::Consent {
                kind: kind.into(),
                what: Some(wire_what(what)),
                who: Some(wire_who(who)),
                validity: Some(period(self.model.now, until)),
                ..Default::default()
            }),
            ..Default::default()
        };
        let made = self.citizen(person).await.consents().create(request).await;
        self.model.consents.push(Consent {
            id: made.expect("a consent").consent.unwrap().consent_id,
            person,
            blocks,
            what,
            who,
            from: self.model.now,
            until,
            ended: false,
        });
    }

    async fn end_consent(&mut self, index: usize) {
        let consent = &mut self.model.consents[index];
        consent.ended = true;
        let (person, id) = (consent.person, consent.id.clone());
        let request = consent::EndConsentRequest {
            patient: Some(cpr(person)),
            consent_id: id,
            ..Default::default()
        };
        let ended = self.citizen(person).await.consents().end(request).await;
        ended.expect("the citizen ends it");
    }

    async fn relate(
        &mut self,
        person: &'static str,
        place: &'static str,
        system: &'static str,
        days: i64,
    ) {
        let until = self.model.now + days * DAY;
        let request = relation::RegisterRelationRequest {
            patient: Some(cpr(person)),
            relation: Some(relation::TreatmentRelation {
                kind: relation::RelationKind::Referral.into(),
                organisation: place.to_owned(),
                validity: Some(period(self.model.now, Some(until))),
                ..Default::default()
            }),
            ..Default::default()
        };
        let made = self
            .system(system)
            .await
            .relations()
            .register(request)
            .await;
        self.model.relations.push(Relation {
            id: Some(made.expect("a relation").relation.unwrap().relation_id),
            person,
            place,
            system,
            only: None,
            episode: None,
            from: self.model.now,
            until,
            ended: false,
        });
    }

    async fn end_relation(&mut self, index: usize) {
        let relation = &mut self.model.relations[index];
        relation.ended = true;
        let system = relation.system;
        let request = relation::EndRelationRequest {
            patient: Some(cpr(relation.person)),
            relation_id: relation.id.clone().expect("a registered one"),
            ..Default::default()
        };
        let ended = self.system(system).await.relations().end(request).await;
        ended.expect("the system ends it");
    }

    pub(crate) async fn clinician(&self, who: &Clinician) -> Connection {
        let holder = Holder::Professional(sample(who.key));
        self.connect(&holder, who.system, &["TREAT", "BTG"]).await
    }

    async fn citizen(&self, person: &str) -> Connection {
        let holder = Holder::Citizen(test_person(person));
        self.connect(&holder, "sundhedsportal", &[]).await
    }

    async fn supervisor(&mut self) -> Connection {
        // So that no two entries of the log have one time.
        self.tick(MILLISECOND);
        let holder = Holder::Professional(sample("dpo"));
        self.connect(&holder, "tilsyn", &[]).await
    }

    pub(crate) async fn system(&self, system: &str) -> Connection {
        self.hub.system(system).await
    }

    /// With a token of the simulation's time.
    pub(crate) async fn connect(
        &self,
        holder: &Holder,
        system: &str,
        purposes: &[&str],
    ) -> Connection {
        let issued = OffsetDateTime::from_unix_timestamp(self.model.now / 1_000_000).unwrap();
        let token = token_at(&self.hub.profile, holder, system, purposes, issued);
        let api = self.hub.running.api;
        self.hub.connect(api, system, Some(token)).await
    }

    fn tick(&mut self, time: Micros) {
        self.model.now += time;
        self.clock.0.store(self.model.now, Ordering::SeqCst);
    }

    fn story(&self) -> String {
        let seed = self.seed;
        format!("(seed {seed})\n{}", self.trail.join("\n"))
    }
}

async fn parents(system: &Connection) -> Vec<(String, String)> {
    let request = ListOrganisationsRequest {
        page_size: 500,
        ..ListOrganisationsRequest::default()
    };
    let answer = system.directory().organisations(request).await.unwrap();
    answer
        .organisations
        .into_iter()
        .map(|one| (one.sor, one.parent_sor))
        .collect()
}

pub(crate) async fn search(
    caller: &Connection,
    person: &str,
    context: Option<RequestContext>,
) -> Result<RecordView> {
    let mut request = everything(cpr(person));
    request.context = context;
    caller.record().search_all(request, usize::MAX).await
}

pub(crate) fn context(purpose: &str, reason: Option<String>) -> RequestContext {
    let ground = match reason {
        Some(_) => OverrideGround::EssentialConsideration,
        None => OverrideGround::Unspecified,
    };
    RequestContext {
        purpose_of_use: purpose.to_owned(),
        override_reason: reason.unwrap_or_default(),
        override_ground: ground.into(),
    }
}

fn shown(view: &RecordView) -> Expected {
    let uuids = |overridden: bool| {
        view.documents
            .iter()
            .filter(|document| !overridden || document.opened_by_override)
            .map(|document| read(document).entry_uuid)
            .collect()
    };
    Expected::Shows {
        entries: uuids(false),
        overridden: uuids(true),
    }
}

pub(crate) fn period(from: Micros, until: Option<Micros>) -> Period {
    Period {
        start: Some(at(from)),
        end: until.map(at),
    }
}

pub(crate) fn at(micros: Micros) -> Timestamp {
    Timestamp {
        seconds: micros.div_euclid(1_000_000),
        nanos: i32::try_from(micros.rem_euclid(1_000_000) * 1_000).unwrap(),
    }
}

fn wire_what(what: What) -> consent::What {
    let mut wire = consent::What::default();
    match what {
        What::All => {}
        What::Of(place) => wire.originating = within(place),
        What::Type(code) => wire.type_codes = vec![delt_tests::entries::code("", code)],
    }
    wire
}

fn wire_who(who: Who) -> consent::Who {
    match who {
        Who::All => consent::Who::default(),
        Who::Person(named) => consent::Who {
            authorisation_id: named.authorisation.to_owned(),
            ..Default::default()
        },
        Who::At(place) => consent::Who {
            organisation: within(place),
            ..Default::default()
        },
    }
}

/// How many requests left these entries. One that a client repeats, because a busy machine kept it waiting, has an entry for each time.
fn requests(entries: &[Entry]) -> usize {
    let ids = entries.iter().map(|entry| entry.request_id.as_ref());
    ids.map(|id| id.expect("the SDK gives each request an id"))
        .collect::<BTreeSet<_>>()
        .len()
}

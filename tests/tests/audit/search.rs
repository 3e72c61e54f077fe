//! The log is found by whatever an auditor asks, in pages without gap or overlap, as far as they may follow up; and what has expired is found no more,
//! while all that was proved stays proved.

use std::collections::BTreeSet;
use std::time::Duration;

use delt_client::Connection;
use delt_client::proto::audit::v1::{
    EntryFilter, ExportEntriesRequest, GetCheckpointRequest, GetEntryRequest,
    GetInclusionProofRequest, LogEntry, SearchEntriesRequest,
};
use delt_client::proto::common::v1::{AuditReceipt, Period};
use delt_ledger::export::{TrustedCheckpoint, verify};
use delt_ledger::merkle::verify_inclusion;
use delt_ledger::{Checkpoint, Entry, Hash, Outcome, Verifier};
use delt_tests::calls::{break_glass, fetch, holdings, refusal, treats};
use delt_tests::entries::{CARDIOLOGY, EINER, GP, LONNI, cpr, nobodys};
use delt_tests::hub::{Backend, TestHub};
use delt_tests::on_both;
use delt_tests::samples::{
    EHR, GP_TESTBY, REGION_HOVEDSTADEN, documents_of, lonni_at_the_hospital, register_record,
    search, search_for,
};
use delt_tests::timed::{DAY, TimedHub};
use prost_types::Timestamp;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tonic::Code;

/// Pages of this size, to the end.
async fn paged(caller: &Connection, filter: &EntryFilter, page_size: i32) -> Vec<LogEntry> {
    let (mut found, mut page_token) = (Vec::new(), String::new());
    loop {
        let request = SearchEntriesRequest {
            filter: Some(filter.clone()),
            page_size,
            page_token,
            ..Default::default()
        };
        let page = caller.audit().search(request).await.expect("an auditor");
        found.extend(page.entries);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return found;
        }
    }
}

fn read(entries: &[LogEntry]) -> Vec<Entry> {
    let read = |entry: &LogEntry| Entry::from_json(&entry.entry_json).expect("an entry");
    entries.iter().map(read).collect()
}

fn at(entry: &Entry) -> OffsetDateTime {
    OffsetDateTime::parse(&entry.recorded_at, &Rfc3339).expect("a time")
}

fn moment(at: OffsetDateTime) -> Timestamp {
    Timestamp {
        seconds: at.unix_timestamp(),
        nanos: i32::try_from(at.nanosecond()).expect("below a second"),
    }
}

/// Looks of several people through several systems at two patients: permitted, refused, failed, with and without breaking the glass.
async fn busy(hub: &TestHub) {
    let (_, doctor) = lonni_at_the_hospital(hub).await;
    register_record(hub, EINER).await;
    treats(hub, GP, GP_TESTBY, cpr(EINER)).await;
    let practice = hub.professional("gp", GP).await;
    let reserve = hub.professional_for("reserve", EHR, &["BTG"]).await;
    let document = documents_of(LONNI)[0].entry.entry_uuid.clone();
    for person in [LONNI, EINER] {
        for caller in [&doctor, &practice] {
            search(caller, person).await.ok();
        }
        search_for(&reserve, person, break_glass()).await.ok();
        // Somebody else's number beside the document: refused, and yet about the document.
        fetch(&doctor, cpr(person), &document).await.ok();
    }
    fetch(&doctor, cpr(LONNI), &nobodys()).await.ok();
    search(&doctor, "9999999999").await.ok();
    holdings(&hub.system(EHR).await, false).await;
}

/// What a filter says, read from the entry alone.
fn naive(
    filter: &EntryFilter,
    entry: &Entry,
    patients: &[(&str, String)],
    region: &BTreeSet<String>,
) -> bool {
    let is = |asked: &str, found: Option<&str>| asked.is_empty() || found == Some(asked);
    let person = |id: &str| {
        let people = [&entry.actor.person, &entry.actor.responsible];
        people.into_iter().flatten().any(|person| person.id == id)
    };
    let place = entry
        .actor
        .person
        .as_ref()
        .and_then(|person| person.organisation.clone())
        .or(entry.actor.system_organisation.clone())
        .unwrap_or_default();
    let within = match filter.organisation.as_str() {
        "" => true,
        REGION_HOVEDSTADEN => region.contains(&place),
        other => place == format!("sor:{other}"),
    };
    let outcome = match entry.outcome {
        Outcome::Permitted => "permitted",
        Outcome::Denied => "denied",
        Outcome::Failed => "failed",
    };
    let document = &filter.document_entry_uuid;
    let about = entry.disclosed.contains(document) || entry.target.as_ref() == Some(document);
    let own_list = entry.patient.is_none() && entry.outcome == Outcome::Permitted;
    let key = |number: &str| {
        patients
            .iter()
            .find(|(n, _)| *n == number)
            .map(|(_, key)| key.clone())
    };
    let period = filter.period.unwrap_or_default();
    let time = moment(at(entry));
    let order = |t: &Timestamp| (t.seconds, t.nanos);
    filter
        .patient
        .as_ref()
        .is_none_or(|patient| entry.patient == key(&patient.value))
        && (filter.person_id.is_empty() || person(&filter.person_id))
        && within
        && is(&filter.system_id, Some(&entry.actor.system))
        && is(&filter.operation, Some(&entry.operation))
        && is(&filter.outcome, Some(outcome))
        && is(&filter.purpose_of_use, entry.purpose.as_deref())
        && (!filter.override_only || entry.purpose.as_deref() == Some("BTG"))
        && (document.is_empty() || (about && !own_list))
        && period.start.is_none_or(|from| order(&time) >= order(&from))
        && period.end.is_none_or(|to| order(&time) < order(&to))
}

/// Numbers that look random and are the same in each run (splitmix64).
struct Dice(u64);

impl Dice {
    fn pick<T: Clone>(&mut self, among: &[T]) -> T {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        let at = usize::try_from((z ^ (z >> 31)) % among.len() as u64).expect("an index");
        among[at].clone()
    }

    /// One of them, and otherwise nothing: three times of four.
    fn seldom<T: Clone + Default>(&mut self, among: &[T]) -> T {
        if self.pick(&[0, 1, 2, 3]) == 0 {
            self.pick(among)
        } else {
            T::default()
        }
    }
}

/// A filter of some parts.
fn some_filter(dice: &mut Dice, log: &[Entry]) -> EntryFilter {
    let words = |words: &[&str]| words.iter().map(ToString::to_string).collect::<Vec<_>>();
    let times: Vec<_> = log.iter().map(|entry| Some(moment(at(entry)))).collect();
    let document = documents_of(LONNI)[0].entry.entry_uuid.clone();
    EntryFilter {
        patient: dice.seldom(&[Some(cpr(LONNI)), Some(cpr(EINER))]),
        person_id: dice.seldom(&words(&["9RK1H", "9LM4D", "nobody"])),
        organisation: dice.seldom(&words(&[REGION_HOVEDSTADEN, CARDIOLOGY, GP_TESTBY])),
        system_id: dice.seldom(&words(&[EHR, GP, "tilsyn"])),
        operation: dice.seldom(&words(&[
            "SearchRecord",
            "RetrieveDocument",
            "RegisterDocument",
        ])),
        outcome: dice.seldom(&words(&["permitted", "denied", "failed"])),
        purpose_of_use: dice.seldom(&words(&["TREAT", "BTG", "HSYSADMIN"])),
        override_only: dice.seldom(&[true]),
        period: Some(Period {
            start: dice.seldom(&times),
            end: dice.seldom(&times),
        }),
        document_entry_uuid: dice.seldom(&[document, nobodys()]),
    }
}

/// The numbers' keys, as the log itself tells them.
async fn patients(supervisor: &Connection) -> Vec<(&'static str, String)> {
    let mut patients = Vec::new();
    for number in [LONNI, EINER] {
        let filter = EntryFilter {
            patient: Some(cpr(number)),
            ..Default::default()
        };
        let found = read(&paged(supervisor, &filter, 500).await);
        patients.push((number, found[0].patient.clone().expect("its key")));
    }
    patients
}

/// The region's places in the log, as the auditor of the region sees them.
fn places(seen: &[Entry]) -> BTreeSet<String> {
    let place = |entry: &Entry| {
        let person = entry.actor.person.as_ref();
        person
            .and_then(|person| person.organisation.clone())
            .or(entry.actor.system_organisation.clone())
    };
    seen.iter().filter_map(place).collect()
}

async fn export(caller: &Connection, filter: Option<EntryFilter>) -> String {
    let mut bytes = Vec::new();
    let request = ExportEntriesRequest {
        filter,
        ..Default::default()
    };
    let done = caller.audit().export_to(request, &mut bytes).await;
    done.expect("an auditor may export");
    String::from_utf8(bytes).expect("NDJSON")
}

async fn checkpoint(caller: &Connection) -> (String, Verifier) {
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    let newest = caller.audit().checkpoint(GetCheckpointRequest {}).await;
    let newest = newest.expect("open to all");
    (
        newest.checkpoint,
        Verifier::from_vkey(&newest.verifier_key).expect("a key"),
    )
}

async fn any_parts_together_find_what_they_say(backend: Backend) {
    let hub = TestHub::start(backend).await;
    busy(&hub).await;
    let (supervisor, auditor) = (hub.supervisor().await, hub.auditor().await);
    let patients = patients(&supervisor).await;
    let region = places(&read(&paged(&auditor, &EntryFilter::default(), 500).await));
    let log = paged(&supervisor, &EntryFilter::default(), 500).await;
    let all = read(&log);
    let newest = moment(at(&all[0]));
    let mut dice = Dice(7);
    let mut hits = 0;
    for turn in 0..120 {
        let mut filter = some_filter(&mut dice, &all);
        let period = filter.period.as_mut().expect("a period");
        // Searching goes into the log too: nothing later than what is compared.
        period.end = period.end.or(Some(newest));
        // A period that ends before it starts is refused.
        let order = |t: &Timestamp| (t.seconds, t.nanos);
        period.start = period
            .start
            .filter(|start| order(start) < period.end.as_ref().map_or((0, 0), order));
        let size = dice.pick(&[1, 3, 50, 500]);
        let size = if turn % 8 == 0 { size } else { 500 };
        for caller in [&supervisor, &auditor] {
            let own = std::ptr::eq(caller, &raw const auditor);
            let expected: Vec<&str> = all
                .iter()
                .filter(|entry| naive(&filter, entry, &patients, &region))
                .filter(|entry| !own || !places(std::slice::from_ref(*entry)).is_disjoint(&region))
                .map(|entry| entry.id.as_str())
                .collect();
            let found = paged(caller, &filter, size).await;
            let found: Vec<&str> = found.iter().map(|entry| entry.entry_id.as_str()).collect();
            assert_eq!(found, expected, "turn {turn}, {filter:?}");
            hits += usize::from(!found.is_empty());
        }
    }
    assert!(hits > 20, "most of the filters find nothing: {hits}");
}

on_both! {
    async fn the_log_is_found_by_any_parts_together(backend) {
        Box::pin(any_parts_together_find_what_they_say(backend)).await;
    }

    async fn pages_hold_while_entries_are_appended(backend) {
        let hub = TestHub::start(backend).await;
        let (_, doctor) = lonni_at_the_hospital(&hub).await;
        let supervisor = hub.supervisor().await;
        let filter = EntryFilter { system_id: EHR.to_owned(), ..Default::default() };
        let before = paged(&supervisor, &filter, 500).await;
        let (mut seen, mut page_token) = (Vec::new(), String::new());
        loop {
            search(&doctor, LONNI).await.unwrap();
            let request =
                SearchEntriesRequest { filter: Some(filter.clone()), page_size: 2, page_token, ..Default::default() };
            let page = supervisor.audit().search(request).await.unwrap();
            seen.extend(page.entries.into_iter().map(|entry| entry.entry_id));
            page_token = page.next_page_token;
            if page_token.is_empty() { break }
        }
        let once: BTreeSet<_> = seen.iter().collect();
        assert_eq!(once.len(), seen.len(), "nothing comes twice");
        // The one look that came before the first page is in it.
        let ids = before.iter().map(|entry| entry.entry_id.clone());
        assert_eq!(seen[1..], ids.collect::<Vec<_>>());
    }

    async fn an_export_with_a_filter_holds_what_a_search_finds_in_the_order_of_the_log(backend) {
        let hub = TestHub::start(backend).await;
        busy(&hub).await;
        let (supervisor, auditor) = (hub.supervisor().await, hub.auditor().await);
        let (_, verifier) = checkpoint(&supervisor).await;
        let filters = [
            EntryFilter { patient: Some(cpr(LONNI)), ..Default::default() },
            EntryFilter { override_only: true, ..Default::default() },
            EntryFilter { operation: "RegisterDocument".to_owned(), ..Default::default() },
            EntryFilter { organisation: CARDIOLOGY.to_owned(), outcome: "permitted".to_owned(), ..Default::default() },
            EntryFilter { person_id: "nobody".to_owned(), ..Default::default() },
        ];
        for filter in filters {
            for caller in [&supervisor, &auditor] {
                let found = paged(caller, &filter, 500).await;
                let export = export(caller, Some(filter.clone())).await;
                let report = verify(export.as_bytes(), &verifier, &[]).unwrap();
                assert!(report.is_intact() && !report.complete, "{report}");
                assert!(!export.contains("chain_key"), "a part of the log tells nothing of the rest");
                let in_it = |entry: &LogEntry| export.contains(&entry.entry_id);
                let sealed = found.iter().filter(|entry| entry.leaf_index.is_some_and(|leaf| leaf < report.size));
                assert!(sealed.clone().all(in_it), "{filter:?}");
                assert_eq!(report.proved, sealed.count() as u64, "{filter:?}");
            }
        }
        let complete = export(&supervisor, None).await;
        assert!(complete.lines().next().unwrap().contains("\"chain_key\""));
    }

    async fn what_has_expired_is_found_no_more_and_all_that_was_proved_stays_proved(backend) {
        Box::pin(expire(backend)).await;
    }
}

/// Two years and more go by.
async fn expire(backend: Backend) {
    let timed =
        TimedHub::start_with(backend, |config| config.audit.retention_days = Some(730)).await;
    let hub = &timed.hub;
    register_record(hub, LONNI).await;
    let doctor = timed.professional("kard", EHR, &["TREAT"]).await;
    treats(hub, EHR, CARDIOLOGY, cpr(LONNI)).await;
    let view = search(&doctor, LONNI).await;
    let view = view.unwrap_or_else(|error| panic!("{error:?}"));
    let receipt = view.receipts[0].clone();
    // A broken glass opens a case, which nobody closes: its entry is evidence.
    let glass = timed.professional("reserve", EHR, &["BTG"]).await;
    search_for(&glass, LONNI, break_glass()).await.unwrap();
    let supervisor = timed.professional("dpo", "tilsyn", &[]).await;
    let (kept, verifier) = checkpoint(&supervisor).await;
    let before = paged(&supervisor, &EntryFilter::default(), 500).await;
    let leaf = before
        .iter()
        .find(|entry| entry.entry_id == receipt.entry_id)
        .unwrap();
    let leaf_index = leaf.leaf_index.expect("it is sealed");

    timed.pass(800 * DAY);
    let supervisor = timed.professional("dpo", "tilsyn", &[]).await;
    let evidence = EntryFilter {
        override_only: true,
        ..Default::default()
    };
    gone(&supervisor, &receipt.entry_id).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let about_her = EntryFilter {
        patient: Some(cpr(LONNI)),
        operation: "RegisterDocument".to_owned(),
        ..Default::default()
    };
    assert_eq!(paged(&supervisor, &about_her, 500).await.len(), 0);
    assert_eq!(
        paged(&supervisor, &evidence, 500).await.len(),
        1,
        "an open case keeps its evidence"
    );

    let (note, _) = checkpoint(&supervisor).await;
    let export = export(&supervisor, None).await;
    // Others name it: those that asked for it.
    assert!(!export.contains(&format!("\"id\":\"{}\"", receipt.entry_id)));
    let trusted = TrustedCheckpoint {
        note: kept,
        proof: None,
    };
    let report = verify(export.as_bytes(), &verifier, &[trusted]).unwrap();
    assert!(report.is_intact() && report.complete, "{report}");
    assert_eq!((report.proved, report.extended), (report.size, 1));
    let whole = export.matches("\"salt\":").count() as u64;
    assert_eq!(report.erased, report.size - whole);
    assert!(report.erased >= documents_of(LONNI).len() as u64);

    let newest = Checkpoint::open(&note, &verifier).unwrap();
    still_proved(&supervisor, &receipt, leaf_index, &newest).await;
}

/// Waits until the entry is erased.
async fn gone(supervisor: &Connection, entry_id: &str) {
    for _ in 0..100 {
        let request = GetEntryRequest {
            context: None,
            entry_id: entry_id.to_owned(),
        };
        let answer = supervisor.audit().entry(request).await;
        if refusal(&answer).0 == Code::NotFound {
            return;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    panic!("it is still there");
}

/// The receipt's leaf is in the newest tree, though nothing is left of what it stands for.
async fn still_proved(
    supervisor: &Connection,
    receipt: &AuditReceipt,
    leaf_index: u64,
    newest: &Checkpoint,
) {
    let request = GetInclusionProofRequest {
        leaf_index,
        tree_size: newest.size,
        ..Default::default()
    };
    let proof = supervisor.audit().inclusion_proof(request).await.unwrap();
    let hashes: Vec<Hash> = proof
        .hashes
        .iter()
        .map(|hash| Hash::from_slice(hash).unwrap())
        .collect();
    let leaf = Hash::from_slice(&receipt.leaf_hash).unwrap();
    verify_inclusion(&leaf, leaf_index, newest.size, &hashes, &newest.root)
        .expect("the old receipt still holds");
}

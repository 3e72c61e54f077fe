//! A stream is the single call, many times: the same items, random, one by one to one hub and streamed to another, end alike.

use delt_client::bulk::{Item, LineError, Options};
use delt_client::proto::audit::v1::{EntryFilter, SearchEntriesRequest};
use delt_client::proto::common::v1::Identifier;
use delt_client::proto::document::v1::{
    DocumentEntry, ListSourceDocumentsRequest, RegisterDocumentResponse, RelationCode,
};
use delt_client::proto::patient::v1::LinkPatientRequest;
use delt_client::{ClientError, Connection, Violation};
use delt_tests::calls::{operator, try_register};
use delt_tests::entries::{
    EINER, LARS, LONNI, REGION_H, X_ECPR, about, anew, by, cpr, note, number, related,
};
use delt_tests::hub::{Backend, TestHub};
use delt_tests::on_both;
use futures_util::stream;
use serde_json::{Value, json};

const SEED: u64 = 0x0005_A11C;
/// A replacement number, which is LARS's too.
const NATIONAL: &str = "0203291WQ3";
const ITEMS: usize = 400;

/// `SplitMix64`.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % u64::try_from(end).unwrap()).unwrap()
    }
}

fn person(chance: &mut Chance) -> Identifier {
    match chance.below(4) {
        0 => number(X_ECPR, NATIONAL),
        n => cpr([LONNI, EINER, LARS][n - 1]),
    }
}

/// The next item, of those before it: mostly a new one; else a retry, a conflict, one that builds on another, or one that is wrong.
fn next(chance: &mut Chance, before: &[DocumentEntry]) -> DocumentEntry {
    let fresh = about(REGION_H, person(chance));
    if before.is_empty() {
        return fresh;
    }
    // Half of the time one that is near, and so in the same batch.
    let far = if chance.below(2) == 0 {
        before.len()
    } else {
        before.len().min(8)
    };
    let other = before[before.len() - 1 - chance.below(far)].clone();
    let same_person = |entry: DocumentEntry| DocumentEntry {
        patient: other.patient.clone(),
        ..entry
    };
    match chance.below(20) {
        0 => other,
        1 => DocumentEntry {
            title: "Et andet".to_owned(),
            ..other
        },
        2 => DocumentEntry {
            unique_id: other.unique_id.clone(),
            ..fresh
        },
        3 => DocumentEntry {
            entry_uuid: other.entry_uuid.clone(),
            ..fresh
        },
        4 | 5 => related(
            same_person(fresh),
            RelationCode::Replaces,
            &other.entry_uuid,
        ),
        6 => related(same_person(fresh), RelationCode::Appends, &other.entry_uuid),
        7 => related(same_person(fresh), RelationCode::Signs, &other.entry_uuid),
        8 => related(fresh, RelationCode::Replaces, &other.entry_uuid),
        9 => by(fresh, "990211000016003"),
        10 => DocumentEntry {
            size: None,
            ..fresh
        },
        11 => DocumentEntry {
            patient: None,
            ..fresh
        },
        12 => DocumentEntry {
            source_id: "1.2.3".to_owned(),
            ..fresh
        },
        13 => DocumentEntry {
            patient: fresh.patient,
            ..other
        },
        _ => fresh,
    }
}

/// Items, a few of which name one that comes only later.
fn items(seed: u64) -> Vec<DocumentEntry> {
    let mut chance = Chance(seed);
    let mut items: Vec<DocumentEntry> = Vec::new();
    while items.len() < ITEMS {
        let item = next(&mut chance, &items);
        if chance.below(25) == 0 {
            let late = DocumentEntry {
                patient: item.patient.clone(),
                ..anew(note(REGION_H, LONNI))
            };
            items.push(related(late, RelationCode::Appends, &item.entry_uuid));
        }
        items.push(item);
    }
    items
}

/// What one is told: all of it but the receipt, which is a receipt of each hub's own.
type Told = Result<RegisterDocumentResponse, (i32, String, Vec<Violation>)>;

fn without_receipt(answer: RegisterDocumentResponse) -> RegisterDocumentResponse {
    assert!(
        answer.receipt.is_some(),
        "every registration has its entry in the log"
    );
    RegisterDocumentResponse {
        receipt: None,
        ..answer
    }
}

async fn one_by_one(source: &Connection, items: &[DocumentEntry]) -> Vec<Told> {
    let mut told = Vec::new();
    for item in items {
        told.push(match try_register(source, item).await {
            Ok(answer) => Ok(without_receipt(answer)),
            Err(ClientError::Refused(refusal)) => Err((
                refusal.code.into(),
                refusal.reason.clone(),
                refusal.violations.clone(),
            )),
            Err(other) => panic!("{other}"),
        });
    }
    told
}

async fn streamed(source: &Connection, items: &[DocumentEntry]) -> Vec<Told> {
    let numbered = (0..)
        .zip(items.iter().cloned())
        .map(|(line, item)| -> Item { (line, Ok(item)) });
    let numbered: Vec<Item> = numbered.collect();
    let mut outcomes = source
        .documents()
        .register_all(stream::iter(numbered), Options::default())
        .await
        .unwrap();
    let mut told = Vec::new();
    while let Some(outcome) = outcomes.next().await.unwrap() {
        told.push(match outcome.result {
            Ok(answer) => Ok(without_receipt(answer)),
            Err(LineError::Refused {
                code,
                reason,
                violations,
                ..
            }) => Err((code.into(), reason, violations)),
            Err(other) => panic!("{other}"),
        });
    }
    told
}

/// All that the index holds, by entryUUID: what was said, its status, and what replaced it.
async fn held(source: &Connection) -> Vec<(DocumentEntry, i32, String)> {
    let mut held = Vec::new();
    let mut request = ListSourceDocumentsRequest {
        page_size: 500,
        ..Default::default()
    };
    loop {
        let page = source.documents().list(request.clone()).await.unwrap();
        for document in page.documents {
            let entry = document.document_entry().unwrap();
            held.push((entry, document.status, document.replaced_by_entry_uuid));
        }
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            return held;
        }
    }
}

/// What the log has of each registration, in no order: how it ended, about what, and what decided.
async fn logged(hub: &TestHub) -> Vec<String> {
    let mut logged = Vec::new();
    let mut request = SearchEntriesRequest {
        filter: Some(EntryFilter {
            operation: "RegisterDocument".to_owned(),
            ..Default::default()
        }),
        page_size: 500,
        ..Default::default()
    };
    let supervisor = hub.supervisor().await;
    loop {
        let page = supervisor.audit().search(request.clone()).await.unwrap();
        logged.extend(page.entries.iter().map(|one| {
            let one: Value = serde_json::from_slice(&one.entry_json).unwrap();
            let [outcome, code, target, grounds, version] = [
                "outcome",
                "error_code",
                "target",
                "grounds",
                "policy_version",
            ]
            .map(|field| &one[field]);
            json!([target, outcome, code, version, grounds]).to_string()
        }));
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            logged.sort();
            return logged;
        }
    }
}

/// One person with two numbers.
async fn link(hub: &TestHub) {
    let request = LinkPatientRequest {
        context: None,
        patient: Some(number(X_ECPR, NATIONAL)),
        other: Some(cpr(LARS)),
    };
    operator(hub).await.patients().link(request).await.unwrap();
}

async fn end_alike(backend: Backend, seed: u64) {
    let items = items(seed);
    let (one, other) = (TestHub::start(backend).await, TestHub::start(backend).await);
    link(&one).await;
    link(&other).await;
    let hubs = (&one, &other);
    let (one, other) = (one.system(REGION_H).await, other.system(REGION_H).await);
    let expected = one_by_one(&one, &items).await;
    let told = streamed(&other, &items).await;
    assert_eq!(told.len(), items.len());
    for (at, (told, expected)) in told.iter().zip(&expected).enumerate() {
        assert_eq!(told, expected, "seed {seed:#x}, item {at}: {:?}", items[at]);
    }
    assert_eq!(held(&other).await, held(&one).await, "seed {seed:#x}");
    let expected_log = logged(hubs.0).await;
    assert_eq!(expected_log.len(), items.len());
    assert_eq!(logged(hubs.1).await, expected_log, "seed {seed:#x}");
    // Sent again, all ends as a retry does.
    let expected = one_by_one(&one, &items).await;
    assert_eq!(
        streamed(&other, &items).await,
        expected,
        "seed {seed:#x}, again"
    );
    let refused = expected.iter().filter(|told| told.is_err()).count();
    assert!(
        (ITEMS / 10..ITEMS).contains(&refused),
        "{refused} refused: both kinds must occur"
    );
}

on_both! {
    async fn random_items_end_alike_one_by_one_and_streamed(backend) {
        end_alike(backend, SEED).await;
    }

    async fn so_do_others(backend) {
        end_alike(backend, SEED + 1).await;
    }
}

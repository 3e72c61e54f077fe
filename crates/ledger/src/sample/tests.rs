use std::io::Cursor;

use proptest::prelude::*;

use super::*;
use crate::Checkpoint;
use crate::commitment::{Commitment, Salt};
use crate::entry::{Actor, Person};
use crate::export::{Content, Header, Line};
use crate::key::Signer;
use crate::merkle::{Appender, TileMap, prove_inclusion};

fn leaf(number: u64) -> Hash {
    sha256(&[&number.to_be_bytes()])
}

proptest! {
    #[test]
    fn the_lowest_tickets_are_drawn_whatever_the_order(
        mut numbers in proptest::collection::btree_set(any::<u64>(), 0..60).prop_map(Vec::from_iter),
        size in 1..20_usize,
        seed in "[a-zæøå0-9]{8,40}",
    ) {
        let root = leaf(7);
        let draw = |numbers: &[u64]| {
            let mut draw = Draw::new(&seed, root, size);
            for number in numbers {
                draw.enter(&leaf(*number), *number);
            }
            (draw.population(), draw.drawn())
        };
        let first = draw(&numbers);
        numbers.reverse();
        prop_assert_eq!(&draw(&numbers), &first);
        numbers.sort_by_key(|number| *ticket(&seed, &root, &leaf(*number)).as_bytes());
        numbers.truncate(size);
        prop_assert_eq!(first.1, numbers);
    }
}

#[test]
fn seed_root_and_leaf_each_make_another_ticket() {
    let told = ticket("seed-seed", &leaf(1), &leaf(2));
    assert_ne!(told, ticket("seed-seee", &leaf(1), &leaf(2)));
    assert_ne!(told, ticket("seed-seed", &leaf(3), &leaf(2)));
    assert_ne!(told, ticket("seed-seed", &leaf(1), &leaf(3)));
    // Fixed for ever: a sample of years ago is drawn again with this.
    assert_eq!(
        told.to_base64(),
        "7aajmHSCYlsFuGhmg+8AwG5ZVcv/Votwkkp/gRUajqk="
    );
}

/// A look-up at `place`, recorded at this second.
fn look(number: u64, place: &str, at: i64) -> Entry {
    Entry {
        version: crate::ENTRY_VERSION,
        id: format!("entry-{number}"),
        recorded_at: at.to_string(),
        operation: "SearchRecord".to_owned(),
        outcome: Outcome::Permitted,
        actor: Actor {
            system: "ehr".to_owned(),
            system_organisation: None,
            certificate_sha256: None,
            person: Some(Person {
                kind: PersonKind::Authorisation,
                id: "ABCDE".to_owned(),
                name: None,
                role: "laege".to_owned(),
                organisation: Some(place.to_owned()),
            }),
            responsible: None,
            relation: None,
        },
        error_code: None,
        patient: None,
        patient_chain: None,
        purpose: None,
        override_reason: None,
        grounds: Vec::new(),
        filters: BTreeMap::new(),
        disclosed: Vec::new(),
        withheld: 0,
        withheld_reasons: BTreeMap::new(),
        target: None,
        request_id: None,
        trace_id: None,
        policy_version: None,
    }
}

/// A complete export of these entries, and the root at each size.
fn export(entries: &[Entry]) -> (String, Vec<Hash>) {
    let contents: Vec<Content> = entries
        .iter()
        .map(|entry| Content::of_entry(entry, Salt::from_bytes([9; 32])).unwrap())
        .collect();
    let commitment = |content: &Content| -> Commitment { content.commitment() };
    let leaves: Vec<Hash> = contents.iter().map(|c| commitment(c).leaf()).collect();
    let appended = Appender::new().append(&leaves).unwrap();
    let mut tiles = TileMap::new();
    tiles.extend(appended.tiles);
    let size = leaves.len() as u64;
    let signer = Signer::from_seed("delt.example/log", &[1; 32]).unwrap();
    let checkpoint = Checkpoint::new("delt.example/log", size, appended.root);
    let header = Header {
        checkpoint: checkpoint.sign(&signer).unwrap(),
        complete: true,
        chain_key: None,
    };
    let mut text = header.to_line().unwrap() + "\n";
    for (index, content) in (0..).zip(contents) {
        let proof = prove_inclusion(&tiles, index, size).unwrap();
        let line = Line {
            index,
            content,
            proof,
        };
        text.push_str(&(line.to_line().unwrap() + "\n"));
    }
    let mut frontier = crate::merkle::Frontier::new();
    let mut roots = vec![frontier.root()];
    for leaf in leaves {
        frontier.push(leaf).unwrap();
        roots.push(frontier.root());
    }
    (text, roots)
}

fn plan(roots: &[Hash], tree_size: u64) -> Plan {
    Plan {
        units: ["sor:1".to_owned()].into(),
        from: 100,
        to: 200,
        seed: "lottery-of-december".to_owned(),
        size: 3,
        tree_size,
        root: roots[usize::try_from(tree_size).unwrap()],
    }
}

fn drawn(text: &str, plan: &Plan) -> Redrawn {
    redraw(Cursor::new(text), plan, |at| at.parse().ok()).unwrap()
}

fn log() -> Vec<Entry> {
    let mut entries: Vec<Entry> = (0..40)
        .map(|n| look(n, "sor:1", 90 + n.cast_signed() * 3))
        .collect();
    entries[5] = look(5, "sor:2", 105);
    entries[6].outcome = Outcome::Denied;
    entries[7].operation = "ListConsents".to_owned();
    entries[8].actor.person.as_mut().unwrap().kind = PersonKind::Citizen;
    entries[9].actor.person = None;
    entries
}

#[test]
fn a_sample_is_drawn_again_from_a_complete_export() {
    let (text, roots) = export(&log());
    // Entries 4 to 36 are of the period.
    let again = drawn(&text, &plan(&roots, 38));
    assert_eq!(again.population, 33 - 5);
    assert_eq!(again.entries.len(), 3);
    assert_eq!(again.root, Some(roots[38]));
    assert_eq!(
        (again.late, again.erased, again.disorder, again.behind),
        (0, 0, 0, 1)
    );
    assert_eq!(again.elsewhere, [("sor:2".to_owned(), 1)].into());
}

#[test]
fn what_steers_a_sample_shows() {
    let mut entries = log();
    let (text, roots) = export(&entries);
    let honest = drawn(&text, &plan(&roots, 37));
    // Another checkpoint makes another sample, and stands away from the end of the period.
    let later = drawn(&text, &plan(&roots, 40));
    assert_ne!(later.entries, honest.entries);
    assert_eq!((honest.behind, later.behind), (0, 3));
    assert_eq!((honest.behind_by, later.behind_by), (0, 9));
    // An earlier one leaves look-ups out.
    assert_eq!(drawn(&text, &plan(&roots, 30)).late, 7);
    // A look-up that is put in afterwards stands behind what was recorded after it.
    entries.push(look(40, "sor:1", 150));
    let (text, roots) = export(&entries);
    assert_eq!(drawn(&text, &plan(&roots, 41)).disorder, 207 - 150);
}

#[test]
fn an_export_that_cannot_answer_says_so() {
    let (text, roots) = export(&log());
    let mut plan = plan(&roots, 38);
    plan.tree_size = 41;
    let read = |text: &str, plan: &Plan| redraw(Cursor::new(text), plan, |at| at.parse().ok());
    assert!(matches!(read(&text, &plan), Err(RedrawError::TooShort)));
    assert!(matches!(read("", &plan), Err(RedrawError::TooShort)));
    let torn = text.trim_end().to_owned();
    assert!(matches!(
        read(&torn, &plan),
        Err(RedrawError::Malformed(41))
    ));
}

//! What a decision costs once the facts are loaded. The numbers stand in `docs/performance/decisions.md`.
//!
//! Run by `cargo bench -p delt-policy`. The median is the number to look at; nothing here fails on a slow machine.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::wildcard_imports,
    reason = "a benchmark over a world of its own making"
)]

mod world;

use delt_policy::roles::{Confidentiality, DocumentClass};
use delt_policy::{EntryFacts, OrganisationTree, RolePolicy, decide};
use divan::{Bencher, black_box};
use world::*;

fn main() {
    divan::main();
}

/// Consents of the patient: none, an ordinary few, and more than almost anybody has.
const CONSENTS: [usize; 3] = [0, 3, 10];

/// The decision alone; the role's answers are known from an earlier request.
#[divan::bench(args = CONSENTS)]
fn decide_alone(bencher: Bencher, count: usize) {
    let (party, facts) = (physician(), facts(consents(count)));
    bencher.bench(|| decide(black_box(&search(&party)), black_box(&facts), NOW));
}

/// The decision and the verdicts on a page of entries.
#[divan::bench(args = CONSENTS)]
fn decide_and_review_50(bencher: Bencher, count: usize) {
    decide_and_review(bencher, count, &entries(50));
}

/// The decision and the verdicts on a long record: at most 20 µs with three consents is the aim.
#[divan::bench(args = CONSENTS)]
fn decide_and_review_200(bencher: Bencher, count: usize) {
    decide_and_review(bencher, count, &entries(200));
}

fn decide_and_review(bencher: Bencher, count: usize, entries: &[EntryFacts]) {
    let (party, facts) = (physician(), facts(consents(count)));
    let verdicts = || {
        let decision = decide(black_box(&search(&party)), black_box(&facts), NOW);
        decision.scope().unwrap().review(black_box(entries))
    };
    // A review that shows all or nothing would measure a shortcut.
    let seen = verdicts().into_iter().filter(|v| v.is_visible()).count();
    assert!(seen > 0 && (count == 0 || seen < entries.len()), "{seen}");
    bencher.bench(verdicts);
}

/// The first decision after new role policies: every class of documents is asked of Cedar once.
#[divan::bench]
fn first_after_reload(bencher: Bencher) {
    let (party, facts) = (physician(), facts(Vec::new()));
    bencher
        .with_inputs(|| {
            let roles = RolePolicy::builtin().unwrap();
            delt_policy::Facts {
                roles: std::sync::Arc::new(roles),
                ..facts.clone()
            }
        })
        .bench_refs(|fresh| decide(black_box(&search(&party)), fresh, NOW));
}

/// The role rules alone without the table: one call to Cedar for each of 200 entries.
#[divan::bench]
fn naive_cedar_call_per_entry_200(bencher: Bencher) {
    let (question, entries) = (question(), entries(200));
    let ask = |entry: &EntryFacts| {
        let class = DocumentClass::of_type_code(&entry.type_code);
        let level = Confidentiality::of_code(&entry.confidentiality);
        ROLES.ask_uncached(&question, class, level).permitted
    };
    bencher.bench(|| {
        black_box(&entries)
            .iter()
            .filter(|entry| ask(entry))
            .count()
    });
}

/// The directory of 20,000 organisations, as at a reload.
#[divan::bench]
fn directory_of_20_000(bencher: Bencher) {
    bencher
        .with_inputs(rows)
        .bench_values(OrganisationTree::new);
}

/// Whether a section on the sixth level is a unit of its region.
#[divan::bench]
fn is_within_six_levels(bencher: Bencher) {
    let (section, region) = (org((5, 5007)), org((0, 2)));
    assert!(TREE.is_within(&section, &region));
    bencher.bench(|| TREE.is_within(black_box(&section), black_box(&region)));
}

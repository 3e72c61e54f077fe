//! The policy crate and the reference give one answer, by the hundred thousand.

use std::thread;

use crate::case::Case;
use crate::make;
use crate::rules::{Answer, Shown, answer};
use crate::shrink::smallest;

/// How many cases are compared in one run.
const CASES: u64 = 210_000;
const THREADS: u64 = 2;
/// How many differing cases each thread tells.
const TOLD: usize = 3;

fn differ(case: &Case) -> bool {
    case.decided() != answer(case)
}

/// The smallest case that shows the difference, told in full.
fn difference(seed: u64) -> String {
    let small = smallest(make::case(seed), differ);
    let (decided, expected) = (small.decided(), answer(&small));
    format!(
        "seed {seed}\ndecided  {decided:?}\nexpected {expected:?}\n{}",
        told(&small)
    )
}

/// How often each answer came up in every `THREADS`th case from `part` on, and the first cases that differ.
fn compare(part: u64) -> (Tally, Vec<String>) {
    let mut tally = Tally::default();
    let mut differences = Vec::new();
    for seed in (part..CASES).step_by(usize::try_from(THREADS).unwrap()) {
        let case = make::case(seed);
        let expected = answer(&case);
        tally.count(&expected);
        if case.decided() != expected && differences.len() < TOLD {
            differences.push(difference(seed));
        }
    }
    (tally, differences)
}

/// The case without the directory and the role policies, which are the same in all of them.
fn told(case: &Case) -> String {
    let facts = &case.facts;
    format!(
        "{:?} for {:?}, reason {:?}, ground {:?}, patients {:?}\nparty {:#?}\nconsents {:#?}\nrelations {:#?}\n\
         delegations {:#?}\nrepresentations {:#?}\npermissions {:#?}\nopenings {:#?}\nborn {:?}, {:?}\nentries {:#?}",
        case.action,
        case.purpose,
        case.reason.as_ref().map(|reason| reason.chars().count()),
        case.ground,
        case.patients,
        case.party,
        facts.consents,
        facts.relations,
        facts.delegations,
        facts.representations,
        facts.permissions,
        facts.openings,
        facts.born,
        facts.terms,
        case.entries
    )
}

#[test]
fn the_rules_and_the_reference_agree() {
    let results: Vec<_> = thread::scope(|scope| {
        let runs: Vec<_> = (0..THREADS)
            .map(|part| scope.spawn(move || compare(part)))
            .collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    });
    let (tallies, differences): (Vec<_>, Vec<_>) = results.into_iter().unzip();
    let differences = differences.concat();
    assert!(differences.is_empty(), "{}", differences.join("\n\n"));
    let all = tallies.iter().fold(Tally::default(), Tally::plus);
    // A generator whose cases are all refused would agree with everything.
    for (what, count) in all.0.iter().enumerate() {
        assert!(
            *count > 1000,
            "kind {what} of answer came up {count} times: {all:?}"
        );
    }
}

/// How often each answer came up: refused, let in, then each way an entry can be shown or not.
#[derive(Debug, Default)]
struct Tally([u64; 8]);

impl Tally {
    fn count(&mut self, answer: &Answer) {
        match answer {
            Answer::Refused => self.0[0] += 1,
            Answer::LetIn(entries) => {
                self.0[1] += 1;
                for shown in entries {
                    self.0[match shown {
                        Shown::Plainly => 2,
                        Shown::ByOverride => 3,
                        Shown::NotForConsent => 4,
                        Shown::NotForRole => 5,
                        Shown::NotForPurpose => 6,
                        Shown::NotAskedFor => 7,
                    }] += 1;
                }
            }
        }
    }

    fn plus(mut self, other: &Self) -> Self {
        for (own, other) in self.0.iter_mut().zip(&other.0) {
            *own += other;
        }
        self
    }
}

//! What follows from what was said, whatever the order in which it came.

use delt_policy::{OrganisationId, OrganisationTree, PatientKey};
use proptest::{prelude::*, sample::Index};
use uuid::Uuid;

use super::{
    Admission::{Emergency, Inpatient},
    Notice,
    Said::{self, *},
    StayEvent,
    span::{Span, span},
};
use crate::clock::Micros;

const RUN_OUT: Micros = 1_000;

/// What was said, when, and of which moment; it was heard one later.
fn told(number: u128, said: Said, said_at: Micros, happened_at: Micros) -> StayEvent {
    StayEvent {
        id: Uuid::from_u128(number),
        patient: PatientKey::new([1; 32]),
        notice: Notice {
            said,
            said_at,
            happened_at,
        },
        organisation: place("12"),
        source: "ehr".to_owned(),
        episode_of_care: Some("episode".to_owned()),
        received_at: said_at + 1,
    }
}

fn place(code: &str) -> OrganisationId {
    OrganisationId::sor(code).unwrap()
}

/// The spans of all admissions, in the order of their numbers.
fn spans(events: &[StayEvent]) -> Vec<(Micros, Option<Micros>)> {
    let mut admissions: Vec<&StayEvent> =
        events.iter().filter(|e| e.admission().is_some()).collect();
    admissions.sort_by_key(|event| event.id);
    admissions
        .into_iter()
        .map(|admission| span(admission, events.iter(), RUN_OUT))
        .map(|Span { from, until }| (from, until))
        .collect()
}

/// Events numbered as they stand.
fn story(said: &[(Said, Micros, Micros)]) -> Vec<StayEvent> {
    (1..)
        .zip(said)
        .map(|(number, (said, said_at, happened_at))| told(number, *said, *said_at, *happened_at))
        .collect()
}

const STIN: Said = Admitted(Inpatient);
const STAA: Said = Admitted(Emergency);

#[test]
fn a_stay_runs_out_after_the_discharge() {
    type Told<'a> = &'a [(Said, Micros, Micros)];
    type Spans<'a> = &'a [(Micros, Option<Micros>)];
    let cases: [(Told<'_>, Spans<'_>); 11] = [
        (&[(STIN, 10, 9)], &[(9, None)]),
        (&[(STIN, 10, 9), (Discharged, 20, 19)], &[(9, Some(1_019))]),
        // Acute first, admitted then: two notices of one stay.
        (
            &[(STAA, 5, 5), (STIN, 10, 10), (Discharged, 20, 20)],
            &[(5, Some(1_020)), (10, Some(1_020))],
        ),
        // A wrong clock: never before it began.
        (&[(STIN, 10, 10), (Discharged, 20, 8)], &[(10, Some(1_010))]),
        (
            &[(STIN, 10, 10), (AdmissionRevised(Inpatient), 15, 7)],
            &[(7, None)],
        ),
        (
            &[
                (STIN, 10, 10),
                (Discharged, 20, 20),
                (DischargeRevised, 25, 18),
            ],
            &[(10, Some(1_018))],
        ),
        (
            &[
                (STIN, 10, 10),
                (Discharged, 20, 20),
                (DischargeCancelled, 25, 20),
            ],
            &[(10, None)],
        ),
        // Back again: a relation of its own.
        (
            &[(STIN, 10, 10), (Discharged, 20, 20), (STIN, 30, 30)],
            &[(10, Some(1_020)), (30, None)],
        ),
        // Cancelled from when it was heard, and only that kind.
        (
            &[
                (STAA, 5, 5),
                (STIN, 10, 10),
                (AdmissionCancelled(Inpatient), 12, 10),
            ],
            &[(5, None), (10, Some(13))],
        ),
        // Sent to two receivers, and so is the correction.
        (
            &[
                (STIN, 10, 10),
                (STIN, 10, 10),
                (Discharged, 20, 20),
                (Discharged, 20, 20),
                (DischargeCancelled, 25, 20),
                (DischargeCancelled, 25, 20),
            ],
            &[(10, None), (10, None)],
        ),
        // The second cancellation does not reach the stay before.
        (
            &[
                (STIN, 10, 10),
                (Discharged, 20, 20),
                (STIN, 30, 30),
                (AdmissionCancelled(Inpatient), 32, 30),
                (AdmissionCancelled(Inpatient), 32, 30),
            ],
            &[(10, Some(1_020)), (30, Some(33))],
        ),
    ];
    for (said, expected) in cases {
        assert_eq!(spans(&story(said)), expected, "{said:?}");
    }
}

#[test]
fn a_letter_tells_of_the_discharge_that_was_not_notified() {
    let of = |said: &[(Said, Micros, Micros)]| spans(&story(said));
    assert_eq!(of(&[(STIN, 10, 10), (Letter, 40, 20)]), [(10, Some(1_020))]);
    // The notification goes before the letter.
    assert_eq!(
        of(&[(STIN, 10, 10), (Discharged, 21, 21), (Letter, 40, 20)]),
        [(10, Some(1_021))]
    );
    // Written when the patient is back: of the stay that had begun then.
    assert_eq!(
        of(&[
            (STIN, 10, 10),
            (Discharged, 20, 20),
            (STIN, 30, 30),
            (Letter, 40, 20)
        ]),
        [(10, Some(1_020)), (30, None)]
    );
    assert_eq!(
        of(&[(STIN, 10, 10), (Letter, 40, 20), (LetterCorrected, 50, 25)]),
        [(10, Some(1_025))]
    );
    assert_eq!(
        of(&[(STIN, 10, 10), (Letter, 40, 20), (LetterCancelled, 50, 20)]),
        [(10, None)]
    );
    // Of another stay, before this one, or of a discharge that did not come about.
    assert_eq!(of(&[(STIN, 10, 10), (Letter, 40, 5)]), [(10, None)]);
    let taken_back = [
        (STIN, 10, 10),
        (Discharged, 20, 20),
        (Letter, 21, 20),
        (DischargeCancelled, 22, 20),
    ];
    assert_eq!(of(&taken_back), [(10, None)]);
}

#[test]
fn what_bears_on_an_admission_is_said_by_its_system_or_above_it_in_its_episode() {
    let unit = |code: &str, parent: Option<&str>| (place(code), parent.map(place), None);
    let tree = OrganisationTree::new([
        unit("1", None),
        unit("12", Some("1")),
        unit("123", Some("12")),
        unit("13", Some("1")),
    ]);
    let admission = told(1, STIN, 10, 10);
    let bears = |place_code: &str, source: &str, episode: Option<&str>| {
        let event = StayEvent {
            organisation: place(place_code),
            source: source.to_owned(),
            episode_of_care: episode.map(str::to_owned),
            ..told(2, Discharged, 20, 20)
        };
        event.bears_on(&admission, &tree)
    };
    assert!(bears("12", "ehr", Some("episode")));
    assert!(bears("13", "ehr", Some("episode")), "another department");
    assert!(bears("1", "gateway", Some("episode")), "the hospital");
    assert!(!bears("13", "other", Some("episode")), "a stranger");
    assert!(!bears("123", "other", Some("episode")), "a ward's system");
    assert!(!bears("12", "ehr", Some("another")));
    assert!(bears("12", "ehr", None) && bears("123", "ehr", None) && bears("1", "ehr", None));
    assert!(
        !bears("13", "ehr", None),
        "elsewhere, and no episode says it"
    );
}

proptest! {
    #[test]
    fn the_order_of_arrival_does_not_matter(
        chosen in proptest::collection::vec((0..Said::ALL.len(), 0..60_i64, 0..60_i64), 1..12),
        swaps in proptest::collection::vec((any::<Index>(), any::<Index>()), 0..24),
    ) {
        let said: Vec<_> = chosen.iter().map(|(index, said_at, happened_at)| {
            (Said::ALL[*index], *said_at, *happened_at)
        }).collect();
        let first = story(&said);
        let mut other = first.clone();
        for (one, two) in swaps {
            let (one, two) = (one.index(other.len()), two.index(other.len()));
            other.swap(one, two);
        }
        prop_assert_eq!(spans(&first), spans(&other));
        for (from, until) in spans(&first) {
            let cancelled = |until| first.iter().any(|event| event.received_at == until);
            prop_assert!(until.is_none_or(|until| until >= from + RUN_OUT || cancelled(until)));
        }
    }
}

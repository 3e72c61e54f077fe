//! Against a store of its own, on both backends: what is loaded, and what is not.

mod keep;
mod plan;
#[expect(
    unreachable_pub,
    dead_code,
    reason = "the server that all tests use; not all of it is used here"
)]
#[path = "../../../../../tests/src/postgres.rs"]
pub(crate) mod postgres;

use delt_formats::identifier::{PersonNumber, system};
use delt_policy::{AuthorisationId, Party, PatientKey, Person, PersonKind, Purpose, System};
use keep::{Room, everything, physician, ward};
use uuid::Uuid;

use super::{
    born,
    rows::{Known, Question},
    statement::SELECT_LINKED_FACTS_SQLITE,
};
use crate::{error::code, operation::RecordColumns, patient::NUMBERS_MAX};

const LONNI: PatientKey = PatientKey::new([1; 32]);
const LONNI_BEFORE: PatientKey = PatientKey::new([2; 32]);
const LONNI_ABROAD: PatientKey = PatientKey::new([3; 32]);
const EINER: PatientKey = PatientKey::new([4; 32]);
const HELPER: PatientKey = PatientKey::new([5; 32]);
const OTHER_HELPER: PatientKey = PatientKey::new([6; 32]);

fn other_physician() -> AuthorisationId {
    AuthorisationId::parse("7PX2D").unwrap()
}

/// All that can be asked about a patient by one caller.
fn all_of(patient: PatientKey) -> Question {
    Question {
        patient: Some(patient),
        helper: Some(HELPER),
        quality: Some(physician()),
        opener: Some(physician()),
        credential: None,
    }
}

/// Only what every request about a patient asks.
fn only(patient: PatientKey) -> Question {
    Question {
        patient: Some(patient),
        ..Question::default()
    }
}

/// Each of these runs on a fresh store of either backend.
macro_rules! on_both {
    ($($name:ident)*) => {
        mod on_sqlite {
            $(#[tokio::test]
            async fn $name() {
                super::$name(super::Room::on_sqlite().await).await;
            })*
        }
        mod on_postgres {
            $(#[tokio::test]
            async fn $name() {
                super::$name(super::Room::on_postgres().await).await;
            })*
        }
    };
}

on_both! {
    each_kind_of_fact_comes_back_as_it_was_kept
    what_the_decision_cannot_use_is_not_loaded
    nothing_of_another_patient_and_nothing_of_another_caller
    links_are_followed_in_both_directions_and_round_a_circle
    more_numbers_than_one_person_can_have_are_refused
    a_record_that_cannot_be_read_fails_the_request
    together_with_a_record_the_facts_are_the_same
    a_long_record_and_several_numbers_are_read_otherwise
}

async fn each_kind_of_fact_comes_back_as_it_was_kept(room: Room) {
    let kept = room.keep(everything(LONNI, HELPER, &physician())).await;
    assert_eq!(kept.consents.len(), 3, "one of them has ended");
    assert_eq!(room.ask(&all_of(LONNI)).await.unwrap(), kept);
    room.close().await;
}

async fn what_the_decision_cannot_use_is_not_loaded(room: Room) {
    let kept = room.keep(everything(LONNI, HELPER, &physician())).await;
    let found = room.ask(&only(LONNI)).await.unwrap();
    let expected = Known {
        openings: Vec::new(),
        delegations: Vec::new(),
        permissions: Vec::new(),
        ..kept.clone()
    };
    assert_eq!(found, expected);
    let nobody = room.ask(&Question::default()).await.unwrap();
    assert_eq!(nobody, Known::default());
    let caller = Question {
        patient: None,
        ..all_of(LONNI)
    };
    let expected = Known {
        delegations: kept.delegations,
        permissions: kept.permissions,
        ..Known::default()
    };
    assert_eq!(room.ask(&caller).await.unwrap(), expected);
    room.close().await;
}

async fn nothing_of_another_patient_and_nothing_of_another_caller(room: Room) {
    let kept = room.keep(everything(LONNI, HELPER, &physician())).await;
    room.keep(everything(EINER, OTHER_HELPER, &other_physician()))
        .await;
    assert_eq!(room.ask(&all_of(LONNI)).await.unwrap(), kept);
    let others = Question {
        helper: Some(OTHER_HELPER),
        quality: Some(other_physician()),
        opener: Some(other_physician()),
        ..all_of(LONNI)
    };
    let found = room.ask(&others).await.unwrap();
    assert_eq!(found.openings, []);
    assert!(found.delegations.iter().all(|d| d.helper == OTHER_HELPER));
    assert!(
        found
            .permissions
            .iter()
            .all(|p| p.person == other_physician())
    );
    let stranger = room.ask(&only(PatientKey::new([9; 32]))).await.unwrap();
    let expected = Known {
        keys: vec![PatientKey::new([9; 32])],
        ..Known::default()
    };
    assert_eq!(stranger, expected);
    room.close().await;
}

async fn links_are_followed_in_both_directions_and_round_a_circle(room: Room) {
    room.link(&[(LONNI_ABROAD, LONNI_BEFORE), (LONNI_BEFORE, LONNI)])
        .await;
    room.keep(everything(LONNI_ABROAD, HELPER, &physician()))
        .await;
    room.keep(everything(EINER, OTHER_HELPER, &other_physician()))
        .await;
    for circle in [false, true] {
        for asked in [LONNI, LONNI_BEFORE, LONNI_ABROAD] {
            let mut found = room.ask(&all_of(asked)).await.unwrap();
            assert_eq!(found.keys.first(), Some(&asked), "the asked one first");
            assert_eq!(found.consents.len(), 3, "they follow from {asked:?}");
            assert_eq!(found.openings.len(), 1);
            found.keys.sort();
            assert_eq!(found.keys, [LONNI, LONNI_BEFORE, LONNI_ABROAD]);
        }
        if !circle {
            room.link(&[(LONNI, LONNI_ABROAD), (LONNI, LONNI_BEFORE)])
                .await;
        }
    }
    room.close().await;
}

async fn more_numbers_than_one_person_can_have_are_refused(room: Room) {
    let numbers: Vec<PatientKey> = (1..=u8::try_from(NUMBERS_MAX).unwrap() + 1)
        .map(|n| PatientKey::new([n; 32]))
        .collect();
    let chain: Vec<_> = numbers.iter().copied().zip(numbers[1..].to_vec()).collect();
    let (last, most) = chain.split_last().unwrap();
    room.link(most).await;
    for asked in [numbers[0], numbers[NUMBERS_MAX / 2]] {
        let found = room.ask(&only(asked)).await.unwrap();
        assert_eq!(found.keys.len(), NUMBERS_MAX);
    }
    room.link(&[*last]).await;
    for asked in numbers {
        let refused = room.ask(&only(asked)).await.unwrap_err();
        assert_eq!(refused.code(), code::TOO_MANY);
    }
    room.close().await;
}

// A block that is skipped because nobody can read it would show what the citizen has hidden.
async fn a_record_that_cannot_be_read_fails_the_request(room: Room) {
    room.keep(everything(LONNI, HELPER, &physician())).await;
    room.run("UPDATE consent SET terms = '{}'").await;
    let refused = room.ask(&only(LONNI)).await.unwrap_err();
    assert_eq!(refused.code(), code::INTERNAL);
    room.close().await;
}

async fn together_with_a_record_the_facts_are_the_same(room: Room) {
    room.keep(everything(LONNI, HELPER, &physician())).await;
    room.keep(everything(EINER, OTHER_HELPER, &other_physician()))
        .await;
    room.index(LONNI, 1..=3).await;
    room.index(EINER, 4..=9).await;
    for columns in [RecordColumns::Decided, RecordColumns::Filtered] {
        for question in [only(LONNI), all_of(LONNI)] {
            let together = room.ask_with_record(&question, columns).await.unwrap();
            let (known, record) = together.expect("one number and a short record");
            assert_eq!(known, room.ask(&question).await.unwrap());
            let mut entries: Vec<_> = record
                .all()
                .iter()
                .map(|row| row.facts.entry_uuid)
                .collect();
            entries.sort();
            assert_eq!(entries, [1, 2, 3].map(Uuid::from_u128));
            let has_codes = record.all().iter().all(|row| row.codes.is_some());
            assert!(has_codes || columns == RecordColumns::Decided);
        }
    }
    let nobody = room
        .ask_with_record(&Question::default(), RecordColumns::Decided)
        .await;
    assert!(nobody.unwrap().is_none());
    room.run("UPDATE consent SET terms = '{}'").await;
    let refused = room
        .ask_with_record(&only(LONNI), RecordColumns::Decided)
        .await;
    assert_eq!(refused.unwrap_err().code(), code::INTERNAL);
    room.close().await;
}

async fn a_long_record_and_several_numbers_are_read_otherwise(room: Room) {
    room.index(LONNI, 1..=1_000).await;
    room.index(EINER, 2_001..=2_003).await;
    let asks = async |patient| {
        let question = only(patient);
        let asked = room.ask_with_record(&question, RecordColumns::Decided);
        asked.await.unwrap().map(|(_, record)| record.all().len())
    };
    assert_eq!(asks(LONNI).await, Some(1_000));
    assert_eq!(asks(EINER).await, Some(3));
    room.index(LONNI, 1_001..=1_001).await;
    let in_place = if room.is_sqlite() { None } else { Some(1_001) };
    assert_eq!(asks(LONNI).await, in_place);
    for number in [LONNI_BEFORE, LONNI_ABROAD] {
        room.link(&[(EINER, number)]).await;
        assert_eq!(asks(EINER).await, None);
        assert_eq!(asks(number).await, None);
    }
    room.close().await;
}

#[test]
fn the_statement_stops_one_past_what_a_person_may_have() {
    let limit = format!("FROM linked LIMIT {})", NUMBERS_MAX + 1);
    assert!(SELECT_LINKED_FACTS_SQLITE.contains(&limit), "{limit}");
}

fn professional(authorisation: AuthorisationId) -> Person {
    Person {
        kind: PersonKind::Professional {
            authorisation,
            role: "laege".to_owned(),
        },
        organisation: Some(ward()),
    }
}

fn party(person: Person, responsible: Option<Person>) -> Party {
    Party {
        system: System {
            id: "ehr".to_owned(),
            organisation: ward(),
            kinds: Vec::new(),
        },
        person: Some(person),
        responsible,
        on_behalf: None,
        person_key: Some(HELPER),
    }
}

#[test]
fn a_professional_is_asked_about_by_purpose() {
    let party = party(professional(physician()), None);
    let of = |purpose| Question::of(&party, Some(purpose), Some(LONNI));
    for purpose in [Purpose::Treat, Purpose::Patrqt, Purpose::Hoperat] {
        assert_eq!(of(purpose), only(LONNI), "{purpose:?}");
    }
    assert_eq!(of(Purpose::Btg).opener, Some(physician()));
    assert_eq!(of(Purpose::Btg).quality, None);
    assert_eq!(of(Purpose::Hqualimp).quality, Some(physician()));
    assert_eq!(of(Purpose::Hqualimp).opener, None);
    assert_eq!(Question::of(&party, None, None), Question::default());
}

#[test]
fn a_helper_is_asked_about_with_the_authority_of_the_responsible() {
    let helper = Person {
        kind: PersonKind::Administrative {
            role: "laegesekretaer".to_owned(),
        },
        organisation: Some(ward()),
    };
    let party = party(helper, Some(professional(physician())));
    let asked = Question::of(&party, Some(Purpose::Btg), Some(LONNI));
    let expected = Question {
        quality: None,
        ..all_of(LONNI)
    };
    assert_eq!(asked, expected);
}

// For somebody whose birth date is unknown, a replacement number says when it was made: it would make a child of anybody.
#[test]
fn only_a_cpr_number_says_when_somebody_was_born() {
    let cpr = PersonNumber::cpr("0201609996").unwrap();
    assert_eq!(born(&cpr), Some(time::macros::date!(1960 - 01 - 02)));
    let issuer = "urn:oid:1.2.208.176.1.6.1.3.187";
    for (system, value) in [(system::X_ECPR, "0203291WQ3"), (issuer, "0203295WQ3")] {
        let replacement = PersonNumber::parse(system, value).unwrap();
        assert!(replacement.birth_date().is_some());
        assert_eq!(born(&replacement), None);
    }
}

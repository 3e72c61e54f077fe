//! The same log gives the same cases, in whatever batches it is read, and those that a naive reading of all of it finds.

use std::collections::BTreeSet;

use proptest::prelude::*;
use time::Duration;

use super::*;

/// Few people, patients, places and days, so that everything happens.
fn any_deed() -> impl Strategy<Value = (u8, u8, u8, i64, bool)> {
    (0u8..4, 0u8..8, 8u8..12, 0i64..4_000, any::<bool>())
}

fn rules() -> Rules {
    let mut rules = Rules::default();
    rules.many_patients.patients = 3;
    rules.many_places.places = 2;
    rules.outside_hours.at_least = 2;
    rules.colleague.days = 1;
    rules
}

/// Everybody's own number is among the patients', and so are their names and addresses.
fn memory() -> Memory {
    let told = |memory: Memory, person: u8| {
        let name = ["Mosebrygersen", "Moberg"][usize::from(person % 2)];
        memory.told(person, name, &format!("Birkevænget {}", person % 3))
    };
    (0..8).fold(Memory::default(), told)
}

fn log(deeds: Vec<(u8, u8, u8, i64, bool)>) -> Vec<Deed> {
    let mut log: Vec<_> = deeds
        .into_iter()
        .zip(0u32..)
        .map(|((who, patient, at, minutes, related), nth)| {
            let staff = Staff {
                // The last one's token does not tell.
                key: (who < 3).then(|| number(who)),
                organisation: place(at),
                ..physician(who)
            };
            let mut deed = deed(nth, MONDAY + Duration::minutes(minutes), staff, patient);
            if let Some(look) = deed.look.as_mut() {
                look.related = related;
            }
            deed
        })
        .collect();
    log.sort_by_key(|deed| deed.at);
    log
}

/// The subjects of each kind by the rules' words alone.
fn naively(log: &[Deed]) -> BTreeMap<CaseKind, BTreeSet<String>> {
    let mut found: BTreeMap<CaseKind, BTreeSet<String>> = BTreeMap::new();
    let rules = rules();
    for deed in log {
        let look = deed.look.as_ref().unwrap();
        let date = deed.local.date;
        let same_day = || log.iter().filter(|other| other.local.date == date);
        let own = || same_day().filter(|other| other.staff.subject == deed.staff.subject);
        let patients: BTreeSet<_> = own()
            .map(|other| other.look.as_ref().unwrap().patient)
            .collect();
        let others =
            same_day().filter(|other| other.look.as_ref().unwrap().patient == look.patient);
        let places: BTreeSet<_> = others.map(|other| &other.staff.organisation).collect();
        let outside = |other: &&Deed| {
            let hours = 6 * 60..20 * 60;
            let clock = other.local.minute.to_string();
            let (hour, minute) = clock.split_once(':').unwrap();
            let minute = hour.parse::<i32>().unwrap() * 60 + minute.parse::<i32>().unwrap();
            [place(8), place(9)].contains(&other.staff.organisation) && !hours.contains(&minute)
        };
        let mut note = |kind, is: bool, subject: String| {
            if is {
                found
                    .entry(kind)
                    .or_default()
                    .insert(format!("{subject} {date}"));
            }
        };
        let both = || format!("{} {}", deed.staff.subject, look.patient.hex());
        let person = || deed.staff.subject.clone();
        note(CaseKind::NoRelation, !look.related, both());
        note(CaseKind::ManyPatients, patients.len() > 3, person());
        note(CaseKind::ManyPlaces, places.len() > 2, look.patient.hex());
        note(
            CaseKind::OutsideHours,
            own().filter(outside).count() >= 2,
            person(),
        );
        let seen = |other: &&Deed| {
            let before = other.at < deed.at || (other.at == deed.at && other.entry < deed.entry);
            before
                && other.staff.key == Some(look.patient)
                && other.staff.organisation == deed.staff.organisation
        };
        let own_record = deed.staff.key == Some(look.patient);
        // Seen to the day: a sight within a day of the one before is not written down.
        let mut last: Option<Micros> = None;
        for sight in log.iter().filter(seen) {
            if last.is_none_or(|last| sight.at >= last + super::super::danish_time::DAY) {
                last = Some(sight.at);
            }
        }
        let memory = rules.colleague.memory();
        let works = last.is_some_and(|last| last >= deed.at - memory);
        note(CaseKind::Colleague, own_record || works, both());
    }
    found
}

fn subjects(memory: &Memory) -> BTreeMap<CaseKind, BTreeSet<String>> {
    use super::super::finding::About;
    let mut found: BTreeMap<CaseKind, BTreeSet<String>> = BTreeMap::new();
    for case in memory.cases.values() {
        let date = case.detail.rsplit_once("day=").unwrap().1;
        let subject = match case.about {
            About::Person => case.staff.subject.clone(),
            About::Both(patient) => format!("{} {}", case.staff.subject, patient.hex()),
            About::Patient(patient) => patient.hex(),
        };
        let kin = [CaseKind::SameFamilyName, CaseKind::SameAddress];
        if !kin.contains(&case.kind) {
            found
                .entry(case.kind)
                .or_default()
                .insert(format!("{subject} {date}"));
        }
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn the_same_log_gives_the_same_cases(
        deeds in proptest::collection::vec(any_deed(), 0..120),
        sizes in proptest::collection::vec(1usize..20, 1..20),
    ) {
        let log = log(deeds);
        let mut whole = memory();
        whole.read(&rules(), &log);
        let mut rest = log.as_slice();
        let mut piecemeal = memory();
        for size in sizes.iter().cycle() {
            let (batch, more) = rest.split_at((*size).min(rest.len()));
            piecemeal.read(&rules(), batch);
            rest = more;
            if rest.is_empty() {
                break;
            }
        }
        prop_assert_eq!(&piecemeal.cases, &whole.cases);
        prop_assert_eq!(&piecemeal.counted, &whole.counted);
        prop_assert_eq!(subjects(&whole), naively(&log));
    }
}

//! Rule by rule.

use time::Duration;

use super::*;
use crate::review::rules::{Minute, NoRelation};

const NOTHING: [CaseKind; 0] = [];

fn changed(mut deed: Deed, change: impl FnOnce(&mut Look)) -> Deed {
    if let Some(look) = deed.look.as_mut() {
        change(look);
    }
    deed
}

#[test]
fn a_look_with_a_relation_in_working_hours_is_nothing() {
    let deed = deed(1, MONDAY, physician(1), 1);
    assert_eq!(found(Memory::default(), &[deed]), NOTHING);
}

#[test]
fn a_look_without_a_relation_is_found_unless_the_law_has_another_ground() {
    let all = NoRelation {
        break_glass: true,
        learning: true,
        quality: true,
        ..NoRelation::default()
    };
    // Purpose, an earlier relation, a permission; whether it is found by default, and with every exemption off.
    for (purpose, past, permitted, by_default) in [
        ("TREAT", false, false, true),
        ("BTG", false, false, false),
        ("HOPERAT", true, false, false),
        ("HOPERAT", false, false, true),
        ("HQUALIMP", false, true, false),
        ("HQUALIMP", false, false, true),
    ] {
        for related in [true, false] {
            let deed = changed(deed(1, MONDAY, physician(1), 1), |look| {
                look.purpose = Some(purpose.to_owned());
                look.related = related;
                look.past = past;
                look.permitted_quality = permitted;
            });
            let look = deed.look.clone().unwrap();
            let found = |rule: &NoRelation| rule.judge(&deed, &look).is_some();
            assert_eq!(
                found(&NoRelation::default()),
                by_default && !related,
                "{purpose}"
            );
            assert_eq!(found(&all), !related, "{purpose}");
        }
    }
}

#[test]
fn one_patient_more_than_usual_is_found_once_with_what_led_up_to_it() {
    let mut rules = Rules::default();
    rules.many_patients.patients = 3;
    rules
        .many_patients
        .roles
        .insert("sygeplejerske".to_owned(), 4);
    let looks = |patients: u8, role: &str| -> Vec<Deed> {
        let staff = Staff {
            role: role.to_owned(),
            ..physician(1)
        };
        let nth = |nth: u8| deed(nth.into(), MONDAY, staff.clone(), nth / 2);
        // Each patient twice.
        (0..patients * 2).map(nth).collect()
    };
    for (patients, role, cases) in [
        (3, "laege", 0),
        (4, "laege", 1),
        (6, "laege", 1),
        (4, "sygeplejerske", 0),
        (5, "sygeplejerske", 1),
    ] {
        let mut memory = Memory::default();
        memory.read(&rules, &looks(patients, role));
        assert_eq!(memory.cases.len(), cases, "{patients} {role}");
    }
    let mut memory = Memory::default();
    memory.read(&rules, &looks(4, "laege"));
    let case = memory.cases.values().next().unwrap();
    assert_eq!(case.detail, "patients>3 day=2026-11-23");
    let shown: Vec<_> = case.evidence.iter().map(Uuid::as_u128).collect();
    // The first look at each patient, and then every look.
    assert_eq!(shown, [0, 2, 4, 6, 7]);
}

#[test]
fn the_day_is_the_danish_one() {
    let mut rules = Rules::default();
    rules.many_patients.patients = 1;
    let at = |hours: i64| MONDAY + Duration::hours(hours);
    // 22:00 UTC on Monday is Monday 23:00, 23:00 UTC is Tuesday 00:00.
    for (second, cases) in [(11, 1), (12, 0)] {
        let mut memory = Memory::default();
        let deeds = [
            deed(1, at(0), physician(1), 1),
            deed(2, at(second), physician(1), 2),
        ];
        memory.read(&rules, &deeds);
        assert_eq!(memory.cases.len(), cases, "{second}");
    }
}

#[test]
fn many_places_are_counted_over_everybody_who_looked() {
    let mut rules = Rules::default();
    rules.many_places.places = 2;
    let at = |nth: u8, code: u8| {
        let staff = Staff {
            organisation: place(code),
            ..physician(nth)
        };
        deed(nth.into(), MONDAY, staff, 1)
    };
    let mut memory = Memory::default();
    memory.read(&rules, &[at(1, 11), at(2, 12), at(3, 11)]);
    assert_eq!(memory.kinds(), NOTHING);
    memory.read(&rules, &[at(4, 13), at(5, 14)]);
    assert_eq!(memory.kinds(), [CaseKind::ManyPlaces]);
}

#[test]
fn a_family_name_is_shared_by_what_the_register_told_or_by_the_name_in_the_token() {
    let own = |key: Option<u8>, name: &str| Staff {
        key: key.map(number),
        name: Some(name.to_owned()),
        ..physician(1)
    };
    for (staff, told, of_patient, finds) in [
        (own(None, "Sille Mosebrygersen"), "", "MOSEBRYGERSEN", true),
        (own(None, "Sille Moberg"), "", "Mosebrygersen", false),
        // What the register tells goes before the token.
        (
            own(Some(7), "Sille Moberg"),
            "Mosebrygersen",
            "Mosebrygersen",
            true,
        ),
        (
            own(Some(7), "Sille Mosebrygersen"),
            "Moberg",
            "Mosebrygersen",
            false,
        ),
        // Common names say nothing; nor does a name that is protected.
        (own(None, "Jens Jensen"), "", "Jensen", false),
        (own(None, "Sille Mosebrygersen"), "", "", false),
    ] {
        let memory = Memory::default().told(7, told, "").told(1, of_patient, "");
        let kinds = found(memory, &[deed(1, MONDAY, staff, 1)]);
        assert_eq!(
            kinds == [CaseKind::SameFamilyName],
            finds,
            "{told} {of_patient}"
        );
        assert!(finds || kinds.is_empty());
    }
}

#[test]
fn an_address_is_shared_under_any_number_of_the_patient() {
    let staff = Staff {
        key: Some(number(7)),
        ..physician(1)
    };
    let told = || {
        let memory = Memory::default().told(7, "", "Birkevænget 4, 8600 Silkeborg");
        memory.told(2, "", "BIRKEVÆNGET 4 8600 Silkeborg")
    };
    let deed = deed(1, MONDAY, staff, 1);
    assert_eq!(found(told(), std::slice::from_ref(&deed)), NOTHING);
    let mut linked = told();
    linked.linked.insert(number(1), vec![number(2)]);
    assert_eq!(found(linked, &[deed]), [CaseKind::SameAddress]);
}

#[test]
fn a_colleague_is_who_the_log_has_seen_at_the_same_place() {
    let colleague = |organisation| Staff {
        key: Some(number(9)),
        organisation,
        ..physician(2)
    };
    let days = |days: i64| MONDAY + Duration::days(days);
    for (works_at, after, finds) in [
        (place(10), 1, true),
        (place(10), 365, true),
        (place(10), 366, false),
        (place(11), 1, false),
    ] {
        let worked = deed(1, MONDAY, colleague(works_at), 3);
        let looked = deed(2, days(after), physician(1), 9);
        let kinds = found(Memory::default(), &[worked.clone(), looked.clone()]);
        assert_eq!(kinds.contains(&CaseKind::Colleague), finds, "{after}");
        // Nobody is a colleague before they are seen.
        assert_eq!(found(Memory::default(), &[looked, worked]), NOTHING);
    }
}

#[test]
fn the_own_record_is_found_once() {
    let staff = Staff {
        key: Some(number(1)),
        ..physician(1)
    };
    let memory = Memory::default().told(1, "Ravnkilde-Holm", "Birkevænget 4");
    assert_eq!(
        found(memory, &[deed(1, MONDAY, staff, 1)]),
        [CaseKind::Colleague]
    );
}

#[test]
fn outside_hours_is_found_from_the_fifth_look_of_those_who_keep_hours() {
    let at_clinic = |role: &str| Staff {
        role: role.to_owned(),
        organisation: place(1),
        ..physician(1)
    };
    let night = datetime!(2026-11-23 19:30 UTC);
    let sunday = datetime!(2026-11-22 11:00 UTC);
    let summer = datetime!(2026-07-01 17:30 UTC);
    for (at, staff, looks, finds) in [
        (night, at_clinic("laege"), 5, true),
        (night, at_clinic("laege"), 4, false),
        (sunday, at_clinic("laege"), 5, true),
        (MONDAY, at_clinic("laege"), 5, false),
        // 19:30 by the Danish clock in summer.
        (summer, at_clinic("laege"), 5, false),
        (summer + Duration::hours(1), at_clinic("laege"), 5, true),
        (night, at_clinic("sygeplejerske"), 5, false),
        (night, physician(1), 5, false),
    ] {
        let deeds: Vec<_> = (0..looks)
            .map(|nth| deed(nth, at, staff.clone(), 1))
            .collect();
        let kinds = found(Memory::default(), &deeds);
        assert_eq!(
            kinds == [CaseKind::OutsideHours],
            finds,
            "{at} {}",
            staff.role
        );
    }
    let mut rules = Rules::default();
    rules.outside_hours.roles.insert("laege".to_owned());
    rules.outside_hours.at_least = 1;
    rules.outside_hours.to = Minute::of_clock(11, 0);
    let mut memory = Memory::default();
    memory.read(&rules, &[deed(1, MONDAY, physician(1), 1)]);
    let case = memory.cases.values().next().unwrap();
    assert_eq!(case.detail, "looks>=1 hours=06:00-11:00 day=2026-11-23");
}

#[test]
fn a_rule_that_is_off_finds_nothing() {
    let mut rules = Rules::default();
    rules.no_relation.enabled = false;
    rules.many_patients = crate::review::rules::ManyPatients {
        enabled: false,
        patients: 0,
        roles: BTreeMap::new(),
    };
    rules.many_places.places = 0;
    rules.many_places.enabled = false;
    rules.same_family_name.enabled = false;
    rules.same_address.enabled = false;
    rules.colleague.enabled = false;
    rules.outside_hours.at_least = 1;
    rules.outside_hours.enabled = false;
    let staff = Staff {
        key: Some(number(1)),
        organisation: place(1),
        ..physician(1)
    };
    let night = datetime!(2026-11-23 22:30 UTC);
    let mut memory = Memory::default().told(1, "Ravnkilde-Holm", "Birkevænget 4");
    let deed = changed(deed(1, night, staff, 1), |look| look.related = false);
    memory.read(&rules, &[deed]);
    assert_eq!(memory.kinds(), NOTHING);
}

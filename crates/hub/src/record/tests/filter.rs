//! Which entries match: each part of the filter for itself, then all together.

use delt_policy::{EntryFacts, OrganisationTree, PatientKey, Sector};
use proptest::prelude::*;
use uuid::Uuid;

use super::fixtures::{DEPARTMENT, HOSPITAL, PRACTICE, code, organisation_id};
use crate::{
    clock::Micros,
    document::{
        AvailabilityStatus, EntryType,
        rows::{FilterColumns, RecordRow},
    },
    record::{RecordFilter, Span},
};

fn tree() -> OrganisationTree {
    OrganisationTree::new([
        (organisation_id(HOSPITAL), None, Some(Sector::Region)),
        (
            organisation_id(DEPARTMENT),
            Some(organisation_id(HOSPITAL)),
            None,
        ),
        (
            organisation_id(PRACTICE),
            None,
            Some(Sector::GeneralPractice),
        ),
    ])
}

fn codes() -> FilterColumns {
    FilterColumns {
        class_code: "1.1|c".to_owned(),
        type_code: "1.2|t".to_owned(),
        format_code: "1.3|f".to_owned(),
        facility_code: "1.4|h".to_owned(),
        practice_code: "1.5|p".to_owned(),
        event_codes: "1.6|e\n1.6|e2".to_owned(),
        reference_ids: "1.7|episode\n|bare".to_owned(),
        on_demand: false,
    }
}

fn row_with(codes: Option<FilterColumns>) -> RecordRow {
    let facts = EntryFacts {
        entry_uuid: Uuid::from_u128(1),
        patient: PatientKey::new([1; 32]),
        type_code: "t".to_owned(),
        confidentiality: "N".to_owned(),
        author_organisation: Some(organisation_id(DEPARTMENT)),
        creation_time: 100,
        service_start: Some(50),
        service_stop: Some(60),
        source_id: "hospital".to_owned(),
    };
    RecordRow::of(facts, codes)
}

fn row() -> RecordRow {
    row_with(Some(codes()))
}

fn matches(filter: &RecordFilter) -> bool {
    filter.matches(&row(), &tree())
}

type SetCodes = fn(&mut RecordFilter, Vec<crate::document::Code>);

#[test]
fn codes_match_on_system_and_code_and_an_empty_system_matches_any() {
    let lists: [(&str, &str, SetCodes); 6] = [
        ("1.1", "c", |f, codes| f.class_codes = codes),
        ("1.2", "t", |f, codes| f.type_codes = codes),
        ("1.3", "f", |f, codes| f.format_codes = codes),
        ("1.4", "h", |f, codes| {
            f.healthcare_facility_type_codes = codes;
        }),
        ("1.5", "p", |f, codes| f.practice_setting_codes = codes),
        ("1.6", "e2", |f, codes| f.event_codes = codes),
    ];
    for (system, kept, set) in lists {
        for (asked, expected) in [
            (vec![code(system, kept)], true),
            (vec![code("", kept)], true),
            (vec![code("9.9", "x"), code(system, kept)], true),
            (vec![code("9.9", kept)], false),
            (vec![code(system, "x")], false),
            (vec![code("", "")], false),
        ] {
            let mut filter = RecordFilter::default();
            set(&mut filter, asked.clone());
            assert_eq!(matches(&filter), expected, "{asked:?}");
        }
    }
}

#[test]
fn an_organisation_includes_its_units_and_not_those_above() {
    let by = |sors: &[&str]| RecordFilter {
        author_organisations: sors.iter().map(|sor| organisation_id(sor)).collect(),
        ..RecordFilter::default()
    };
    assert!(matches(&by(&[HOSPITAL])));
    assert!(matches(&by(&[PRACTICE, DEPARTMENT])));
    assert!(!matches(&by(&[PRACTICE])));
    let mut unknown = row();
    unknown.facts.author_organisation = None;
    assert!(!by(&[HOSPITAL]).matches(&unknown, &tree()));
    let mut of_hospital = row();
    of_hospital.facts.author_organisation = Some(organisation_id(HOSPITAL));
    assert!(!by(&[DEPARTMENT]).matches(&of_hospital, &tree()));
}

fn span(start: Option<Micros>, end: Option<Micros>) -> Span {
    Span { start, end }
}

#[test]
fn periods_include_their_start_and_not_their_end() {
    let created = |creation| {
        matches(&RecordFilter {
            creation,
            ..RecordFilter::default()
        })
    };
    assert!(created(span(Some(100), Some(101))));
    assert!(!created(span(Some(99), Some(100))));
    assert!(!created(span(Some(101), None)));
    assert!(created(span(None, Some(101))));
    let served = |service| {
        matches(&RecordFilter {
            service,
            ..RecordFilter::default()
        })
    };
    assert!(served(span(Some(60), Some(70))));
    assert!(!served(span(Some(61), Some(70))));
    assert!(served(span(Some(0), Some(51))));
    assert!(!served(span(Some(0), Some(50))));
    assert!(served(span(Some(55), Some(56))));
}

#[test]
fn an_entry_without_a_time_of_service_matches_no_service_period() {
    let filter = RecordFilter {
        service: span(Some(0), None),
        ..RecordFilter::default()
    };
    let mut entry = row();
    entry.facts.service_stop = None;
    assert!(filter.matches(&entry, &tree()), "begun and not ended");
    entry.facts.service_start = None;
    assert!(!filter.matches(&entry, &tree()));
    assert!(RecordFilter::default().matches(&entry, &tree()));
}

#[test]
fn withdrawn_entries_never_match_and_approved_ones_do_by_default() {
    use AvailabilityStatus::{Approved, Deprecated, Superseded, Withdrawn};
    let all = vec![Approved, Superseded, Deprecated, Withdrawn];
    for (asked, found) in [
        (vec![], vec![Approved]),
        (vec![Superseded, Deprecated], vec![Superseded, Deprecated]),
        (all.clone(), vec![Approved, Superseded, Deprecated]),
    ] {
        let filter = RecordFilter {
            statuses: asked,
            ..RecordFilter::default()
        };
        let matching = |status: &AvailabilityStatus| {
            let mut row = row();
            row.status = *status;
            filter.matches(&row, &tree())
        };
        assert_eq!(
            all.iter().copied().filter(matching).collect::<Vec<_>>(),
            found
        );
    }
}

#[test]
fn kinds_and_reference_ids() {
    let kinds = |entry_types| {
        matches(&RecordFilter {
            entry_types,
            ..RecordFilter::default()
        })
    };
    assert!(kinds(vec![EntryType::Stable]));
    assert!(kinds(vec![EntryType::OnDemand, EntryType::Stable]));
    assert!(!kinds(vec![EntryType::OnDemand]));
    let referring = |id: &str| {
        matches(&RecordFilter {
            reference_ids: vec![id.to_owned()],
            ..RecordFilter::default()
        })
    };
    assert!(referring("episode") && referring("1.7|episode") && referring("bare"));
    assert!(!referring("1.8|episode") && !referring("epi") && !referring(""));
}

#[test]
fn the_log_names_what_was_asked_and_nothing_else() {
    assert!(RecordFilter::default().named().is_empty());
    let filter = RecordFilter {
        type_codes: vec![code("1.2", "t"), code("", "u")],
        creation: span(Some(0), None),
        statuses: vec![AvailabilityStatus::Deprecated],
        ..RecordFilter::default()
    };
    let named: Vec<_> = filter
        .named()
        .into_iter()
        .map(|(n, v)| format!("{n}={v}"))
        .collect();
    let expected = [
        "creation_period=1970-01-01T00:00:00Z/",
        "statuses=deprecated",
        "type_codes=1.2|t,|u",
    ];
    assert_eq!(named, expected);
}

proptest! {
    #[test]
    fn adding_a_part_never_finds_more(
        code_asked in "[tx]", start in proptest::option::of(0i64..200), end in proptest::option::of(0i64..200), on_demand: bool,
    ) {
        let coded = RecordFilter { type_codes: vec![code("", &code_asked)], ..RecordFilter::default() };
        let times = RecordFilter { creation: span(start, end), ..RecordFilter::default() };
        let both = RecordFilter { creation: span(start, end), ..coded.clone() };
        let row = row_with(Some(FilterColumns { on_demand, ..codes() }));
        let tree = tree();
        prop_assert_eq!(
            both.matches(&row, &tree),
            coded.matches(&row, &tree) && times.matches(&row, &tree)
        );
        // Read without its codes, a row matches what does not ask for them, and nothing that does.
        let lean = row_with(None);
        prop_assert_eq!(times.matches(&lean, &tree), times.matches(&row, &tree));
        prop_assert!(!coded.matches(&lean, &tree));
    }
}

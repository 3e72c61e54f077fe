//! What a search of a record can ask for.

use delt_client::proto::common::v1::Period;
use delt_client::proto::document::v1::{
    AvailabilityStatus, DocumentEntry, DocumentEntryType, ReferenceId,
};
use delt_client::proto::record::v1::{RecordFilter, SearchRecordRequest};
use delt_tests::calls::{everything, filtered, found, refusal, register, treats};
use delt_tests::entries::{
    CARDIOLOGY, HEART_CLINIC, HOSPITAL, LONNI, PLAN, REGION_H, REGION_M, by, code, cpr, hour, note,
    of_kind, on_demand, uuids,
};
use delt_tests::hub::TestHub;
use delt_tests::on_both;
use tonic::Code;

const REGION_M_SOR: &str = "990201000016000";
const EHR: &str = "ehr-hovedstaden";

#[expect(clippy::unnecessary_wraps, reason = "as a filter takes it")]
fn between(start: Option<i64>, end: Option<i64>) -> Option<Period> {
    Some(Period {
        start: start.map(hour),
        end: end.map(hour),
    })
}

/// An entry that differs from a plain note in everything that can be filtered on.
fn special() -> DocumentEntry {
    let entry = DocumentEntry {
        healthcare_facility_type_code: Some(code("2.16.840.1.113883.6.96", "22232009")),
        practice_setting_code: Some(code("2.16.840.1.113883.6.96", "394801008")),
        event_codes: vec![
            code("1.2.208.176.2.4", "ALAL02"),
            code("1.2.208.176.2.4", "ALAL23"),
        ],
        service_start_time: Some(hour(10)),
        service_stop_time: Some(hour(20)),
        reference_ids: vec![ReferenceId {
            value: "4f108f13".to_owned(),
            system: "1.2.3".to_owned(),
            r#type: "urn:ihe:iti:xds:2015:encounterId".to_owned(),
        }],
        creation_time: Some(hour(30)),
        ..of_kind(note(REGION_M, LONNI), PLAN)
    };
    on_demand(entry)
}

/// Filters that let the special entry through and not the plain one, by name.
#[expect(clippy::too_many_lines, reason = "a table, one row a filter")]
fn telling_filters() -> Vec<(&'static str, RecordFilter)> {
    let filter = RecordFilter::default;
    vec![
        (
            "type",
            RecordFilter {
                type_codes: vec![code("2.16.840.1.113883.6.1", "81215-6")],
                ..filter()
            },
        ),
        (
            "type without system",
            RecordFilter {
                type_codes: vec![code("", "81215-6"), code("", "PDC")],
                ..filter()
            },
        ),
        (
            "type with prefix",
            RecordFilter {
                type_codes: vec![code("urn:oid:2.16.840.1.113883.6.1", "81215-6")],
                ..filter()
            },
        ),
        (
            "format",
            RecordFilter {
                format_codes: vec![code("1.2.208.184.100.10", "urn:ad:dk:medcom:cpd-v2.0:full")],
                ..filter()
            },
        ),
        (
            "facility",
            RecordFilter {
                healthcare_facility_type_codes: vec![code("", "22232009")],
                ..filter()
            },
        ),
        (
            "practice setting",
            RecordFilter {
                practice_setting_codes: vec![code("", "394801008")],
                ..filter()
            },
        ),
        (
            "event",
            RecordFilter {
                event_codes: vec![code("1.2.208.176.2.4", "ALAL23")],
                ..filter()
            },
        ),
        (
            "author",
            RecordFilter {
                author_organisations: vec![REGION_M_SOR.to_owned()],
                ..filter()
            },
        ),
        (
            "created since",
            RecordFilter {
                creation_period: between(Some(30), None),
                ..filter()
            },
        ),
        (
            "created between",
            RecordFilter {
                creation_period: between(Some(30), Some(31)),
                ..filter()
            },
        ),
        (
            "service",
            RecordFilter {
                service_period: between(Some(20), Some(50)),
                ..filter()
            },
        ),
        (
            "service before",
            RecordFilter {
                service_period: between(None, Some(11)),
                ..filter()
            },
        ),
        (
            "on demand",
            RecordFilter {
                document_entry_types: vec![DocumentEntryType::OnDemand.into()],
                ..filter()
            },
        ),
        (
            "reference id",
            RecordFilter {
                reference_ids: vec!["4f108f13".to_owned()],
                ..filter()
            },
        ),
        (
            "reference id and system",
            RecordFilter {
                reference_ids: vec!["1.2.3|4f108f13".to_owned()],
                ..filter()
            },
        ),
        (
            "several",
            RecordFilter {
                type_codes: vec![code("", "81215-6")],
                event_codes: vec![code("", "ALAL02")],
                author_organisations: vec![REGION_M_SOR.to_owned()],
                creation_period: between(Some(30), None),
                ..filter()
            },
        ),
    ]
}

/// Filters that let nothing through.
fn empty_filters() -> Vec<RecordFilter> {
    let filter = RecordFilter::default;
    vec![
        RecordFilter {
            class_codes: vec![code("", "002")],
            ..filter()
        },
        RecordFilter {
            type_codes: vec![code("1.2.3", "81215-6")],
            ..filter()
        },
        RecordFilter {
            creation_period: between(Some(31), None),
            ..filter()
        },
        RecordFilter {
            creation_period: between(Some(1), Some(30)),
            ..filter()
        },
        RecordFilter {
            service_period: between(Some(21), None),
            ..filter()
        },
        RecordFilter {
            service_period: between(None, Some(10)),
            ..filter()
        },
        RecordFilter {
            statuses: vec![AvailabilityStatus::Superseded.into()],
            ..filter()
        },
        RecordFilter {
            reference_ids: vec!["1.2.4|4f108f13".to_owned()],
            ..filter()
        },
        RecordFilter {
            event_codes: vec![code("", "ALAL02")],
            author_organisations: vec!["990011000016008".to_owned()],
            ..filter()
        },
    ]
}

on_both! {
    async fn each_filter_finds_what_it_names_and_nothing_else(backend) {
        let hub = TestHub::start(backend).await;
        let (plain, other) = (note(REGION_H, LONNI), special());
        register(&hub.system(REGION_H).await, &plain).await;
        register(&hub.system(REGION_M).await, &other).await;
        treats(&hub, REGION_H, CARDIOLOGY, cpr(LONNI)).await;
        let reader = hub.professional("kard", EHR).await;
        for (name, filter) in telling_filters() {
            let view = found(&reader, filtered(cpr(LONNI), filter)).await;
            assert_eq!((uuids(&view.documents), view.total), (vec![other.entry_uuid.clone()], 1), "{name}");
        }
        for filter in empty_filters() {
            let view = found(&reader, filtered(cpr(LONNI), filter.clone())).await;
            assert_eq!((view.documents.len(), view.total), (0, 0), "{filter:?}");
        }
        let class = RecordFilter { class_codes: vec![code("1.2.208.184.100.9", "001")], ..RecordFilter::default() };
        assert_eq!(found(&reader, filtered(cpr(LONNI), class)).await.total, 2);
    }

    async fn an_organisation_in_a_filter_includes_what_lies_below_it(backend) {
        let hub = TestHub::start(backend).await;
        let clinic = by(note(REGION_H, LONNI), HEART_CLINIC);
        let elsewhere = by(note(REGION_H, LONNI), "990061000016005");
        for entry in [&clinic, &elsewhere] {
            register(&hub.system(REGION_H).await, entry).await;
        }
        treats(&hub, REGION_H, CARDIOLOGY, cpr(LONNI)).await;
        let reader = hub.professional("kard", EHR).await;
        for (sor, expected) in [(HOSPITAL, 2), (CARDIOLOGY, 1), (HEART_CLINIC, 1), (REGION_M_SOR, 0)] {
            let filter = RecordFilter { author_organisations: vec![sor.to_owned()], ..RecordFilter::default() };
            assert_eq!(found(&reader, filtered(cpr(LONNI), filter)).await.total, expected, "{sor}");
        }
    }

    async fn a_filter_that_cannot_be_read_is_refused(backend) {
        let hub = TestHub::start(backend).await;
        treats(&hub, REGION_H, CARDIOLOGY, cpr(LONNI)).await;
        let reader = hub.professional("kard", EHR).await;
        let many = vec![code("", "PDC"); 51];
        for filter in [
            RecordFilter { type_codes: many, ..RecordFilter::default() },
            RecordFilter { statuses: vec![99], ..RecordFilter::default() },
            RecordFilter { author_organisations: vec!["nowhere".to_owned()], ..RecordFilter::default() },
            RecordFilter { creation_period: between(Some(2), Some(1)), ..RecordFilter::default() },
        ] {
            let refused = reader.record().search(filtered(cpr(LONNI), filter)).await;
            assert_eq!(refusal(&refused), (Code::InvalidArgument, "INVALID_ARGUMENT"));
        }
        for page_size in [-1, 501] {
            let request = SearchRecordRequest { page_size, ..everything(cpr(LONNI)) };
            assert_eq!(refusal(&reader.record().search(request).await).0, Code::InvalidArgument);
        }
    }
}

//! No person number stands in clear where it need not: not in the store, not in the access log, not in the logs.

use std::fs;
use std::path::Path;

use delt_client::proto::access::v1::{
    AccountSubject, RevokeAccessRequest, TokenSubject, access_subject::Subject,
};
use delt_client::proto::common::v1::{Code, OverrideGround, RequestContext};
use delt_client::proto::document::v1::{
    AvailabilityStatus, DocumentEntry, UpdateDocumentStatusRequest,
};
use delt_client::proto::patient::v1::MergePatientRequest;
use delt_client::proto::record::v1::{RecordFilter, SearchRecordRequest};
use delt_tests::calls::{
    everything, fetch, filtered, operator, record, register, treats, try_register,
};
use delt_tests::entries::{
    CARDIOLOGY, EINER, LARS, LONNI, REGION_H, X_ECPR, about, cpr, note, number,
};
use delt_tests::hub::{Backend, TestHub};
use delt_tests::logs::logs;
use delt_tests::on_both;
use delt_tests::postgres::Postgres;
use delt_tests::revocations::{because, revoke};

const NATIONAL: &str = "0203291WQ3";

/// All numbers that the story below sends.
const NUMBERS: [&str; 4] = [LONNI, EINER, LARS, NATIONAL];

/// A day's work with a few persons, in which everybody writes a number wherever there is room for one.
async fn a_careless_day(hub: &TestHub) {
    let source = hub.system(REGION_H).await;
    for patient in [cpr(LONNI), cpr("020160-9995"), number(X_ECPR, NATIONAL)] {
        let entry = about(REGION_H, patient.clone());
        let titled = DocumentEntry {
            title: format!("Aftale for {}", patient.value),
            comments: format!("Ring til {} i morgen", patient.value),
            source_patient: Some(cpr(LARS)),
            ..entry.clone()
        };
        register(&source, &titled).await;
        let other = DocumentEntry {
            title: format!("Notat om {}", patient.value),
            ..titled
        };
        try_register(&source, &other).await.unwrap_err();
        treats(hub, REGION_H, CARDIOLOGY, patient).await;
        let status = UpdateDocumentStatusRequest {
            context: None,
            entry_uuid: entry.entry_uuid,
            status: AvailabilityStatus::Deprecated.into(),
            reason: format!("{LONNI} er aflyst"),
        };
        source.documents().update_status(status).await.unwrap();
    }
    refused(hub).await;
    reading(hub).await;
    let merge = MergePatientRequest {
        context: None,
        old: Some(number(X_ECPR, NATIONAL)),
        new: Some(cpr(LONNI)),
    };
    operator(hub).await.patients().merge(merge).await.unwrap();
    assert_eq!(record(&hub.citizen(LONNI).await, cpr(LONNI)).await.total, 0);
    revoking(hub).await;
}

/// An operator who writes numbers into everything, and an issuer whose names of persons are their numbers.
async fn revoking(hub: &TestHub) {
    let operator = operator(hub).await;
    let (issuer, number) = (format!("https://{EINER}.test"), LONNI.to_owned());
    let account = AccountSubject {
        issuer: issuer.clone(),
        subject: number.clone(),
    };
    let token = TokenSubject {
        issuer,
        token_id: number.clone(),
    };
    for subject in [
        Subject::Person(cpr(EINER)),
        Subject::Account(account),
        Subject::Token(token),
    ] {
        revoke(&operator, because(subject)).await.unwrap();
    }
    let reason = RevokeAccessRequest {
        reason: format!("{LONNI} har ringet"),
        ..because(Subject::Person(cpr(EINER)))
    };
    for refused in [reason, because(Subject::SystemId(number))] {
        let error = revoke(&operator, refused).await.unwrap_err();
        assert!(!format!("{error:?}").contains(LONNI));
    }
}

/// What is refused leaves traces too.
async fn refused(hub: &TestHub) {
    let source = hub.system(REGION_H).await;
    let unique_id = format!("1.2.208^{LONNI}");
    let class_code = Some(Code {
        system: LONNI.to_owned(),
        code: LONNI.to_owned(),
        display: LONNI.to_owned(),
    });
    for entry in [
        DocumentEntry {
            unique_id,
            ..note(REGION_H, LONNI)
        },
        DocumentEntry {
            entry_uuid: LONNI.to_owned(),
            ..note(REGION_H, LONNI)
        },
        DocumentEntry {
            class_code,
            ..note(REGION_H, LONNI)
        },
        DocumentEntry {
            source_id: LONNI.to_owned(),
            ..note(REGION_H, LONNI)
        },
    ] {
        let error = try_register(&source, &entry).await.unwrap_err();
        assert!(!format!("{error:?}").contains(LONNI));
    }
}

/// A reader who takes the field of a filter, a reason or a token for the place of the number.
async fn reading(hub: &TestHub) {
    let reader = hub
        .professional_for("kard", "ehr-hovedstaden", &["TREAT", "BTG"])
        .await;
    let context = |purpose: &str, reason: &str| {
        Some(RequestContext {
            purpose_of_use: purpose.to_owned(),
            override_reason: reason.to_owned(),
            override_ground: OverrideGround::EssentialConsideration.into(),
        })
    };
    let codes = vec![Code {
        system: String::new(),
        code: LONNI.to_owned(),
        display: LONNI.to_owned(),
    }];
    for filter in [
        RecordFilter {
            reference_ids: vec![LONNI.to_owned(), format!("1.2.3|{EINER}")],
            ..RecordFilter::default()
        },
        RecordFilter {
            type_codes: codes.clone(),
            ..RecordFilter::default()
        },
        RecordFilter {
            event_codes: codes,
            ..RecordFilter::default()
        },
    ] {
        let request = SearchRecordRequest {
            context: context("TREAT", ""),
            ..filtered(cpr(LONNI), filter)
        };
        drop(reader.record().search(request).await);
    }
    let reason = format!("Akut: {LONNI}, ogsaa skrevet 020160-9996, kan ikke svare");
    let broken = SearchRecordRequest {
        context: context("BTG", &reason),
        ..everything(cpr(LONNI))
    };
    drop(reader.record().search(broken).await);
    let token = SearchRecordRequest {
        context: context("TREAT", ""),
        page_token: LONNI.to_owned(),
        ..everything(cpr(LONNI))
    };
    reader.record().search(token).await.unwrap_err();
    fetch(&reader, cpr(LONNI), LONNI).await.unwrap_err();
    let mut request = reader.signed(everything(cpr(LONNI))).unwrap();
    request
        .metadata_mut()
        .insert("x-request-id", LONNI.parse().unwrap());
    let mut raw = delt_client::proto::record::v1::patient_record_service_client::PatientRecordServiceClient::new(reader.channel());
    drop(raw.search_record(request).await);
}

/// The forms in which a number could stand in bytes: as text, with its hyphen, and as a text dump writes bytes.
fn forms(number: &str) -> Vec<Vec<u8>> {
    let hyphened = format!("{}-{}", &number[..6], &number[6..]);
    let texts = [number.to_owned(), hyphened];
    let hex = |text: &String| {
        let bytes = text.bytes();
        bytes.fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
    };
    texts
        .iter()
        .flat_map(|text| [text.clone().into_bytes(), hex(text).into_bytes()])
        .collect()
}

/// What stands around the first of them that is found, without the number itself.
fn found(bytes: &[u8]) -> Option<String> {
    let places = NUMBERS
        .iter()
        .flat_map(|number| forms(number))
        .filter_map(|form| {
            let at = bytes
                .windows(form.len())
                .position(|window| window == form)?;
            Some(String::from_utf8_lossy(&bytes[at.saturating_sub(300)..at]).into_owned())
        });
    places.into_iter().next()
}

/// Everything that the store has written.
fn stored(hub: &TestHub, backend: Backend) -> Vec<u8> {
    let store = hub.config().store.url.clone();
    match backend {
        Backend::Postgres => Postgres::shared().dump(&store),
        Backend::Sqlite => {
            let database = Path::new(store.strip_prefix("sqlite://").unwrap());
            let name = database.file_name().unwrap().to_str().unwrap();
            let beside = fs::read_dir(database.parent().unwrap())
                .unwrap()
                .map(|file| file.unwrap().path());
            let files = beside.filter(|path| {
                path.file_name()
                    .unwrap()
                    .to_str()
                    .unwrap()
                    .starts_with(name)
            });
            files.flat_map(|path| fs::read(path).unwrap()).collect()
        }
    }
}

on_both! {
    async fn no_person_number_is_in_clear_in_the_store_or_the_logs(backend) {
        let logs = logs();
        let hub = TestHub::start(backend).await;
        a_careless_day(&hub).await;
        let store = stored(&hub, backend);
        assert!(store.len() > 50_000, "{} bytes are no store", store.len());
        assert_eq!(found(&store), None, "before a number in the store");
        let hub = hub.restart().await;
        assert_eq!(found(&stored(&hub, backend)), None, "before a number in the store");
        let logged = logs.bytes();
        assert!(logged.len() > 1_000, "{} bytes are no logs", logged.len());
        assert_eq!(found(&logged), None, "before a number in the logs");
    }
}

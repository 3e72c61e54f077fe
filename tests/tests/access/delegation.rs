//! Helpers under a responsible professional, and the management's permission for quality work.

use delt_client::proto::common::v1::Period;
use delt_client::proto::delegation::v1::{
    DelegateToHelperRequest, DelegateToHelperResponse, EndHelperDelegationRequest,
    EndQualityPermissionRequest, HelperDelegation, ListHelperDelegationsRequest,
    ListQualityPermissionsRequest, QualityPermission, RegisterQualityPermissionRequest, Right,
};
use delt_client::proto::document::v1::DocumentEntry;
use delt_client::proto::patient::v1::GetPatientRequest;
use delt_client::proto::record::v1::WithheldReason;
use delt_client::proto::relation::v1::{RegisterRelationRequest, RelationKind, TreatmentRelation};
use delt_client::{ClientError, Connection};
use delt_tests::calls::{self, break_glass, fields, is_not_found, refusal, treats, withheld};
use delt_tests::entries::{CARDIOLOGY, GP, HEART_CLINIC, LONNI, REGION_H, cpr, note};
use delt_tests::on_both;
use delt_tests::samples::{EHR, GP_TESTBY, REGION_MIDTJYLLAND, search, search_for};
use delt_tests::timed::{DAY, TimedHub};
use prost_types::Timestamp;
use time::macros::datetime;
use tonic::Code;

type Result<T> = std::result::Result<T, ClientError>;

const MISSING: (Code, &str) = (Code::PermissionDenied, "DELEGATION_MISSING");
const DENIED: (Code, &str) = (Code::PermissionDenied, "ACCESS_DENIED");
const CONDITIONS: (Code, &str) = (Code::PermissionDenied, "PURPOSE_CONDITIONS_NOT_MET");
/// The secretary's own number, and the responsible physician's authorisation id.
const SECRETARY: &str = "0506889996";
const PHYSICIAN: &str = "8GP1T";
const YEAR: i64 = 365 * DAY;

fn asked(rights: &[Right]) -> DelegateToHelperRequest {
    DelegateToHelperRequest {
        helper: Some(cpr(SECRETARY)),
        rights: rights.iter().map(|right| i32::from(*right)).collect(),
        ..DelegateToHelperRequest::default()
    }
}

#[expect(clippy::unnecessary_wraps, reason = "a validity is optional")]
fn until(end: Timestamp) -> Option<Period> {
    Some(Period {
        start: None,
        end: Some(end),
    })
}

async fn delegate(
    caller: &Connection,
    request: DelegateToHelperRequest,
) -> Result<DelegateToHelperResponse> {
    caller.delegations().delegate(request).await
}

async fn end(caller: &Connection, delegation_id: &str) -> Result<HelperDelegation> {
    let request = EndHelperDelegationRequest {
        context: None,
        delegation_id: delegation_id.to_owned(),
    };
    let ended = caller.delegations().end_helper(request).await?;
    Ok(ended.delegation.expect("the delegation that ended"))
}

async fn listed(caller: &Connection, include_ended: bool) -> Vec<HelperDelegation> {
    let request = ListHelperDelegationsRequest {
        context: None,
        include_ended,
    };
    let answer = caller.delegations().helpers(request).await;
    answer.expect("everybody may list their own").delegations
}

/// Lonni treated by her physician, with one note, and the physician at work.
async fn practice(timed: &TimedHub) -> Connection {
    treats(&timed.hub, GP, GP_TESTBY, cpr(LONNI)).await;
    calls::register(&timed.hub.system(GP).await, &note(GP, LONNI)).await;
    timed.professional("gp", GP, &[]).await
}

async fn secretary(timed: &TimedHub) -> Connection {
    timed.helper("sekr", "gp", GP, &[]).await
}

on_both! {
    async fn a_helper_reads_with_a_delegation_and_only_while_it_holds(backend) {
        let timed = TimedHub::start(backend).await;
        let physician = practice(&timed).await;
        let helper = secretary(&timed).await;
        assert_eq!(refusal(&search(&helper, LONNI).await), MISSING);

        let given = delegate(&physician, asked(&[Right::ReadRecord])).await.unwrap();
        let given = given.delegation.unwrap();
        assert_eq!((given.responsible.as_str(), given.organisation.as_str()), (PHYSICIAN, GP_TESTBY));
        assert_eq!(search(&helper, LONNI).await.unwrap().total, 1);
        let identities = GetPatientRequest { patient: Some(cpr(LONNI)), ..Default::default() };
        assert_eq!(refusal(&helper.patients().get(identities).await), MISSING);

        let ended = end(&physician, &given.delegation_id).await.unwrap();
        assert_eq!(refusal(&search(&helper, LONNI).await), MISSING);
        timed.pass(60);
        assert_eq!(end(&physician, &given.delegation_id).await.unwrap(), ended);
    }

    async fn a_delegation_ends_by_itself_after_two_years(backend) {
        let timed = TimedHub::start(backend).await;
        let given = delegate(&practice(&timed).await, asked(&[Right::ReadRecord])).await.unwrap();
        let last = datetime!(2028-11-23 09:00 UTC);
        let validity = given.delegation.unwrap().validity.unwrap();
        assert_eq!(validity.end.unwrap().seconds, last.unix_timestamp());
        timed.wait_until(last - time::Duration::seconds(1));
        assert_eq!(search(&secretary(&timed).await, LONNI).await.unwrap().total, 1);
        timed.wait_until(last);
        assert_eq!(refusal(&search(&secretary(&timed).await, LONNI).await), MISSING);
        let physician = timed.professional("gp", GP, &[]).await;
        assert!(listed(&physician, false).await.is_empty());
        assert_eq!(listed(&physician, true).await.len(), 1);
    }

    async fn what_is_not_to_be_delegated_is_named(backend) {
        let timed = TimedHub::start(backend).await;
        let physician = practice(&timed).await;
        let own = [Right::ReadRecord, Right::BreakGlass, Right::AttestRelation];
        let refused = delegate(&physician, asked(&own)).await;
        assert_eq!(fields(&refused), ["rights"]);
        let refused = refused.unwrap_err();
        let text = &refused.violations()[0].description;
        assert!(text.contains("break-glass,attest-relation") && !text.contains("read-record"), "{text}");
        assert_eq!(fields(&delegate(&physician, asked(&[])).await), ["rights"]);

        let mut longer = asked(&[Right::ReadRecord]);
        longer.validity = until(timed.after(2 * YEAR + 2 * DAY));
        assert_eq!(fields(&delegate(&physician, longer).await), ["validity.end"]);
        let mut over = asked(&[Right::ReadRecord]);
        over.validity = until(timed.after(-DAY));
        assert_eq!(fields(&delegate(&physician, over).await), ["validity.end"]);
    }

    async fn only_an_authorised_professional_delegates_and_only_for_themself(backend) {
        let timed = TimedHub::start(backend).await;
        let physician = practice(&timed).await;
        let all = asked(&[Right::ReadRecord, Right::IdentifyPatient]);
        delegate(&physician, all.clone()).await.unwrap();
        for (who, caller) in [
            ("the secretary herself", timed.professional("sekr", GP, &[]).await),
            ("a citizen", timed.citizen(LONNI).await),
            ("a system", timed.hub.system(GP).await),
        ] {
            assert_eq!(refusal(&delegate(&caller, all.clone()).await), DENIED, "{who}");
        }
        let handed_on = delegate(&secretary(&timed).await, all).await;
        assert_eq!(refusal(&handed_on).0, Code::PermissionDenied);
    }

    async fn a_helper_never_breaks_the_glass(backend) {
        let timed = TimedHub::start(backend).await;
        let physician = practice(&timed).await;
        delegate(&physician, asked(&[Right::ReadRecord])).await.unwrap();
        let helper = timed.helper("sekr", "gp", GP, &["TREAT", "BTG"]).await;
        let broken = search_for(&helper, LONNI, break_glass()).await;
        assert_eq!(refusal(&broken).0, Code::PermissionDenied);
    }

    async fn both_names_stand_in_the_log_and_no_number(backend) {
        let timed = TimedHub::start(backend).await;
        let physician = practice(&timed).await;
        let given = delegate(&physician, asked(&[Right::IdentifyPatient, Right::ReadRecord])).await;
        let given = given.unwrap().delegation.unwrap();
        let (written, text) = timed.logged("DelegateToHelper").await;
        assert_eq!(written.target.as_deref(), Some(given.delegation_id.as_str()));
        assert_eq!(written.filters["rights"], "read-record,identify-patient");
        assert!(!text.contains(SECRETARY));

        search(&secretary(&timed).await, LONNI).await.unwrap();
        let (written, text) = timed.logged("SearchRecord").await;
        let (acting, responsible) = (written.actor.person.unwrap(), written.actor.responsible.unwrap());
        assert_eq!((acting.role.as_str(), acting.id.as_str()), ("laegesekretaer", "professional:sekr"));
        assert_eq!((responsible.role.as_str(), responsible.id.as_str()), ("laege", PHYSICIAN));
        let cited = written.grounds.iter().filter_map(|ground| ground.reference.as_deref());
        assert!(cited.into_iter().any(|reference| reference == given.delegation_id));
        assert!(!text.contains(SECRETARY));
    }

    async fn one_is_told_of_ones_own_and_of_nobody_elses(backend) {
        let timed = TimedHub::start(backend).await;
        let physician = practice(&timed).await;
        let given = delegate(&physician, asked(&[Right::ReadRecord])).await.unwrap().delegation.unwrap();
        assert_eq!(listed(&physician, false).await, std::slice::from_ref(&given));
        assert_eq!(given.helper, Some(cpr(SECRETARY)));
        let received = HelperDelegation { helper: None, ..given.clone() };
        assert_eq!(listed(&timed.professional("sekr", GP, &[]).await, false).await, [received]);

        let stranger = timed.professional("gp2", "gp-gudenaadal", &[]).await;
        assert!(listed(&stranger, true).await.is_empty());
        let unknown = delt_tests::hub::random_uuid().to_string();
        for id in [&given.delegation_id, &unknown] {
            assert!(is_not_found(&end(&stranger, id).await));
        }
        assert_eq!(listed(&physician, false).await.len(), 1);
    }

    async fn a_retry_answers_the_same_and_another_request_is_refused(backend) {
        let timed = TimedHub::start(backend).await;
        let physician = practice(&timed).await;
        let mut request = asked(&[Right::ReadRecord]);
        request.request_id = delt_tests::hub::random_uuid().to_string();
        let first = delegate(&physician, request.clone()).await.unwrap().delegation;
        timed.pass(60);
        assert_eq!(delegate(&physician, request.clone()).await.unwrap().delegation, first);
        let mut other = request.clone();
        other.helper = Some(cpr(LONNI));
        let mut more = request;
        more.rights.push(Right::IdentifyPatient.into());
        for request in [other, more] {
            let reused = delegate(&physician, request).await;
            assert_eq!(refusal(&reused), (Code::AlreadyExists, "REQUEST_ID_REUSED"));
        }
    }
}

/// A note by a place, about what was done so many days ago.
fn note_of(timed: &TimedHub, place: &str, days: i64) -> DocumentEntry {
    let mut entry = note(REGION_H, LONNI);
    let author = entry
        .author
        .as_mut()
        .and_then(|author| author.institution.as_mut());
    place.clone_into(&mut author.expect("an author").sor);
    entry.creation_time = Some(timed.after(-DAY));
    entry.service_start_time = Some(timed.after(-days * DAY));
    entry
}

fn permission(timed: &TimedHub, days: i64) -> QualityPermission {
    QualityPermission {
        organisation: CARDIOLOGY.to_owned(),
        authorisation_id: "9RK1H".to_owned(),
        reference: "KVAL-2026-17".to_owned(),
        validity: until(timed.after(days * DAY)),
        ..QualityPermission::default()
    }
}

async fn permit(system: &Connection, permission: QualityPermission) -> Result<QualityPermission> {
    let request = RegisterQualityPermissionRequest {
        permission: Some(permission),
        ..RegisterQualityPermissionRequest::default()
    };
    let permitted = system.delegations().permit(request).await?;
    Ok(permitted.permission.expect("the permission"))
}

on_both! {
    async fn a_permission_opens_the_places_own_younger_data_for_quality_work(backend) {
        let timed = TimedHub::start(backend).await;
        let source = timed.hub.system(REGION_H).await;
        for entry in [
            note_of(&timed, CARDIOLOGY, 400),
            note_of(&timed, CARDIOLOGY, 6 * 365),
            note_of(&timed, HEART_CLINIC, 10),
            note_of(&timed, "990091000016001", 10),
        ] {
            calls::register(&source, &entry).await;
        }
        let doctor = timed.professional("kard", EHR, &["HQUALIMP"]).await;
        assert_eq!(refusal(&search(&doctor, LONNI).await), CONDITIONS);

        let hospital = timed.hub.system(EHR).await;
        let permitted = permit(&hospital, permission(&timed, 30)).await.unwrap();
        let view = search(&doctor, LONNI).await.unwrap();
        // The heart clinic is a unit of cardiology; the emergency ward is not, and one note is too old.
        assert_eq!((view.total, withheld(&view, WithheldReason::Purpose)), (2, 2));
        let colleague = timed.professional("reserve", EHR, &["HQUALIMP"]).await;
        assert_eq!(refusal(&search(&colleague, LONNI).await), CONDITIONS);

        let request = EndQualityPermissionRequest {
            context: None,
            organisation: CARDIOLOGY.to_owned(),
            permission_id: permitted.permission_id.clone(),
        };
        let ended = hospital.delegations().end_permission(request.clone()).await.unwrap();
        assert_eq!(refusal(&search(&doctor, LONNI).await), CONDITIONS);
        timed.pass(60);
        let again = hospital.delegations().end_permission(request).await.unwrap();
        assert_eq!(again.permission, ended.permission);
        let list = |include_ended| ListQualityPermissionsRequest {
            context: None,
            organisation: CARDIOLOGY.to_owned(),
            include_ended,
        };
        let kept = |list| async { hospital.delegations().permissions(list).await.unwrap().permissions };
        assert!(kept(list(false)).await.is_empty());
        assert_eq!(kept(list(true)).await, [ended.permission.unwrap()]);
    }

    async fn a_permission_is_of_the_place_itself_and_for_a_year_at_most(backend) {
        let timed = TimedHub::start(backend).await;
        let hospital = timed.hub.system(EHR).await;
        let good = permission(&timed, 30);
        let refused = |change: &dyn Fn(&mut QualityPermission)| {
            let mut changed = good.clone();
            change(&mut changed);
            changed
        };
        for (field, changed) in [
            ("permission.validity.end", refused(&|p| p.validity = until(timed.after(367 * DAY)))),
            ("permission.validity.end", refused(&|p| p.validity = None)),
            ("permission.reference", refused(&|p| p.reference = String::new())),
            ("permission.reference", refused(&|p| p.reference = "x".repeat(65))),
            ("permission.reference", refused(&|p| p.reference = format!("sag {LONNI}"))),
            ("permission.authorisation_id", refused(&|p| p.authorisation_id = "?".to_owned())),
        ] {
            assert_eq!(fields(&permit(&hospital, changed).await), [field]);
        }
        let foreign = refused(&|p| p.organisation = REGION_MIDTJYLLAND.to_owned());
        let foreign = permit(&hospital, foreign).await;
        assert_eq!(refusal(&foreign), (Code::PermissionDenied, "FOREIGN_ORGANISATION"));
        let portal = timed.hub.system("sundhedsportal").await;
        assert_eq!(refusal(&permit(&portal, good).await), DENIED);
    }

    async fn one_learns_from_ones_own_work_for_six_months_after_it(backend) {
        let timed = TimedHub::start(backend).await;
        calls::register(&timed.hub.system(REGION_H).await, &note_of(&timed, CARDIOLOGY, 3)).await;
        let doctor = timed.professional("kard", EHR, &["HOPERAT"]).await;
        assert_eq!(refusal(&search(&doctor, LONNI).await), CONDITIONS);
        let relation = TreatmentRelation {
            kind: RelationKind::Referral.into(),
            organisation: CARDIOLOGY.to_owned(),
            validity: until(timed.after(10 * DAY)),
            ..TreatmentRelation::default()
        };
        let request = RegisterRelationRequest {
            patient: Some(cpr(LONNI)),
            relation: Some(relation),
            ..RegisterRelationRequest::default()
        };
        timed.hub.system(EHR).await.relations().register(request).await.unwrap();
        for (day, open) in [(0, true), (30, true), (188, true), (200, false)] {
            timed.wait_until(datetime!(2026-11-23 09:00 UTC) + time::Duration::days(day));
            let doctor = timed.professional("kard", EHR, &["HOPERAT"]).await;
            let found = search(&doctor, LONNI).await;
            assert_eq!(found.is_ok(), open, "day {day}: {found:?}");
        }
    }
}

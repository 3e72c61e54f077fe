//! Who may act for a citizen: custody and its ages, guardians, powers of attorney; and who may say so.

use delt_client::proto::common::v1::Period;
use delt_client::proto::consent::v1::ListConsentsRequest;
use delt_client::proto::delegation::v1::{
    EndRepresentationRequest, ListRepresentationsRequest, RegisterRepresentationRequest,
    Representation, RepresentationKind, Right,
};
use delt_client::proto::document::v1::DocumentEntry;
use delt_client::proto::record::v1::WithheldReason;
use delt_client::{ClientError, Connection};
use delt_ledger::PersonKind;
use delt_tests::calls::{self, fields, is_not_found, refusal, withheld};
use delt_tests::entries::{EINER, GP, LARS, LONNI, STAMKORT, code, cpr, note, of_kind};
use delt_tests::hub::random_uuid;
use delt_tests::on_both;
use delt_tests::samples::search;
use delt_tests::timed::{DAY, TimedHub};
use time::macros::datetime;
use tonic::Code;

type Result<T> = std::result::Result<T, ClientError>;

const MISSING: (Code, &str) = (Code::PermissionDenied, "DELEGATION_MISSING");
const DENIED: (Code, &str) = (Code::PermissionDenied, "ACCESS_DENIED");
/// Official test persons: a mother, and of her children one of 6 and one of 16 when the tests begin; a guardian.
const KIRSTEN: &str = "2911829996";
const RIKKE: &str = "0505209996";
const GITTE: &str = "0505109990";
const RUDDI: &str = "1502779995";

async fn register(timed: &TimedHub) -> Connection {
    timed.hub.system("personregister").await
}

/// Reading, by this person.
fn reading(kind: RepresentationKind, who: &str) -> Representation {
    Representation {
        kind: kind.into(),
        rights: vec![Right::ReadRecord.into()],
        representative: Some(cpr(who)),
        ..Representation::default()
    }
}

/// A power of attorney for so many days.
fn proxy(timed: &TimedHub, who: &str, days: i64) -> Representation {
    Representation {
        validity: Some(Period {
            start: None,
            end: Some(timed.after(days * DAY)),
        }),
        ..reading(RepresentationKind::Proxy, who)
    }
}

async fn grant(
    caller: &Connection,
    patient: &str,
    representation: Representation,
) -> Result<Representation> {
    let request = RegisterRepresentationRequest {
        patient: Some(cpr(patient)),
        representation: Some(representation),
        ..RegisterRepresentationRequest::default()
    };
    let granted = caller.delegations().represent(request).await?;
    Ok(granted.representation.expect("the representation"))
}

async fn end(caller: &Connection, patient: &str, id: &str) -> Result<Representation> {
    let request = EndRepresentationRequest {
        context: None,
        patient: Some(cpr(patient)),
        representation_id: id.to_owned(),
    };
    let ended = caller.delegations().end_representation(request).await?;
    Ok(ended.representation.expect("the representation"))
}

async fn listed(caller: &Connection, patient: &str) -> Result<Vec<Representation>> {
    let request = ListRepresentationsRequest {
        context: None,
        patient: Some(cpr(patient)),
        include_ended: true,
    };
    let answer = caller.delegations().representatives(request).await?;
    Ok(answer.representations)
}

/// A note, a restricted note and a Stamkort about a person.
async fn write(timed: &TimedHub, person: &str) {
    let source = timed.hub.system(GP).await;
    let restricted = DocumentEntry {
        confidentiality_codes: vec![code("2.16.840.1.113883.5.25", "R")],
        ..note(GP, person)
    };
    for entry in [
        note(GP, person),
        restricted,
        of_kind(note(GP, person), STAMKORT),
    ] {
        calls::register(&source, &entry).await;
    }
}

on_both! {
    async fn a_parent_reads_what_is_not_restricted_of_a_child(backend) {
        let timed = TimedHub::start(backend).await;
        write(&timed, RIKKE).await;
        let mother = timed.citizen_for(KIRSTEN, RIKKE, "custody").await;
        assert_eq!(refusal(&search(&mother, RIKKE).await), MISSING);

        let custody = reading(RepresentationKind::Custody, KIRSTEN);
        let told = grant(&register(&timed).await, RIKKE, custody).await.unwrap();
        let view = search(&mother, RIKKE).await.unwrap();
        assert_eq!((view.total, withheld(&view, WithheldReason::Role)), (2, 1));
        let stranger = timed.citizen_for(LONNI, RIKKE, "custody").await;
        let guardian = timed.citizen_for(KIRSTEN, RIKKE, "guardian").await;
        for other in [&stranger, &guardian] {
            assert_eq!(refusal(&search(other, RIKKE).await), MISSING);
        }
        let brother = search(&mother, LARS).await;
        assert_eq!(refusal(&brother).0, Code::PermissionDenied);

        let ended = end(&register(&timed).await, RIKKE, &told.representation_id).await.unwrap();
        assert_eq!(refusal(&search(&mother, RIKKE).await), MISSING);
        timed.pass(60);
        let again = end(&register(&timed).await, RIKKE, &told.representation_id).await.unwrap();
        assert_eq!(again, ended);
    }

    async fn parent_and_child_both_stand_in_the_log(backend) {
        let timed = TimedHub::start(backend).await;
        write(&timed, RIKKE).await;
        let custody = reading(RepresentationKind::Custody, KIRSTEN);
        let told = grant(&register(&timed).await, RIKKE, custody).await.unwrap();
        search(&timed.citizen_for(KIRSTEN, RIKKE, "custody").await, RIKKE).await.unwrap();
        let (entry, _) = timed.logged("SearchRecord").await;
        let (acting, patient) = (entry.actor.person.unwrap(), entry.patient.unwrap());
        assert_eq!(acting.kind, PersonKind::Citizen);
        assert_ne!(acting.id, patient);
        assert_eq!(entry.actor.relation.as_deref(), Some("custody"));
        let cited = entry.grounds.iter().filter_map(|ground| ground.reference.as_deref());
        assert!(cited.into_iter().any(|reference| reference == told.representation_id));
    }

    async fn from_fifteen_on_custody_opens_nothing_unless_it_was_applied_for(backend) {
        let timed = TimedHub::start(backend).await;
        write(&timed, GITTE).await;
        let registry = register(&timed).await;
        grant(&registry, GITTE, reading(RepresentationKind::Custody, KIRSTEN)).await.unwrap();
        let mother = timed.citizen_for(KIRSTEN, GITTE, "custody").await;
        assert_eq!(refusal(&search(&mother, GITTE).await), MISSING);
        let applied = Representation {
            after_fifteen: true,
            ..reading(RepresentationKind::Custody, KIRSTEN)
        };
        grant(&registry, GITTE, applied).await.unwrap();
        assert_eq!(search(&mother, GITTE).await.unwrap().total, 2);
        // On her eighteenth birthday, which she decides on herself.
        timed.wait_until(datetime!(2028-05-05 12:00 UTC));
        let mother = timed.citizen_for(KIRSTEN, GITTE, "custody").await;
        assert_eq!(refusal(&search(&mother, GITTE).await), MISSING);
        assert_eq!(search(&timed.citizen(GITTE).await, GITTE).await.unwrap().total, 3);
    }

    async fn a_child_does_not_act_alone_before_fifteen(backend) {
        let timed = TimedHub::start(backend).await;
        write(&timed, RIKKE).await;
        let child = timed.citizen(RIKKE).await;
        assert_eq!(refusal(&search(&child, RIKKE).await).0, Code::PermissionDenied);
        let given = grant(&child, RIKKE, proxy(&timed, LONNI, 30)).await;
        assert_eq!(refusal(&given).0, Code::PermissionDenied);
        write(&timed, GITTE).await;
        assert_eq!(search(&timed.citizen(GITTE).await, GITTE).await.unwrap().total, 3);
    }

    async fn a_guardian_acts_within_the_rights_that_are_registered(backend) {
        let timed = TimedHub::start(backend).await;
        write(&timed, EINER).await;
        let guardian = reading(RepresentationKind::Guardian, RUDDI);
        grant(&register(&timed).await, EINER, guardian).await.unwrap();
        let acting = timed.citizen_for(RUDDI, EINER, "guardian").await;
        assert_eq!(search(&acting, EINER).await.unwrap().total, 2);
        let consents = ListConsentsRequest { patient: Some(cpr(EINER)), ..Default::default() };
        assert_eq!(refusal(&acting.consents().list(consents.clone()).await), MISSING);
        let more = Representation {
            rights: vec![Right::ManageConsents.into()],
            ..reading(RepresentationKind::Guardian, RUDDI)
        };
        grant(&register(&timed).await, EINER, more).await.unwrap();
        acting.consents().list(consents).await.unwrap();
    }

    async fn a_power_of_attorney_opens_what_it_names_for_as_long_as_it_says(backend) {
        let timed = TimedHub::start(backend).await;
        write(&timed, EINER).await;
        let einer = timed.citizen(EINER).await;
        let given = Representation {
            type_codes: vec![code("1.2.208.184.100.1", "PDC")],
            ..proxy(&timed, LONNI, 30)
        };
        let given = grant(&einer, EINER, given).await.unwrap();
        let acting = timed.citizen_for(LONNI, EINER, "proxy").await;
        let view = search(&acting, EINER).await.unwrap();
        assert_eq!((view.total, withheld(&view, WithheldReason::Purpose)), (1, 1));
        let passed_on = grant(&acting, EINER, proxy(&timed, RUDDI, 30)).await;
        assert_eq!(refusal(&passed_on).0, Code::PermissionDenied);

        timed.pass(30 * DAY);
        let acting = timed.citizen_for(LONNI, EINER, "proxy").await;
        assert_eq!(refusal(&search(&acting, EINER).await), MISSING);
        let einer = timed.citizen(EINER).await;
        let all = grant(&einer, EINER, proxy(&timed, LONNI, 30)).await.unwrap();
        assert_eq!(search(&acting, EINER).await.unwrap().total, 2);
        end(&einer, EINER, &all.representation_id).await.unwrap();
        assert_eq!(refusal(&search(&acting, EINER).await), MISSING);
        let kept: Vec<_> = listed(&einer, EINER).await.unwrap();
        let ids: Vec<_> = kept.iter().map(|kept| &kept.representation_id).collect();
        assert_eq!(ids, [&given.representation_id, &all.representation_id]);
    }

    async fn what_cannot_be_registered_is_named(backend) {
        let timed = TimedHub::start(backend).await;
        let (einer, registry) = (timed.citizen(EINER).await, register(&timed).await);
        let endless = reading(RepresentationKind::Proxy, LONNI);
        let own = Representation { rights: vec![Right::BreakGlass.into()], ..proxy(&timed, LONNI, 30) };
        let old = Representation { after_fifteen: true, ..proxy(&timed, LONNI, 30) };
        let nothing = Representation { type_codes: vec![code("", "")], ..proxy(&timed, LONNI, 30) };
        let number = Representation { type_codes: vec![code("", EINER)], ..proxy(&timed, LONNI, 30) };
        for (caller, field, asked) in [
            (&einer, "kind", reading(RepresentationKind::Custody, LONNI)),
            (&einer, "kind", reading(RepresentationKind::Guardian, LONNI)),
            (&einer, "representative", proxy(&timed, EINER, 30)),
            (&einer, "validity.end", endless.clone()),
            (&einer, "validity.end", proxy(&timed, LONNI, -1)),
            (&einer, "rights", own),
            (&einer, "after_fifteen", old),
            (&einer, "type_codes[0].code", nothing),
            (&einer, "type_codes", number),
            (&registry, "representative", reading(RepresentationKind::Custody, EINER)),
            (&registry, "validity.end", endless),
        ] {
            let refused = grant(caller, EINER, asked).await;
            assert_eq!(fields(&refused), [format!("representation.{field}")]);
        }
        assert!(listed(&einer, EINER).await.unwrap().is_empty());
    }

    async fn strangers_neither_say_nor_see_who_acts_for_a_citizen(backend) {
        let timed = TimedHub::start(backend).await;
        let (einer, registry) = (timed.citizen(EINER).await, register(&timed).await);
        let told = grant(&registry, EINER, reading(RepresentationKind::Guardian, RUDDI)).await.unwrap();
        timed.pass(1);
        let given = grant(&einer, EINER, proxy(&timed, LONNI, 30)).await.unwrap();
        assert_eq!(told.representative, Some(cpr(RUDDI)));
        assert_eq!(listed(&einer, EINER).await.unwrap(), [told.clone(), given.clone()]);
        // A power of attorney between citizens is no affair of the register's: hidden and missing are one answer.
        assert_eq!(listed(&registry, EINER).await.unwrap(), std::slice::from_ref(&told));
        let unknown = random_uuid().to_string();
        for id in [&given.representation_id, &unknown] {
            assert!(is_not_found(&end(&registry, EINER, id).await));
        }
        assert_eq!(refusal(&end(&einer, EINER, &told.representation_id).await), DENIED);

        for (who, caller) in [
            ("a source", timed.hub.system(GP).await),
            ("a portal by itself", timed.hub.system("sundhedsportal").await),
            ("a professional", timed.professional("gp", GP, &[]).await),
            ("another citizen", timed.citizen(LONNI).await),
            ("the one who acts", timed.citizen_for(LONNI, EINER, "proxy").await),
        ] {
            assert_eq!(refusal(&listed(&caller, EINER).await).0, Code::PermissionDenied, "{who}");
            let ending = end(&caller, EINER, &given.representation_id).await;
            assert_eq!(refusal(&ending).0, Code::PermissionDenied, "{who}");
            let granting = grant(&caller, EINER, proxy(&timed, RUDDI, 30)).await;
            assert_eq!(refusal(&granting).0, Code::PermissionDenied, "{who}");
        }
    }

    async fn a_retry_answers_the_same(backend) {
        let timed = TimedHub::start(backend).await;
        let registry = register(&timed).await;
        let mut request = RegisterRepresentationRequest {
            patient: Some(cpr(RIKKE)),
            representation: Some(reading(RepresentationKind::Custody, KIRSTEN)),
            request_id: random_uuid().to_string(),
            context: None,
        };
        let first = registry.delegations().represent(request.clone()).await.unwrap();
        timed.pass(60);
        let second = registry.delegations().represent(request.clone()).await.unwrap();
        assert_eq!(first.representation, second.representation);
        request.representation = Some(reading(RepresentationKind::Custody, RUDDI));
        let reused = registry.delegations().represent(request).await;
        assert_eq!(refusal(&reused), (Code::AlreadyExists, "REQUEST_ID_REUSED"));
    }
}

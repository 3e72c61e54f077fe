//! Who could see what, and why: one professional, one entry, everybody, and what a consent would change.

use delt_client::proto::audit::v1::EntryFilter;
use delt_client::proto::common::v1::Period;
use delt_client::proto::consent::v1::{
    Consent, ConsentKind, ExplainAccessRequest, ExplainAccessResponse, ListConsentsRequest,
    PlaceAccess, What, Who,
};
use delt_client::{ClientError, Connection};
use delt_tests::calls::{fields, is_not_found, operator, refusal, treats};
use delt_tests::entries::{
    CARDIOLOGY, EINER, GP, HOME_NURSING, LONNI, MUNICIPALITY, REGION_M, cpr, nobodys,
};
use delt_tests::hub::{Backend, TestHub, now};
use delt_tests::on_both;
use delt_tests::samples::{
    EHR, GP_TESTBY, REGION_MIDTJYLLAND, block, block_of, consent, documents_of, entries, of,
    register_record, search, within,
};
use prost_types::Timestamp;
use tonic::Code;

/// The cardiologist, the practitioner and the home nurse: place, role, authorisation id, and where they work.
const TREATING: [(&str, &str, &str, &str, &str); 3] = [
    (CARDIOLOGY, "laege", "9RK1H", "kard", EHR),
    (GP_TESTBY, "laege", "8GP1T", "gp", GP),
    (HOME_NURSING, "sygeplejerske", "7KM8N", "hspl", MUNICIPALITY),
];

type Answer = Result<ExplainAccessResponse, ClientError>;

async fn ask(caller: &Connection, request: ExplainAccessRequest) -> Answer {
    caller.consents().explain(request).await
}

/// About everybody.
fn everybody() -> ExplainAccessRequest {
    ExplainAccessRequest {
        patient: Some(cpr(LONNI)),
        ..ExplainAccessRequest::default()
    }
}

/// About one of a role at a place.
fn one(place: &str, role: &str, person: &str) -> ExplainAccessRequest {
    ExplainAccessRequest {
        role: role.to_owned(),
        organisation: place.to_owned(),
        authorisation_id: person.to_owned(),
        ..everybody()
    }
}

/// What would change with this consent.
fn what_if(consent: Consent) -> ExplainAccessRequest {
    ExplainAccessRequest {
        what_if: Some(consent),
        ..everybody()
    }
}

/// Lonni's record, and three places that treat her; how many entries there are.
async fn treated(backend: Backend) -> (TestHub, u32) {
    let hub = TestHub::start(backend).await;
    let all = register_record(&hub, LONNI).await;
    for (place, _, _, _, system) in TREATING {
        treats(&hub, system, place, cpr(LONNI)).await;
    }
    (hub, all)
}

/// The uuid of an entry of a source.
fn of_source(source: &str) -> String {
    let held = documents_of(LONNI)
        .into_iter()
        .find(|held| held.system == source);
    held.unwrap().entry.entry_uuid
}

fn place<'a>(answer: &'a ExplainAccessResponse, organisation: &str, role: &str) -> &'a PlaceAccess {
    let mut places = answer.places.iter();
    places
        .find(|place| place.organisation == organisation && place.role == role)
        .expect("the place is told of")
}

fn told(answer: &ExplainAccessResponse, language: &str) -> String {
    let sentences = answer.explanations.iter();
    let sentences = sentences.filter(|told| told.language == language);
    let sentences: Vec<_> = sentences.map(|told| told.text.as_str()).collect();
    sentences.join("\n")
}

fn until_tomorrow() -> Period {
    let seconds = now().unix_timestamp() + 86_400;
    Period {
        start: None,
        end: Some(Timestamp { seconds, nanos: 0 }),
    }
}

on_both! {
    async fn what_is_told_of_each_place_is_what_those_there_find(backend) {
        let (hub, all) = treated(backend).await;
        let citizen = hub.citizen(LONNI).await;
        let blocked = Who { organisation: within(GP_TESTBY), ..Who::default() };
        consent(&citizen, LONNI, block(What::default(), blocked)).await;
        consent(&citizen, LONNI, block_of(REGION_MIDTJYLLAND)).await;
        let answer = ask(&citizen, everybody()).await.unwrap();
        for (at, role, person, key, system) in TREATING {
            let there = place(&answer, at, role);
            let found = search(&hub.professional(key, system).await, LONNI).await;
            let found = found.map(|view| view.total);
            assert_eq!(there.admitted, found.is_ok(), "{at}");
            assert_eq!(there.visible, found.unwrap_or_default(), "{at}");
            let alone = ask(&citizen, one(at, role, person)).await.unwrap();
            assert_eq!((there.visible, there.admitted), (alone.visible, alone.admitted));
            assert_eq!(there.withheld_by_consent, alone.withheld_by_consent);
            assert_eq!(there.withheld_by_role, alone.withheld_by_role);
            assert_eq!(there.withheld_by_purpose, alone.withheld_by_purpose);
            assert_eq!(there.grounds, alone.grounds);
            assert!(!there.organisation_name.is_empty() && !there.explanations.is_empty());
        }
        // What the block of everything keeps from the practice is counted all the same.
        assert_eq!(place(&answer, GP_TESTBY, "laege").withheld_by_consent, all);
        let most = answer.places.iter().map(|place| place.visible).max();
        assert!(answer.visible >= most.unwrap() && answer.visible < all);
        assert_eq!(answer.visible + answer.withheld_by_consent, all);
        let roles: Vec<_> = answer.places.iter().filter(|at| at.organisation == CARDIOLOGY).collect();
        assert!(roles.iter().any(|at| at.role == "laegesekretaer" && at.visible < all));
        assert!(!answer.places.iter().any(|at| at.organisation == HOME_NURSING && at.role == "jordemoder"));
    }

    async fn one_entry_has_its_own_count_and_its_own_grounds(backend) {
        let (hub, _) = treated(backend).await;
        let citizen = hub.citizen(LONNI).await;
        let id = consent(&citizen, LONNI, block_of(REGION_MIDTJYLLAND)).await;
        let about = |entry: String| ExplainAccessRequest {
            entry_uuid: entry,
            ..one(CARDIOLOGY, "laege", "9RK1H")
        };
        let hidden = ask(&citizen, about(of_source(REGION_M))).await.unwrap();
        assert!(hidden.admitted);
        assert_eq!((hidden.visible, hidden.withheld_by_consent, hidden.withheld_by_role), (0, 1, 0));
        assert!(hidden.grounds.iter().any(|why| why.rule == "consent-block" && why.reference == id));
        let open = ask(&citizen, about(of_source(GP))).await.unwrap();
        assert_eq!((open.visible, open.withheld_by_consent), (1, 0));
        assert!(!open.grounds.iter().any(|why| why.rule == "consent-block"), "{:?}", open.grounds);
        // Everybody who could see it.
        let all = ask(&citizen, ExplainAccessRequest { entry_uuid: of_source(GP), ..everybody() }).await.unwrap();
        assert_eq!((place(&all, GP_TESTBY, "laege").visible, place(&all, HOME_NURSING, "sygeplejerske").visible), (1, 0));
        register_record(&hub, EINER).await;
        let others = documents_of(EINER)[0].entry.entry_uuid.clone();
        for unknown in [nobodys(), others] {
            let answer = ask(&citizen, about(unknown)).await;
            assert!(is_not_found(&answer), "{answer:?}");
        }
    }

    async fn a_consent_that_is_being_thought_of_changes_what_it_would_change(backend) {
        let (hub, all) = treated(backend).await;
        let citizen = hub.citizen(LONNI).await;
        let who = Who { organisation: within(CARDIOLOGY), ..Who::default() };
        let what = What { originating: within(REGION_MIDTJYLLAND), ..What::default() };
        let thought = ask(&citizen, what_if(block(what.clone(), who.clone()))).await.unwrap();
        let totals = thought.what_if.unwrap();
        assert_eq!((totals.entries, totals.places, totals.places_affected), (all, 3, 1));
        assert!(totals.entries_hidden > 0 && totals.entries_opened == 0);
        let sentence = format!("This would hide {} of {all} entries from 1 of 3 places.", totals.entries_hidden);
        assert!(told(&thought, "en").contains(&sentence), "{}", told(&thought, "en"));
        assert!(told(&thought, "da").contains("Dette ville skjule"));

        // Nothing was registered; and once it is, everybody sees what was foretold.
        let list = ListConsentsRequest { patient: Some(cpr(LONNI)), include_ended: true, ..Default::default() };
        assert!(citizen.consents().list(list).await.unwrap().consents.is_empty());
        consent(&citizen, LONNI, block(what.clone(), who)).await;
        let after = ask(&citizen, everybody()).await.unwrap();
        for (then, now) in thought.places.iter().zip(&after.places) {
            assert_eq!((&then.organisation, &then.role), (&now.organisation, &now.role));
            assert_eq!(then.visible_what_if, now.visible);
        }

        let permit = Consent { kind: ConsentKind::Permit.into(), validity: Some(until_tomorrow()), ..block(what, Who::default()) };
        let opened = ask(&citizen, what_if(permit)).await.unwrap().what_if.unwrap();
        assert_eq!((opened.entries_opened, opened.entries_hidden), (totals.entries_hidden, 0));
        let alone = what_if(block(What::default(), Who::default()));
        let alone = ExplainAccessRequest { patient: alone.patient, what_if: alone.what_if, ..one(GP_TESTBY, "laege", "8GP1T") };
        let totals = ask(&citizen, alone).await.unwrap().what_if.unwrap();
        assert_eq!((totals.entries_hidden, totals.places_affected), (all, 1));
    }

    async fn a_question_that_makes_no_sense_names_its_field(backend) {
        let (hub, _) = treated(backend).await;
        let citizen = hub.citizen(LONNI).await;
        let at = |seconds| Some(Timestamp { seconds: now().unix_timestamp() + seconds, nanos: 0 });
        let permit = Consent { kind: ConsentKind::Permit.into(), ..Consent::default() };
        let opt_out = Consent { kind: ConsentKind::DischargeLetterOptOut.into(), ..Consent::default() };
        let nowhere = Who { organisation: within("990000000000001"), ..Who::default() };
        let wrong = [
            (ExplainAccessRequest { as_of_time: at(3_600), ..everybody() }, "as_of_time"),
            (ExplainAccessRequest { as_of_time: at(-1), ..what_if(block_of(GP_TESTBY)) }, "what_if"),
            (what_if(permit), "what_if.validity.end"),
            (what_if(opt_out), "what_if.kind"),
            (what_if(Consent::default()), "what_if.kind"),
            (what_if(block(What::default(), nowhere)), "what_if.who.organisation.organisation"),
            (one("990000000000001", "laege", "9RK1H"), "organisation"),
            (one("shak:9999", "laege", "9RK1H"), "organisation"),
            (one(CARDIOLOGY, "", "9RK1H"), "role"),
            (one(CARDIOLOGY, "laege", "not an id"), "authorisation_id"),
            (ExplainAccessRequest { entry_uuid: "x".to_owned(), ..everybody() }, "entry_uuid"),
        ];
        for (request, field) in wrong {
            assert_eq!(fields(&ask(&citizen, request).await), [field]);
        }
    }

    async fn a_role_is_asked_about_without_a_name_and_a_place_by_any_of_its_codes(backend) {
        let (hub, all) = treated(backend).await;
        let citizen = hub.citizen(LONNI).await;
        for place in [CARDIOLOGY, "shak:9911010", "gln:5790009900030"] {
            assert_eq!(ask(&citizen, one(place, "laege", "")).await.unwrap().visible, all, "{place}");
        }
        let planner = ask(&citizen, one(CARDIOLOGY, "laegesekretaer", "")).await.unwrap();
        assert!(planner.admitted && planner.visible + planner.withheld_by_role == all);
        let unheard = ask(&citizen, one(CARDIOLOGY, "troldmand", "")).await.unwrap();
        assert!(!unheard.admitted);
    }

    async fn reasons_are_told_in_two_languages_and_name_places_not_ids(backend) {
        let (hub, _) = treated(backend).await;
        let citizen = hub.citizen(LONNI).await;
        let id = consent(&citizen, LONNI, block_of(REGION_MIDTJYLLAND)).await;
        let answer = ask(&citizen, one(CARDIOLOGY, "laege", "9RK1H")).await.unwrap();
        let (da, en) = (told(&answer, "da"), told(&answer, "en"));
        assert!(da.contains("Kardiologisk Afdeling") && da.contains("behandlingsrelation (henvisning)"), "{da}");
        assert!(en.contains("Kardiologisk Afdeling") && en.contains("referral"), "{en}");
        assert!(en.contains("withheld by the citizen's blocks"), "{en}");
        assert!(!da.contains(&id) && !en.contains(&id));
        assert_eq!(da.lines().count(), en.lines().count());
    }

    async fn a_purpose_is_asked_about_as_it_would_be_used(backend) {
        let (hub, all) = treated(backend).await;
        let citizen = hub.citizen(LONNI).await;
        consent(&citizen, LONNI, block_of(REGION_MIDTJYLLAND)).await;
        let about = |purpose: &str, key: &str| ExplainAccessRequest {
            purpose_of_use: purpose.to_owned(),
            ..one("990091000016001", "laege", key)
        };
        // Without a treatment relation: refused for treatment, and all of it with a broken glass.
        assert!(!ask(&citizen, about("TREAT", "9LM4D")).await.unwrap().admitted);
        let broken = ask(&citizen, about("BTG", "9LM4D")).await.unwrap();
        assert_eq!((broken.admitted, broken.visible), (true, all));
        assert!(broken.grounds.iter().any(|why| why.rule == "break-glass"));
        // Quality work needs the management's permission, and nobody was treated here.
        for purpose in ["HQUALIMP", "HOPERAT", "PATRQT", "HSYSADMIN"] {
            assert!(!ask(&citizen, about(purpose, "9LM4D")).await.unwrap().admitted, "{purpose}");
        }
        assert_eq!(fields(&ask(&citizen, about("CURIOSITY", "9LM4D")).await), ["purpose_of_use"]);
        // Asking breaks nothing: no opening, no notification.
        let log = entries(&hub, EntryFilter { override_only: true, ..EntryFilter::default() }).await;
        assert!(log.is_empty());
    }

    async fn only_who_may_know_is_told(backend) {
        let (hub, all) = treated(backend).await;
        treats(&hub, REGION_M, "990221000016007", cpr(LONNI)).await;
        let denied = (Code::PermissionDenied, "ACCESS_DENIED");
        for stranger in [hub.citizen(EINER).await, hub.professional("kard", EHR).await, operator(&hub).await] {
            assert_eq!(refusal(&ask(&stranger, everybody()).await), denied);
            assert_eq!(refusal(&ask(&stranger, one(CARDIOLOGY, "laege", "9RK1H")).await), denied);
        }
        // The region's auditor follows up the region, and learns of no other place that it treats.
        let auditor = hub.auditor().await;
        assert_eq!(ask(&auditor, one(CARDIOLOGY, "laege", "9RK1H")).await.unwrap().visible, all);
        let elsewhere = ask(&auditor, one(GP_TESTBY, "laege", "8GP1T")).await;
        assert_eq!(refusal(&elsewhere), (Code::PermissionDenied, "FOREIGN_ORGANISATION"));
        let own = ask(&auditor, everybody()).await.unwrap();
        assert!(own.places.iter().all(|place| place.organisation == CARDIOLOGY));
        let everywhere = ask(&hub.supervisor().await, everybody()).await.unwrap();
        let citizens = ask(&hub.citizen(LONNI).await, everybody()).await.unwrap();
        assert_eq!(everywhere.places, citizens.places);
        assert!(everywhere.places.len() > own.places.len());
        let log = entries(&hub, EntryFilter { patient: Some(cpr(LONNI)), ..of("ExplainAccess") }).await;
        assert!(log.len() >= 10 && log.iter().all(|entry| entry.disclosed.is_empty()));
        assert!(log.iter().any(|entry| entry.error_code.as_deref() == Some("FOREIGN_ORGANISATION")));
    }

    async fn nobody_who_treats_means_nobody_who_sees(backend) {
        let hub = TestHub::start(backend).await;
        let all = register_record(&hub, LONNI).await;
        let answer = ask(&hub.citizen(LONNI).await, everybody()).await.unwrap();
        assert!(all > 0 && !answer.admitted && answer.places.is_empty());
        assert_eq!(told(&answer, "en").lines().count(), 1);
        let thought = ask(&hub.citizen(LONNI).await, what_if(block_of(GP_TESTBY))).await.unwrap();
        assert_eq!(thought.what_if, Some(delt_client::proto::consent::v1::WhatIf::default()));
    }
}

//! `policy.show_names = "roles"`: the citizen is told what kind of person looked, and the log knows who.

use std::fmt::Debug;

use delt_client::proto::audit::v1::ListPatientAccessesRequest;
use delt_client::proto::notification::v1::ListNotificationsRequest;
use delt_server::config::{Config, ShowNames};
use delt_server::profile::{Holder, Professional};
use delt_tests::calls::{self, treats};
use delt_tests::entries::{CARDIOLOGY, GP, LONNI, REGION_H, cpr, note};
use delt_tests::glass::essential;
use delt_tests::hub::sample;
use delt_tests::on_both;
use delt_tests::samples::{EHR, GP_TESTBY, search, search_for};
use delt_tests::timed::TimedHub;

use super::{REASON, count, visits};

fn by_role(config: &mut Config) {
    config.policy.show_names = ShowNames::Roles;
}

/// A second physician of the same department.
fn colleague() -> Holder {
    Holder::Professional(Professional {
        authorisation_id: Some("9NBK7".to_owned()),
        given: vec!["Asta".to_owned()],
        family: "Nabokær".to_owned(),
        ..sample("kard")
    })
}

fn tells_no_name(told: &impl Debug) {
    let told = format!("{told:?}");
    let Holder::Professional(colleague) = colleague() else {
        unreachable!()
    };
    let known = ["kard", "reserve", "gp", "sekr"].map(sample);
    for somebody in known.iter().chain([&colleague]) {
        assert!(
            !told.contains(&somebody.family),
            "{} is told of in {told}",
            somebody.family
        );
    }
}

on_both! {
    async fn where_roles_are_shown_no_answer_to_the_citizen_has_a_name(backend) {
        let timed = TimedHub::start_with(backend, by_role).await;
        calls::register(&timed.hub.system(REGION_H).await, &note(REGION_H, LONNI)).await;
        treats(&timed.hub, EHR, CARDIOLOGY, cpr(LONNI)).await;
        treats(&timed.hub, GP, GP_TESTBY, cpr(LONNI)).await;
        let first = timed.professional("kard", EHR, &[]).await;
        search(&first, LONNI).await.unwrap();
        timed.pass(1);
        search(&timed.person(&colleague(), EHR, &[]).await, LONNI).await.unwrap();
        timed.pass(1);
        let glass = timed.professional("reserve", EHR, &["TREAT", "BTG"]).await;
        search_for(&glass, LONNI, Some(essential(REASON))).await.unwrap();
        timed.pass(1);
        search(&timed.helper("sekr", "gp", GP, &[]).await, LONNI).await.unwrap_err();
        timed.pass(1);

        let citizen = timed.citizen(LONNI).await;
        let seen = visits(&citizen, LONNI).await;
        tells_no_name(&seen);
        let [helper, glass, later, earlier] = seen.as_slice() else { panic!("{seen:?}") };
        // Two persons are two visits, although they are told of in the same words.
        assert_eq!((later.person_role.as_str(), earlier.person_role.as_str()), ("laege", "laege"));
        assert_eq!((count(later, "SearchRecord"), count(earlier, "SearchRecord")), (1, 1));
        assert_eq!((earlier.organisation.as_str(), earlier.organisation_name.is_empty()), (CARDIOLOGY, false));
        assert_eq!((glass.person_role.as_str(), glass.override_reason.as_str()), ("laege", REASON));
        assert!(!helper.person_role.is_empty() && helper.responsible_role == "laege");

        let request = ListPatientAccessesRequest { patient: Some(cpr(LONNI)), ..Default::default() };
        let accesses = citizen.audit().accesses(request).await.unwrap();
        assert_eq!(accesses.accesses.len(), 4);
        tells_no_name(&accesses);
        let request = ListNotificationsRequest { patient: Some(cpr(LONNI)), ..Default::default() };
        let notifications = citizen.notifications().list(request).await.unwrap();
        assert!(!notifications.notifications.is_empty());
        tells_no_name(&notifications);
        // Those who follow up still see who it was.
        let (entry, _) = timed.logged("SearchRecord").await;
        assert_eq!(entry.actor.person.unwrap().name.unwrap(), sample("sekr").name());
    }
}

//! Consents as they are registered: by whom, for whom, of what kind, and at places by any of their codes.

use delt_client::proto::common::v1::{Code, Period};
use delt_client::proto::consent::v1::{
    Consent, ConsentKind, CreateConsentRequest, EndConsentRequest, ExplainAccessRequest,
    ListConsentsRequest, OrganisationScope, What, Who,
};
use delt_client::proto::delegation::v1::{
    RegisterRepresentationRequest, Representation, RepresentationKind, Right,
};
use delt_client::{ClientError, Connection};
use delt_server::profile::Holder;
use delt_tests::calls::{fields, is_not_found, refusal};
use delt_tests::entries::{CARDIOLOGY, EINER, LARS, LONNI, REGION_M, cpr};
use delt_tests::hub::{TestHub, now, test_person};
use delt_tests::on_both;
use delt_tests::samples::{
    GP_TESTBY, REGION_MIDTJYLLAND, block_of, consent, documents_of, lonni_at_the_hospital, search,
    within,
};
use prost_types::Timestamp;

async fn create(citizen: &Connection, consent: Consent) -> Result<Consent, ClientError> {
    let request = CreateConsentRequest {
        patient: Some(cpr(LONNI)),
        consent: Some(consent),
        ..CreateConsentRequest::default()
    };
    let created = citizen.consents().create(request).await?;
    Ok(created.consent.expect("the consent comes back"))
}

async fn list(citizen: &Connection) -> Vec<Consent> {
    let request = ListConsentsRequest {
        patient: Some(cpr(LONNI)),
        include_ended: true,
        ..ListConsentsRequest::default()
    };
    citizen.consents().list(request).await.unwrap().consents
}

fn opt_out(what: What, who: Who) -> Consent {
    Consent {
        kind: ConsentKind::DischargeLetterOptOut.into(),
        what: Some(what),
        who: Some(who),
        ..Consent::default()
    }
}

/// The place with this code, with its units.
fn origin(code: &str) -> What {
    What {
        originating: within(code),
        ..What::default()
    }
}

/// Lonni lets Lars manage her consents for a day, about documents of these types.
async fn proxy(hub: &TestHub, types: Vec<Code>) -> Connection {
    let end = Some(Timestamp {
        seconds: now().unix_timestamp() + 86_400,
        nanos: 0,
    });
    let representation = Representation {
        kind: RepresentationKind::Proxy.into(),
        rights: vec![Right::ManageConsents.into()],
        representative: Some(cpr(LARS)),
        type_codes: types,
        validity: Some(Period { start: None, end }),
        ..Representation::default()
    };
    let request = RegisterRepresentationRequest {
        patient: Some(cpr(LONNI)),
        representation: Some(representation),
        ..RegisterRepresentationRequest::default()
    };
    let citizen = hub.citizen(LONNI).await;
    citizen.delegations().represent(request).await.unwrap();
    let holder = Holder::CitizenFor {
        acting: test_person(LARS),
        other: test_person(LONNI),
        relation: "proxy".to_owned(),
    };
    let token = hub.token(&holder, "sundhedsportal", &[]);
    hub.connect(hub.running.api, "sundhedsportal", Some(token))
        .await
}

on_both! {
    async fn it_is_kept_who_registered_and_by_which_right(backend) {
        let hub = TestHub::start(backend).await;
        let (all, doctor) = lonni_at_the_hospital(&hub).await;
        let (citizen, proxy) = (hub.citizen(LONNI).await, proxy(&hub, Vec::new()).await);
        consent(&citizen, LONNI, block_of(GP_TESTBY)).await;
        let id = consent(&proxy, LONNI, block_of(REGION_MIDTJYLLAND)).await;
        assert!(search(&doctor, LONNI).await.unwrap().total < all);
        let kept = list(&citizen).await;
        let told: Vec<_> = kept.iter().map(|one| (one.registered_by.as_str(), one.on_behalf.as_str())).collect();
        assert_eq!(told, [
            ("the citizen through sundhedsportal", ""),
            ("a representative (proxy) through sundhedsportal", "proxy"),
        ]);
        let end = EndConsentRequest { context: None, patient: Some(cpr(LONNI)), consent_id: id };
        let ended = proxy.consents().end(end).await.unwrap().consent.unwrap();
        assert!(ended.ended_time.is_some());
        assert_eq!(ended.on_behalf, "proxy");
        let stranger = hub.citizen(EINER).await;
        let refused = create(&stranger, block_of(GP_TESTBY)).await;
        assert_eq!(refusal(&refused), (tonic::Code::PermissionDenied, "ACCESS_DENIED"));
    }

    async fn an_opt_out_from_letters_is_of_all_data_and_hides_nothing(backend) {
        let hub = TestHub::start(backend).await;
        let (all, doctor) = lonni_at_the_hospital(&hub).await;
        let citizen = hub.citizen(LONNI).await;
        let at = |code: &str| Who { organisation: within(code), ..Who::default() };
        let kept = create(&citizen, opt_out(What::default(), at(GP_TESTBY))).await.unwrap();
        assert_eq!(kept.kind(), ConsentKind::DischargeLetterOptOut);
        create(&citizen, opt_out(What::default(), Who::default())).await.unwrap();
        assert_eq!(search(&doctor, LONNI).await.unwrap().total, all, "it says nothing about who may look");
        let entry = documents_of(LONNI)[0].entry.entry_uuid.clone();
        let one = What { entry_uuid: entry, ..What::default() };
        let person = Who { authorisation_id: "8GP1T".to_owned(), ..Who::default() };
        for (wrong, field) in [
            (opt_out(one, Who::default()), "consent.what"),
            (opt_out(origin(CARDIOLOGY), Who::default()), "consent.what"),
            (opt_out(What::default(), person), "consent.who.authorisation_id"),
        ] {
            assert_eq!(fields(&create(&citizen, wrong).await), [field]);
        }
        assert_eq!(list(&citizen).await.len(), 2);
    }

    async fn a_place_is_the_same_place_by_any_of_its_codes(backend) {
        let hub = TestHub::start(backend).await;
        let (all, doctor) = lonni_at_the_hospital(&hub).await;
        let citizen = hub.citizen(LONNI).await;
        let what = origin("shak:9920");
        let block = Consent { kind: ConsentKind::Block.into(), what: Some(what), ..Consent::default() };
        let kept = create(&citizen, block.clone()).await.unwrap();
        let kept: OrganisationScope = kept.what.unwrap().originating.unwrap();
        assert_eq!(kept.organisation, REGION_MIDTJYLLAND);
        let blocked = documents_of(LONNI).iter().filter(|held| held.system == REGION_M).count();
        assert_eq!(search(&doctor, LONNI).await.unwrap().total, all - u32::try_from(blocked).unwrap());
        for unknown in ["shak:9999", "gln:5790000000005", "ydernummer:1", "cvr:12345678", "x"] {
            let wrong = Consent { what: Some(origin(unknown)), ..block.clone() };
            assert_eq!(fields(&create(&citizen, wrong).await), ["consent.what.originating.organisation"], "{unknown}");
            let who = Who { organisation: within(unknown), ..Who::default() };
            let wrong = Consent { what: None, who: Some(who), ..block.clone() };
            assert_eq!(fields(&create(&citizen, wrong).await), ["consent.who.organisation.organisation"], "{unknown}");
        }
    }

    async fn who_acts_for_a_citizen_learns_of_no_more_than_the_right_covers(backend) {
        let hub = TestHub::start(backend).await;
        let (all, _) = lonni_at_the_hospital(&hub).await;
        let types: Vec<Code> = documents_of(LONNI).into_iter().filter_map(|held| held.entry.type_code).collect();
        let kind = types[0].clone();
        let of_kind = types.iter().filter(|code| code.code == kind.code).count();
        let about = |entry_uuid: String| ExplainAccessRequest {
            patient: Some(cpr(LONNI)),
            entry_uuid,
            ..ExplainAccessRequest::default()
        };
        let proxy = proxy(&hub, vec![kind.clone()]).await;
        let told = proxy.consents().explain(about(String::new())).await.unwrap();
        assert!(all as usize > of_kind && told.visible as usize == of_kind);
        let own = hub.citizen(LONNI).await.consents().explain(about(String::new())).await.unwrap();
        assert_eq!(own.visible, all);
        let other = documents_of(LONNI).into_iter().find(|held| held.entry.type_code != Some(kind.clone())).unwrap();
        let hidden = proxy.consents().explain(about(other.entry.entry_uuid)).await;
        assert!(is_not_found(&hidden), "{hidden:?}");
    }
}

//! Who a document is about: the kinds of person numbers, and numbers that turn out to be one person's.

use delt_client::Connection;
use delt_client::proto::common::v1::Identifier;
use delt_client::proto::consent::v1::{
    Consent, ConsentKind, CreateConsentRequest, OrganisationScope, What,
};
use delt_client::proto::document::v1::RelationCode;
use delt_client::proto::patient::v1::{
    GetPatientRequest, GetPatientResponse, LinkKind, LinkPatientRequest, MergePatientRequest,
    PatientLink,
};
use delt_client::proto::record::v1::WithheldReason;
use delt_tests::calls::{
    everything, is_not_found, operator, record, refusal, register, treats, withheld,
};
use delt_tests::entries::{
    CARDIOLOGY, CPR, EINER, LONNI, REGION_H, REGION_H_ECPR, REGION_M, REGION_M_ECPR, X_ECPR, about,
    cpr, note, number, related, uuids,
};
use delt_tests::hub::TestHub;
use delt_tests::on_both;
use tonic::Code;

/// Replacement numbers of the right form.
const NATIONAL: &str = "0203291WQ3";
const DECENTRAL: &str = "0203290WQ3";

async fn merge(operator: &Connection, old: Identifier, new: Identifier) -> PatientLink {
    let request = MergePatientRequest {
        context: None,
        old: Some(old),
        new: Some(new),
    };
    operator
        .patients()
        .merge(request)
        .await
        .unwrap()
        .link
        .unwrap()
}

async fn link(operator: &Connection, patient: Identifier, other: Identifier) -> PatientLink {
    let request = LinkPatientRequest {
        context: None,
        patient: Some(patient),
        other: Some(other),
    };
    operator
        .patients()
        .link(request)
        .await
        .unwrap()
        .link
        .unwrap()
}

async fn numbers_of(
    caller: &Connection,
    patient: Identifier,
) -> Result<GetPatientResponse, delt_client::ClientError> {
    caller
        .patients()
        .get(GetPatientRequest {
            context: None,
            patient: Some(patient),
        })
        .await
}

/// The remainder of modulus 11, which is 0 for the CPR numbers of old.
fn modulus_11(cpr: &str) -> u32 {
    let weights = [4, 3, 2, 7, 6, 5, 4, 3, 2, 1];
    cpr.chars()
        .zip(weights)
        .map(|(digit, weight)| digit.to_digit(10).unwrap() * weight)
        .sum::<u32>()
        % 11
}

/// What the cardiologist sees, in no order.
async fn seen(hub: &TestHub, patient: Identifier) -> Vec<String> {
    let reader = hub.professional("kard", "ehr-hovedstaden").await;
    sorted(uuids(&record(&reader, patient).await.documents))
}

fn sorted(items: impl IntoIterator<Item = impl ToString>) -> Vec<String> {
    let mut items: Vec<_> = items.into_iter().map(|item| item.to_string()).collect();
    items.sort();
    items
}

on_both! {
    async fn a_number_with_and_without_its_hyphen_is_one_person(backend) {
        let hub = TestHub::start(backend).await;
        let source = hub.system(REGION_H).await;
        let hyphened = "020160-9996";
        treats(&hub, REGION_H, CARDIOLOGY, cpr(hyphened)).await;
        let (one, other) = (about(REGION_H, cpr(hyphened)), about(REGION_H, number("1.2.208.176.1.2", LONNI)));
        register(&source, &one).await;
        register(&source, &other).await;
        for written in [cpr(LONNI), cpr(hyphened), number("1.2.208.176.1.2", hyphened)] {
            assert_eq!(seen(&hub, written).await, sorted([&one.entry_uuid, &other.entry_uuid]));
        }
    }

    async fn a_number_that_breaks_modulus_11_is_accepted(backend) {
        let hub = TestHub::start(backend).await;
        for person in [LONNI, EINER] {
            assert_ne!(modulus_11(person), 0, "the example shows nothing");
            let entry = note(REGION_H, person);
            register(&hub.system(REGION_H).await, &entry).await;
            treats(&hub, REGION_H, CARDIOLOGY, cpr(person)).await;
            assert_eq!(seen(&hub, cpr(person)).await, [entry.entry_uuid]);
        }
    }

    async fn a_national_replacement_number_is_a_person_of_its_own(backend) {
        let hub = TestHub::start(backend).await;
        let entry = about(REGION_H, number(X_ECPR, NATIONAL));
        register(&hub.system(REGION_H).await, &entry).await;
        for patient in [number(X_ECPR, NATIONAL), cpr(LONNI)] {
            treats(&hub, REGION_H, CARDIOLOGY, patient).await;
        }
        assert_eq!(seen(&hub, number(X_ECPR, NATIONAL)).await, [entry.entry_uuid]);
        assert!(seen(&hub, cpr(LONNI)).await.is_empty());
    }

    async fn the_same_decentral_number_of_two_issuers_is_two_persons(backend) {
        let hub = TestHub::start(backend).await;
        let (here, there) = (number(REGION_H_ECPR, DECENTRAL), number(REGION_M_ECPR, DECENTRAL));
        let (ours, theirs) = (about(REGION_H, here.clone()), about(REGION_M, there.clone()));
        register(&hub.system(REGION_H).await, &ours).await;
        register(&hub.system(REGION_M).await, &theirs).await;
        treats(&hub, REGION_H, CARDIOLOGY, here.clone()).await;
        assert_eq!(seen(&hub, here).await, [ours.entry_uuid]);
        let reader = hub.professional("kard", "ehr-hovedstaden").await;
        let refused = reader.record().search(everything(there.clone())).await;
        assert_eq!(refusal(&refused), (Code::PermissionDenied, "NO_TREATMENT_RELATION"));
        treats(&hub, REGION_H, CARDIOLOGY, there.clone()).await;
        assert_eq!(seen(&hub, there).await, [theirs.entry_uuid]);
    }

    async fn a_merge_is_followed_from_both_numbers(backend) {
        let hub = TestHub::start(backend).await;
        let source = hub.system(REGION_H).await;
        let (old, new) = (number(REGION_H_ECPR, DECENTRAL), cpr(LONNI));
        let (before, after) = (about(REGION_H, old.clone()), about(REGION_H, new.clone()));
        register(&source, &before).await;
        treats(&hub, REGION_H, CARDIOLOGY, old.clone()).await;
        let reader = hub.professional("kard", "ehr-hovedstaden").await;
        let unrelated = reader.record().search(everything(new.clone())).await;
        assert_eq!(refusal(&unrelated), (Code::PermissionDenied, "NO_TREATMENT_RELATION"));
        let merged = merge(&operator(&hub).await, old.clone(), new.clone()).await;
        assert_eq!((merged.kind(), merged.from, merged.to), (LinkKind::Merged, Some(old.clone()), Some(new.clone())));
        register(&source, &after).await;
        let both = sorted([&before.entry_uuid, &after.entry_uuid]);
        assert_eq!(seen(&hub, new).await, both, "what lies under the old number shows under the new one");
        assert_eq!(seen(&hub, old.clone()).await, both);
        assert_eq!(record(&hub.citizen(LONNI).await, cpr(LONNI)).await.total, 2);
        // The old number still works for a source that has not heard of the new one.
        register(&source, &about(REGION_H, old.clone())).await;
        assert_eq!(seen(&hub, old).await.len(), 3);
    }

    async fn a_block_on_the_new_number_holds_for_the_old(backend) {
        let hub = TestHub::start(backend).await;
        let old = number(X_ECPR, NATIONAL);
        register(&hub.system(REGION_H).await, &about(REGION_H, old.clone())).await;
        treats(&hub, REGION_H, CARDIOLOGY, old.clone()).await;
        merge(&operator(&hub).await, old.clone(), cpr(LONNI)).await;
        let region = OrganisationScope { organisation: "990011000016008".to_owned(), with_underlying: true };
        let consent = Consent {
            kind: ConsentKind::Block.into(),
            what: Some(What { originating: Some(region), ..What::default() }),
            ..Consent::default()
        };
        let request = CreateConsentRequest { patient: Some(cpr(LONNI)), consent: Some(consent), ..CreateConsentRequest::default() };
        hub.citizen(LONNI).await.consents().create(request).await.unwrap();
        let reader = hub.professional("kard", "ehr-hovedstaden").await;
        for patient in [old, cpr(LONNI)] {
            let view = record(&reader, patient).await;
            assert_eq!((view.total, withheld(&view, WithheldReason::Consent)), (0, 1));
        }
    }

    async fn links_are_followed_however_many_lie_between(backend) {
        let hub = TestHub::start(backend).await;
        let keeper = operator(&hub).await;
        let chain = [number(REGION_H_ECPR, DECENTRAL), number(REGION_M_ECPR, DECENTRAL), number(X_ECPR, NATIONAL), cpr(LONNI)];
        let mut registered = Vec::new();
        for patient in &chain {
            let entry = about(REGION_H, patient.clone());
            register(&hub.system(REGION_H).await, &entry).await;
            registered.push(entry.entry_uuid);
        }
        treats(&hub, REGION_H, CARDIOLOGY, chain[1].clone()).await;
        link(&keeper, chain[0].clone(), chain[1].clone()).await;
        merge(&keeper, chain[2].clone(), chain[3].clone()).await;
        merge(&keeper, chain[1].clone(), chain[2].clone()).await;
        let all = sorted(registered);
        for patient in chain {
            assert_eq!(seen(&hub, patient).await, all);
        }
    }

    async fn a_replacement_finds_its_target_under_a_former_number(backend) {
        let hub = TestHub::start(backend).await;
        let source = hub.system(REGION_H).await;
        let old = number(X_ECPR, NATIONAL);
        let first = about(REGION_H, old.clone());
        register(&source, &first).await;
        merge(&operator(&hub).await, old, cpr(LONNI)).await;
        let new = related(note(REGION_H, LONNI), RelationCode::Replaces, &first.entry_uuid);
        assert_eq!(register(&source, &new).await.superseded_entry_uuids, [first.entry_uuid]);
        treats(&hub, REGION_H, CARDIOLOGY, cpr(LONNI)).await;
        assert_eq!(seen(&hub, cpr(LONNI)).await, [new.entry_uuid]);
    }

    async fn the_history_of_numbers_is_kept_the_one_that_goes_on_first(backend) {
        let hub = TestHub::start(backend).await;
        let keeper = operator(&hub).await;
        let (first, second) = (number(REGION_H_ECPR, DECENTRAL), number(X_ECPR, NATIONAL));
        link(&keeper, first.clone(), second.clone()).await;
        let merged = merge(&keeper, second.clone(), cpr(LONNI)).await;
        for asked in [&first, &second, &cpr(LONNI)] {
            let person = numbers_of(&keeper, asked.clone()).await.unwrap();
            assert_eq!(person.identifiers.len(), 3);
            assert_eq!(person.identifiers.last(), Some(&second), "the closed number comes last");
            assert!(person.identifiers.contains(&first) && person.identifiers.contains(&cpr(LONNI)));
            let history: Vec<_> = person.links.iter().map(|link| (link.kind(), link.from.as_ref(), link.to.as_ref())).collect();
            assert_eq!(history, [
                (LinkKind::Linked, Some(&first), Some(&second)),
                (LinkKind::Merged, Some(&second), Some(&cpr(LONNI))),
            ]);
            assert_eq!(person.links[1].created_time, merged.created_time);
        }
        assert_eq!(merge(&keeper, second, cpr(LONNI)).await, merged, "the same link again answers the same");
    }

    async fn only_the_operator_keeps_identities(backend) {
        let hub = TestHub::start(backend).await;
        register(&hub.system(REGION_H).await, &note(REGION_H, LONNI)).await;
        treats(&hub, REGION_H, CARDIOLOGY, cpr(LONNI)).await;
        for caller in [hub.professional("kard", "ehr-hovedstaden").await, hub.citizen(LONNI).await, hub.auditor().await, hub.system(REGION_H).await] {
            let request = MergePatientRequest { context: None, old: Some(cpr(EINER)), new: Some(cpr(LONNI)) };
            let refused = caller.patients().merge(request).await;
            assert!(matches!(refusal(&refused).0, Code::PermissionDenied | Code::Unauthenticated), "{refused:?}");
        }
        let keeper = operator(&hub).await;
        assert_eq!(numbers_of(&keeper, cpr(LONNI)).await.unwrap().identifiers, [cpr(LONNI)]);
        assert!(is_not_found(&numbers_of(&keeper, cpr(EINER)).await), "nobody registered anything of this person");
        let request = MergePatientRequest { context: None, old: Some(cpr(LONNI)), new: Some(number(CPR, "020160-9996")) };
        assert_eq!(refusal(&keeper.patients().merge(request).await).0, Code::InvalidArgument, "a number is no other than itself");
    }
}

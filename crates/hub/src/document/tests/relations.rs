//! Replacing, appending, transforming.

use uuid::Uuid;

use super::world::*;
use crate::{
    document::{
        AvailabilityStatus::{self, Approved, Deprecated, Superseded, Withdrawn},
        DocumentEntry,
        RelationCode::{Appends, Replaces, Signs, Transforms},
        operations::{GetDocument, UpdateDocumentStatus},
    },
    error::code,
};

async fn state(world: &World, id: u128) -> (AvailabilityStatus, Option<Uuid>) {
    let found = world
        .ask(
            "strict",
            GetDocument {
                entry_uuid: Uuid::from_u128(id),
            },
        )
        .await;
    let entry = found.unwrap().entry;
    (entry.status, entry.replaced_by)
}

/// 1, with an addendum 2, a transform 3 of the addendum, and a signature 4.
async fn tree(world: &World) {
    for entry in [
        appointment(1),
        related(2, Appends, 1),
        related(3, Transforms, 2),
        related(4, Signs, 1),
    ] {
        world.register(entry).await.unwrap();
    }
}

#[tokio::test]
async fn a_replacement_supersedes_the_target_and_what_hangs_on_it() {
    let world = World::new().await;
    Box::pin(tree(&world)).await;
    world.later(1);
    let replacement = related(9, Replaces, 1);
    let done = world.register(replacement.clone()).await.unwrap();
    assert_eq!(done.superseded, ids(&[1, 2, 3]));
    for id in [1, 2, 3] {
        assert_eq!(
            state(&world, id).await,
            (Superseded, Some(Uuid::from_u128(9)))
        );
    }
    assert_eq!(state(&world, 4).await, (Approved, None));
    assert_eq!(state(&world, 9).await, (Approved, None));

    let again = world.register(replacement).await.unwrap();
    assert!(again.already_registered);
    assert_eq!(again.superseded, done.superseded);
}

#[tokio::test]
async fn only_what_is_current_can_be_replaced() {
    let world = World::new().await;
    world.register(appointment(1)).await.unwrap();
    world.register(related(2, Replaces, 1)).await.unwrap();
    let refused = world.register(related(3, Replaces, 1)).await.unwrap_err();
    assert_eq!(refused.code(), code::STATE_CONFLICT);
    assert_eq!(fields(&refused), ["entry.relations[0].target_entry_uuid"]);
    // Nothing of a refused entry is kept.
    let get = GetDocument {
        entry_uuid: Uuid::from_u128(3),
    };
    assert_eq!(
        world.ask("strict", get).await.unwrap_err().code(),
        code::NOT_FOUND
    );
    // A chain goes on from its end.
    world.register(related(3, Replaces, 2)).await.unwrap();
}

#[tokio::test]
async fn of_two_replacements_at_once_one_wins() {
    let world = World::new().await;
    world.register(appointment(1)).await.unwrap();
    let both = [2, 3].map(|id| world.register(related(id, Replaces, 1)));
    let outcomes = futures_util::future::join_all(both).await;
    let lost: Vec<_> = outcomes.into_iter().filter_map(Result::err).collect();
    assert_eq!(lost.len(), 1);
    assert_eq!(lost[0].code(), code::STATE_CONFLICT);
}

#[tokio::test]
async fn what_is_already_history_keeps_its_status_when_its_parent_is_replaced() {
    let world = World::new().await;
    Box::pin(tree(&world)).await;
    let gone = UpdateDocumentStatus {
        entry_uuid: Uuid::from_u128(2),
        status: Deprecated,
        reason: None,
    };
    world.ask("strict", gone).await.unwrap();
    let done = world.register(related(9, Replaces, 1)).await.unwrap();
    assert_eq!(done.superseded, ids(&[1, 3]));
    assert_eq!(state(&world, 2).await, (Deprecated, None));
}

#[tokio::test]
async fn a_target_must_be_of_the_same_patient_and_source() {
    let world = World::new().await;
    let einer = delt_formats::identifier::PersonNumber::cpr(EINER).unwrap();
    world
        .register(DocumentEntry {
            patient: einer,
            ..appointment(1)
        })
        .await
        .unwrap();
    let other_practice = {
        let mut entry = appointment_of(4, 2);
        entry.author.institution.organisation =
            delt_policy::OrganisationId::sor("990401000016001").unwrap();
        entry
    };
    world.register_as("practice", other_practice).await.unwrap();
    let of_another_patient = world.register(related(9, Appends, 1)).await.unwrap_err();
    let of_another_source = world.register(related(9, Appends, 2)).await.unwrap_err();
    let missing = world.register(related(9, Appends, 77)).await.unwrap_err();
    assert_eq!(missing.code(), code::INVALID_ARGUMENT);
    assert_eq!(of_another_patient, missing);
    assert_eq!(of_another_source, missing);

    // Two systems of one hospital may go on with each other's documents.
    world
        .register_as("lenient", appointment_of(2, 3))
        .await
        .unwrap();
    world.register(related(4, Replaces, 3)).await.unwrap();
}

#[tokio::test]
async fn nothing_is_related_to_what_was_withdrawn() {
    let world = World::new().await;
    world.register(appointment(1)).await.unwrap();
    let withdrawn = UpdateDocumentStatus {
        entry_uuid: Uuid::from_u128(1),
        status: Withdrawn,
        reason: None,
    };
    world.ask("strict", withdrawn).await.unwrap();
    for code in [Appends, Transforms, Signs, Replaces] {
        let refused = world.register(related(2, code, 1)).await.unwrap_err();
        assert_eq!(refused.code(), code::STATE_CONFLICT);
    }
}

#[tokio::test]
async fn a_number_that_was_changed_is_still_the_same_person() {
    let world = World::new().await;
    world.register(appointment(1)).await.unwrap();
    world.register(related(2, Appends, 1)).await.unwrap();
    let new_number = delt_formats::identifier::PersonNumber::cpr(EINER).unwrap();
    let replacement = DocumentEntry {
        patient: new_number,
        ..related(9, Replaces, 1)
    };
    world.register(replacement.clone()).await.unwrap_err();
    world.link(LONNI, EINER).await;
    let done = world.register(replacement.clone()).await.unwrap();
    assert_eq!(done.superseded, ids(&[1, 2]));
    assert_eq!(
        world.register(replacement).await.unwrap().superseded,
        done.superseded
    );
}

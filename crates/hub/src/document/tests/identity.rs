//! Retries, conflicts, and who is told what.

use super::world::*;
use crate::{document::DocumentEntry, error::code};

#[tokio::test]
async fn an_identical_retry_is_answered_like_the_first_time() {
    let world = World::new().await;
    let first = world.register(appointment(1)).await.unwrap();
    assert!(!first.already_registered);
    let again = world.register(appointment(1)).await.unwrap();
    assert!(again.already_registered);
    assert_eq!(
        (again.entry_uuid, again.superseded),
        (first.entry_uuid, first.superseded)
    );
}

#[tokio::test]
async fn the_same_identity_with_other_content_names_what_differs_to_its_own_source() {
    let world = World::new().await;
    world.register(appointment(1)).await.unwrap();
    let other = DocumentEntry {
        title: "Ændret".into(),
        size: Some(2),
        ..appointment(1)
    };
    let refused = world.register(other).await.unwrap_err();
    assert_eq!(refused.code(), code::IDENTITY_CONFLICT);
    assert_eq!(fields(&refused), ["entry.size", "entry.title"]);

    // Another entryUUID for the same document of the source.
    let taken = DocumentEntry {
        unique_id: appointment(1).unique_id,
        ..appointment(2)
    };
    let refused = world.register(taken).await.unwrap_err();
    assert_eq!(refused.code(), code::IDENTITY_CONFLICT);
    assert_eq!(fields(&refused), ["entry.entry_uuid"]);

    let einer = delt_formats::identifier::PersonNumber::cpr(EINER).unwrap();
    let of_another = DocumentEntry {
        patient: einer,
        ..appointment(1)
    };
    let refused = world.register(of_another).await.unwrap_err();
    assert_eq!(fields(&refused), ["entry.patient"]);
}

#[tokio::test]
async fn another_source_learns_only_that_the_identity_is_taken() {
    let world = World::new().await;
    world.register(appointment(1)).await.unwrap();
    let refused = world
        .register_as("lenient", appointment_of(2, 1))
        .await
        .unwrap_err();
    assert_eq!(refused.code(), code::IDENTITY_CONFLICT);
    assert_eq!(fields(&refused), Vec::<&str>::new());
    // The same uniqueId in another source is another document.
    let twin = DocumentEntry {
        unique_id: appointment(1).unique_id,
        ..appointment_of(2, 2)
    };
    assert!(
        !world
            .register_as("lenient", twin)
            .await
            .unwrap()
            .already_registered
    );
}

#[tokio::test]
async fn many_at_once_register_an_entry_once() {
    let world = World::new().await;
    let all = (0..16).map(|_| world.register(appointment(1)));
    let outcomes = futures_util::future::join_all(all).await;
    let new = outcomes
        .iter()
        .filter(|o| !o.as_ref().unwrap().already_registered)
        .count();
    assert_eq!(new, 1);
}

//! Sent and shared are one.

use super::world::*;
use crate::{
    document::{
        AvailabilityStatus,
        operations::{FoundDocument, GetDocument, ListSourceDocuments},
    },
    error::code,
};

async fn entry(world: &World, entry_uuid: uuid::Uuid) -> FoundDocument {
    world.ask("ehr", GetDocument { entry_uuid }).await.unwrap()
}

#[tokio::test]
async fn an_accepted_letter_stands_in_the_index_for_its_sender() {
    let world = World::new().await;
    let sent = world.sent(letter(LETTER)).await;
    let found = entry(&world, sent.message.entry_uuid.unwrap()).await;
    assert_eq!(found.patient.value(), LONNI);
    assert_eq!(found.entry.status, AvailabilityStatus::Approved);
    assert_eq!(found.entry.encoded, "Udskrivningsepikrise");
    let own = ListSourceDocuments::default();
    assert_eq!(
        world.ask("ehr", own.clone()).await.unwrap().entries.len(),
        1
    );
    assert_eq!(world.ask("gp", own).await.unwrap().entries.len(), 0);
}

#[tokio::test]
async fn a_corrected_letter_replaces_the_one_before_it() {
    let world = World::new().await;
    let first = world.sent(letter(LETTER)).await.message.entry_uuid.unwrap();
    world.pass(1);
    let second = world
        .sent(letter(CORRECTED))
        .await
        .message
        .entry_uuid
        .unwrap();
    let old = entry(&world, first).await.entry;
    assert_eq!(
        (old.status, old.replaced_by),
        (AvailabilityStatus::Superseded, Some(second))
    );
    let new = entry(&world, second).await.entry;
    assert_eq!(new.status, AvailabilityStatus::Approved);
    assert_eq!(new.encoded, "Udskrivningsepikrise (rettet)");
    // Sent again, it does not replace itself.
    assert!(world.sent(letter(CORRECTED)).await.already_accepted);
    assert_eq!(
        entry(&world, second).await.entry.status,
        AvailabilityStatus::Approved
    );
}

#[tokio::test]
async fn a_letter_of_another_episode_replaces_nothing() {
    let world = World::new().await;
    let first = world.sent(letter(LETTER)).await.message.entry_uuid.unwrap();
    let episode = "4F108F1394545A82A584B5EE7AAAE157";
    let other = changed(CORRECTED, episode, &episode.replace('F', "E"));
    world.sent(send(other, "text/xml").unwrap()).await;
    assert_eq!(
        entry(&world, first).await.entry.status,
        AvailabilityStatus::Approved
    );
}

#[tokio::test]
async fn a_cancelled_letter_is_delivered_and_ends_what_it_cancels() {
    let world = World::new().await;
    let first = world.sent(letter(LETTER)).await.message.entry_uuid.unwrap();
    let cancelled = send(
        changed(CORRECTED, "rettetbrev", "annulleretbrev"),
        "text/xml",
    )
    .unwrap();
    assert_eq!(world.sent(cancelled).await.message.entry_uuid, None);
    assert_eq!(
        entry(&world, first).await.entry.status,
        AvailabilityStatus::Deprecated
    );
    assert!(world.take("gp").await.is_some() && world.take("gp").await.is_some());
}

#[tokio::test]
async fn a_notification_is_no_document_and_a_correspondence_is() {
    let world = World::new().await;
    let notification = world
        .sent(send(sample(ADMISSION), "application/fhir+json").unwrap())
        .await;
    assert_eq!(notification.message.entry_uuid, None);
    let care = world
        .sent(send(sample(CARE), "application/fhir+json").unwrap())
        .await;
    let found = entry(&world, care.message.entry_uuid.unwrap()).await;
    assert_eq!(found.entry.encoded, "Korrespondance");
}

#[tokio::test]
async fn what_the_index_cannot_take_is_not_accepted_either() {
    let world = World::new().await;
    let ahead = changed(
        LETTER,
        "<Authorisation><Date>2026",
        "<Authorisation><Date>2027",
    );
    let error = world
        .ask("ehr", send(ahead, "text/xml").unwrap())
        .await
        .unwrap_err();
    assert_eq!(error.code(), code::MESSAGE_INVALID);
    assert_eq!(error.field_violations()[0].field, "entry.creation_time");
    assert!(world.take("gp").await.is_none());
}

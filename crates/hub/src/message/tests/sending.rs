//! Accepted once, for those who may send it.

use super::world::*;
use crate::{
    error::code,
    message::{
        State,
        operations::{GetMessage, ListMessages},
    },
};

#[tokio::test]
async fn a_message_is_accepted_once_and_answers_the_same_ever_after() {
    let world = World::new().await;
    let first = world.sent(letter(LETTER)).await;
    assert!(!first.already_accepted);
    assert_eq!(first.message.state, State::Accepted);
    assert_eq!(first.message.sender_message_id, "EPI20261020001");
    let again = world.sent(letter(LETTER)).await;
    assert!(again.already_accepted);
    assert_eq!(again.message, first.message);
}

#[tokio::test]
async fn sent_again_in_a_new_envelope_it_is_the_same_message() {
    let world = World::new().await;
    let first = world.sent(letter(LETTER)).await;
    let resent = send(
        changed(LETTER, "OTH20261020001", "OTH20261020002"),
        "text/xml",
    )
    .unwrap();
    let again = world.sent(resent).await;
    assert!(again.already_accepted);
    assert_eq!(again.message.message_id, first.message.message_id);
}

#[tokio::test]
async fn another_content_under_the_same_id_is_a_conflict_and_changes_nothing() {
    let world = World::new().await;
    let first = world.sent(letter(LETTER)).await;
    let other = send(changed(LETTER, "DI509", "DI501"), "text/xml").unwrap();
    let error = world.ask("ehr", other).await.unwrap_err();
    assert_eq!(error.code(), code::IDENTITY_CONFLICT);
    let delivery = world.take("gp").await.unwrap();
    assert_eq!(delivery.message.message_id, first.message.message_id);
    assert_eq!(delivery.content, sample(LETTER));
    assert!(world.take("gp").await.is_none());
}

#[tokio::test]
async fn a_system_sends_only_for_its_own_organisations() {
    let world = World::new().await;
    for system in ["gp", "stranger"] {
        let error = world.ask(system, letter(LETTER)).await.unwrap_err();
        assert_eq!(error.code(), code::FOREIGN_ORGANISATION);
    }
    assert!(world.take("gp").await.is_none());
}

#[tokio::test]
async fn only_sender_and_receiver_see_a_message() {
    let world = World::new().await;
    let message_id = world.sent(letter(LETTER)).await.message.message_id;
    for system in ["ehr", "gp"] {
        let trail = world.ask(system, GetMessage { message_id }).await.unwrap();
        assert_eq!(trail.message.message_id, message_id);
        assert_eq!(trail.events.len(), 1);
        assert_eq!(trail.receipt, None);
    }
    for system in ["kommune", "stranger"] {
        let error = world
            .ask(system, GetMessage { message_id })
            .await
            .unwrap_err();
        assert_eq!(error.code(), code::NOT_FOUND);
        let error = world
            .ask(system, acknowledge(message_id, &[0; 16], None))
            .await
            .unwrap_err();
        assert_eq!(error.code(), code::NOT_FOUND);
    }
}

#[tokio::test]
async fn lists_page_newest_first_for_each_side() {
    let world = World::new().await;
    let mut sent = Vec::new();
    for name in [LETTER, CORRECTED] {
        world.pass(1);
        sent.push(world.sent(letter(name)).await.message.message_id);
    }
    world.pass(1);
    let care = send(sample(CARE), "application/fhir+json").unwrap();
    sent.push(world.sent(care).await.message.message_id);
    sent.reverse();

    let (mut seen, mut page_token) = (Vec::new(), String::new());
    loop {
        let list = ListMessages {
            sent: true,
            page_size: 2,
            page_token,
        };
        let page = world.ask("ehr", list).await.unwrap();
        seen.extend(page.messages.iter().map(|message| message.message_id));
        let Some(next) = page.next else { break };
        page_token = next;
    }
    assert_eq!(seen, sent);

    let received = world.ask("gp", ListMessages::default()).await.unwrap();
    assert_eq!(
        received
            .messages
            .iter()
            .map(|m| m.message_id)
            .collect::<Vec<_>>(),
        sent[1..]
    );
    let none = ListMessages {
        sent: true,
        ..ListMessages::default()
    };
    assert!(world.ask("gp", none).await.unwrap().messages.is_empty());
    let stale = ListMessages {
        page_token: "AAAA".to_owned(),
        ..ListMessages::default()
    };
    assert_eq!(
        world.ask("gp", stale).await.unwrap_err().code(),
        code::PAGE_TOKEN_INVALID
    );
}

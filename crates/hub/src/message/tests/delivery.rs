//! Delivered once at a time, oldest first, to the one who may have it.

use std::{collections::BTreeSet, time::Duration};

use futures_util::future::join_all;

use super::world::*;
use crate::{
    error::code,
    message::{
        EventKind, State, Wake,
        operations::{GetMessage, ReceiveMessages},
    },
};

#[tokio::test]
async fn a_message_has_one_live_lease_and_is_offered_again_when_it_lapses() {
    let world = World::new().await;
    world.sent(letter(LETTER)).await;
    let first = world.take("gp").await.unwrap();
    assert_eq!(
        (first.message.state, first.message.attempts),
        (State::Leased, 1)
    );
    assert_eq!(first.lease_expires, NOW + LEASE);
    assert_eq!(first.content, sample(LETTER));
    world.pass(LEASE - 1);
    assert!(world.take("gp").await.is_none());
    world.pass(1);
    let second = world.take("gp").await.unwrap();
    assert_eq!(second.message.attempts, 2);
    assert_ne!(second.lease_token, first.lease_token);

    let error = world.answer("gp", &first, None).await.unwrap_err();
    assert_eq!(error.code(), code::STATE_CONFLICT);
    assert_eq!(
        world.answer("gp", &second, None).await.unwrap().state,
        State::Acknowledged
    );

    let message_id = first.message.message_id;
    let trail = world.ask("ehr", GetMessage { message_id }).await.unwrap();
    let kinds: Vec<_> = trail.events.iter().map(|event| event.kind).collect();
    let way = [
        EventKind::Accepted,
        EventKind::Leased,
        EventKind::LeaseExpired,
        EventKind::Leased,
        EventKind::Acknowledged,
    ];
    assert_eq!(kinds, way);
}

#[tokio::test]
async fn oldest_first_and_no_more_at_once_than_asked_for() {
    let world = World::new().await;
    for name in [LETTER, CORRECTED] {
        world.sent(letter(name)).await;
        world.pass(1);
    }
    let one = || ReceiveMessages::new(Some("5790009900405"), 1, &directory()).unwrap();
    let first = world.ask("gp", one()).await.unwrap();
    let delivery = first.delivery.unwrap();
    assert_eq!(delivery.message.sender_message_id, "EPI20261020001");
    assert!(world.ask("gp", one()).await.unwrap().delivery.is_none());
    assert!(!world.hub.has_message(&first.mailbox).await.unwrap());
    world.answer("gp", &delivery, None).await.unwrap();
    assert!(world.hub.has_message(&first.mailbox).await.unwrap());
    let second = world.ask("gp", one()).await.unwrap().delivery.unwrap();
    assert_eq!(second.message.sender_message_id, "EPI20261020044");
}

#[tokio::test]
async fn many_receivers_at_once_each_get_another_message() {
    let world = World::new().await;
    let own = |number: usize| changed(LETTER, "EPI20261020001", &format!("EPI{number}"));
    let sends = (0..12).map(async |number| {
        let same =
            join_all((0..3).map(|_| world.sent(send(own(number), "text/xml").unwrap()))).await;
        assert_eq!(same.iter().filter(|sent| !sent.already_accepted).count(), 1);
        same.first().unwrap().message.message_id
    });
    let sent: BTreeSet<_> = join_all(sends).await.into_iter().collect();
    assert_eq!(sent.len(), 12);
    let all = || ReceiveMessages::new(None, 100, &directory()).unwrap();
    let taken = join_all((0..30).map(|_| world.ask("gp", all()))).await;
    let taken: Vec<_> = taken
        .into_iter()
        .filter_map(|received| received.unwrap().delivery)
        .map(|delivery| delivery.message.message_id)
        .collect();
    assert_eq!(taken.len(), 12);
    assert_eq!(taken.into_iter().collect::<BTreeSet<_>>(), sent);
}

#[tokio::test]
async fn only_the_receiver_empties_its_mailbox() {
    let world = World::new().await;
    world.sent(letter(LETTER)).await;
    assert!(world.take("kommune").await.is_none());
    let gp = || ReceiveMessages::new(Some("5790009900405"), 0, &directory()).unwrap();
    let error = world.ask("kommune", gp()).await.unwrap_err();
    assert_eq!(error.code(), code::FOREIGN_ORGANISATION);
    let all = ReceiveMessages::new(None, 0, &directory()).unwrap();
    assert_eq!(
        world.ask("stranger", all).await.unwrap_err().code(),
        code::ACCESS_DENIED
    );
    assert!(ReceiveMessages::new(Some("5790009900030"), 0, &directory()).is_err());
    assert!(ReceiveMessages::new(None, 101, &directory()).is_err());
    assert!(world.take("gp").await.is_some());
}

#[tokio::test]
async fn who_waits_is_woken_by_an_arrival_and_by_the_end() {
    let world = World::new().await;
    let all = ReceiveMessages::new(None, 0, &directory()).unwrap();
    let mailbox = world.ask("gp", all).await.unwrap().mailbox;
    let wait = world.hub.await_message(&mailbox);
    let send = async {
        world.sent(letter(LETTER)).await;
        world.hub.announce_messages();
    };
    // Well below the second after which it would have looked by itself.
    let (woken, ()) = tokio::join!(tokio::time::timeout(Duration::from_millis(900), wait), send);
    assert_eq!(woken.unwrap().unwrap(), Wake::Waiting);

    world.take("gp").await.unwrap();
    let (woken, ()) = tokio::join!(world.hub.await_message(&mailbox), world.hub.shut_down());
    assert_eq!(woken.unwrap(), Wake::Stopping);
}

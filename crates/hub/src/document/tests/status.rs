//! Deprecating and withdrawing.

use uuid::Uuid;

use super::world::*;
use crate::{
    document::{
        AvailabilityStatus::{self, Approved, Deprecated, Superseded, Withdrawn},
        operations::{GetDocument, UpdateDocumentStatus},
    },
    error::code,
};

fn update(status: AvailabilityStatus) -> UpdateDocumentStatus {
    let reason = Some("aflyst".to_owned());
    UpdateDocumentStatus {
        entry_uuid: Uuid::from_u128(1),
        status,
        reason,
    }
}

#[test]
fn the_states_have_one_direction() {
    let all = [Approved, Superseded, Deprecated, Withdrawn];
    let allowed: Vec<_> = all
        .into_iter()
        .flat_map(|from| all.into_iter().map(move |to| (from, to)))
        .filter(|(from, to)| from.may_become(*to))
        .collect();
    assert_eq!(
        allowed,
        [
            (Approved, Deprecated),
            (Approved, Withdrawn),
            (Superseded, Withdrawn),
            (Deprecated, Withdrawn)
        ]
    );
}

#[tokio::test]
async fn a_cancelled_appointment_is_deprecated_once_and_may_be_withdrawn_later() {
    let world = World::new().await;
    world.register(appointment(1)).await.unwrap();
    let status_at = async || {
        let get = GetDocument {
            entry_uuid: Uuid::from_u128(1),
        };
        world.ask("strict", get).await.unwrap().entry.status_at
    };
    assert_eq!(status_at().await, None);
    assert_eq!(
        world.ask("strict", update(Deprecated)).await.unwrap(),
        Deprecated
    );
    world.later(1);
    assert_eq!(
        world.ask("strict", update(Deprecated)).await.unwrap(),
        Deprecated
    );
    assert_eq!(status_at().await, Some(NOW), "a repetition changes nothing");
    assert_eq!(
        world.ask("strict", update(Withdrawn)).await.unwrap(),
        Withdrawn
    );
    let back = world.ask("strict", update(Deprecated)).await.unwrap_err();
    assert_eq!(back.code(), code::STATE_CONFLICT);
}

#[tokio::test]
async fn only_those_who_may_write_for_the_author_change_a_status() {
    let world = World::new().await;
    world.register(appointment(1)).await.unwrap();
    let hidden = world.ask("practice", update(Withdrawn)).await.unwrap_err();
    let missing = UpdateDocumentStatus {
        entry_uuid: Uuid::from_u128(7),
        ..update(Withdrawn)
    };
    assert_eq!(hidden, world.ask("practice", missing).await.unwrap_err());
    assert_eq!(hidden.code(), code::NOT_FOUND);
    assert_eq!(
        world.ask("lenient", update(Withdrawn)).await.unwrap(),
        Withdrawn
    );
}

#[tokio::test]
async fn a_source_sets_no_status_but_these_two() {
    let world = World::new().await;
    world.register(appointment(1)).await.unwrap();
    for status in [Approved, Superseded] {
        let refused = world.ask("strict", update(status)).await.unwrap_err();
        assert_eq!(fields(&refused), ["status"]);
    }
    let long = UpdateDocumentStatus {
        reason: Some("x".repeat(501)),
        ..update(Deprecated)
    };
    assert_eq!(
        fields(&world.ask("strict", long).await.unwrap_err()),
        ["reason"]
    );
}

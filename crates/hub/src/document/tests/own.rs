//! For whom a source may write, how strictly it is held to the profile, and what it reads back.

use super::world::*;
use crate::{
    Error, Result,
    clock::Micros,
    document::{
        AvailabilityStatus, DocumentEntry, RelationCode,
        operations::{GetDocument, ListSourceDocuments},
        rows,
    },
    error::code,
    store::{AsyncWork, Tx, on},
};
use delt_policy::PatientKey;
use futures_util::future::BoxFuture;
use uuid::Uuid;

#[tokio::test]
async fn a_source_writes_only_for_its_own_organisations_and_repositories() {
    let world = World::new().await;
    let refused = world
        .register_as("practice", appointment_of(4, 1))
        .await
        .unwrap_err();
    assert_eq!(refused.code(), code::FOREIGN_ORGANISATION);
    let refused = world.register(appointment_of(2, 1)).await.unwrap_err();
    assert_eq!(refused.code(), code::INVALID_ARGUMENT);
    assert_eq!(
        fields(&refused),
        ["entry.source_id", "entry.repository_unique_id"]
    );
}

#[tokio::test]
async fn the_level_of_a_source_says_what_leaving_the_profile_costs() {
    let world = World::new().await;
    let odd = |mut entry: DocumentEntry| {
        entry.type_code.code = "00000-0".into();
        entry.confidentiality_codes[0].code = "R".into();
        entry
    };
    let problems = [
        "entry.type_code.code",
        "entry.confidentiality_codes[0].code",
    ];
    let refused = world.register(odd(appointment(1))).await.unwrap_err();
    assert_eq!(fields(&refused), problems);
    let warned = world
        .register_as("lenient", odd(appointment_of(2, 2)))
        .await
        .unwrap();
    let warnings: Vec<_> = warned.warnings.iter().map(|w| w.field.as_str()).collect();
    assert_eq!(warnings, problems);
    let silent = world
        .register_as("unchecked", odd(appointment_of(3, 3)))
        .await
        .unwrap();
    assert_eq!(silent.warnings, []);
}

#[tokio::test]
async fn a_source_reads_back_what_it_registered_and_nothing_else() {
    let world = World::new().await;
    world.register(appointment(1)).await.unwrap();
    let get = GetDocument {
        entry_uuid: Uuid::from_u128(1),
    };
    let found = world.ask("strict", get).await.unwrap();
    assert_eq!(found.patient.value(), LONNI);
    assert_eq!(found.entry.encoded, encoded(&appointment(1)).bytes);
    assert_eq!(found.entry.status, AvailabilityStatus::Approved);
    let missing = GetDocument {
        entry_uuid: Uuid::from_u128(9),
    };
    let hidden = world.ask("lenient", get).await.unwrap_err();
    assert_eq!(hidden, world.ask("strict", missing).await.unwrap_err());
    assert_eq!(hidden.code(), code::NOT_FOUND);
}

#[tokio::test]
async fn nothing_of_an_entry_lies_in_clear_but_codes_and_ids() {
    let world = World::new().await;
    world.register(appointment(1)).await.unwrap();
    let stored = written(&world, Stored(Uuid::from_u128(1))).await;
    let holds = |text: &str| {
        stored
            .windows(text.len())
            .any(|bytes| bytes == text.as_bytes())
    };
    assert!(!holds(LONNI) && !holds("Aftale") && !holds("Ravnkilde"));
}

/// Reads the bytes of an entry as they lie in the table.
struct Stored(Uuid);

impl AsyncWork<Vec<u8>> for Stored {
    fn run<'a>(&'a mut self, tx: &'a mut Tx<'_>) -> BoxFuture<'a, Result<Vec<u8>>> {
        Box::pin(async move {
            let sql = "SELECT entry FROM document_entry WHERE entry_uuid = $1";
            let row: (Vec<u8>,) = on!(tx, c => sqlx::query_as(sql)
                .bind(self.0.as_bytes().as_slice())
                .fetch_one(c).await)
            .map_err(Error::internal)?;
            Ok(row.0)
        })
    }
}

/// Marks a pointer as dead since then, or as alive.
struct Mark(PatientKey, Uuid, Option<Micros>);

impl AsyncWork<()> for Mark {
    fn run<'a>(&'a mut self, tx: &'a mut Tx<'_>) -> BoxFuture<'a, Result<()>> {
        let Self(patient, entry, since) = *self;
        Box::pin(async move {
            match since {
                Some(since) => rows::mark_dead(tx, &patient, entry, since).await,
                None => rows::mark_alive(tx, &patient, entry).await,
            }
        })
    }
}

async fn written<T: Send + 'static>(world: &World, work: impl AsyncWork<T>) -> T {
    world.hub.shared.store.write(work).await.unwrap()
}

#[tokio::test]
async fn a_list_is_paged_and_its_tokens_are_bound_to_the_question() {
    let world = World::new().await;
    for id in [5, 3, 1, 4, 2] {
        world.register(appointment(id)).await.unwrap();
    }
    world
        .register_as("lenient", appointment_of(2, 6))
        .await
        .unwrap();
    let list = |page_size, page_token: &str| ListSourceDocuments {
        page_size,
        page_token: page_token.to_owned(),
        ..ListSourceDocuments::default()
    };
    let shown = |page: &crate::document::operations::DocumentPage| {
        page.entries
            .iter()
            .map(|e| e.entry_uuid)
            .collect::<Vec<_>>()
    };
    let first = world.ask("strict", list(2, "")).await.unwrap();
    assert_eq!(shown(&first), ids(&[1, 2]));
    let token = first.next.unwrap();
    // The operator's largest page is three, whatever is asked for.
    let rest = world.ask("strict", list(400, &token)).await.unwrap();
    assert_eq!(shown(&rest), ids(&[3, 4, 5]));
    assert_eq!(rest.next, None);

    let other = ListSourceDocuments {
        dead_only: true,
        ..list(2, &token)
    };
    let refused = [
        world.ask("strict", other).await,
        world.ask("lenient", list(2, &token)).await,
        world.ask("strict", list(2, &format!("A{token}"))).await,
    ];
    for refused in refused {
        assert_eq!(refused.unwrap_err().code(), code::PAGE_TOKEN_INVALID);
    }
}

#[tokio::test]
async fn a_source_finds_its_dead_pointers() {
    let world = World::new().await;
    for id in [1, 2] {
        world.register(appointment(id)).await.unwrap();
    }
    let lonni = appointment(1).patient;
    let patient = world.hub.shared.keys.patient_key(&lonni);
    let dead = ListSourceDocuments {
        dead_only: true,
        ..ListSourceDocuments::default()
    };
    assert_eq!(
        world
            .ask("strict", dead.clone())
            .await
            .unwrap()
            .entries
            .len(),
        0
    );
    written(&world, Mark(patient, Uuid::from_u128(2), Some(NOW))).await;
    let found = world.ask("strict", dead.clone()).await.unwrap().entries;
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].entry_uuid, found[0].dead_since),
        (Uuid::from_u128(2), Some(NOW))
    );
    written(&world, Mark(patient, Uuid::from_u128(2), None)).await;
    assert_eq!(world.ask("strict", dead).await.unwrap().entries.len(), 0);
    // A mark changes nothing of what the source said.
    world
        .register(related(3, RelationCode::Replaces, 2))
        .await
        .unwrap();
}

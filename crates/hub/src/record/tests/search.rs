//! `SearchRecord`: what is shown, what is counted, what is logged, and pages.

use delt_ledger::Outcome;
use delt_policy::{Rule, WithheldReason};
use uuid::Uuid;

use super::{
    fixtures::{
        APPOINTMENT, DEPARTMENT, DIAGNOSES, HOSPITAL, LOINC, PRACTICE, break_glass, citizen, code,
        entry, lonni, of_practice, physician, professional,
    },
    world::{NOW, World},
};
use crate::{
    clock::SECOND,
    document::DocumentEntry,
    error::code,
    record::{RecordFilter, RecordPage, SearchRecord},
};

fn search() -> SearchRecord {
    SearchRecord {
        patient: lonni(),
        filter: RecordFilter::default(),
        page_size: 100,
        page_token: String::new(),
    }
}

fn ids(page: &RecordPage) -> Vec<u128> {
    page.documents
        .iter()
        .map(|document| document.entry_uuid.as_u128())
        .collect()
}

fn texts(ids: &[u128]) -> Vec<String> {
    ids.iter()
        .map(|id| Uuid::from_u128(*id).to_string())
        .collect()
}

#[tokio::test]
async fn newest_first_across_sources_as_they_were_registered() {
    let world = World::treating().await;
    world
        .register(DocumentEntry {
            creation_time: NOW - 30,
            ..entry(1)
        })
        .await;
    world
        .register(DocumentEntry {
            creation_time: NOW - 10,
            ..of_practice(2)
        })
        .await;
    world
        .register(DocumentEntry {
            creation_time: NOW - 10,
            ..entry(3)
        })
        .await;
    let found = world
        .person(&physician(HOSPITAL, "TREAT"), search())
        .await
        .unwrap()
        .value;
    assert_eq!(ids(&found), [2, 3, 1]);
    assert_eq!(
        found.documents[0].encoded,
        format!("entry {}", Uuid::from_u128(2))
    );
    assert_eq!((found.total, found.withheld.len()), (3, 0));
    assert!(
        found
            .grounds
            .iter()
            .any(|ground| ground.rule == Rule::Relation)
    );
    let logged = &world.log("SearchRecord").await[0];
    assert_eq!(logged.outcome, Outcome::Permitted);
    assert_eq!(logged.disclosed, texts(&[2, 3, 1]));
}

#[tokio::test]
async fn what_the_citizen_blocked_is_counted_and_neither_shown_nor_explained() {
    let world = World::treating().await;
    world.register(entry(1)).await;
    world.register(of_practice(2)).await;
    world.register(of_practice(3)).await;
    world.block_origin(PRACTICE).await;
    let found = world
        .person(&physician(HOSPITAL, "TREAT"), search())
        .await
        .unwrap()
        .value;
    assert_eq!((ids(&found), found.total), (vec![1], 1));
    assert_eq!(
        found.withheld.into_iter().collect::<Vec<_>>(),
        [(WithheldReason::Consent, 2)]
    );
    assert!(
        found
            .grounds
            .iter()
            .all(|ground| ground.rule != Rule::ConsentBlock)
    );
    let logged = &world.log("SearchRecord").await[0];
    assert_eq!(
        (logged.disclosed.clone(), logged.withheld),
        (texts(&[1]), 2)
    );
    assert_eq!(logged.withheld_reasons["consent"], 2);
    // The log knows which block was weighed.
    assert!(
        logged
            .grounds
            .iter()
            .any(|ground| ground.rule == "consent-block")
    );
    // The citizen sees it all.
    let own = world.person(&citizen(), search()).await.unwrap().value;
    assert_eq!((own.total, own.withheld.len()), (3, 0));
}

#[tokio::test]
async fn break_glass_opens_and_flags_what_it_opened() {
    let world = World::treating().await;
    world
        .register(DocumentEntry {
            creation_time: NOW - 1,
            ..entry(1)
        })
        .await;
    world
        .register(DocumentEntry {
            creation_time: NOW - 2,
            ..of_practice(2)
        })
        .await;
    world.block_origin(PRACTICE).await;
    let claims = physician(HOSPITAL, "BTG");
    let found = world
        .person_with(&claims, &break_glass(), search())
        .await
        .unwrap()
        .value;
    let flags: Vec<_> = found
        .documents
        .iter()
        .map(|document| document.opened_by_override)
        .collect();
    assert_eq!((ids(&found), flags), (vec![1, 2], vec![false, true]));
    assert!(found.withheld.is_empty());
}

#[tokio::test]
async fn what_the_role_does_not_see_is_counted_as_such() {
    let world = World::treating().await;
    world.register(entry(1)).await;
    world
        .register(DocumentEntry {
            type_code: code(LOINC, DIAGNOSES),
            ..of_practice(2)
        })
        .await;
    let assistant = professional("socialogsundhedsassistent", HOSPITAL, "TREAT");
    let found = world.person(&assistant, search()).await.unwrap().value;
    assert_eq!(ids(&found), [1]);
    assert_eq!(
        found.withheld.into_iter().collect::<Vec<_>>(),
        [(WithheldReason::Role, 1)]
    );
}

#[tokio::test]
async fn a_stranger_is_refused_before_anything_is_counted() {
    let world = World::new().await;
    world.register(entry(1)).await;
    let refused = world
        .person(&physician(HOSPITAL, "TREAT"), search())
        .await
        .unwrap_err();
    assert_eq!(refused.code(), code::NO_TREATMENT_RELATION);
    let logged = &world.log("SearchRecord").await[0];
    assert_eq!((logged.outcome, logged.withheld), (Outcome::Denied, 0));
}

#[tokio::test]
async fn pages_stay_true_while_others_register() {
    let world = World::treating().await;
    for id in 1..=5 {
        let created = NOW - SECOND * i64::try_from(id).unwrap();
        world
            .register(DocumentEntry {
                creation_time: created,
                ..entry(id)
            })
            .await;
    }
    let claims = physician(HOSPITAL, "TREAT");
    let mut asked = SearchRecord {
        page_size: 2,
        ..search()
    };
    let (mut read, mut arriving) = (Vec::new(), 10);
    loop {
        let page = world.person(&claims, asked.clone()).await.unwrap().value;
        read.extend(ids(&page));
        if page.next_page_token.is_empty() {
            break;
        }
        asked.page_token = page.next_page_token;
        // One newer than all, one older than all.
        for created in [NOW, NOW - SECOND * 100] {
            world
                .register(DocumentEntry {
                    creation_time: created,
                    ..entry(arriving)
                })
                .await;
            arriving += 1;
        }
    }
    let existing: Vec<_> = read.iter().copied().filter(|id| *id < 10).collect();
    assert_eq!(existing, [1, 2, 3, 4, 5]);
    assert_eq!(
        read.len(),
        read.iter().collect::<std::collections::BTreeSet<_>>().len()
    );
    // Each page's audit entry lists that page.
    let logged: Vec<_> = world
        .log("SearchRecord")
        .await
        .into_iter()
        .flat_map(|e| e.disclosed)
        .collect();
    assert_eq!(logged, texts(&read));
}

#[tokio::test]
async fn a_page_token_is_good_for_its_own_search_only() {
    let world = World::treating().await;
    for id in 1..=3 {
        world.register(entry(id)).await;
    }
    let claims = physician(HOSPITAL, "TREAT");
    let first = SearchRecord {
        page_size: 1,
        ..search()
    };
    let token = world
        .person(&claims, first.clone())
        .await
        .unwrap()
        .value
        .next_page_token;
    let next = SearchRecord {
        page_token: token,
        ..first
    };
    assert_eq!(
        ids(&world.person(&claims, next.clone()).await.unwrap().value),
        [2]
    );
    let filter = RecordFilter {
        type_codes: vec![code("", APPOINTMENT)],
        ..RecordFilter::default()
    };
    let other_filter = SearchRecord {
        filter,
        ..next.clone()
    };
    let refused = world.person(&claims, other_filter).await.unwrap_err();
    assert_eq!(refused.code(), code::PAGE_TOKEN_INVALID);
    let refused = world
        .person(&physician(DEPARTMENT, "TREAT"), next)
        .await
        .unwrap_err();
    assert_eq!(refused.code(), code::PAGE_TOKEN_INVALID);
}

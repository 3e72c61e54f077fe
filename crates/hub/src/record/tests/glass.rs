//! The glass as it is broken, goes on, and closes by itself.

use delt_ledger::Entry;
use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    fixtures::{HOSPITAL, PRACTICE, break_glass, citizen, entry, lonni, of_practice, physician},
    world::{NOW, World},
};
use crate::{
    Result,
    clock::{HOUR, Micros, SECOND},
    error::code,
    identity::RequestContext,
    notification::operations::{ListNotifications, Notification},
    record::{RecordFilter, RetrieveDocument, SearchRecord},
    store::{AsyncWork, Tx, on, unavailable},
};

const MINUTE: Micros = 60 * SECOND;
const CASES: &str = "SELECT COUNT(*) FROM review_case";
const OPENINGS: &str = "SELECT COUNT(*) FROM break_glass";
const NOTIFICATIONS: &str = "SELECT COUNT(*) FROM notification";
const LAST_NUMBER: &str = "SELECT value FROM counter WHERE name = 'review_case'";

/// A statement that changes how the store behaves.
struct Statement(&'static str);

impl AsyncWork<()> for Statement {
    fn run<'a>(&'a mut self, tx: &'a mut Tx<'_>) -> BoxFuture<'a, Result<()>> {
        Box::pin(async {
            on!(tx, c => sqlx::raw_sql(self.0).execute(c).await.map(drop)).map_err(unavailable)
        })
    }
}

async fn number(world: &World, query: &'static str) -> i64 {
    let mut tx = world.hub.shared.store.snapshot().await.unwrap();
    on!(&mut tx, c => sqlx::query_scalar(query).fetch_one(c).await).unwrap()
}

/// How many openings, cases and notifications there are.
async fn kept(world: &World) -> [i64; 3] {
    [
        number(world, OPENINGS).await,
        number(world, CASES).await,
        number(world, NOTIFICATIONS).await,
    ]
}

/// A token of the same person that is good `after` the story's beginning.
fn good_at(after: Micros, mut claims: Value) -> Value {
    let now = (NOW + after) / SECOND;
    claims["iat"] = json!(now - 10);
    claims["exp"] = json!(now + 3_000);
    claims
}

fn doctor() -> Value {
    physician(HOSPITAL, "BTG")
}

fn search() -> SearchRecord {
    SearchRecord {
        patient: lonni(),
        filter: RecordFilter::default(),
        page_size: 100,
        page_token: String::new(),
    }
}

fn document(id: u128) -> RetrieveDocument {
    RetrieveDocument {
        patient: lonni(),
        entry_uuid: Uuid::from_u128(id),
    }
}

fn because(reason: &str) -> RequestContext {
    RequestContext {
        override_reason: Some(reason.to_owned()),
        ..break_glass()
    }
}

fn openings(log: &[Entry]) -> Vec<String> {
    let cited = log.iter().flat_map(|entry| &entry.grounds);
    let cited = cited.filter(|ground| ground.rule == "opening");
    cited
        .filter_map(|ground| ground.reference.clone())
        .collect()
}

async fn inbox(world: &World, after: Micros) -> Vec<Notification> {
    let asked = ListNotifications {
        patient: lonni(),
        after: None,
        page_size: 100,
    };
    let claims = good_at(after, citizen());
    world.person(&claims, asked).await.unwrap().value
}

/// A blocked document at the practice, and the hospital that treats.
async fn blocked() -> World {
    let world = World::treating().await;
    world.register(entry(1)).await;
    world.register(of_practice(2)).await;
    world.block_origin(PRACTICE).await;
    world
}

#[tokio::test]
async fn the_glass_closes_by_itself_and_then_needs_a_reason_again() {
    let world = blocked().await;
    let ask = async |after: Micros, context: &RequestContext| {
        let claims = good_at(after, doctor());
        world.person_with(&claims, context, search()).await
    };
    let silent = RequestContext::default();
    let refused = ask(0, &silent).await.unwrap_err();
    assert_eq!(refused.code(), code::OVERRIDE_REASON_REQUIRED);
    assert_eq!(ask(0, &break_glass()).await.unwrap().value.total, 2);

    world.later(4 * HOUR - MINUTE);
    let found = ask(4 * HOUR - MINUTE, &silent).await.unwrap().value;
    assert_eq!(found.total, 2);
    assert!(found.documents.iter().any(|seen| seen.opened_by_override));
    assert_eq!(kept(&world).await, [1, 1, 1], "it goes on and begins none");

    world.later(MINUTE);
    let closed = ask(4 * HOUR, &silent).await.unwrap_err();
    assert_eq!(closed.code(), code::OVERRIDE_REASON_REQUIRED);
    // The same reason again is another opening, which is looked at too.
    assert_eq!(ask(4 * HOUR, &break_glass()).await.unwrap().value.total, 2);
    assert_eq!(kept(&world).await, [2, 2, 2]);

    let log = world.log("SearchRecord").await;
    let cited = openings(&log);
    assert_eq!(cited.len(), 3, "each permitted entry cites its opening");
    assert_eq!(cited[0], cited[1]);
    assert_ne!(cited[1], cited[2]);
    let told = inbox(&world, 4 * HOUR).await;
    assert_eq!(told.len(), 2);
    assert!(told[0].kept.id < told[1].kept.id);
    for (notification, begun_by) in told.iter().zip([1, 4]) {
        let entry = notification.kept.audit_entry_id.unwrap().to_string();
        assert_eq!(entry, log[begun_by].id);
        assert_eq!(
            notification.kept.reason,
            break_glass().override_reason.unwrap()
        );
    }
}

#[tokio::test]
async fn requests_for_one_reason_share_an_opening_and_another_reason_begins_another() {
    let world = blocked().await;
    let (claims, context) = (doctor(), break_glass());
    let (one, two, three) = tokio::join!(
        world.person_with(&claims, &context, document(1)),
        world.person_with(&claims, &context, document(2)),
        world.person_with(&claims, &context, search()),
    );
    assert!(one.is_ok() && two.is_ok() && three.is_ok());
    assert_eq!(kept(&world).await, [1, 1, 1]);
    let mut cited = openings(&world.log("RetrieveDocument").await);
    cited.extend(openings(&world.log("SearchRecord").await));
    assert_eq!(cited.len(), 3);
    cited.dedup();
    assert_eq!(cited.len(), 1);

    let other = because("Uafklaret allergi før operation");
    world.person_with(&claims, &other, search()).await.unwrap();
    assert_eq!(kept(&world).await, [2, 2, 2]);
    assert_eq!(number(&world, LAST_NUMBER).await, 2);
}

#[tokio::test]
async fn what_is_refused_or_not_there_leaves_the_glass_whole() {
    let world = blocked().await;
    let missing = world
        .person_with(&doctor(), &break_glass(), document(99))
        .await;
    assert_eq!(missing.unwrap_err().code(), code::NOT_FOUND);
    let no_ground = RequestContext {
        override_ground: None,
        ..break_glass()
    };
    let refused = world.person_with(&doctor(), &no_ground, search()).await;
    assert_eq!(refused.unwrap_err().code(), code::OVERRIDE_GROUND_REQUIRED);
    let short = world
        .person_with(&doctor(), &because("akut"), search())
        .await;
    assert_eq!(short.unwrap_err().code(), code::OVERRIDE_REASON_REQUIRED);
    assert_eq!(kept(&world).await, [0, 0, 0]);
    assert_eq!(number(&world, LAST_NUMBER).await, 0);
}

#[tokio::test]
async fn where_the_citizen_cannot_be_told_nothing_is_opened_and_no_number_is_lost() {
    let world = blocked().await;
    let change = |statement| world.hub.shared.store.write(Statement(statement));
    change(
        "CREATE TRIGGER full BEFORE INSERT ON notification BEGIN SELECT RAISE(ABORT, 'full'); END",
    )
    .await
    .unwrap();
    let failed = world.person_with(&doctor(), &break_glass(), search()).await;
    assert_eq!(failed.unwrap_err().code(), code::STORE_UNAVAILABLE);
    assert_eq!(kept(&world).await, [0, 0, 0]);
    assert!(world.log("SearchRecord").await.is_empty());

    change("DROP TRIGGER full").await.unwrap();
    let opened = world.person_with(&doctor(), &break_glass(), search()).await;
    assert_eq!(opened.unwrap().value.total, 2);
    assert_eq!(kept(&world).await, [1, 1, 1]);
    assert_eq!(number(&world, LAST_NUMBER).await, 1);
}

//! A source registers many pointers over one stream.

use std::collections::BTreeSet;

use delt_client::bulk::{Item, LineError, LineOutcome, Options};
use delt_client::proto::audit::v1::{EntryFilter, LogEntry};
use delt_client::proto::document::v1::{DocumentEntry, RelationCode};
use delt_tests::calls::{holdings, is_not_found, log, pointer, record, register_all, treats};
use delt_tests::entries::{CARDIOLOGY, EINER, LONNI, REGION_H, by, cpr, note, related, uuids};
use delt_tests::hub::{Backend, TestHub};
use delt_tests::on_both;
use futures_util::stream;
use sqlx::{Connection as _, Executor as _, PgConnection, SqliteConnection};
use tonic::Code;

/// In short: the entry that was registered, or why not.
fn told(outcome: &LineOutcome) -> Result<&str, (Code, &str)> {
    match &outcome.result {
        Ok(registered) => Ok(&registered.entry_uuid),
        Err(LineError::Refused { code, reason, .. }) => Err((*code, reason)),
        Err(other) => panic!("{other}"),
    }
}

/// The store takes anything but this document: a fault that only the database knows of.
const NEVER: &str = "1.2.208.184^never";

async fn refuse_in_the_store(hub: &TestHub, backend: Backend) {
    let url = &hub.config().store.url;
    match backend {
        Backend::Sqlite => {
            let trigger = format!(
                "CREATE TRIGGER never BEFORE INSERT ON document_entry WHEN NEW.unique_id = '{NEVER}' BEGIN SELECT RAISE(ABORT, 'never'); END"
            );
            let mut store = SqliteConnection::connect(url).await.unwrap();
            store.execute(sqlx::AssertSqlSafe(trigger)).await.unwrap();
        }
        Backend::Postgres => {
            let trigger = format!(
                "CREATE FUNCTION never() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION USING MESSAGE = ''never''; END';
                CREATE TRIGGER never BEFORE INSERT ON document_entry FOR EACH ROW WHEN (NEW.unique_id = '{NEVER}') EXECUTE FUNCTION never()"
            );
            let mut store = PgConnection::connect(url).await.unwrap();
            store
                .execute(sqlx::raw_sql(sqlx::AssertSqlSafe(trigger)))
                .await
                .unwrap();
        }
    }
}

on_both! {
    async fn each_item_has_its_outcome_in_the_order_of_the_items(backend) {
        let hub = TestHub::start(backend).await;
        let source = hub.system(REGION_H).await;
        let good = note(REGION_H, LONNI);
        let other = DocumentEntry { title: "Et andet".to_owned(), ..good.clone() };
        let nameless = DocumentEntry { patient: None, ..note(REGION_H, LONNI) };
        let foreign = by(note(REGION_H, LONNI), "990211000016003");
        let unsized_ = DocumentEntry { size: None, ..note(REGION_H, LONNI) };
        let last = note(REGION_H, EINER);
        let sent = [&good, &nameless, &good, &other, &foreign, &unsized_, &last];
        let outcomes = register_all(&source, sent.into_iter().cloned().collect()).await.unwrap();
        let lines: Vec<_> = outcomes.iter().map(|outcome| outcome.line).collect();
        assert_eq!(lines, [1, 2, 3, 4, 5, 6, 7]);
        let told: Vec<_> = outcomes.iter().map(told).collect();
        assert_eq!(told, [
            Ok(good.entry_uuid.as_str()),
            Err((Code::InvalidArgument, "INVALID_ARGUMENT")),
            Ok(good.entry_uuid.as_str()),
            Err((Code::AlreadyExists, "IDENTITY_CONFLICT")),
            Err((Code::PermissionDenied, "FOREIGN_ORGANISATION")),
            Err((Code::InvalidArgument, "INVALID_ARGUMENT")),
            Ok(last.entry_uuid.as_str()),
        ]);
        let repeated: Vec<_> = outcomes.iter().filter_map(|o| o.result.as_ref().ok()).map(|r| r.already_registered).collect();
        assert_eq!(repeated, [false, true, false]);
        let LineError::Refused { violations, .. } = outcomes[3].result.as_ref().unwrap_err() else { panic!() };
        assert_eq!(violations[0].field, "entry.title");
        assert_eq!(holdings(&source, false).await.documents.len(), 2);
    }

    async fn an_item_may_build_on_the_one_before_it(backend) {
        let hub = TestHub::start(backend).await;
        let source = hub.system(REGION_H).await;
        let first = note(REGION_H, LONNI);
        let mut chain = vec![first.clone()];
        for _ in 0..20 {
            let before = chain.last().unwrap().entry_uuid.clone();
            chain.push(related(note(REGION_H, LONNI), RelationCode::Replaces, &before));
        }
        let newest = chain.last().unwrap().entry_uuid.clone();
        let outcomes = register_all(&source, chain).await.unwrap();
        assert!(outcomes.iter().all(|outcome| told(outcome).is_ok()));
        treats(&hub, REGION_H, CARDIOLOGY, cpr(LONNI)).await;
        let view = record(&hub.professional("kard", "ehr-hovedstaden").await, cpr(LONNI)).await;
        assert_eq!(uuids(&view.documents), [newest]);
    }

    async fn five_hundred_items_go_over_one_stream(backend) {
        let hub = TestHub::start(backend).await;
        let source = hub.system(REGION_H).await;
        let entries: Vec<_> = (0..500).map(|at| note(REGION_H, if at % 2 == 0 { LONNI } else { EINER })).collect();
        let expected: Vec<_> = entries.iter().map(|entry| entry.entry_uuid.clone()).collect();
        let outcomes = register_all(&source, entries.clone()).await.unwrap();
        let registered: Vec<_> = outcomes.iter().map(|outcome| told(outcome).unwrap().to_owned()).collect();
        assert_eq!(registered, expected);
        treats(&hub, REGION_H, CARDIOLOGY, cpr(LONNI)).await;
        let view = record(&hub.professional("kard", "ehr-hovedstaden").await, cpr(LONNI)).await;
        assert_eq!((view.total, view.documents.len()), (250, 250));
        let again = register_all(&source, entries).await.unwrap();
        assert!(again.iter().all(|outcome| outcome.result.as_ref().is_ok_and(|registered| registered.already_registered)));
    }

    async fn a_stream_of_a_system_that_is_no_source_registers_nothing(backend) {
        let hub = TestHub::start(backend).await;
        let stranger = hub.system("gp-gudenaadal").await;
        let entry = note(REGION_H, LONNI);
        let outcomes = register_all(&stranger, vec![entry.clone(); 3]).await.unwrap();
        assert!(outcomes.iter().all(|outcome| told(outcome).is_err_and(|(code, _)| code == Code::PermissionDenied)));
        assert!(is_not_found(&pointer(&hub.system(REGION_H).await, &entry.entry_uuid).await));
    }

    async fn a_stream_that_is_cut_keeps_what_it_acknowledged(backend) {
        let hub = TestHub::start(backend).await;
        let source = hub.system(REGION_H).await;
        let entries: Vec<_> = (0..200).map(|_| note(REGION_H, LONNI)).collect();
        let items: Vec<Item> = (1..).zip(entries.iter().cloned()).map(|(line, entry)| (line, Ok(entry))).collect();
        let mut outcomes = source.documents().register_all(stream::iter(items), Options::default()).await.unwrap();
        for entry in &entries[..40] {
            let outcome = outcomes.next().await.unwrap().unwrap();
            assert_eq!(told(&outcome), Ok(entry.entry_uuid.as_str()));
        }
        drop(outcomes);
        for entry in &entries[..40] {
            pointer(&source, &entry.entry_uuid).await.unwrap();
        }
        // Sent again, all of it is there once.
        let again = register_all(&source, entries).await.unwrap();
        assert!(again.iter().all(|outcome| told(outcome).is_ok()));
        let mut page = holdings(&source, false).await;
        assert_eq!(page.documents.len(), 100);
        assert!(!std::mem::take(&mut page.next_page_token).is_empty());
    }

    async fn an_item_that_the_store_will_not_take_fails_alone(backend) {
        let hub = TestHub::start(backend).await;
        refuse_in_the_store(&hub, backend).await;
        let source = hub.system(REGION_H).await;
        let mut entries: Vec<_> = (0..30).map(|_| note(REGION_H, LONNI)).collect();
        entries[17].unique_id = NEVER.to_owned();
        let outcomes = register_all(&source, entries.clone()).await.unwrap();
        assert_eq!(outcomes.len(), entries.len());
        for (at, (outcome, entry)) in outcomes.iter().zip(&entries).enumerate() {
            match told(outcome) {
                Ok(registered) => assert_eq!(registered, entry.entry_uuid),
                Err(refused) => assert_eq!((at, refused), (17, (Code::Unavailable, "STORE_UNAVAILABLE"))),
            }
        }
        // The batch that was taken back left nothing, so each is new and has its one entry in the log.
        assert!(outcomes.iter().filter_map(|o| o.result.as_ref().ok()).all(|registered| !registered.already_registered));
        let logged = log(&hub, EntryFilter::default()).await;
        let names = |one: &LogEntry, entry: &DocumentEntry| String::from_utf8_lossy(&one.entry_json).contains(&entry.entry_uuid);
        let of_entries = logged.iter().filter(|one| entries.iter().any(|entry| names(one, entry)));
        assert_eq!(of_entries.count(), entries.len());
        assert_eq!(holdings(&source, false).await.documents.len(), 29);
    }

    async fn two_streams_of_the_same_items_register_each_once(backend) {
        let hub = TestHub::start(backend).await;
        let (one, other) = (hub.system(REGION_H).await, hub.system(REGION_H).await);
        let entries: Vec<_> = (0..600).map(|at| note(REGION_H, [LONNI, EINER][at % 2])).collect();
        let backwards: Vec<_> = entries.iter().rev().cloned().collect();
        let (forth, back) = tokio::join!(register_all(&one, entries.clone()), register_all(&other, backwards));
        let all: Vec<_> = forth.unwrap().into_iter().chain(back.unwrap()).map(|outcome| outcome.result.unwrap()).collect();
        let new: Vec<_> = all.iter().filter(|one| !one.already_registered).map(|one| one.entry_uuid.clone()).collect();
        assert_eq!(new.len(), entries.len());
        let expected: BTreeSet<_> = entries.into_iter().map(|entry| entry.entry_uuid).collect();
        assert_eq!(new.into_iter().collect::<BTreeSet<_>>(), expected);
    }
}

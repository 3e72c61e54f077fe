//! Where an entry cannot be written, nothing leaves the hub: a store that takes no writes, one that is held up. A full disk and a database that is gone
//! stand in `crash.rs`. Each time the hub goes on by itself.

use std::collections::BTreeSet;
use std::time::Duration;

use delt_client::proto::audit::v1::{ExportEntriesRequest, GetCheckpointRequest};
use delt_client::proto::consent::v1::CreateConsentRequest;
use delt_client::{ClientError, Connection, RecordView, TokenSource};
use delt_ledger::export::{Report, verify};
use delt_ledger::{Entry, Outcome, Verifier};
use delt_server::config::{Config, Store};
use delt_server::demo::fixtures::SampleDocument;
use delt_server::profile::Holder;
use delt_tests::calls::{fetch, refusal, treats, try_register};
use delt_tests::entries::{CARDIOLOGY, LONNI, REGION_H, cpr, held, note};
use delt_tests::hub::{Backend, TestHub, sample, test_person};
use delt_tests::on_both;
use delt_tests::samples::{EHR, LETTER, block_of, message, search, send};
use delt_tests::sources::Sourced;
use sqlx::{Connection as _, PgConnection, SqliteConnection};
use tonic::Code;

const UNAVAILABLE: (Code, &str) = (Code::Unavailable, "STORE_UNAVAILABLE");
/// How long the hub of these tests waits for its store.
const PATIENCE_MS: u64 = 1_000;

/// A hub with one document at its source, and those who would see it.
struct World {
    sourced: Sourced,
    document: SampleDocument,
    doctor: Connection,
    citizen: Connection,
    source: Connection,
}

impl World {
    async fn start(backend: Backend) -> Self {
        let document = held(REGION_H, LONNI, b"Epikrise".to_vec());
        let quick = |config: &mut Config| {
            config.store = Store {
                timeout_ms: PATIENCE_MS,
                ..config.store.clone()
            };
        };
        let sourced =
            Sourced::start_with(backend, &[&document], Duration::from_secs(5), quick).await;
        treats(&sourced.hub, REGION_H, CARDIOLOGY, cpr(LONNI)).await;
        let doctor = once(
            &sourced.hub,
            EHR,
            Some(Holder::Professional(sample("kard"))),
        )
        .await;
        let citizen = Holder::Citizen(test_person(LONNI));
        let citizen = once(&sourced.hub, "sundhedsportal", Some(citizen)).await;
        let source = once(&sourced.hub, REGION_H, None).await;
        Self {
            sourced,
            document,
            doctor,
            citizen,
            source,
        }
    }

    fn url(&self) -> &str {
        &self.sourced.hub.config().store.url
    }

    async fn fetched(&self) -> Result<Vec<u8>, ClientError> {
        fetch(&self.doctor, cpr(LONNI), &self.document.entry.entry_uuid).await
    }

    /// Whatever is asked, the answer is that the hub cannot, with a reason and when to come again; no source is asked for a document.
    async fn assert_closed(&self) {
        let asked = self.sourced.served();
        let looked = search(&self.doctor, LONNI).await;
        assert_eq!(refusal(&looked), UNAVAILABLE);
        assert_eq!(refusal(&self.fetched().await), UNAVAILABLE);
        assert_eq!(self.sourced.served(), asked, "no source was asked");
        assert_eq!(refusal(&search(&self.citizen, LONNI).await), UNAVAILABLE);
        let denied = search(&self.doctor, "0201609995").await;
        assert_eq!(
            refusal(&denied),
            UNAVAILABLE,
            "a refusal needs its entry too"
        );
        let entry = note(REGION_H, LONNI);
        assert_eq!(
            refusal(&try_register(&self.source, &entry).await),
            UNAVAILABLE
        );
        let block = CreateConsentRequest {
            patient: Some(cpr(LONNI)),
            consent: Some(block_of(CARDIOLOGY)),
            ..CreateConsentRequest::default()
        };
        let blocked = self.citizen.consents().create(block).await;
        assert_eq!(refusal(&blocked), UNAVAILABLE);
        let letter = send(&self.doctor, message(LETTER), "text/xml").await;
        assert_eq!(refusal(&letter), UNAVAILABLE);
    }

    /// It goes on by itself: what was refused was not done, and what was answered is in the log.
    async fn assert_recovered(&self, answered: &RecordView) {
        let view = recovered(async || search(&self.doctor, LONNI).await).await;
        assert_eq!(
            view.total, answered.total,
            "nothing was registered or blocked"
        );
        assert_eq!(self.fetched().await.unwrap(), b"Epikrise");
        let (entries, report) = audit(&self.sourced.hub.supervisor().await).await;
        assert!(report.is_intact() && report.complete, "{report}");
        let logged: BTreeSet<&str> = entries
            .iter()
            .filter(|entry| entry.outcome == Outcome::Permitted)
            .map(|entry| entry.id.as_str())
            .collect();
        for view in [answered, &view] {
            for receipt in &view.receipts {
                assert!(
                    logged.contains(receipt.entry_id.as_str()),
                    "an answer without an entry"
                );
            }
        }
    }
}

/// A caller who takes the first answer.
async fn once(hub: &TestHub, system: &str, holder: Option<Holder>) -> Connection {
    let mut settings = hub.settings(hub.running.api, system);
    if let Some(holder) = holder {
        settings = settings.with_token(TokenSource::text(hub.token(&holder, system, &[])));
    }
    settings.retry.retries = 0;
    Connection::connect(settings).await.unwrap()
}

async fn recovered<T>(ask: impl AsyncFn() -> Result<T, ClientError>) -> T {
    for _ in 0..60 {
        match ask().await {
            Ok(answer) => return answer,
            Err(_) => tokio::time::sleep(Duration::from_millis(250)).await,
        }
    }
    ask().await.expect("the hub recovers without hand work")
}

/// The whole log, and what the verification says.
async fn audit(supervisor: &Connection) -> (Vec<Entry>, Report) {
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    let request = GetCheckpointRequest {};
    let checkpoint = supervisor.audit().checkpoint(request).await.unwrap();
    let verifier = Verifier::from_vkey(&checkpoint.verifier_key).unwrap();
    let mut export = Vec::new();
    let request = ExportEntriesRequest::default();
    supervisor
        .audit()
        .export_to(request, &mut export)
        .await
        .unwrap();
    let report = verify(export.as_slice(), &verifier, &[]).unwrap();
    let text = String::from_utf8(export).unwrap();
    let entries = text.lines().skip(1).map(|line| {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        serde_json::from_value(line["entry"].clone()).unwrap()
    });
    (entries.collect(), report)
}

/// Runs statements on the store, behind the hub's back.
async fn on_store(url: &str, statements: &'static str) {
    if url.starts_with("sqlite:") {
        let mut store = SqliteConnection::connect(url).await.unwrap();
        sqlx::raw_sql(statements).execute(&mut store).await.unwrap();
        store.close().await.unwrap();
    } else {
        let mut store = PgConnection::connect(url).await.unwrap();
        sqlx::raw_sql(statements).execute(&mut store).await.unwrap();
        store.close().await.unwrap();
    }
}

/// A database that became read-only: a fail-over to a replica, an operator who froze it. Sessions are ended, as both do.
const FREEZE: &str = "
    DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = on', current_database()); END $$;
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid();";
const THAW: &str = "
    BEGIN READ WRITE;
    DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = off', current_database()); END $$;
    COMMIT;
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid();";
/// SQLite has no such switch that reaches an open connection: the log's table takes nothing.
const CLOSE: &str =
    "CREATE TRIGGER closed BEFORE INSERT ON log_entry BEGIN SELECT RAISE(ABORT, 'closed'); END";
const OPEN: &str = "DROP TRIGGER closed";

/// Another session that holds the log for itself: a backup gone wrong, an operator's forgotten transaction.
enum Hold {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Hold {
    async fn take(url: &str) -> Self {
        if url.starts_with("sqlite:") {
            let mut store = SqliteConnection::connect(url).await.unwrap();
            sqlx::raw_sql("BEGIN IMMEDIATE")
                .execute(&mut store)
                .await
                .unwrap();
            Self::Sqlite(store)
        } else {
            let mut store = PgConnection::connect(url).await.unwrap();
            let lock = "BEGIN; LOCK TABLE log_entry IN ACCESS EXCLUSIVE MODE";
            sqlx::raw_sql(lock).execute(&mut store).await.unwrap();
            Self::Postgres(store)
        }
    }

    async fn let_go(self) {
        match self {
            Self::Sqlite(store) => store.close().await.unwrap(),
            Self::Postgres(store) => store.close().await.unwrap(),
        }
    }
}

on_both! {
    async fn a_store_that_takes_no_entries_answers_nobody(backend) {
        let world = World::start(backend).await;
        let answered = search(&world.doctor, LONNI).await.unwrap();
        let (freeze, thaw) = match backend {
            Backend::Sqlite => (CLOSE, OPEN),
            Backend::Postgres => (FREEZE, THAW),
        };
        for _ in 0..2 {
            on_store(world.url(), freeze).await;
            world.assert_closed().await;
            on_store(world.url(), thaw).await;
            world.assert_recovered(&answered).await;
        }
    }

    async fn a_store_that_is_held_up_answers_nobody_until_it_is_let_go(backend) {
        let world = World::start(backend).await;
        let answered = search(&world.doctor, LONNI).await.unwrap();
        let holder = Hold::take(world.url()).await;
        world.assert_closed().await;
        holder.let_go().await;
        world.assert_recovered(&answered).await;
    }
}

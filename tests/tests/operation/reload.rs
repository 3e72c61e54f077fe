//! Other policies and another directory while the hub serves: whole or not at all, from the next request on, and in the log.

use std::fs;
use std::path::{Path, PathBuf};

use delt_ledger::{Entry, Outcome};
use delt_server::config::Store;
use delt_server::profile::SourceAddresses;
use delt_server::reload::ReloadError;
use delt_tests::calls::refusal;
use delt_tests::entries::LONNI;
use delt_tests::hub::{Backend, TestHub};
use delt_tests::on_both;
use delt_tests::process::get;
use delt_tests::samples::{EHR, entries, lonni_at_the_hospital, of, register_record, search};
use delt_tests::served::Served;
use tempfile::TempDir;
use tonic::Code;

const DENIED: (Code, &str) = (Code::PermissionDenied, "ACCESS_DENIED");
const NO_RELATION: (Code, &str) = (Code::PermissionDenied, "NO_TREATMENT_RELATION");

/// Physicians read nothing.
const NOTHING: &str = r#"@id("physician-reads-nothing")
forbid (principal == Delt::Professional::"laege", action in Delt::Action::"ReadRecord", resource);
"#;
/// Physicians read plans and nothing else.
const PLANS: &str = r#"@id("physician-reads-plans-only")
forbid (principal == Delt::Professional::"laege", action in Delt::Action::"ReadRecord", resource)
unless { resource == Delt::DocumentClass::"care-plan" };
"#;

/// A copy of the policies that come with Delt, to change.
struct Folder(TempDir);

impl Folder {
    fn copy() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/policy");
        for file in fs::read_dir(own).unwrap() {
            let file = file.unwrap();
            fs::copy(file.path(), folder.path().join(file.file_name())).unwrap();
        }
        Self(folder)
    }

    fn path(&self) -> PathBuf {
        self.0.path().to_owned()
    }

    /// One more file among them.
    fn add(&self, name: &str, text: &str) {
        fs::write(self.0.path().join(name), text).unwrap();
    }

    fn remove(&self, name: &str) {
        fs::remove_file(self.0.path().join(name)).unwrap();
    }

    async fn hub(&self, backend: Backend) -> TestHub {
        let path = self.path();
        TestHub::start_with(backend, &SourceAddresses::default(), |config| {
            config.policy.dir = Some(path);
        })
        .await
    }
}

async fn searches(hub: &TestHub) -> Vec<Entry> {
    entries(hub, of("SearchRecord")).await
}

fn version(entry: &Entry) -> &str {
    entry.policy_version.as_deref().unwrap()
}

/// How often an edition came into force, as the store has it.
async fn times_in_force(store: &Store) -> i64 {
    const COUNT: &str = "SELECT COUNT(*) FROM policy_in_force";
    let url = store.connection_url().unwrap();
    let url = url.as_str();
    let (count,): (i64,) = if url.starts_with("sqlite") {
        let pool = sqlx::SqlitePool::connect(url).await.unwrap();
        sqlx::query_as(COUNT).fetch_one(&pool).await.unwrap()
    } else {
        let pool = sqlx::PgPool::connect(url).await.unwrap();
        sqlx::query_as(COUNT).fetch_one(&pool).await.unwrap()
    };
    count
}

on_both! {
    async fn other_policies_decide_the_next_request_and_stand_in_its_audit_entry(backend) {
        let folder = Folder::copy();
        let hub = folder.hub(backend).await;
        let (all, doctor) = lonni_at_the_hospital(&hub).await;
        assert_eq!(search(&doctor, LONNI).await.unwrap().total, all);

        folder.add("strict.cedar", NOTHING);
        let strict = hub.running.reload(hub.config()).await.unwrap();
        assert_eq!(refusal(&search(&doctor, LONNI).await), DENIED);

        folder.remove("strict.cedar");
        let back = hub.running.reload(hub.config()).await.unwrap();
        assert_eq!((&back.from, &back.to), (&strict.to, &strict.from));
        assert_eq!(search(&doctor, LONNI).await.unwrap().total, all);

        let log = searches(&hub).await;
        let told: Vec<_> = log.iter().map(|entry| (entry.outcome, version(entry))).collect();
        let (loose, strict) = (strict.from.as_str(), strict.to.as_str());
        assert_eq!(told, [(Outcome::Permitted, loose), (Outcome::Denied, strict), (Outcome::Permitted, loose)]);
    }

    async fn one_mistake_refuses_all_and_what_was_in_force_stays(backend) {
        let folder = Folder::copy();
        let hub = folder.hub(backend).await;
        let (all, doctor) = lonni_at_the_hospital(&hub).await;
        let before = hub.running.hub.roles().version().to_owned();
        let directory = &hub.config().directory.systems_file;
        let sound = fs::read_to_string(directory).unwrap();

        folder.add("strict.cedar", NOTHING);
        folder.add("broken.cedar", "permit (principal,");
        fs::write(directory, "[").unwrap();
        let refused = hub.running.reload(hub.config()).await.unwrap_err();
        let ReloadError::Files(problems) = refused else { panic!("{refused}") };
        let text = problems.to_string();
        assert!(text.contains("broken.cedar") && text.contains("directory: systems"), "{text}");

        // The policies alone are sound now, the directory is not: still nothing changes.
        folder.remove("broken.cedar");
        let refused = hub.running.reload(hub.config()).await;
        assert!(matches!(refused, Err(ReloadError::Files(_))), "{refused:?}");
        assert_eq!(search(&doctor, LONNI).await.unwrap().total, all);
        assert_eq!(version(&searches(&hub).await[0]), before);
        assert_eq!(times_in_force(&hub.config().store).await, 1);

        fs::write(directory, sound).unwrap();
        hub.running.reload(hub.config()).await.unwrap();
        assert_eq!(refusal(&search(&doctor, LONNI).await), DENIED);
        let (_, metrics) = get(hub.running.admin, "/metrics").unwrap();
        let now = format!("delt_policy_info{{version=\"{}\"}} 1", hub.running.hub.roles().version());
        for line in ["delt_reloads_total{outcome=\"refused\"} 2", "delt_reloads_total{outcome=\"done\"} 1", &now] {
            assert!(metrics.lines().any(|found| found == line), "no {line} in:\n{metrics}");
        }
    }

    async fn every_answer_is_wholly_of_one_edition(backend) {
        let folder = Folder::copy();
        let hub = folder.hub(backend).await;
        let (all, doctor) = lonni_at_the_hospital(&hub).await;
        let loose = hub.running.hub.roles().version().to_owned();
        let reading = async {
            let mut seen = Vec::new();
            for _ in 0..60 {
                seen.push(search(&doctor, LONNI).await.unwrap().total);
            }
            seen
        };
        let changing = async {
            for _ in 0..10 {
                folder.add("plans.cedar", PLANS);
                hub.running.reload(hub.config()).await.unwrap();
                folder.remove("plans.cedar");
                hub.running.reload(hub.config()).await.unwrap();
            }
        };
        let (seen, ()) = tokio::join!(reading, changing);
        let log = searches(&hub).await;
        assert_eq!(log.len(), seen.len());
        for (entry, total) in log.iter().rev().zip(seen) {
            assert_eq!(entry.disclosed.len(), total as usize);
            assert_eq!(u64::from(total) + entry.withheld, u64::from(all));
            assert_eq!(version(entry) == loose, total == all, "an answer of two editions");
        }
    }

    async fn hubs_of_one_database_write_one_history(backend) {
        let folder = Folder::copy();
        let mut hub = folder.hub(backend).await;
        let in_force = hub.config().store.clone();
        assert_eq!(times_in_force(&in_force).await, 1);
        hub = hub.restart().await;
        assert_eq!(times_in_force(&in_force).await, 1, "a restart with the same policies is no event");
        folder.add("strict.cedar", NOTHING);
        hub.running.reload(hub.config()).await.unwrap();
        hub.running.reload(hub.config()).await.unwrap();
        assert_eq!(times_in_force(&in_force).await, 2);
        if backend == Backend::Postgres {
            let twin = hub.twin().await;
            twin.reload(hub.config()).await.unwrap();
            assert_eq!(times_in_force(&in_force).await, 2);
            twin.stop().await;
        }
    }

    async fn a_system_that_leaves_the_directory_is_a_stranger_at_once(backend) {
        let hub = TestHub::start(backend).await;
        let (all, doctor) = lonni_at_the_hospital(&hub).await;
        assert_eq!(search(&doctor, LONNI).await.unwrap().total, all);
        let file = &hub.config().directory.systems_file;
        let systems = fs::read_to_string(file).unwrap();
        let mut fewer: serde_json::Value = serde_json::from_str(&systems).unwrap();
        let list = fewer.as_array_mut().expect("an array of systems");
        list.retain(|system| system["id"] != EHR);
        fs::write(file, fewer.to_string()).unwrap();
        hub.running.reload(hub.config()).await.unwrap();
        assert_eq!(refusal(&search(&doctor, LONNI).await), (Code::Unauthenticated, "CERTIFICATE_UNKNOWN"));
        fs::write(file, systems).unwrap();
        hub.running.reload(hub.config()).await.unwrap();
        assert_eq!(search(&doctor, LONNI).await.unwrap().total, all);
    }

    async fn a_hub_that_starts_with_other_policies_begins_another_edition(backend) {
        let folder = Folder::copy();
        let hub = folder.hub(backend).await;
        register_record(&hub, LONNI).await;
        let doctor = hub.professional("kard", EHR).await;
        assert_eq!(refusal(&search(&doctor, LONNI).await), NO_RELATION);
        folder.add("strict.cedar", NOTHING);
        let hub = hub.restart().await;
        let doctor = hub.professional("kard", EHR).await;
        assert_eq!(refusal(&search(&doctor, LONNI).await), DENIED);
        assert_eq!(times_in_force(&hub.config().store).await, 2);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signal_reloads_and_the_log_says_what_became_of_it() {
    let folder = Folder::copy();
    let served = Served::start_with(None, Some(&folder.path()));
    let doctor = served.professional("kard", EHR).await;
    assert_eq!(refusal(&search(&doctor, LONNI).await), NO_RELATION);

    folder.add("broken.cedar", "permit (principal,");
    served.process.signal("HUP");
    logged(&served, "reload refused").await;
    assert!(served.process.log().contains("broken.cedar"));
    assert_eq!(refusal(&search(&doctor, LONNI).await), NO_RELATION);

    folder.remove("broken.cedar");
    folder.add("strict.cedar", NOTHING);
    served.process.signal("HUP");
    logged(&served, "were read again").await;
    assert_eq!(refusal(&search(&doctor, LONNI).await), DENIED);
}

/// Waits for a line of the log.
async fn logged(served: &Served, text: &str) {
    for _ in 0..1_000 {
        if served.process.log().contains(text) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("no {text:?} in:\n{}", served.process.log());
}

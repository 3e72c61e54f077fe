//! Who is let in by which RPC: the whole table, asked over real sockets, in a file that a reviewer can read.
//!
//! When this changes on purpose: run the test, read the difference between `golden/rpc-authorization.txt` and the `.actual` that the test leaves
//! beside it, and move the latter over the former.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use delt_client::Connection;
use delt_proto::FILE_DESCRIPTOR_SET;
use delt_server::profile::Holder;
use delt_tests::calls::{self, operator};
use delt_tests::entries::{CARDIOLOGY, EINER, LONNI, cpr};
use delt_tests::hub::{Backend, TestHub, sample};
use delt_tests::rpcs::{self, HOSPITAL_SYSTEM, SOURCE};
use prost::Message as _;
use prost_types::FileDescriptorSet;

/// RPCs that no row asks about. This list may only get shorter.
const NOT_COVERED: [&str; 0] = [];

/// Served by sources, called by the hub.
const OF_SOURCES: &str = "delt.source.v1.";

#[test]
fn every_rpc_of_the_contract_has_its_rows() {
    let contract = FileDescriptorSet::decode(FILE_DESCRIPTOR_SET).unwrap();
    let promised: BTreeSet<String> = contract
        .file
        .iter()
        .flat_map(|file| {
            file.service.iter().flat_map(|service| {
                let of = format!("{}.{}", file.package(), service.name());
                let methods = service.method.iter();
                methods.map(move |method| format!("{of}/{}", method.name()))
            })
        })
        .filter(|name| name.starts_with("delt.") && !name.starts_with(OF_SOURCES))
        .collect();
    let mut asked: BTreeSet<String> = rpcs::all().into_iter().map(|rpc| rpc.name).collect();
    asked.extend(NOT_COVERED.map(str::to_owned));
    assert_eq!(asked, promised);
}

/// Those who ask, in the order of the rows.
async fn callers(hub: &TestHub) -> Vec<(&'static str, Connection)> {
    calls::treats(hub, HOSPITAL_SYSTEM, CARDIOLOGY, cpr(LONNI)).await;
    let helper = Holder::Helper {
        acting: sample("sosu"),
        responsible: sample("hspl"),
    };
    let helper = hub.token(&helper, "kommune-testby", &[]);
    let helper = hub
        .connect(hub.running.api, "kommune-testby", Some(helper))
        .await;
    let quality = ["HQUALIMP"];
    vec![
        ("a source system", hub.system(SOURCE).await),
        (
            "a portal without anybody",
            hub.system("sundhedsportal").await,
        ),
        (
            "the register of persons",
            hub.system("personregister").await,
        ),
        (
            "the physician who treats",
            hub.professional("kard", HOSPITAL_SYSTEM).await,
        ),
        (
            "the same for quality work",
            hub.professional_for("kard", HOSPITAL_SYSTEM, &quality)
                .await,
        ),
        (
            "another physician",
            hub.professional("gp2", "gp-gudenaadal").await,
        ),
        ("a helper without delegation", helper),
        ("the citizen", hub.citizen(LONNI).await),
        ("another citizen", hub.citizen(EINER).await),
        ("a region's auditor", hub.auditor().await),
        ("the data protection officer", hub.supervisor().await),
        ("the operator", operator(hub).await),
    ]
}

async fn table(hub: &TestHub) -> String {
    let callers = callers(hub).await;
    let mut text = String::new();
    for rpc in rpcs::all() {
        writeln!(text, "{}", rpc.name).unwrap();
        for (who, caller) in &callers {
            writeln!(text, "  {who:<28}{}", rpcs::ask(caller, &rpc).await).unwrap();
        }
    }
    text
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_let_in_is_what_was_reviewed() {
    let hub = TestHub::start(Backend::Sqlite).await;
    let found = table(&hub).await;
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/rpc-authorization.txt");
    let actual = golden.with_extension("txt.actual");
    if std::fs::read_to_string(&golden).is_ok_and(|reviewed| reviewed == found) {
        let _ = std::fs::remove_file(actual);
        return;
    }
    std::fs::write(&actual, found).unwrap();
    panic!(
        "who is let in has changed. Read it: diff -u {golden} {actual}\nand where that is what was meant: mv {actual} {golden}",
        golden = golden.display(),
        actual = actual.display()
    );
}

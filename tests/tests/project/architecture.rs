//! The walls between the crates, held over `cargo metadata`, so that they depend on no reviewer.

use std::collections::BTreeSet;

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package, PackageId};
use delt_tests::tree;

/// Who may stand on whom. A crate that is not here fails the test, so that its place is decided.
const DIRECTIONS: &[(&str, &[&str])] = &[
    ("delt-proto", &[]),
    ("delt-ledger", &[]),
    ("delt-policy", &[]),
    ("delt-formats", &[]),
    ("delt-client", &["delt-proto"]),
    ("delt-hub", &["delt-formats", "delt-ledger", "delt-policy"]),
    (
        "delt-server",
        &[
            "delt-client",
            "delt-formats",
            "delt-hub",
            "delt-ledger",
            "delt-policy",
            "delt-proto",
        ],
    ),
    (
        "delt-tests",
        &[
            "delt-client",
            "delt-formats",
            "delt-hub",
            "delt-ledger",
            "delt-policy",
            "delt-proto",
            "delt-server",
        ],
    ),
];

/// Who alone may name a library (a trailing `*` stands for any ending), for building and testing too.
const WALLS: &[(&str, &[&str])] = &[
    // The store is behind the hub's one door.
    ("sqlx*", &["delt-hub", "delt-tests"]),
    ("rusqlite*", &["delt-hub"]),
    // The hub knows operations, not the wire they came by.
    (
        "tonic*",
        &["delt-client", "delt-proto", "delt-server", "delt-tests"],
    ),
    (
        "prost*",
        &["delt-client", "delt-proto", "delt-server", "delt-tests"],
    ),
    ("axum*", &["delt-server"]),
    ("clap*", &["delt-server"]),
];

/// These decide and encode. They do no I/O, so that they can be tested exhaustively and used offline.
const PURE: &[&str] = &["delt-formats", "delt-ledger", "delt-policy"];

/// What would bring I/O into them, however far down.
const IMPURE: &[&str] = &[
    "async-std",
    "axum",
    "hyper",
    "mio",
    "reqwest",
    "rusqlite",
    "socket2",
    "sqlx",
    "tokio",
    "tonic",
];

fn metadata() -> Metadata {
    MetadataCommand::new()
        .manifest_path(tree::root().join("Cargo.toml"))
        .other_options(
            ["--locked", "--filter-platform", "x86_64-unknown-linux-gnu"].map(String::from),
        )
        .exec()
        .expect("cargo metadata answers")
}

fn named(pattern: &str, name: &str) -> bool {
    pattern
        .strip_suffix('*')
        .map_or(name == pattern, |start| name.starts_with(start))
}

#[test]
fn crates_stand_only_on_what_is_below_them() {
    for package in metadata().workspace_packages() {
        let name = package.name.as_str();
        let Some((_, below)) = DIRECTIONS.iter().find(|(known, _)| *known == name) else {
            panic!("{name} has no place in DIRECTIONS");
        };
        for found in package
            .dependencies
            .iter()
            .filter(|found| found.path.is_some())
        {
            assert!(
                below.contains(&found.name.as_str()),
                "{name} must not depend on {}",
                found.name
            );
        }
    }
}

#[test]
fn libraries_stay_behind_their_walls() {
    for package in metadata().workspace_packages() {
        for found in &package.dependencies {
            for (pattern, allowed) in WALLS
                .iter()
                .filter(|(pattern, _)| named(pattern, &found.name))
            {
                let name = package.name.as_str();
                assert!(
                    allowed.contains(&name),
                    "{name} names {}; {pattern} is for {allowed:?}",
                    found.name
                );
            }
        }
    }
}

/// With the feature `bench` of the hub there are ways past the door. Whoever wants them must say so on the command line of a benchmark.
#[test]
fn nothing_that_serves_has_a_way_past_the_door() {
    let metadata = metadata();
    let asks = |names: &[String]| names.iter().any(|name| name.contains("bench"));
    for package in metadata.workspace_packages() {
        let name = package.name.as_str();
        for found in &package.dependencies {
            assert!(!asks(&found.features), "{name} asks {} for it", found.name);
        }
        for (feature, enables) in &package.features {
            assert!(!asks(enables), "{name}/{feature} turns it on");
        }
        let told = name == "delt-hub";
        assert_eq!(package.features.contains_key("bench"), told, "{name}");
    }
}

/// A hub that can leave its access log out is opened by `delt bench` alone. What keeps it from records is in `measuring.rs`.
#[test]
fn only_the_benchmark_leaves_the_access_log_out() {
    for (name, homes) in [
        (
            "open_for_measuring",
            &["crates/hub/src/open.rs", "crates/server/src/serve.rs"][..],
        ),
        (
            "start_for_measuring",
            &[
                "crates/server/src/serve.rs",
                "crates/server/src/bench/peers/hub.rs",
            ],
        ),
        (
            "set_audited",
            &[
                "crates/hub/src/perform.rs",
                "crates/hub/src/audit/receipt/unaudited.rs",
                "crates/server/src/bench/peers/hub.rs",
            ],
        ),
    ] {
        let texts = tree::texts("crates", &["rs"]);
        let mut named: Vec<_> = texts
            .iter()
            .filter(|(_, text)| text.contains(name))
            .map(|(path, _)| path.display().to_string())
            .collect();
        named.sort();
        let mut homes = homes.to_vec();
        homes.sort_unstable();
        assert_eq!(named, homes, "{name}");
    }
}

#[test]
fn pure_crates_reach_no_io() {
    let metadata = metadata();
    for package in metadata.workspace_packages() {
        if PURE.contains(&package.name.as_str()) {
            let reached = reached(&metadata, package);
            let impure: Vec<_> = reached
                .iter()
                .filter(|name| IMPURE.contains(&name.as_str()))
                .collect();
            assert!(
                impure.is_empty(),
                "{} is pure, but reaches {impure:?}",
                package.name
            );
            assert!(reached.len() > 1, "{}: nothing was looked at", package.name);
        }
    }
}

/// Names of all packages that become part of a crate; what only builds or tests it does not count.
fn reached(metadata: &Metadata, start: &Package) -> BTreeSet<String> {
    let resolve = metadata.resolve.as_ref().expect("the graph was asked for");
    let mut seen: BTreeSet<&PackageId> = BTreeSet::new();
    let mut open = vec![&start.id];
    while let Some(id) = open.pop() {
        if seen.insert(id) {
            let node = resolve
                .nodes
                .iter()
                .find(|node| node.id == *id)
                .expect("a node for each package");
            let normal = node.deps.iter().filter(|found| {
                found
                    .dep_kinds
                    .iter()
                    .any(|kind| kind.kind == DependencyKind::Normal)
            });
            open.extend(normal.map(|found| &found.pkg));
        }
    }
    seen.into_iter()
        .map(|id| metadata[id].name.to_string())
        .collect()
}

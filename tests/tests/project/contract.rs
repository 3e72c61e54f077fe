//! The wire contract in `proto/`: its style, and that what was promised is kept.

use delt_tests::foreign::{buf, succeed};

/// The contract as it was last promised. To promise more, after a release or before the first one:
/// `target/python/bin/buf build proto --exclude-source-info -o proto/promised.binpb`
const PROMISED: &str = "proto/promised.binpb";

#[test]
fn style_is_buf_standard() {
    succeed(buf().args(["lint", "proto"]));
}

#[test]
fn nothing_promised_is_broken() {
    succeed(buf().args(["breaking", "proto", "--against", PROMISED]));
}

/// `crates/proto/src/spliced.rs` is written by hand, so what it was written from must not move without it.
#[test]
fn the_spliced_message_has_the_fields_of_the_contract() {
    let described = succeed(buf().args(["build", "proto", "-o", "-#format=json"]));
    let described: serde_json::Value = serde_json::from_str(&described).unwrap();
    let files = described["file"].as_array().unwrap();
    let document = files
        .iter()
        .find(|file| file["name"] == "delt/document/v1/document.proto");
    let messages = document.unwrap()["messageType"].as_array().unwrap();
    let spliced = messages
        .iter()
        .find(|message| message["name"] == "IndexedDocument")
        .unwrap();
    let fields: Vec<_> = spliced["field"]
        .as_array()
        .unwrap()
        .iter()
        .map(field)
        .collect();
    assert_eq!(
        fields,
        [
            "1 entry: .delt.document.v1.DocumentEntry",
            "2 status: .delt.document.v1.AvailabilityStatus",
            "3 registered_time: .google.protobuf.Timestamp",
            "4 status_time: .google.protobuf.Timestamp",
            "5 replaced_by_entry_uuid: TYPE_STRING",
            "6 dead_since: .google.protobuf.Timestamp",
            "7 opened_by_override: TYPE_BOOL",
        ]
    );
}

fn field(field: &serde_json::Value) -> String {
    let kind = field["typeName"]
        .as_str()
        .or(field["type"].as_str())
        .unwrap_or("?");
    format!(
        "{} {}: {kind}",
        field["number"],
        field["name"].as_str().unwrap_or("?")
    )
}

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

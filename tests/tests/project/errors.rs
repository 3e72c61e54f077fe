//! Every error code has a page that says what to do about it, and no page is left from a code that is gone.

use std::collections::BTreeSet;

use delt_hub::error::code;
use delt_tests::tree;

const PAGES: &str = "docs/errors";

#[test]
fn every_code_has_a_page_and_every_page_a_code() {
    let codes: BTreeSet<String> = code::ALL.iter().map(|code| code.name.to_owned()).collect();
    let pages: BTreeSet<String> = tree::files(PAGES)
        .iter()
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .filter(|name| name != "README")
        .collect();
    assert_eq!(codes.len(), code::ALL.len(), "a name is used twice");
    assert_eq!(codes, pages);
}

#[test]
fn pages_say_what_the_code_says() {
    for code in code::ALL {
        let page = tree::read(format!("{PAGES}/{}.md", code.name));
        let start = format!(
            "# {}\n\n> {}\n\nKind: [{:?}](README.md)\n",
            code.name, code.summary, code.kind
        );
        assert!(
            page.starts_with(&start),
            "{} should start with:\n{start}",
            code.name
        );
        for part in [
            "## What it means",
            "## What the caller does",
            "## What the operator does",
        ] {
            assert!(
                page.contains(&format!("\n{part}\n\n")),
                "{} has no part {part:?}",
                code.name
            );
        }
    }
}

#[test]
fn codes_fit_into_error_info() {
    for code in code::ALL {
        // google.rpc.ErrorInfo: `reason` is at most 63 characters and matches [A-Z][A-Z0-9_]+[A-Z0-9].
        let upper = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
        assert!(
            code.name.len() <= 63 && code.name.chars().all(upper),
            "{}",
            code.name
        );
        assert!(
            code.name.starts_with(|c: char| c.is_ascii_uppercase()),
            "{}",
            code.name
        );
    }
}

#[test]
fn the_overview_lists_every_code() {
    let overview = tree::read(format!("{PAGES}/README.md"));
    for code in code::ALL {
        let entry = format!("[`{0}`]({0}.md)", code.name);
        assert_eq!(
            overview.matches(&entry).count(),
            1,
            "{entry} in {PAGES}/README.md"
        );
    }
}

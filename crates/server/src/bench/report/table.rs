//! The report as tables for people.

use std::fmt::Write as _;

use serde_json::Value;

use super::targets::TARGETS;
use crate::cli::table::Table;

/// All of a report that a person reads at a terminal.
pub fn text(report: &Value) -> String {
    let mut text = String::new();
    let backends = report.get("backends").and_then(Value::as_object);
    for (name, found) in backends.into_iter().flatten() {
        let entries = number(found, "/sample/entries");
        let loaded = number(found, "/sample/loaded_in_s");
        put(
            &mut text,
            format_args!("\n{name}: {entries:.0} entries, loaded in {loaded:.1} s\n"),
        );
        put(&mut text, format_args!("{}", searches(found)));
        put(&mut text, format_args!("{}", others(found)));
        put(&mut text, format_args!("{}", ratios(found)));
    }
    text
}

fn searches(found: &Value) -> Table<9> {
    let mut table = Table::new([
        "SEARCH", "CALLERS", "A SECOND", "P50 MS", "P99 MS", "P99.9 MS", "CPU US", "LIMIT US",
        "RATIO",
    ]);
    for scenario in ["search_20", "search_200"] {
        let rows = found
            .pointer(&format!("/scenarios/{scenario}"))
            .and_then(Value::as_array);
        for row in rows.into_iter().flatten() {
            let limit = number(row, "/limit_grpc/cpu_us") + number(row, "/limit_rows/cpu_us");
            table.row([
                scenario.to_owned(),
                format!("{:.0}", number(row, "/callers")),
                format!("{:.0}", number(row, "/hub/per_second")),
                ms(row, "/hub/p50_us"),
                ms(row, "/hub/p99_us"),
                ms(row, "/hub/p999_us"),
                format!("{:.0}", number(row, "/hub/cpu_us")),
                format!("{limit:.0}"),
                format!("{:.2}", number(row, "/cpu_over_limit")),
            ]);
        }
    }
    table
}

/// What, where it stands, and in which unit.
const OTHERS: &[(&str, &str, &str)] = &[
    (
        "register one by one",
        "/register/one_by_one/hub/per_second",
        "/s",
    ),
    (
        "register one by one, CPU",
        "/register/one_by_one/hub/cpu_us",
        "µs",
    ),
    (
        "register streamed",
        "/register/streamed/hub/rows_per_second",
        "/s",
    ),
    (
        "register streamed, CPU",
        "/register/streamed/hub/cpu_us_a_row",
        "µs",
    ),
    (
        "bare batched insert",
        "/register/limit/bare/rows_per_second",
        "/s",
    ),
    (
        "bare batched insert, CPU",
        "/register/limit/bare/cpu_us_a_row",
        "µs",
    ),
    ("retrieve 10 KB", "/retrieve_10kb/hub/per_second", "/s"),
    (
        "retrieve 10 KB from the source",
        "/retrieve_10kb/source/per_second",
        "/s",
    ),
    ("retrieve 10 MB", "/retrieve_10mb/hub_mb_per_second", "MB/s"),
    (
        "retrieve 10 MB from the source",
        "/retrieve_10mb/source_mb_per_second",
        "MB/s",
    ),
    (
        "retrieve 10 MB by 4",
        "/retrieve_10mb_by_4/hub_mb_per_second",
        "MB/s",
    ),
    (
        "retrieve 10 MB by 4 from the source",
        "/retrieve_10mb_by_4/source_mb_per_second",
        "MB/s",
    ),
    ("searches with the access log", "/audit/on/per_second", "/s"),
    ("searches without it", "/audit/off/per_second", "/s"),
    (
        "a token that is new, CPU",
        "/token/cpu_us_of_a_new_token",
        "µs",
    ),
];

fn others(found: &Value) -> Table<2> {
    let mut table = Table::new(["", ""]);
    for (what, place, unit) in OTHERS {
        let figure = found.pointer(&format!("/scenarios{place}"));
        if let Some(figure) = figure.and_then(Value::as_f64) {
            table.row([(*what).to_owned(), format!("{figure:.0} {unit}")]);
        }
    }
    table
}

fn ratios(found: &Value) -> Table<4> {
    let mut table = Table::new(["RATIO", "FOUND", "BOUND", ""]);
    for target in &TARGETS {
        let ratio = found.pointer(&format!("/ratios/{}", target.name));
        if let Some(ratio) = ratio.and_then(Value::as_f64) {
            let kept = if target.bound.holds(ratio) {
                "kept"
            } else {
                "missed"
            };
            table.row([
                target.name.to_owned(),
                format!("{ratio:.2}"),
                format!("{} {}", target.bound.sign(), target.bound.value()),
                kept.to_owned(),
            ]);
        }
    }
    table
}

fn number(value: &Value, place: &str) -> f64 {
    value
        .pointer(place)
        .and_then(Value::as_f64)
        .unwrap_or_default()
}

fn ms(value: &Value, place: &str) -> String {
    format!("{:.1}", number(value, place) / 1_000.0)
}

fn put(text: &mut String, line: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{line}");
}

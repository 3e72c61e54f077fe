//! The ratios as a chart: each as a bar against its bound, which is the line in the middle.

use std::fmt::Write as _;

use serde_json::Value;

use super::targets::{Bound, TARGETS, Target};

const WIDTH: u32 = 860;
const LEFT: u32 = 20;
/// The bound stands here, from the left edge of the bars.
const LINE: f64 = 330.0;
const LONGEST: f64 = 640.0;
const BAR: u32 = 14;
const HEAD: u32 = 52;

/// Draws a report.
pub fn chart(report: &Value) -> String {
    let backends: Vec<_> = report
        .get("backends")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .collect();
    let bars = u32::try_from(backends.len()).unwrap_or_default();
    let row = 30 + bars * (BAR + 4);
    let rows = u32::try_from(TARGETS.len()).unwrap_or_default();
    let height = HEAD + rows * row + 12;
    let mut text = head(height);
    for (target, at) in TARGETS.iter().zip(0..) {
        let top = HEAD + at * row;
        label(&mut text, target, top);
        for ((name, found), bar) in backends.iter().zip(0..) {
            let ratio = found
                .get("ratios")
                .and_then(|ratios| ratios.get(target.name));
            if let Some(ratio) = ratio.and_then(Value::as_f64) {
                draw(
                    &mut text,
                    target.bound,
                    (name, ratio),
                    top + 22 + bar * (BAR + 4),
                );
            }
        }
    }
    let line = f64::from(LEFT) + LINE;
    let (from, to) = (HEAD + 14, height - 12);
    put(
        &mut text,
        format_args!(
            "<line x1=\"{line}\" x2=\"{line}\" y1=\"{from}\" y2=\"{to}\" stroke=\"#444\" stroke-dasharray=\"3 3\"/>"
        ),
    );
    text.push_str("</svg>\n");
    text
}

fn head(height: u32) -> String {
    let mut text = String::new();
    put(
        &mut text,
        format_args!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" viewBox=\"0 0 {WIDTH} {height}\" \
             font-family=\"sans-serif\" font-size=\"13\">\n<rect width=\"{WIDTH}\" height=\"{height}\" fill=\"#fff\"/>"
        ),
    );
    put(
        &mut text,
        format_args!(
            "<text x=\"{LEFT}\" y=\"24\" font-size=\"16\" font-weight=\"bold\">delt bench: ratios against their bounds</text>\n\
             <text x=\"{LEFT}\" y=\"42\" fill=\"#555\">The dashed line is the bound. Green keeps it, red does not.</text>"
        ),
    );
    text
}

fn label(text: &mut String, target: &Target, top: u32) {
    let (at, says) = (top + 16, target.says);
    let bound = target.bound;
    put(
        text,
        format_args!(
            "<text x=\"{LEFT}\" y=\"{at}\">{says} ({} {})</text>",
            bound.sign(),
            bound.value()
        ),
    );
}

fn draw(text: &mut String, bound: Bound, (name, ratio): (&str, f64), top: u32) {
    let length = (ratio / bound.value() * LINE).clamp(1.0, LONGEST);
    let colour = if bound.holds(ratio) {
        "#2e8b57"
    } else {
        "#c0392b"
    };
    let (at, base) = (f64::from(LEFT) + length + 6.0, top + BAR - 3);
    put(
        text,
        format_args!(
            "<rect x=\"{LEFT}\" y=\"{top}\" width=\"{length:.1}\" height=\"{BAR}\" fill=\"{colour}\"/>"
        ),
    );
    put(
        text,
        format_args!("<text x=\"{at:.1}\" y=\"{base}\" font-size=\"12\">{name} {ratio:.2}</text>"),
    );
}

fn put(text: &mut String, line: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{line}");
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_ratio_that_was_found_has_its_bar() {
        let report = json!({ "backends": {
            "sqlite": { "ratios": { "search_20_cpu_over_limit": 1.5, "rss_mb_at_64": 300.0 } },
            "postgres": { "ratios": { "search_20_cpu_over_limit": 2.5 } },
        } });
        let chart = chart(&report);
        assert_eq!(chart.matches("#2e8b57").count(), 1);
        assert_eq!(chart.matches("#c0392b").count(), 2);
        assert!(chart.contains("sqlite 1.50") && chart.contains("postgres 2.50"));
        assert_eq!(
            chart.matches("<svg").count(),
            chart.matches("</svg>").count()
        );
    }
}

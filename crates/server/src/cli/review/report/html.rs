//! A report as a page to print: one file, nothing fetched from elsewhere, no script.

use std::collections::BTreeMap;

use delt_proto::review::v1::{
    AccessCount, GetPeriodReportResponse, ReviewCaseState, ReviewDecision,
};

use super::danish;

const STYLE: &str = include_str!("report.css");

pub(super) fn page(report: &GetPeriodReportResponse) -> String {
    let title = format!(
        "Opfølgning på opslag – {}",
        escaped(&report.organisation_name)
    );
    format!(
        "<!doctype html>\n<html lang=\"da\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n\
         {heading}{figures}{accesses}{cases}</main>\n{standing}</body>\n</html>\n",
        heading = heading(report),
        figures = figures(report),
        accesses = accesses(report),
        cases = cases(report),
        standing = standing(report),
    )
}

fn heading(report: &GetPeriodReportResponse) -> String {
    let period = report.period.as_ref();
    let start = danish::moment(period.and_then(|period| period.start.as_ref()));
    let end = danish::moment(period.and_then(|period| period.end.as_ref()));
    let recorded = report.receipt.as_ref();
    let recorded = recorded.and_then(|receipt| receipt.recorded_time.as_ref());
    format!(
        "<header>\n<h1>Opfølgning på opslag</h1>\n<p class=\"place\">{} <span>SOR {}</span></p>\n\
         <p>Perioden fra og med {start} indtil {end}, med underliggende enheder.</p>\n\
         <p class=\"made\">Dannet {}. Alle tider er i UTC.</p>\n</header>\n",
        escaped(&report.organisation_name),
        escaped(&report.organisation),
        danish::moment(recorded),
    )
}

/// What whoever answers for the organisation asks first.
fn figures(report: &GetPeriodReportResponse) -> String {
    let sum = |admit: &dyn Fn(&AccessCount) -> bool| -> u64 {
        let counted = report.accesses.iter().filter(|count| admit(count));
        counted.map(|count| count.accesses).sum()
    };
    let cases = |admit: &dyn Fn(ReviewCaseState, ReviewDecision) -> bool| -> u64 {
        let counted = report.cases.iter();
        let counted = counted.filter(|count| admit(count.state(), count.decision()));
        counted.map(|count| count.cases).sum()
    };
    let closed = ReviewCaseState::Closed;
    let boxes = [
        ("opslag og handlinger", danish::number(sum(&|_| true))),
        (
            "afvist",
            danish::number(sum(&|count| count.outcome == "denied")),
        ),
        (
            "under værdispring",
            danish::number(sum(&|count| count.purpose_of_use == "BTG")),
        ),
        ("sager åbnet", danish::number(cases(&|_, _| true))),
        (
            "heraf ikke afsluttet",
            danish::number(cases(&|state, _| state != closed)),
        ),
        (
            "ikke berettiget",
            danish::number(cases(&|state, said| {
                state == closed && said == ReviewDecision::Unjustified
            })),
        ),
        ("mediantid til afgørelse", median(report)),
    ];
    let boxes = boxes.map(|(name, value)| format!("<div><dt>{name}</dt><dd>{value}</dd></div>\n"));
    format!("<dl class=\"figures\">\n{}</dl>\n", boxes.concat())
}

fn median(report: &GetPeriodReportResponse) -> String {
    match report.median_seconds_to_decision {
        0 => "–".to_owned(),
        seconds => danish::duration(seconds),
    }
}

fn accesses(report: &GetPeriodReportResponse) -> String {
    if report.accesses.is_empty() {
        return "<section>\n<h2>Opslag og handlinger</h2>\n<p>Ingen i perioden.</p>\n</section>\n"
            .to_owned();
    }
    let mut units: BTreeMap<(&str, &str), Vec<&AccessCount>> = BTreeMap::new();
    for count in &report.accesses {
        let unit = (
            count.organisation_name.as_str(),
            count.organisation.as_str(),
        );
        units.entry(unit).or_default().push(count);
    }
    let units = units
        .iter()
        .map(|((name, code), counts)| unit(name, code, counts));
    format!(
        "<section>\n<h2>Opslag og handlinger</h2>\n<table class=\"accesses\">\n<thead><tr>{}</tr></thead>\n{}</table>\n\
         <p class=\"note\">En streg under Formål: et system handlede uden en person. Personer og patienter er talt pr. linje; \
         den samme kan stå i flere.</p>\n</section>\n",
        heads(
            &["Handling", "Formål", "Udfald"],
            &["Antal", "Personer", "Patienter"]
        ),
        units.collect::<String>()
    )
}

/// The heads of columns with words, and of those with numbers.
fn heads(words: &[&str], numbers: &[&str]) -> String {
    let words = words
        .iter()
        .map(|name| format!("<th scope=\"col\">{name}</th>"));
    let numbers = numbers.iter();
    let numbers = numbers.map(|name| format!("<th scope=\"col\" class=\"n\">{name}</th>"));
    words.chain(numbers).collect()
}

/// The rows of a unit, under its name and the sum of what was done there.
fn unit(name: &str, code: &str, counts: &[&AccessCount]) -> String {
    let name = if name.is_empty() {
        "Ukendt enhed"
    } else {
        name
    };
    let rows = counts.iter().map(|count| {
        let mark = if count.outcome == "denied" { " class=\"denied\"" } else { "" };
        format!(
            "<tr{mark}><td>{}</td><td>{}</td><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>\n",
            escaped(danish::operation(&count.operation)),
            escaped(danish::purpose(&count.purpose_of_use)),
            escaped(danish::outcome(&count.outcome)),
            danish::number(count.accesses),
            danish::number(count.persons),
            danish::number(count.patients),
        )
    });
    let sum = counts.iter().map(|count| count.accesses).sum();
    format!(
        "<tbody>\n<tr class=\"unit\"><th colspan=\"3\" scope=\"rowgroup\">{} <span>SOR {}</span></th>\
         <td class=\"n\">{}</td><td colspan=\"2\"></td></tr>\n{}</tbody>\n",
        escaped(name),
        escaped(code),
        danish::number(sum),
        rows.collect::<String>()
    )
}

fn cases(report: &GetPeriodReportResponse) -> String {
    if report.cases.is_empty() {
        return "<section>\n<h2>Sager</h2>\n<p>Ingen åbnet i perioden.</p>\n</section>\n"
            .to_owned();
    }
    let rows = report.cases.iter().map(|count| {
        format!(
            "<tr><td>{}</td><td>{}</td><td>{}</td><td class=\"n\">{}</td></tr>\n",
            danish::kind(count.kind()),
            danish::state(count.state()),
            danish::decision(count.decision()),
            danish::number(count.cases),
        )
    });
    format!(
        "<section>\n<h2>Sager åbnet i perioden</h2>\n<table class=\"cases\">\n<thead><tr>{}</tr></thead>\n<tbody>\n{}</tbody>\n</table>\n\
         <p class=\"note\">Som sagerne står nu.</p>\n</section>\n",
        heads(&["Anledning", "Tilstand", "Afgørelse"], &["Antal"]),
        rows.collect::<String>()
    )
}

/// So that whoever has the log can count again.
fn standing(report: &GetPeriodReportResponse) -> String {
    let entry = report
        .receipt
        .as_ref()
        .map(|receipt| receipt.entry_id.as_str());
    format!(
        "<footer>\n<p>Tallene er talt i adgangsloggen under kontrolpunktet med {} poster og rod <code>{}</code>. \
         Rapporten er selv logget som <code>{}</code>. Med et fuldt udtræk af loggen kan enhver tælle efter.</p>\n</footer>\n",
        danish::number(report.tree_size),
        delt_client::json::to_hex(&report.root_hash),
        escaped(entry.unwrap_or("–")),
    )
}

/// Text of others as text, wherever it stands.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::super::tests::sample;
    use super::*;

    #[test]
    fn the_page_is_whole_and_nothing_of_others_is_markup() {
        let page = page(&sample());
        assert!(page.starts_with("<!doctype html>") && page.ends_with("</html>\n"));
        assert!(page.contains("Kardiologisk, &quot;Nord&quot; &amp; &lt;Syd&gt;"));
        assert!(!page.contains("<Syd>"));
        assert!(page.contains("<td class=\"n\">12.345</td>"), "{page}");
        assert!(page.contains("Søgning i journal") && page.contains("SomethingNew"));
        assert!(page.contains("26 timer"));
        assert!(page.contains("fra og med 1. oktober 2026 kl. 00.00 indtil 1. november 2026"));
        for fetched in ["http:", "https:", "<script", "src=", "@import"] {
            assert!(!page.contains(fetched), "{fetched}");
        }
    }

    #[test]
    fn a_quiet_period_is_a_page_too() {
        let page = page(&GetPeriodReportResponse::default());
        assert!(page.contains("Ingen i perioden") && page.contains("Ingen åbnet"));
    }
}

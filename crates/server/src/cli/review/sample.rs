//! `delt review sample draw|verify` and `delt review samples`

use clap::{Args, Subcommand};
use delt_proto::review::v1::{DrawSampleRequest, ListSamplesRequest, ReviewSample};
use serde_json::{Value, json};

use super::super::arguments::HubArgs;
use super::super::connect::Usually;
use super::super::output::receipt_line;
use super::super::table::Table;
use super::super::values::{Moment, minute, period, span};
use super::super::{Done, Outcome, Surroundings, With, json as wire};
use super::redraw::Redraw;

#[derive(Debug, Args)]
pub(super) struct Sample {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
#[expect(clippy::large_enum_variant, reason = "read once, from the arguments")]
enum Action {
    /// Draw look-ups of a period at random, and open a case for each
    Draw(With<Draw>),
    /// Draw a sample again from an export of the log, without a hub
    Verify(Redraw),
}

impl Sample {
    pub(super) async fn run(self, around: &Surroundings<'_>) -> Outcome {
        match self.action {
            Action::Draw(With { command, hub }) => command.run(&hub, around).await,
            Action::Verify(redraw) => redraw.run(),
        }
    }
}

/// The seed is something that nobody knew when the period ended and everybody can look up now.
#[derive(Debug, Args)]
struct Draw {
    /// SOR code, or shak:, ydernummer: or gln: and that code; with its units
    #[arg(long, value_name = "CODE")]
    organisation: String,
    /// From this time on
    #[arg(long, value_name = "TIME")]
    from: Moment,
    /// Before this time, which has passed
    #[arg(long, value_name = "TIME")]
    to: Moment,
    /// Such as the numbers of a lottery that was drawn after the period: 8 to 256 characters
    #[arg(long, value_name = "TEXT")]
    seed: String,
    /// How many
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=500))]
    size: u32,
}

impl Draw {
    async fn run(self, hub: &HubArgs, around: &Surroundings<'_>) -> Outcome {
        let session = hub.connect(around, Usually::Auditor).await?;
        let request = DrawSampleRequest {
            context: session.context,
            request_id: String::new(),
            organisation: self.organisation,
            period: period(Some(self.from), Some(self.to)),
            seed: self.seed,
            size: self.size,
        };
        let answer = session.hub.reviews().draw(request).await?;
        let sample = answer.sample.unwrap_or_default();
        session.output.answer(
            || json!({ "sample": as_json(&sample), "receipt": wire::receipt(answer.receipt.as_ref()) }),
            || as_text(&sample) + &receipt_line(answer.receipt.as_ref()),
        )?;
        Ok(Done::All)
    }
}

#[derive(Debug, Args)]
pub(super) struct Samples {
    /// Show this many at most
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(i32).range(1..=50))]
    limit: i32,
    /// Go on from here: the token at the end of the page before
    #[arg(
        long,
        value_name = "TOKEN",
        default_value = "",
        hide_default_value = true
    )]
    page: String,
}

impl Samples {
    pub(super) async fn run(self, hub: &HubArgs, around: &Surroundings<'_>) -> Outcome {
        let session = hub.connect(around, Usually::Auditor).await?;
        let request = ListSamplesRequest {
            context: session.context,
            page_size: self.limit,
            page_token: self.page,
        };
        let answer = session.hub.reviews().samples(request).await?;
        session.output.answer(
            || {
                json!({
                    "samples": answer.samples.iter().map(as_json).collect::<Value>(),
                    "next_page_token": answer.next_page_token,
                    "receipt": wire::receipt(answer.receipt.as_ref()),
                })
            },
            || {
                let more = match answer.next_page_token.as_str() {
                    "" => String::new(),
                    token => format!("more: --page {token}\n"),
                };
                table(&answer.samples) + &more + &receipt_line(answer.receipt.as_ref())
            },
        )?;
        Ok(Done::All)
    }
}

fn as_json(sample: &ReviewSample) -> Value {
    json!({
        "sample_id": sample.sample_id,
        "organisation": sample.organisation,
        "units": sample.units,
        "period": wire::period(sample.period.as_ref()),
        "seed": sample.seed,
        "size": sample.size,
        "tree_size": sample.tree_size,
        "root_hash": delt_client::json::to_hex(&sample.root_hash),
        "population": sample.population,
        "drawn_time": wire::time(sample.drawn_time.as_ref()),
        "drawn_by": sample.drawn_by,
        "entry_ids": sample.entry_ids,
        "case_numbers": sample.case_numbers,
    })
}

fn as_text(sample: &ReviewSample) -> String {
    format!(
        "sample {}: {} of {} look-ups, checkpoint of {} entries\ncases {}\n",
        sample.sample_id,
        sample.entry_ids.len(),
        sample.population,
        sample.tree_size,
        numbers(&sample.case_numbers),
    )
}

/// The cases of a sample are opened together, so their numbers follow each other.
fn numbers(cases: &[u64]) -> String {
    match (cases.first(), cases.last()) {
        (Some(first), Some(last)) if first != last => format!("{first} – {last}"),
        (Some(only), _) => only.to_string(),
        _ => "none".to_owned(),
    }
}

fn table(samples: &[ReviewSample]) -> String {
    if samples.is_empty() {
        return "No samples.\n".to_owned();
    }
    let mut table = Table::new([
        "DRAWN (UTC)",
        "SAMPLE",
        "WHERE",
        "PERIOD",
        "SEED",
        "OF",
        "CASES",
        "BY",
    ]);
    for sample in samples {
        table.row([
            minute(sample.drawn_time.as_ref()),
            sample.sample_id.clone(),
            sample.organisation.clone(),
            span(sample.period.as_ref()),
            sample.seed.clone(),
            sample.population.to_string(),
            numbers(&sample.case_numbers),
            sample.drawn_by.clone(),
        ]);
    }
    table.to_string()
}

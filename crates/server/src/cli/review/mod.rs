//! `delt review list|show|take|assign|release|comment|decide|sample|samples|report`

mod cases;
mod redraw;
mod report;
mod sample;
mod text;
mod words;
mod work;

use clap::{Args, Subcommand};

pub(super) use words::ground_word;

use super::{Outcome, Surroundings, With};

#[derive(Debug, Args)]
pub struct Review {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Cases of the own organisation's users, by number
    List(With<cases::List>),
    /// One case, in full: what it is about, and the work so far
    Show(With<cases::Show>),
    /// Take a case
    Take(With<work::Take>),
    /// Give a case to a colleague
    Assign(With<work::Assign>),
    /// Let go of a case
    Release(With<work::Release>),
    /// Write on a case
    Comment(With<work::Comment>),
    /// Decide a case, or confirm what a colleague decided
    Decide(With<work::Decide>),
    /// Look-ups at random: draw some, or check a draw without a hub
    Sample(sample::Sample),
    /// All samples that were ever drawn, newest first
    Samples(With<sample::Samples>),
    /// A period in figures, as CSV, as a page to print, or as JSON
    Report(With<report::Report>),
}

impl Review {
    pub(super) async fn run(self, around: &Surroundings<'_>) -> Outcome {
        match self.action {
            Action::List(With { command, hub }) => command.run(&hub, around).await,
            Action::Show(With { command, hub }) => command.run(&hub, around).await,
            Action::Take(With { command, hub }) => command.run(&hub, around).await,
            Action::Assign(With { command, hub }) => command.run(&hub, around).await,
            Action::Release(With { command, hub }) => command.run(&hub, around).await,
            Action::Comment(With { command, hub }) => command.run(&hub, around).await,
            Action::Decide(With { command, hub }) => command.run(&hub, around).await,
            Action::Sample(sample) => sample.run(around).await,
            Action::Samples(With { command, hub }) => command.run(&hub, around).await,
            Action::Report(With { command, hub }) => command.run(&hub, around).await,
        }
    }
}

//! The order of the story. A step that fails does not end it: what depends on it fails too, and says so.

use std::time::Duration;

use super::DemoError;
use super::stage::Stage;
use super::step::Step;
use super::steps;
use super::telling::{Telling, Told};
use tokio::time::Instant;

/// Longest step, so that the story ends whatever happens.
const STEP_TIMEOUT: Duration = Duration::from_mins(1);

/// The heading of a step.
#[derive(Debug, Clone, Copy)]
pub(super) struct Chapter {
    /// For programs.
    pub(super) key: &'static str,
    pub(super) title: &'static str,
}

macro_rules! chapters {
    ($stage:ident, $telling:ident: $($module:ident => $title:literal),* $(,)?) => {{
        let mut told = Vec::new();
        $(
            let chapter = Chapter { key: stringify!($module), title: $title };
            let mut step = Step::default();
            let begun = Instant::now();
            let done = within_limit(Box::pin(steps::$module::tell($stage, &mut step))).await;
            note(&mut step, done);
            let time = begun.elapsed();
            $telling.step(told.len() + 1, chapter, &step, time);
            told.push((chapter, Told { held: step.held(), time }));
        )*
        told
    }};
}

/// Tells all of it. Returns whether every step held.
pub(super) async fn tell(stage: &mut Stage, telling: Telling) -> bool {
    let told = chapters!(stage, telling:
        register => "Four source systems register what they hold",
        relations => "Those who treat her say so",
        cardiologist => "The cardiologist sees the whole record, and opens documents of other sectors",
        nurse => "A nurse in home care sees what her role allows",
        stranger => "A doctor without a treatment relation is refused",
        block => "The citizen blocks one organisation",
        break_glass => "Break-glass with a reason opens it, and says so",
        review => "The citizen is told at once, and a case opens for the auditor",
        letter => "A discharge letter travels from the hospital to the GP, and is in the record",
        accesses => "The citizen sees who looked",
        rules => "A secretary looks up somebody whom she lives with, and the rules find it",
        audit => "The log verifies offline; a tampered copy does not",
        statement => "The citizen's signed statement shows that nothing about her is missing",
        dead_source => "A source dies: only its own documents are missing",
        lift => "The citizen lifts the block",
    );
    telling.summary(stage, &told);
    told.iter().all(|(_, told)| told.held)
}

async fn within_limit(step: impl Future<Output = Result<(), DemoError>>) -> Result<(), DemoError> {
    let late = DemoError::Late("the end of the step", STEP_TIMEOUT.as_secs());
    tokio::time::timeout(STEP_TIMEOUT, step)
        .await
        .unwrap_or(Err(late))
}

/// What went wrong is an expectation that did not hold.
fn note(step: &mut Step, done: Result<(), DemoError>) {
    if let Err(error) = done {
        let reason = match &error {
            DemoError::Hub(error) => error.reason().map(|reason| format!(" ({reason})")),
            _ => None,
        };
        step.check(
            format!("it broke off: {error}{}", reason.unwrap_or_default()),
            false,
        );
    }
}

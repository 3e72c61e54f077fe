//! How the story is told on standard output: in words, or as one JSON object a line.

use std::io::Write as _;
use std::time::Duration;

use serde_json::{Value, json};

use super::stage::Stage;
use super::step::Step;
use super::story::Chapter;
use super::{DemoError, log};
use crate::serve::StartError;

const TAKEN: &str = "  hint: is another `delt serve` or `delt demo` running? Stop it, or use --once, which takes free ports\n";

#[derive(Debug, Clone, Copy)]
pub(super) struct Telling {
    pub(super) json: bool,
}

/// A step that has been told.
pub(super) struct Told {
    pub(super) held: bool,
    pub(super) time: Duration,
}

impl Telling {
    pub(super) fn opening(self, stage: &Stage) {
        if self.json {
            return;
        }
        let sources = stage.sources.len();
        write(&format!(
            "\nDelt: one record across sectors. The citizen is {}, an official Danish test person.\n\
             For development only: certificates, keys and people are made up, and nothing leaves this machine.\n\n\
             \x20   hub        https://{} (admin http://{})\n\
             \x20   sources    {sources}, each on its own port with its own certificate\n\
             \x20   data       {}\n\
             \x20   log        {}\n",
            stage.citizen.name(),
            stage.hub.api,
            stage.hub.admin,
            stage.folder().display(),
            log::path(stage.folder()).display(),
        ));
    }

    pub(super) fn step(self, number: usize, chapter: Chapter, step: &Step, time: Duration) {
        let Chapter { key, title } = chapter;
        let millis = millis(time);
        if self.json {
            return object(&step.to_json(number, key, title, millis));
        }
        let mut text = format!("\n{number:2}  {title}\n");
        for line in &step.lines {
            text.extend(["    ", line.as_str(), "\n"]);
        }
        for check in &step.checks {
            text.extend(["    ", mark(check.held), " ", check.what.as_str(), "\n"]);
        }
        write(&text);
    }

    pub(super) fn summary(self, stage: &Stage, told: &[(Chapter, Told)]) {
        let held = told.iter().filter(|(_, told)| told.held).count();
        let time = told.iter().map(|(_, told)| told.time).sum();
        if self.json {
            return object(&summary(stage, told, held, time));
        }
        let mut text = format!(
            "\n{held} of {} steps held, in {} ms\n",
            told.len(),
            millis(time)
        );
        for (chapter, told) in told {
            let time = format!(" {:5} ms  ", millis(told.time));
            text.extend(["    ", mark(told.held), &time, chapter.title, "\n"]);
        }
        write(&text);
    }

    pub(super) fn stays_open(self, stage: &Stage) {
        if self.json {
            return;
        }
        let folder = match stage.folder().to_string_lossy() {
            name if name == format!("./{}", crate::profile::DEFAULT_DIR) => String::new(),
            name if name == crate::profile::DEFAULT_DIR => String::new(),
            name => format!(" --data-dir {name}"),
        };
        let citizen = &stage.citizen.value;
        write(&format!(
            "\nThe hub and its sources stay up until Ctrl-C. In another terminal:\n\
             \x20   delt record {citizen} --as kard{folder}\n\
             \x20   delt consent list {citizen} --as {citizen}{folder}\n\
             \x20   delt audit search --as auditor{folder}\n",
        ));
    }
}

/// Says on standard error why there is no story.
pub(super) fn failed(error: &DemoError) {
    let hint = match error {
        DemoError::Start(StartError::Listen { .. }) => TAKEN,
        _ => "",
    };
    let text = format!("delt: {error}\n{hint}");
    // Where standard error cannot be written there is nobody to tell.
    drop(std::io::stderr().lock().write_all(text.as_bytes()));
}

fn mark(held: bool) -> &'static str {
    if held { "✓" } else { "✗" }
}

fn summary(stage: &Stage, told: &[(Chapter, Told)], held: usize, time: Duration) -> Value {
    json!({
        "summary": true,
        "held": held == told.len(),
        "steps": told.len(),
        "steps_held": held,
        "millis": millis(time),
        "api": format!("https://{}", stage.hub.api),
        "data_dir": stage.folder().display().to_string(),
    })
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

fn object(value: &Value) {
    write(&format!("{value}\n"));
}

/// A reader that has gone away (`delt demo | head`) wants no more; the story's outcome is the exit status.
fn write(text: &str) {
    let mut out = std::io::stdout().lock();
    drop(out.write_all(text.as_bytes()).and_then(|()| out.flush()));
}

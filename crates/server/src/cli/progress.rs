//! A progress bar on standard error, for what lasts longer than a second.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

const PATIENCE: Duration = Duration::from_secs(1);
const STYLE: &str = "{bar:40} {pos}/{len} {msg} {per_sec} {eta} left";

/// Nothing is drawn where standard error is no terminal.
pub(super) struct Progress {
    bar: ProgressBar,
    shown: bool,
}

impl Progress {
    pub(super) fn new(length: u64, what: &'static str) -> Self {
        let bar = ProgressBar::with_draw_target(Some(length), ProgressDrawTarget::hidden());
        if let Ok(style) = ProgressStyle::with_template(STYLE) {
            bar.set_style(style);
        }
        bar.set_message(what);
        Self { bar, shown: false }
    }

    /// What an earlier run has done counts neither for the rate nor for the time that is left.
    pub(super) fn resume(&self, position: u64) {
        self.bar.set_position(position);
        self.bar.reset_eta();
    }

    pub(super) fn at(&mut self, position: u64) {
        if !self.shown && self.bar.elapsed() > PATIENCE {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
            self.shown = true;
        }
        // Refused lines of an earlier run come first: they are no step back.
        self.bar.set_position(position.max(self.bar.position()));
    }

    /// Does something that writes, with the bar out of the way.
    pub(super) fn aside<T>(&self, write: impl FnOnce() -> T) -> T {
        self.bar.suspend(write)
    }

    pub(super) fn end(&self) {
        self.bar.finish_and_clear();
    }
}

//! Samples: [`DrawSample`] finds what is drawn, [`KeepSample`] opens the cases.

mod draw;
mod keep;

use crate::{
    Error, Result,
    clock::{HOUR, Micros},
    review::{ReviewSample, sample::DrawnLookUp},
};

pub use draw::DrawSample;
pub use keep::KeepSample;

/// The longest period, in microseconds: 366 days.
pub(super) const PERIOD_MAX: Micros = 366 * 24 * HOUR;

/// What was drawn, on its way to [`KeepSample`]. Nothing of it can be read.
#[derive(Debug, Clone)]
pub struct Drawn(Drawing);

#[derive(Debug, Clone)]
enum Drawing {
    /// The sample has been drawn before.
    Kept(ReviewSample),
    New(ReviewSample, Vec<DrawnLookUp>),
}

impl Drawn {
    /// Drawn now or before.
    fn sample(&self) -> &ReviewSample {
        let (Drawing::Kept(sample) | Drawing::New(sample, _)) = &self.0;
        sample
    }

    /// The sample, where it had been drawn before.
    pub fn kept(&self) -> Option<&ReviewSample> {
        match &self.0 {
            Drawing::Kept(sample) => Some(sample),
            Drawing::New(..) => None,
        }
    }
}

/// Half-open, not empty, at most 366 days.
pub(super) fn check_period(from: Micros, to: Micros) -> Result<()> {
    if from < to && to - from <= PERIOD_MAX {
        return Ok(());
    }
    Err(Error::invalid("period", "is not up to 366 days"))
}

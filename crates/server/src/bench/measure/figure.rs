//! What a round shows.

use std::time::Duration;

use hdrhistogram::Histogram;
use serde_json::{Value, json};

use super::meter::Spent;

/// What callers saw in one round.
#[derive(Debug, Clone)]
pub(crate) struct Round {
    pub(crate) done: u64,
    pub(crate) lasted: Duration,
    /// In microseconds.
    pub(crate) latencies: Histogram<u64>,
    /// Bytes of content that arrived, where that is what counts.
    pub(crate) bytes: u64,
}

/// A round and what it cost.
#[derive(Debug, Clone)]
pub(crate) struct Figure {
    pub(crate) round: Round,
    pub(crate) spent: Spent,
}

impl Round {
    pub(crate) fn per_second(&self) -> f64 {
        count(self.done) / self.lasted.as_secs_f64().max(f64::EPSILON)
    }

    pub(crate) fn bytes_per_second(&self) -> f64 {
        count(self.bytes) / self.lasted.as_secs_f64().max(f64::EPSILON)
    }
}

impl Figure {
    /// CPU microseconds of a request, of the server and its database together.
    pub(crate) fn cpu(&self) -> f64 {
        self.spent.total() / count(self.round.done.max(1))
    }
}

/// The rounds of one thing, as they are reported: medians of rates and costs, and the latencies of all rounds together.
pub(crate) fn report(figures: &[Figure]) -> Value {
    let of = |figure: &dyn Fn(&Figure) -> f64| round(median(figures.iter().map(figure)));
    let mut all = figures.first().map(|figure| figure.round.latencies.clone());
    if let Some(all) = all.as_mut() {
        for figure in figures.iter().skip(1) {
            // Histograms of the same bounds always fit into each other.
            let _ = all.add(&figure.round.latencies);
        }
    }
    let at = |quantile| all.as_ref().map(|all| all.value_at_quantile(quantile));
    json!({
        "per_second": of(&|figure| figure.round.per_second()),
        "p50_us": at(0.5),
        "p99_us": at(0.99),
        "p999_us": at(0.999),
        "cpu_us": of(&Figure::cpu),
        "server_cpu_us": of(&|figure| figure.spent.server / count(figure.round.done.max(1))),
        "database_cpu_us": of(&|figure| figure.spent.database / count(figure.round.done.max(1))),
        "requests": figures.iter().map(|figure| figure.round.done).sum::<u64>(),
    })
}

/// The middle one, or the mean of the two in the middle.
pub(crate) fn median(figures: impl IntoIterator<Item = f64>) -> f64 {
    let mut figures: Vec<_> = figures.into_iter().collect();
    figures.sort_by(f64::total_cmp);
    let middle = figures.len() / 2;
    let at = |at: usize| figures.get(at).copied().unwrap_or_default();
    if figures.len().is_multiple_of(2) && middle > 0 {
        f64::midpoint(at(middle - 1), at(middle))
    } else {
        at(middle)
    }
}

/// To three decimals: more is noise.
pub(crate) fn round(figure: f64) -> f64 {
    (figure * 1_000.0).round() / 1_000.0
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts of a run fit into 53 bits"
)]
pub(crate) const fn count(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(median([3.0, 1.0, 2.0]).to_bits(), 2.0_f64.to_bits());
        assert_eq!(median([4.0, 1.0, 2.0, 3.0]).to_bits(), 2.5_f64.to_bits());
        assert_eq!(median([7.0]).to_bits(), 7.0_f64.to_bits());
        assert_eq!(median([]).to_bits(), 0.0_f64.to_bits());
    }
}

//! Load: callers who each wait for their answer (closed loop), or requests at fixed times whatever the answers do (open loop).

use std::future::Future;
use std::time::Duration;

use hdrhistogram::Histogram;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::figure::{Figure, Round};
use super::meter::Meter;
use crate::bench::Failure;

/// Latencies are kept to a thousandth, up to this many microseconds.
const LONGEST_US: u64 = 120_000_000;
const DIGITS: u8 = 3;

/// One call: by which caller, and the how manieth of that caller. Answers how many bytes of content came.
pub(crate) trait Call: Clone + Send + Sync + 'static {
    fn call(&self, caller: usize, turn: u64) -> impl Future<Output = Result<u64, Failure>> + Send;
}

impl<F, O> Call for F
where
    F: Fn(usize, u64) -> O + Clone + Send + Sync + 'static,
    O: Future<Output = Result<u64, Failure>> + Send,
{
    fn call(&self, caller: usize, turn: u64) -> impl Future<Output = Result<u64, Failure>> + Send {
        self(caller, turn)
    }
}

/// So many callers for so long. Each asks again as soon as it has its answer.
///
/// # Errors
/// A call failed: figures of a run with failures would mean nothing.
pub(crate) async fn closed(
    callers: usize,
    time: Duration,
    meter: &Meter,
    call: impl Call,
) -> Result<Figure, Failure> {
    let before = meter.read()?;
    let begun = Instant::now();
    let mut tasks = JoinSet::new();
    for caller in 0..callers {
        let call = call.clone();
        tasks.spawn(async move {
            let mut own = Own::new()?;
            while begun.elapsed() < time {
                let asked = Instant::now();
                let bytes = call.call(caller, own.done).await?;
                own.note(asked.elapsed(), bytes);
            }
            Ok::<_, Failure>(own)
        });
    }
    let all = together(tasks).await?;
    finish(all, begun, meter, before)
}

/// So many requests a second for so long, begun at fixed times. Latency counts from the time at which a request should have begun, so that a hub that
/// stands still is charged for all who would have come meanwhile (no coordinated omission).
///
/// # Errors
/// A call failed.
pub(crate) async fn open(
    per_second: f64,
    time: Duration,
    meter: &Meter,
    call: impl Call,
) -> Result<Figure, Failure> {
    let before = meter.read()?;
    let begun = Instant::now();
    let pause = Duration::from_secs_f64(1.0 / per_second.max(1.0));
    let mut tasks = JoinSet::new();
    let mut all = Own::new()?;
    let mut due = begun;
    let mut turn = 0_u64;
    while due - begun < time {
        tokio::time::sleep_until(due).await;
        let call = call.clone();
        let intended = due;
        tasks.spawn(async move {
            let caller = usize::try_from(turn).unwrap_or_default();
            let bytes = call.call(caller, turn).await?;
            Ok::<_, Failure>((intended.elapsed(), bytes))
        });
        while let Some(ended) = tasks.try_join_next() {
            let (latency, bytes) = ended??;
            all.note(latency, bytes);
        }
        turn += 1;
        due += pause;
    }
    while let Some(ended) = tasks.join_next().await {
        let (latency, bytes) = ended??;
        all.note(latency, bytes);
    }
    finish(all, begun, meter, before)
}

fn finish(
    own: Own,
    begun: Instant,
    meter: &Meter,
    before: super::meter::Spent,
) -> Result<Figure, Failure> {
    let lasted = begun.elapsed();
    Ok(Figure {
        round: Round {
            done: own.done,
            lasted,
            latencies: own.latencies,
            bytes: own.bytes,
        },
        spent: meter.read()?.since(before),
    })
}

/// What one caller saw.
struct Own {
    done: u64,
    bytes: u64,
    latencies: Histogram<u64>,
}

impl Own {
    fn new() -> Result<Self, Failure> {
        Ok(Self {
            done: 0,
            bytes: 0,
            latencies: Histogram::new_with_bounds(1, LONGEST_US, DIGITS)?,
        })
    }

    fn note(&mut self, latency: Duration, bytes: u64) {
        self.done += 1;
        self.bytes += bytes;
        let micros = u64::try_from(latency.as_micros()).unwrap_or(LONGEST_US);
        self.latencies.saturating_record(micros);
    }
}

async fn together(mut tasks: JoinSet<Result<Own, Failure>>) -> Result<Own, Failure> {
    let mut all = Own::new()?;
    while let Some(ended) = tasks.join_next().await {
        let own = ended??;
        all.done += own.done;
        all.bytes += own.bytes;
        all.latencies.add(&own.latencies)?;
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn open_loop_counts_from_the_intended_start() {
        // One call stands still for a second: those that should have begun meanwhile still begin in time, since nothing waits for it.
        let call = |_, turn| async move {
            let time = if turn == 0 { 1_000 } else { 1 };
            tokio::time::sleep(Duration::from_millis(time)).await;
            Ok(1)
        };
        let figure = open(100.0, Duration::from_secs(1), &Meter::default(), call)
            .await
            .unwrap();
        assert_eq!((figure.round.done, figure.round.bytes), (100, 100));
        assert!(figure.round.latencies.max() >= 1_000_000);
        assert!(figure.round.latencies.value_at_quantile(0.5) < 10_000);
    }

    #[tokio::test(start_paused = true)]
    async fn closed_loop_waits_for_each_answer() {
        let call = |_, _| async {
            tokio::time::sleep(Duration::from_millis(100)).await;
            Ok(0)
        };
        let figure = closed(4, Duration::from_secs(1), &Meter::default(), call)
            .await
            .unwrap();
        assert_eq!(figure.round.done, 40);
    }

    #[tokio::test]
    async fn a_call_that_fails_ends_the_run() {
        let call = |_, _| async { Err::<u64, Failure>("no".into()) };
        assert!(
            closed(2, Duration::from_mins(1), &Meter::default(), call)
                .await
                .is_err()
        );
    }
}

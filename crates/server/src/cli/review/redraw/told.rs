//! The sample as the hub told it.

use std::path::Path;

use delt_ledger::Hash;
use delt_ledger::sample::Plan;
use serde::Deserialize;

use super::super::super::failure::Failure;
use super::{micros, read};

/// The longest file of a sample, in bytes.
const SAMPLE_BYTES_MAX: u64 = 8 << 20;

/// A sample in the names of the wire contract.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Told {
    pub(super) sample_id: String,
    pub(super) units: Vec<String>,
    pub(super) period: ToldPeriod,
    pub(super) seed: String,
    pub(super) size: usize,
    pub(super) tree_size: u64,
    pub(super) root_hash: String,
    pub(super) population: u64,
    pub(super) entry_ids: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct ToldPeriod {
    start: String,
    end: String,
}

/// What the two commands print.
#[derive(Debug, Deserialize)]
struct Answer {
    #[serde(default)]
    sample: Option<Told>,
    #[serde(default)]
    samples: Vec<Told>,
}

impl Told {
    /// The sample of a file, by its id where the file has several.
    pub(super) fn read(file: &Path, id: Option<&str>) -> Result<Self, Failure> {
        let text = read(file, SAMPLE_BYTES_MAX)?;
        let answer: Answer = serde_json::from_str(&text).map_err(|_| {
            Failure::new("the file is not a sample")
                .hint("`delt review samples --json` prints those that were drawn")
        })?;
        let mut samples: Vec<Self> = answer.sample.into_iter().chain(answer.samples).collect();
        samples.retain(|sample| id.is_none_or(|id| id == sample.sample_id));
        match (samples.pop(), samples.is_empty()) {
            (Some(sample), true) => Ok(sample),
            (None, _) => Err(Failure::new("the file has no such sample")),
            _ => Err(Failure::usage(
                "the file has several samples: say which with --id",
            )),
        }
    }

    /// What is to be drawn again.
    pub(super) fn plan(&self) -> Result<Plan, Failure> {
        let malformed = || Failure::new("the sample has a time or a hash that is none");
        let root = hash(&self.root_hash).ok_or_else(malformed)?;
        let units = self.units.iter().map(|code| format!("sor:{code}"));
        Ok(Plan {
            units: units.collect(),
            from: micros(&self.period.start).ok_or_else(malformed)?,
            to: micros(&self.period.end).ok_or_else(malformed)?,
            seed: self.seed.clone(),
            size: self.size,
            tree_size: self.tree_size,
            root,
        })
    }
}

/// A hash of 64 hexadecimal digits.
fn hash(text: &str) -> Option<Hash> {
    let digit = |digit: char| {
        digit
            .to_digit(16)
            .and_then(|value| u8::try_from(value).ok())
    };
    let digits: Vec<u8> = text.chars().map(digit).collect::<Option<_>>()?;
    let (pairs, rest) = digits.as_chunks::<2>();
    let bytes: Vec<u8> = pairs.iter().map(|[high, low]| high << 4 | low).collect();
    Hash::from_slice(&bytes).ok().filter(|_| rest.is_empty())
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A sample of two look-ups.
    pub(in super::super) fn told() -> Told {
        serde_json::from_value(serde_json::json!({
            "sample_id": "s", "units": ["1"], "period": { "start": "2026-11-01T00:00:00Z", "end": "2026-11-02T00:00:00.5Z" },
            "seed": "lottery-17", "size": 2, "tree_size": 9, "root_hash": "07".repeat(32), "population": 3, "entry_ids": ["a", "b"],
        }))
        .unwrap()
    }

    #[test]
    fn a_sample_is_read_as_it_was_printed() {
        let plan = told().plan().unwrap();
        assert_eq!(plan.to - plan.from, 86_400_500_000);
        assert!(plan.units.contains("sor:1"));
        assert_eq!(plan.root, Hash::from_bytes([7; 32]));
    }
}

//! Drawing a sample again, from an export of the log and nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufRead, Read as _};

use super::{Draw, is_look_up, place};
use crate::entry::Entry;
use crate::export::{Content, Header, Line};
use crate::hash::Hash;
use crate::merkle::{Frontier, MerkleError};

/// Longest line that is looked at, in bytes: no line of an export is longer.
const LINE_MAX: u64 = 1 << 20;
/// Organisations outside of the sample that are told apart; the others are counted together.
const ELSEWHERE_MAX: usize = 1_000;

/// When something happened, in microseconds since 1970. The ledger reads no clock and no calendar, so the caller reads `recorded_at`.
pub type Moment = i64;

/// What a sample was drawn from, as the hub tells it.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The organisations whose users' look-ups took part, as entries name them.
    pub units: BTreeSet<String>,
    /// From here on, and before `to`.
    pub from: Moment,
    pub to: Moment,
    pub seed: String,
    pub size: usize,
    /// The checkpoint's.
    pub tree_size: u64,
    pub root: Hash,
}

/// What came of drawing again.
#[derive(Debug, Clone, Default)]
pub struct Redrawn {
    /// The ids of the entries, in the order of the draw.
    pub entries: Vec<String>,
    pub population: u64,
    /// The root at the plan's size, computed from the leaves; none where the export does not hold all of them.
    pub root: Option<Hash>,
    /// Look-ups of the period that lie after the checkpoint, and so could not be drawn.
    pub late: u64,
    /// Leaves under the checkpoint that were erased: whether they would have taken part, nobody can tell.
    pub erased: u64,
    /// The longest that a look-up of the period stands in the log behind an entry that was recorded after it, in microseconds: one that was put in
    /// after the seed was known would stand far behind.
    pub disorder: i64,
    /// How many leaves under the checkpoint stand behind the last look-up of the period, and by how much the latest of them was recorded after it,
    /// in microseconds: the first checkpoint that covers a look-up is signed within a moment of it.
    pub behind: u64,
    pub behind_by: i64,
    /// Look-ups of the period at organisations that did not take part. An export that is not complete lacks most of them.
    pub elsewhere: BTreeMap<String, u64>,
}

/// Why a sample cannot be drawn again.
#[derive(Debug, thiserror::Error)]
pub enum RedrawError {
    #[error("the export cannot be read: {0}")]
    Io(#[from] io::Error),
    #[error("line {0} is none of an export: verify the export first")]
    Malformed(u64),
    #[error("the export ends before the checkpoint of the sample")]
    TooShort,
}

impl From<MerkleError> for RedrawError {
    fn from(_: MerkleError) -> Self {
        Self::TooShort
    }
}

/// Draws again. Proves nothing of the export itself: that is for [`crate::export::verify`].
///
/// `moment` reads an entry's time (RFC 3339).
pub fn redraw(
    input: impl BufRead,
    plan: &Plan,
    moment: impl Fn(&str) -> Option<Moment>,
) -> Result<Redrawn, RedrawError> {
    let mut lines = Lines { input, number: 0 };
    let header = lines.next()?.ok_or(RedrawError::TooShort)?;
    let header = Header::from_line(&header).map_err(|_| RedrawError::Malformed(1))?;
    let mut pass = Pass {
        draw: Draw::new(&plan.seed, plan.root, plan.size),
        frontier: Some(Frontier::new()).filter(|_| header.complete),
        latest: Moment::MIN,
        last: None,
        told: Redrawn::default(),
        plan,
        moment,
    };
    while let Some(line) = lines.next()? {
        let malformed = || RedrawError::Malformed(lines.number);
        let line = Line::from_line(&line).map_err(|_| malformed())?;
        pass.take(&line).ok_or_else(malformed)?;
    }
    pass.end()
}

struct Lines<R> {
    input: R,
    number: u64,
}

impl<R: BufRead> Lines<R> {
    fn next(&mut self) -> Result<Option<Vec<u8>>, RedrawError> {
        let mut line = Vec::new();
        let mut bounded = self.input.by_ref().take(LINE_MAX + 1);
        if bounded.read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        self.number += 1;
        match line.pop() {
            Some(b'\n') => Ok(Some(line)),
            _ => Err(RedrawError::Malformed(self.number)),
        }
    }
}

/// One pass over the export.
struct Pass<'a, M> {
    plan: &'a Plan,
    moment: M,
    draw: Draw<String>,
    /// The tree up to the checkpoint, where every leaf is there.
    frontier: Option<Frontier>,
    /// When the entry was recorded that is the latest so far.
    latest: Moment,
    /// Where the last look-up of the period stands, and when it was recorded.
    last: Option<(u64, Moment)>,
    told: Redrawn,
}

impl<M: Fn(&str) -> Option<Moment>> Pass<'_, M> {
    /// None where the line cannot be read.
    fn take(&mut self, line: &Line) -> Option<()> {
        let leaf = line.content.commitment().leaf();
        let is_under = line.index < self.plan.tree_size;
        if let Some(frontier) = self.frontier.as_mut().filter(|_| is_under) {
            frontier.push(leaf).ok()?;
        }
        let Content::Entry { json, .. } = &line.content else {
            self.told.erased += u64::from(is_under);
            return Some(());
        };
        let entry = Entry::from_json(json).ok()?;
        let at = (self.moment)(&entry.recorded_at)?;
        if (self.plan.from..self.plan.to).contains(&at) && is_look_up(&entry) {
            self.look_up(line.index, &leaf, at, entry);
        }
        self.latest = self.latest.max(at);
        if let Some((_, last)) = self.last.filter(|_| is_under) {
            self.told.behind_by = self.told.behind_by.max(at.saturating_sub(last));
        }
        Some(())
    }

    fn look_up(&mut self, index: u64, leaf: &Hash, at: Moment, entry: Entry) {
        let place = place(&entry).unwrap_or_default();
        if !self.plan.units.contains(place) {
            let known = &mut self.told.elsewhere;
            let place = if known.contains_key(place) || known.len() < ELSEWHERE_MAX {
                place
            } else {
                ""
            };
            *known.entry(place.to_owned()).or_default() += 1;
            return;
        }
        self.told.disorder = self.told.disorder.max(self.latest.saturating_sub(at));
        if index < self.plan.tree_size {
            self.last = Some((index, at));
            self.told.behind_by = 0;
            self.draw.enter(leaf, entry.id);
        } else {
            self.told.late += 1;
        }
    }

    fn end(self) -> Result<Redrawn, RedrawError> {
        let size = self.plan.tree_size;
        let root = match &self.frontier {
            Some(frontier) if frontier.size() == size => Some(frontier.root()),
            Some(_) => return Err(RedrawError::TooShort),
            None => None,
        };
        let behind = self
            .last
            .map_or(0, |(last, _)| size.saturating_sub(last + 1));
        Ok(Redrawn {
            population: self.draw.population(),
            entries: self.draw.drawn(),
            root,
            behind,
            ..self.told
        })
    }
}

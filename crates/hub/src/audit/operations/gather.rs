//! Which leaves an export with a filter holds: found by the index that narrows most, and put into the order of the log.

use std::collections::BTreeSet;

use super::{filter::EntryFilter, narrow::narrowed};
use crate::{
    Error, Result,
    audit::search_rows::{Before, Place, Search},
    clock::Micros,
    operation::Context,
    store::Tx,
};

/// Leaves that are remembered at most, eight bytes each. An export of more walks through the whole log instead: it is a large part of it.
const LEAVES_MAX: usize = 1_000_000;
/// Rows that one step looks at, and that it reads.
const LOOK: i64 = 20_000;
const READ: usize = 5_000;

/// Where an export stands in the log.
#[derive(Debug)]
pub(super) enum Leaves {
    /// From this one on, every leaf is looked at.
    Every(u64),
    /// It has not been looked yet.
    Unsought,
    /// So many have been found, and there may be more before this place.
    Sought(Box<Search>, Before, Vec<u64>),
    /// These are left, the last one first.
    Found(Vec<u64>),
}

impl Leaves {
    /// The next leaves, `step` at most: empty while they are being sought, none at the end.
    pub(super) async fn next(
        &mut self,
        tx: &mut Tx<'_>,
        filter: &EntryFilter,
        cx: &Context,
        size: u64,
        step: u64,
    ) -> Result<Option<Vec<u64>>> {
        match self {
            Self::Every(next) if *next >= size => Ok(None),
            Self::Every(next) => {
                let to = size.min(next.saturating_add(step));
                let leaves = (*next..to).collect();
                *next = to;
                Ok(Some(leaves))
            }
            Self::Found(left) if left.is_empty() => Ok(None),
            Self::Found(left) => {
                let count = usize::try_from(step).unwrap_or(usize::MAX);
                let mut leaves = left.split_off(left.len().saturating_sub(count));
                leaves.reverse();
                Ok(Some(leaves))
            }
            Self::Unsought => {
                let before = Before::moment(filter.to.unwrap_or(Micros::MAX));
                *self = match narrowed(tx, filter, cx, before).await? {
                    Some(search) => Self::Sought(Box::new(search), before, Vec::new()),
                    None => Self::Found(Vec::new()),
                };
                Ok(Some(Vec::new()))
            }
            Self::Sought(search, before, found) => {
                let step = search.step::<Place>(tx, *before, LOOK, READ).await?;
                let leaves = step.rows.iter().filter_map(|(_, _, leaf)| *leaf);
                for leaf in leaves {
                    let leaf = u64::try_from(leaf).map_err(Error::internal)?;
                    // What was sealed after the export began is not under its checkpoint.
                    found.extend((leaf < size).then_some(leaf));
                }
                match step.next {
                    _ if found.len() > LEAVES_MAX => *self = Self::Every(0),
                    Some(next) => *before = next,
                    None => {
                        let all: BTreeSet<u64> = found.drain(..).collect();
                        *self = Self::Found(all.into_iter().rev().collect());
                    }
                }
                Ok(Some(Vec::new()))
            }
        }
    }
}

//! CPU time of the processes that serve, read before and after a round.

use std::collections::HashSet;

use super::proc;
use crate::bench::Failure;

/// The processes whose CPU time counts.
#[derive(Debug, Clone, Default)]
pub(crate) struct Meter {
    /// A server, counted by itself.
    server: Option<u32>,
    /// A database's first process, counted with all that it started.
    postmaster: Option<u32>,
}

/// CPU time in microseconds, since the processes began.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Spent {
    pub(crate) server: f64,
    pub(crate) database: f64,
}

impl Meter {
    pub(crate) const fn of(server: u32, postmaster: Option<u32>) -> Self {
        Self {
            server: Some(server),
            postmaster,
        }
    }

    pub(crate) fn read(&self) -> Result<Spent, Failure> {
        let server = self.server.map(proc::stat).transpose()?;
        let database = self.postmaster.map(family).transpose()?;
        Ok(Spent {
            server: micros(server.map_or(0, |stat| stat.own)),
            database: micros(database.unwrap_or_default()),
        })
    }
}

impl Spent {
    pub(crate) fn since(self, before: Self) -> Self {
        Self {
            server: self.server - before.server,
            database: self.database - before.database,
        }
    }

    pub(crate) fn total(self) -> f64 {
        self.server + self.database
    }
}

/// Ticks of a process and of all below it. Those that have ended count through their parent, so that the sum never falls.
fn family(root: u32) -> Result<u64, Failure> {
    let all = proc::all()?;
    let mut members = HashSet::from([root]);
    loop {
        let known = members.len();
        let children = all
            .iter()
            .filter(|(_, stat)| members.contains(&stat.parent));
        let found: Vec<_> = children.map(|(pid, _)| *pid).collect();
        members.extend(found);
        if members.len() == known {
            break;
        }
    }
    let counted = all.iter().filter(|(pid, _)| members.contains(pid));
    Ok(counted.map(|(_, stat)| stat.own + stat.ended).sum())
}

#[expect(
    clippy::cast_precision_loss,
    reason = "ticks of a process's life fit into 53 bits"
)]
fn micros(ticks: u64) -> f64 {
    let a_second = rustix::param::clock_ticks_per_second().max(1);
    ticks as f64 * 1_000_000.0 / a_second as f64
}

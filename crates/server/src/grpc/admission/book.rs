//! Who has which places. Pure: the time is an argument, and nothing here knows of requests.

use std::{collections::HashMap, time::Duration};

use tokio::time::Instant;

use super::{
    kind::Kind,
    pace::{Pace, SIDE_BY_SIDE},
    pools::{PerPool, Pool},
    rate::{Rate, Used},
};
use crate::{config::Limits, shares::Share, telemetry::NotAdmitted};

/// One in so many places is for who has no name here, for health checks, and for whoever verifies the log.
const OPEN_SHARE: usize = 16;
/// The least and the longest that somebody is asked to stay away.
const PAUSE_LEAST: Duration = Duration::from_millis(250);
const PAUSE_MOST: Duration = Duration::from_secs(5);
/// So many of one system side by side are no queue of its own.
const OWN: usize = SIDE_BY_SIDE as usize / 2;

/// Why there is no place, and when to ask again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Full {
    pub(super) reason: NotAdmitted,
    pub(super) pause: Duration,
}

/// What a caller wants.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    /// The registered system, if it is one.
    pub(super) system: Option<&'a str>,
    pub(super) kind: Kind,
    /// How long the caller waits for an answer.
    pub(super) deadline: Option<Duration>,
}

/// A place that somebody has, to be given back by [`Book::leave`].
#[derive(Debug, Clone, Copy)]
pub(super) struct Seat {
    account: usize,
    pub(super) pool: Pool,
    kind: Kind,
}

impl Seat {
    /// Whether it is needed until the end of the answer.
    pub(super) fn is_stream(self) -> bool {
        matches!(self.kind, Kind::Stream | Kind::Standing)
    }
}

/// What credentials were not good. Those without a token and those with one do not use up each other's budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Brought {
    Nothing,
    Token,
}

/// What one system has, and what it has used.
#[derive(Debug, Default)]
struct Account {
    places: PerPool<usize>,
    /// Of them, those that are answered at once.
    brief: usize,
    requests: Used,
    without_token: Used,
    bad_token: Used,
}

/// All places and all accounts. Accounts are as many as systems were registered since the start, and one for all who are no system.
#[derive(Debug)]
pub(super) struct Book {
    shares: PerPool<Share>,
    taken: PerPool<usize>,
    accounts: Vec<Account>,
    by_system: HashMap<String, usize>,
    pace: Pace,
    requests: Option<Rate>,
    refusals: Option<Rate>,
    patience: Duration,
}

impl Book {
    pub(super) fn new(limits: &Limits) -> Self {
        let places = |pool| match pool {
            Pool::Working => limits.requests_in_flight,
            Pool::Standing => limits.standing_streams,
            Pool::Open => limits.requests_in_flight.div_ceil(OPEN_SHARE),
        };
        let share = |pool| Share {
            places: places(pool),
            percent: limits.system_share_percent,
        };
        Self {
            shares: PerPool::each(share),
            taken: PerPool::default(),
            accounts: vec![Account::default()],
            by_system: HashMap::new(),
            pace: Pace::default(),
            requests: Rate::new(
                limits.system_requests_per_second,
                limits.system_request_burst,
            ),
            refusals: Rate::new(limits.refusals_per_second, limits.refusal_burst),
            patience: limits.queue(),
        }
    }

    /// A place, or why there is none.
    pub(super) fn enter(&mut self, asked: &Asked<'_>, now: Instant) -> Result<Seat, Full> {
        let seat = Seat {
            account: self.account(asked.system),
            pool: Pool::of(asked.kind, asked.system.is_some()),
            kind: asked.kind,
        };
        self.room(seat, asked.deadline, now)?;
        let rate = self.requests;
        *self.taken.of_mut(seat.pool) += 1;
        if let Some(own) = self.accounts.get_mut(seat.account) {
            *own.places.of_mut(seat.pool) += 1;
            own.brief += usize::from(seat.kind == Kind::Brief);
            if let Some(rate) = rate {
                rate.spend(&mut own.requests, now);
            }
        }
        if seat.kind == Kind::Brief {
            self.pace.begin(now);
        }
        Ok(seat)
    }

    /// Gives a place back.
    pub(super) fn leave(&mut self, seat: Seat, now: Instant) {
        if let Some(own) = self.accounts.get_mut(seat.account) {
            *own.places.of_mut(seat.pool) -= 1;
            own.brief -= usize::from(seat.kind == Kind::Brief);
        }
        *self.taken.of_mut(seat.pool) -= 1;
        if seat.kind == Kind::Brief {
            self.pace.end(now);
        }
    }

    /// How long a system's credentials of this kind are not looked at, because too many of them were not good; none where they are.
    pub(super) fn distrust(
        &mut self,
        system: &str,
        brought: Brought,
        now: Instant,
    ) -> Option<Duration> {
        let rate = self.refusals?;
        let account = self.account(Some(system));
        let own = self.accounts.get_mut(account)?;
        let pause = rate.pause(*own.refused(brought), now)?;
        Some(pause.clamp(PAUSE_LEAST, PAUSE_MOST))
    }

    /// Credentials were not good.
    pub(super) fn refused(&mut self, seat: Seat, brought: Brought, now: Instant) {
        if let (Some(rate), Some(own)) = (self.refusals, self.accounts.get_mut(seat.account)) {
            rate.spend(own.refused(brought), now);
        }
    }

    fn room(&self, seat: Seat, deadline: Option<Duration>, now: Instant) -> Result<(), Full> {
        let wait = self.pace.wait(now);
        let full = |reason, pause: Duration| {
            let pause = pause.clamp(PAUSE_LEAST, PAUSE_MOST);
            Err(Full { reason, pause })
        };
        let Some(own) = self.accounts.get(seat.account) else {
            return full(NotAdmitted::Places, wait);
        };
        let rate = self.requests.filter(|_| seat.pool != Pool::Open);
        if let Some(pause) = rate.and_then(|rate| rate.pause(own.requests, now)) {
            return full(NotAdmitted::Rate, pause);
        }
        let (share, taken) = (self.shares.of(seat.pool), *self.taken.of(seat.pool));
        if taken >= share.places {
            return full(NotAdmitted::Places, wait);
        }
        if !share.admits(*own.places.of(seat.pool), taken) {
            return full(NotAdmitted::Share, wait);
        }
        if seat.kind == Kind::Brief
            && (deadline.is_some_and(|deadline| wait > deadline) || !self.in_time(own.brief, now))
        {
            return full(NotAdmitted::Late, wait);
        }
        Ok(())
    }

    /// Whether one more of a system that has `own` in flight is answered within the hub's patience. The queue is shared out like the places, so that who
    /// fills it makes others wait for half of that at most, and does not shut them out.
    fn in_time(&self, own: usize, now: Instant) -> bool {
        let queue = Share {
            places: self.pace.room(self.patience, now),
            percent: self.shares.working.percent,
        };
        let in_flight = self.pace.in_flight();
        in_flight < queue.places && (own < OWN || queue.admits(own, in_flight))
    }

    fn account(&mut self, system: Option<&str>) -> usize {
        let Some(system) = system else { return 0 };
        if let Some(account) = self.by_system.get(system) {
            return *account;
        }
        let account = self.accounts.len();
        self.accounts.push(Account::default());
        self.by_system.insert(system.to_owned(), account);
        account
    }
}

impl Account {
    const fn refused(&mut self, brought: Brought) -> &mut Used {
        match brought {
            Brought::Nothing => &mut self.without_token,
            Brought::Token => &mut self.bad_token,
        }
    }
}

//! Three kinds of places, none of which can be taken from another.

use super::kind::Kind;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pool {
    /// For registered systems' requests, and their streams while they work.
    Working,
    /// For registered systems' streams that wait.
    Standing,
    /// For who has no name here, for health checks, and for whoever verifies the log.
    Open,
}

/// One of something for each pool.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct PerPool<T> {
    pub(super) working: T,
    pub(super) standing: T,
    pub(super) open: T,
}

impl Pool {
    pub(super) const fn of(kind: Kind, is_system: bool) -> Self {
        match kind {
            Kind::Brief | Kind::Stream if is_system => Self::Working,
            Kind::Standing if is_system => Self::Standing,
            _ => Self::Open,
        }
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Working => "working",
            Self::Standing => "standing",
            Self::Open => "open",
        }
    }
}

impl<T> PerPool<T> {
    pub(super) fn each(make: impl Fn(Pool) -> T) -> Self {
        Self {
            working: make(Pool::Working),
            standing: make(Pool::Standing),
            open: make(Pool::Open),
        }
    }

    pub(super) const fn of(&self, pool: Pool) -> &T {
        match pool {
            Pool::Working => &self.working,
            Pool::Standing => &self.standing,
            Pool::Open => &self.open,
        }
    }

    pub(super) const fn of_mut(&mut self, pool: Pool) -> &mut T {
        match pool {
            Pool::Working => &mut self.working,
            Pool::Standing => &mut self.standing,
            Pool::Open => &mut self.open,
        }
    }
}

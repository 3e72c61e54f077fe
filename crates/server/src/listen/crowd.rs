//! How many connections each certificate has, so that one of them cannot have them all.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::shares::Share;

type Thumbprint = [u8; 32];

/// The open connections with a certificate.
#[derive(Debug)]
pub(super) struct Crowd {
    share: Share,
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    all: usize,
    by_certificate: HashMap<Thumbprint, usize>,
}

/// One of them, until it is dropped.
#[derive(Debug)]
pub(super) struct Member<'a> {
    crowd: &'a Crowd,
    certificate: Thumbprint,
}

impl Crowd {
    pub(super) fn new(share: Share) -> Self {
        Self {
            share,
            open: Mutex::default(),
        }
    }

    /// None where this certificate has its share already.
    pub(super) fn enter(&self, certificate: Thumbprint) -> Option<Member<'_>> {
        let mut open = self.open();
        let own = open.by_certificate.get(&certificate).copied();
        if !self.share.admits(own.unwrap_or_default(), open.all) {
            return None;
        }
        open.all += 1;
        *open.by_certificate.entry(certificate).or_default() += 1;
        Some(Member {
            crowd: self,
            certificate,
        })
    }

    /// What is written in it is whole at all times.
    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Member<'_> {
    fn drop(&mut self) {
        let mut open = self.crowd.open();
        open.all = open.all.saturating_sub(1);
        if let Some(own) = open.by_certificate.get_mut(&self.certificate) {
            *own = own.saturating_sub(1);
            if *own == 0 {
                open.by_certificate.remove(&self.certificate);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_certificate_cannot_have_them_all_and_leaves_no_trace() {
        let share = Share {
            places: 4,
            percent: 50,
        };
        let crowd = Crowd::new(share);
        let (one, other) = ([1; 32], [2; 32]);
        let first = crowd.enter(one).unwrap();
        let second = crowd.enter(one).unwrap();
        assert!(crowd.enter(one).is_none());
        let third = crowd.enter(other).unwrap();
        drop((first, second, third));
        let open = crowd.open();
        assert!(open.by_certificate.is_empty() && open.all == 0);
    }
}

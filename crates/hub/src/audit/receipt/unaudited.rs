//! The access log left out, for the measurement that asks what it costs. Only a hub that was opened for measuring can, and its store is marked as
//! one that holds nothing but a sample (`store_use`).

use std::sync::atomic::{AtomicBool, Ordering};

use delt_ledger::Hash;

use super::{Receipt, Written};
use crate::audit::Draft;

/// Whether reads leave their entries. Commands always do.
#[derive(Debug, Default)]
pub(crate) struct Unaudited(AtomicBool);

impl Unaudited {
    pub(crate) fn set_audited(&self, audited: bool) {
        self.0.store(!audited, Ordering::Relaxed);
    }

    /// What stands for a receipt while the log is off: no entry, no hash, no signature.
    pub(crate) fn stand_in(&self, draft: &Draft) -> Option<Receipt> {
        self.0.load(Ordering::Relaxed).then(|| Receipt {
            written: Written {
                entry_id: draft.id(),
                leaf_hash: Hash::from_bytes([0; 32]),
                recorded_at: 0,
            },
            promised_by: 0,
            note: "".into(),
        })
    }
}

//! Receipts: what an answer carries as proof that it has its entry.

mod unaudited;

use std::sync::Arc;

use delt_ledger::{Hash, SignedReceipt, Signer};
use uuid::Uuid;

use super::{Pending, draft::Sealed};
pub(crate) use unaudited::Unaudited;

use crate::{
    Error, Result,
    clock::{Micros, rfc3339},
};

/// What was written of an entry. It counts once its transaction has committed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Written {
    pub(super) entry_id: Uuid,
    pub(super) leaf_hash: Hash,
    pub(super) recorded_at: Micros,
}

impl Written {
    pub(super) const fn of((entry, sealed): (&Pending, &Sealed)) -> Self {
        Self {
            entry_id: entry.id,
            leaf_hash: sealed.leaf_hash,
            recorded_at: entry.recorded_at,
        }
    }

    /// The receipt of a durable entry: signed, it holds the log to its promise that the entry stands in it within `promise` microseconds.
    pub(crate) fn receipt(self, signer: &Signer, promise: Micros) -> Result<Receipt> {
        let promised_by = self.recorded_at.saturating_add(promise);
        let promise = SignedReceipt {
            origin: signer.name().to_owned(),
            entry_id: self.entry_id.to_string(),
            leaf_hash: self.leaf_hash,
            recorded_at: rfc3339(self.recorded_at),
            promised_by: rfc3339(promised_by),
        };
        let note = promise.sign(signer).map_err(Error::internal)?;
        Ok(Receipt {
            written: self,
            promised_by,
            note: note.to_string().into(),
        })
    }
}

/// Proof that an audit entry is durable. Nothing outside this module makes one.
#[derive(Debug, Clone)]
pub struct Receipt {
    written: Written,
    promised_by: Micros,
    note: Arc<str>,
}

impl Receipt {
    /// The id of the entry.
    pub const fn entry_id(&self) -> Uuid {
        self.written.entry_id
    }

    /// The RFC 6962 leaf hash under which the entry will stand in the log.
    pub const fn leaf_hash(&self) -> &Hash {
        &self.written.leaf_hash
    }

    /// When the entry was recorded.
    pub const fn recorded_at(&self) -> Micros {
        self.written.recorded_at
    }

    /// By when it stands in the log.
    pub const fn promised_by(&self) -> Micros {
        self.promised_by
    }

    /// All of this, signed by the log (C2SP signed note).
    pub fn signed_note(&self) -> &str {
        &self.note
    }
}

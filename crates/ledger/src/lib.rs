//! The tamper-evident audit log, as data and arithmetic: no clock, no randomness, no store, no network.
//!
//! ```text
//! Entry ─ canonical JSON ─ Commitment (salted) ─ leaf hash ─ Merkle tiles ─ root ─ Checkpoint ─ signed Note
//!                                                                  └ proofs ─ export ─ verify, offline
//! ```
//!
//! The leaf's data is the commitment, not the payload, so that a payload can be erased when its retention
//! period ends while every proof about its position keeps holding.

pub mod canonical;
mod chain;
mod checkpoint;
pub mod citizen;
mod commitment;
mod cosignature;
mod entry;
pub mod export;
mod hash;
mod key;
pub mod merkle;
mod note;
mod receipt;
pub mod sample;
mod statement;
pub mod witness;
mod witness_policy;

pub use chain::{Chain, ChainKey, ChainLink, ChainSalt};
pub use checkpoint::{Checkpoint, CheckpointError};
pub use commitment::{Commitment, Salt};
pub use cosignature::{CosignatureError, CosignatureVerifier, Cosigner};
pub use entry::{
    Actor, ENTRY_VERSION, Entry, EntryError, Ground, MAX_ENTRY_BYTES, Outcome, Person, PersonKind,
};
pub use hash::{Hash, HashError};
pub use key::{KeyError, Signer, Verifier};
pub use note::{MAX_NOTE_BYTES, MAX_NOTE_SIGNATURES, Note, NoteError, NoteSignature};
pub use receipt::{ReceiptError, SignedReceipt};
pub use statement::{PatientStatement, StatementError};
pub use witness_policy::{
    Cosigned, MAX_POLICY_BYTES, MAX_POLICY_ITEMS, PolicyError, PolicyFault, PolicyLog,
    PolicyRefusal, PolicyWitness, WitnessPolicy, Witnessed,
};

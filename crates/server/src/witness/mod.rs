//! `delt witness`: an independent witness (C2SP tlog-witness), and the hub's side of asking one.
//!
//! ```text
//! hub:      [client] ── POST add-checkpoint ──▶ witness: [http] ─ [state] decide, remember durably, cosign ─ [folder], [evidence]
//! ```
//!
//! A witness sees hashes, sizes and signatures of a log, and never an entry of it.

mod client;
mod evidence;
mod folder;
mod http;
mod state;
#[cfg(test)]
mod tests;

pub use client::WitnessClient;
pub use folder::{Folder, FolderError};
pub use http::router;
pub use state::{LogToWitness, StateError, Witness};

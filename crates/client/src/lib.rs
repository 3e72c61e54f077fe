//! The Rust SDK of Delt: what a source system, an EHR, a portal or an auditor's tool writes its calls with.
//!
//! ```text
//! Settings ─ Connection::connect ─┬ documents()   register pointers, one or a file of them (bulk)
//!   (certificate, token)          ├ record()      search a person's record, retrieve documents
//!                                 ├ consents() relations() delegations() patients() directory()
//!                                 ├ messages()    send, receive under a lease, acknowledge
//!                                 ├ notifications()  what a citizen is told
//!                                 ├ reviews()     what an auditor must look at
//!                                 ├ revocations() access that the operator takes back
//!                                 └ audit()       the access log and its proofs
//! ```
//!
//! Requests and answers are the generated types of [`delt_proto`]. What the SDK adds is what everybody would otherwise
//! write by hand: mutual TLS, the access token, request ids, deadlines, repeating what may be repeated, errors with
//! their reason, following pages, back-pressure, and refusing a document that did not arrive whole.

mod audit;
pub mod bulk;
mod call;
mod connection;
mod consents;
mod delegations;
mod directory;
mod documents;
mod error;
pub mod json;
mod messages;
mod notifications;
mod patients;
mod record;
mod relations;
mod request_id;
mod retry;
mod reviews;
mod revocations;
mod settings;
mod token;

pub use audit::AuditLog;
pub use connection::Connection;
pub use consents::Consents;
pub use delegations::Delegations;
pub use delt_proto as proto;
pub use directory::Directory;
pub use documents::Documents;
pub use error::{ClientError, Kind, Refusal, Violation};
pub use messages::{Delivery, Inbox, Messages};
pub use notifications::Notifications;
pub use patients::Patients;
pub use record::{Record, RecordView, Retrieval};
pub use relations::Relations;
pub use retry::Backoff;
pub use reviews::Reviews;
pub use revocations::Revocations;
pub use settings::{Settings, Timeouts};
pub use token::{TokenError, TokenSource};

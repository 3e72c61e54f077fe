//! The domain of Delt, its store and its one door.
//!
//! ```text
//! Credentials ─ identity ─ Caller ─┐
//!                                  ├─ Hub::perform ─ facts ─ delt_policy::decide ─ Scope ─ run ─ audit entry ─ Receipt ─ Released
//! operation (what is asked) ───────┘
//! ```
//!
//! - [`perform`] is the door; [`operation`] says what may go through it, and the set is closed.
//! - [`identity`] is the only place where credentials become a caller.
//! - A folder for each noun: [`patient`], [`organisation`], [`document`], [`record`], [`consent`], [`relation`], [`delegation`], [`role_policy`],
//!   [`message`], [`audit`], [`review`], [`notification`], [`revocation`]. In each: `mod.rs` what it is, `operations` what can be asked, `rows` how it is kept.
//! - `store` knows two databases and nothing of the domain. It cannot be reached from outside this crate.

pub mod audit;
mod background;
#[doc(hidden)]
pub mod bench;
mod bulk;
pub mod clock;
mod condition;
pub mod consent;
pub mod delegation;
mod denial;
pub mod document;
pub mod entropy;
pub mod error;
mod facts;
mod glass;
pub mod identity;
mod key_mark;
pub mod keys;
pub mod message;
pub mod notification;
mod open;
pub mod operation;
pub mod organisation;
mod page;
pub mod patient;
pub mod perform;
pub mod record;
pub mod relation;
pub mod review;
pub mod revocation;
pub mod role_policy;
mod settings;
mod store;
mod store_use;
pub mod trace;

#[cfg(feature = "bench")]
#[doc(hidden)]
pub use audit::measure as bench_log;
#[cfg(feature = "bench")]
#[doc(hidden)]
pub use facts::measure as bench_facts;

pub use error::{Error, Kind, Result};
pub use open::{Parts, migrate};
pub use operation::{Operation, Released};
pub use perform::{Hub, Together};
pub use settings::Settings;
pub use store::{StoreLoad, StoreSettings};

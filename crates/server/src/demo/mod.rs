//! `delt demo`: the whole story on one machine, over real sockets.
//!
//! ```text
//! run ─ profile, log file ─ source/: four source systems ─ serve: the hub ─ story: one step after the other
//!                            └ fixtures/: their documents       └ steps/: each a party with its own certificate and token
//! ```

mod error;
pub mod fixtures;
pub mod source;

pub use error::DemoError;

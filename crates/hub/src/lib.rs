//! The domain of Delt, its store and its one door.
pub mod error;
pub mod identity;
pub use error::{Error, Kind, Result};

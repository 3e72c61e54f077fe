//! `delt bench`: what a hub costs beside what the machine could do, measured in the same run.
//!
//! ```text
//! run ─ world: a folder, a development profile, and the processes to measure (peers/), each this program
//!     │   hub    as `delt serve` runs it          bare   limit (a): gRPC that answers with the same bytes
//!     │   store  limit (b): the database alone    source a source system
//!     ├ data/: persons and entries that follow from a seed ─ load: registered through the SDK
//!     ├ scenario/: what is compared, in turns ─ measure/: load, CPU time, latencies
//!     └ report/: a table, JSON, an SVG chart
//! ```
//!
//! This process makes the load, so none of the figures holds its own CPU time.

mod child;
mod clients;
mod data;
mod load;
mod measure;
mod peers;
mod postgres;
mod report;
mod run;
mod scenario;
mod scratch;
mod world;

pub use peers::BenchPeer;
pub use report::{chart, text};
pub use run::{Plan, Stores, run};
pub use scenario::Scenario;

/// Why a run ended early, as one text for a person.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

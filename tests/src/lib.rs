//! What the tests stand on. The tests themselves are in `tests/tests/`: one file a subject, one folder a binary.
//! Few binaries, because each holds the whole server; what listens to all that its process says has one of its own.
//!
//! - [`alone`]: tests that must not run side by side
//! - [`postgres`]: a PostgreSQL of the tests' own, a fresh [`database`] for each test
//! - [`process`]: the built `delt`, started, watched, killed
//! - [`hub`]: a hub in this process; [`entries`] and [`calls`]: what is said to it; [`logs`]: what it logs
//! - [`sources`]: a hub with source systems that run
//! - [`chains`]: patients' chains as an export of the log shows them
//! - [`fleet`]: several `delt serve` behind `HAProxy`; [`load`]: requests to them that keep account; [`program`], [`pooler`]: others' servers
//! - [`cluster`]: PostgreSQL under Patroni, with a primary that can be killed
//! - [`collector`]: an OpenTelemetry collector that keeps what it gets
//! - [`foreign`]: clients that we did not write: Python's grpcio, grpcurl, buf
//! - [`glass`]: who breaks the glass, the citizen's inbox, the auditor's cases
//! - [`revocations`]: two hubs of one store, and access that is taken back
//! - [`rpcs`]: every RPC with a request that can be decided on
//! - [`samples`]: the sample people and documents, and the calls that most tests begin with
//! - [`served`]: `delt serve` with the development profile, at ports that are free
//! - [`statements`]: what the hubs of this process asked their databases
//! - [`timed`]: a hub on a clock that the test moves
//! - [`tree`]: the files of this repository
//!
//! What is missing on the machine fails the test that needs it, with the remedy; nothing is skipped. `tests/run`
//! installs all of it.
pub mod alone;
pub mod calls;
pub mod chains;
pub mod cluster;
pub mod collector;
pub mod database;
pub mod entries;
pub mod fleet;
pub mod foreign;
pub mod glass;
pub mod hub;
pub mod load;
pub mod logs;
pub mod pooler;
pub mod postgres;
pub mod process;
pub mod program;
pub mod revocations;
pub mod rpcs;
pub mod samples;
pub mod served;
pub mod sources;
pub mod statements;
pub mod timed;
pub mod tree;

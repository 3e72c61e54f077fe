//! How it is measured: load from here, CPU time and memory from `/proc`, latencies in a histogram.

pub(super) mod drive;
pub(super) mod figure;
pub(super) mod meter;
pub(super) mod proc;

//! `delt`.
fn main() {}

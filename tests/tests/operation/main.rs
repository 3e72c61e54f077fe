//! Running it: the program and its commands, several hubs on one store, too much load, whatever breaks, and the harness that these tests stand on.

#![cfg(test)]

mod bench;
mod cli;
mod crash;
mod demo;
mod fail_closed;
mod failover;
mod foreign;
mod frozen;
mod harness;
mod keys;
mod log_health;
mod measuring;
mod onboarding;
mod overload;
mod pooled;
mod reload;
mod standby;
mod three_hubs;
mod two_hubs;

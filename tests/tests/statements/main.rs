//! What the hub asks its database, as text: once and no oftener, within the shards of its patients, and as a hub of an older release asked it.

#![cfg(test)]

mod rolling;
mod round_trips;
mod rules;
mod shards;
mod story;

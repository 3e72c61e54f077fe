//! What the hub asks its database, as text: that it keeps to the shards of its patients, and that a hub of an older release can still ask it.

#![cfg(test)]

mod rolling;
mod rules;
mod shards;
mod story;

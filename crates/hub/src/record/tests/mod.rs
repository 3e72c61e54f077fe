//! The record through the one door, on SQLite, with sources that do as they are told.

mod filter;
mod fixtures;
mod glass;
mod retrieve;
mod search;
mod sources;
mod world;

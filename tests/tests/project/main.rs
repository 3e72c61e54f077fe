//! What is held over the files of the project rather than by a running hub: its crates, its style, its contract, its error pages, its migrations.

#![cfg(test)]

mod architecture;
mod contract;
mod errors;
mod migrations;
mod one_door;
mod tidy;

//! Real keys, real tokens, and what becomes of them.

mod binding;
mod callers;
mod memory;
mod persons;
mod settings;
mod support;
mod tokens;

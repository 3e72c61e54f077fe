//! A patient's documents: sources register pointers to them, those who treat the patient find and fetch them, and messages carry them.

#![cfg(test)]

mod filters;
mod identity;
mod messages;
mod record;
mod register;
mod retrieve;
mod retrieve_many;
mod states;
mod stream;
mod stream_alike;

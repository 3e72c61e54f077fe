//! Everything that is done leaves an entry: the log and what shows that it is whole, what is told to the citizen, and what auditors do with it.

#![cfg(test)]

mod chains;
mod fhir;
mod foreign_log;
mod held;
mod log;
mod log_instances;
mod review_audit;
mod review_rules;
mod review_work;
mod search;
mod who_looked;
mod witnesses;

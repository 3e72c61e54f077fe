//! Who may see what, and why: callers and their tokens, treatment relations, consents, helpers and representatives, break-glass, and what explains a decision.

#![cfg(test)]

mod as_of;
mod authorization;
mod break_glass;
mod break_glass_kept;
mod consent;
mod consent_import;
mod delegation;
mod explain;
mod not_told;
mod relations;
mod representation;
mod revocation;
mod revocation_rules;
mod tokens;
mod who_may_see;

//! Delt.

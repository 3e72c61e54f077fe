//! Auditors' work: cases from opening to decision, samples that nobody can steer, and a period in figures.

mod cases;
mod figures;
mod people;
mod samples;

//! The steps of the story, one file each: a party connects as itself, calls the hub, and what must be so is checked.

pub(super) mod accesses;
pub(super) mod audit;
pub(super) mod block;
pub(super) mod break_glass;
pub(super) mod cardiologist;
pub(super) mod dead_source;
pub(super) mod letter;
pub(super) mod lift;
pub(super) mod nurse;
pub(super) mod register;
pub(super) mod relations;
pub(super) mod review;
pub(super) mod rules;
pub(super) mod statement;
pub(super) mod stranger;
mod view;

/// How the people of the story are called, and where they work.
mod cast {
    pub(super) const CARDIOLOGIST: &str = "kard";
    pub(super) const HOME_NURSE: &str = "hspl";
    pub(super) const GP: &str = "gp";
    /// The GP's secretary, who is one of the test persons too.
    pub(super) const SECRETARY: &str = "sekr";
    /// A GP of another town, who does not treat the citizen.
    pub(super) const STRANGER: &str = "gp2";
    /// Follows up on the users of one region.
    pub(super) const AUDITOR: &str = "auditor";
    /// Works for the national operation, and so may export all of the log.
    pub(super) const DATA_PROTECTION_OFFICER: &str = "dpo";

    pub(super) const HOSPITAL: &str = "ehr-hovedstaden";
    pub(super) const OTHER_REGION: &str = "ejournal-midtjylland";
    pub(super) const PRACTICE: &str = "gp-testby";
    pub(super) const OTHER_PRACTICE: &str = "gp-gudenaadal";
    pub(super) const MUNICIPALITY: &str = "kommune-testby";
    pub(super) const SUPERVISION: &str = "tilsyn";
    pub(super) const REGISTER_OF_PERSONS: &str = "personregister";

    /// SOR code of the psychiatry that the citizen blocks.
    pub(super) const PSYCHIATRY: &str = "990261000016001";
}

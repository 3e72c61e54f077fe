//! Where the cases play: two trees of organisations, some of them twice as deep as the record's authors say.

use std::sync::{Arc, LazyLock};

use delt_policy::{
    AuthorisationId, Micros, OrganisationId, OrganisationTree, PatientKey, RolePolicy, Sector,
};

/// 2027-08-31T12:00:00Z, a day that the shorter months do not have.
pub(crate) const NOW: Micros = 1_819_713_600_000_000;
pub(crate) const HOUR: Micros = 3_600_000_000;
pub(crate) const DAY: Micros = 24 * HOUR;

/// One place of a whole directory (the hub refuses one that lacks a parent): code, the code of its parent, and the sector where the directory states one.
pub(crate) type Place = (&'static str, Option<&'static str>, Option<Sector>);

pub(crate) const DIRECTORY: [Place; 13] = [
    ("1000", None, Some(Sector::Region)),
    ("1100", Some("1000"), None),
    ("1110", Some("1100"), None),
    ("1111", Some("1110"), None),
    ("1120", Some("1100"), None),
    ("1200", Some("1000"), None),
    ("2000", None, Some(Sector::GeneralPractice)),
    ("2500", None, Some(Sector::SpecialistPractice)),
    ("3000", None, Some(Sector::Municipality)),
    ("3100", Some("3000"), None),
    ("4000", None, Some(Sector::Private)),
    ("5000", None, Some(Sector::Pharmacy)),
    ("6000", None, None),
];

/// A place that the directory does not hold.
pub(crate) const STRANGE: &str = "9999";

pub(crate) static TREE: LazyLock<Arc<OrganisationTree>> = LazyLock::new(|| {
    Arc::new(OrganisationTree::new(DIRECTORY.iter().map(
        |(code, parent, sector)| (org(code), parent.map(org), *sector),
    )))
});

pub(crate) static POLICY: LazyLock<Arc<RolePolicy>> =
    LazyLock::new(|| Arc::new(RolePolicy::builtin().unwrap()));

pub(crate) fn org(code: &str) -> OrganisationId {
    OrganisationId::sor(code).unwrap()
}

pub(crate) fn key(byte: u8) -> PatientKey {
    PatientKey::new([byte; 32])
}

pub(crate) fn auth(id: &str) -> AuthorisationId {
    AuthorisationId::parse(id).unwrap()
}

//! The people and organisations of a header.

use super::read::{coded, ids, timestamp};
use super::{Coded, Id, Timestamp};
use crate::Sensitive;
use crate::identifier::{PersonNumber, system};
use crate::violation::{Problems, ViolationCode};
use crate::xml::Field;

/// About whom the document is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordTarget {
    /// CPR or eCPR.
    pub person: PersonNumber,
    /// The name.
    pub name: Option<PersonName>,
    /// Administrative gender: `F`, `M` or `UN`.
    pub gender: Option<String>,
}

/// A name, in parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonName {
    /// Titles and the like.
    pub prefix: Vec<Sensitive>,
    /// Given names.
    pub given: Vec<Sensitive>,
    /// Family name.
    pub family: Option<Sensitive>,
}

/// Who wrote a document, or answers for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
    /// When.
    pub time: Option<Timestamp>,
    /// The ids of the assigned author; in Danish profiles the SOR code of the place.
    pub ids: Vec<Id>,
    /// The role.
    pub code: Option<Coded>,
    /// The person's name.
    pub person: Option<PersonName>,
    /// The ids of the represented organisation.
    pub organisation_ids: Vec<Id>,
    /// The name of the represented organisation.
    pub organisation_name: Option<String>,
}

/// Who keeps a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Custodian {
    /// Its ids.
    pub ids: Vec<Id>,
    /// Its name.
    pub name: Option<String>,
}

impl Custodian {
    /// The organisation's SOR code.
    #[must_use]
    pub fn sor(&self) -> Option<&str> {
        sor(self.ids.iter())
    }

    pub(super) fn read(document: &Field<'_>) -> Option<Self> {
        let assigned = document.child("custodian").child("assignedCustodian");
        let organisation = assigned.child("representedCustodianOrganization");
        organisation.is_there().then(|| Self {
            ids: ids(&organisation),
            name: organisation.child("name").text(),
        })
    }
}

fn sor<'a>(mut ids: impl Iterator<Item = &'a Id>) -> Option<&'a str> {
    let root = system::bare(system::SOR);
    ids.find(|id| id.root == root)
        .and_then(|id| id.extension.as_deref())
}

impl Author {
    /// The institution's SOR code: the organisation's own, or the one that stands on the author.
    #[must_use]
    pub fn institution_sor(&self) -> Option<&str> {
        sor(self.organisation_ids.iter().chain(&self.ids))
    }

    pub(super) fn read(
        participation: &Field<'_>,
        assigned: &str,
        problems: &mut Problems,
    ) -> Option<Self> {
        if !participation.is_there() {
            return None;
        }
        let role = participation.child(assigned);
        let organisation = role.child("representedOrganization");
        Some(Self {
            time: timestamp(&participation.child("time"), problems),
            ids: ids(&role),
            code: coded(&role.child("code")),
            person: PersonName::read(&role.child("assignedPerson").child("name")),
            organisation_ids: ids(&organisation),
            organisation_name: organisation.child("name").text(),
        })
    }
}

impl PersonName {
    fn read(name: &Field<'_>) -> Option<Self> {
        let parts = |kind| {
            let texts = name
                .children(kind)
                .into_iter()
                .filter_map(|part| part.text());
            texts.map(Sensitive::from).collect::<Vec<_>>()
        };
        name.is_there().then(|| Self {
            prefix: parts("prefix"),
            given: parts("given"),
            family: parts("family").into_iter().next(),
        })
    }
}

impl RecordTarget {
    pub(super) fn read(document: &Field<'_>, problems: &mut Problems) -> Option<Self> {
        let role = document.child("recordTarget").child("patientRole");
        let patient = role.child("patient");
        let gender = patient.child("administrativeGenderCode").attribute("code");
        Some(Self {
            person: person(&role, problems)?,
            name: PersonName::read(&patient.child("name")),
            gender: gender.map(str::to_owned),
        })
    }
}

/// The first id whose root is one of person numbers.
fn person(role: &Field<'_>, problems: &mut Problems) -> Option<PersonNumber> {
    let mut first_error = None;
    for id in ids(role) {
        match PersonNumber::parse(&id.root, &id.extension.unwrap_or_default()) {
            Ok(person) => return Some(person),
            Err(error) if error.field == "system" => {}
            Err(error) => first_error = first_error.or(Some(error.reason)),
        }
    }
    let place = role.child("id");
    match first_error {
        Some(reason) => problems.push(place.path(), ViolationCode::BadFormat, reason),
        None => place.missing(problems),
    }
    None
}

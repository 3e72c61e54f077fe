//! Whom a letter is about.

use crate::Sensitive;
use crate::identifier::{PersonNumber, system};
use crate::violation::{Problems, ViolationCode};
use crate::xml::Field;

/// The patient of a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patient {
    /// Who it is.
    pub id: PatientId,
    /// Surname.
    pub surname: Option<Sensitive>,
    /// Given names.
    pub given_name: Option<Sensitive>,
    /// Street and number.
    pub street_name: Option<Sensitive>,
    /// Place within the post district.
    pub suburb_name: Option<Sensitive>,
    /// Town.
    pub district_name: Option<Sensitive>,
    /// Post code.
    pub post_code: Option<Sensitive>,
    /// Admitted, out-patient, dead …, as `MedCom`'s code.
    pub episode_of_care_status: Option<String>,
}

/// The patient's number: a person number, or what the sender uses where there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PatientId {
    /// A CPR number or X-eCPR.
    Person(PersonNumber),
    /// Another identifier, unique only for the sender: it identifies nobody in an index.
    Alternative(Sensitive),
}

impl Patient {
    pub(super) fn read(field: &Field<'_>, problems: &mut Problems) -> Option<Self> {
        let text = |name| field.child(name).text().map(Sensitive::from);
        let id = id(field, problems);
        Some(Self {
            id: id?,
            surname: text("PersonSurnameName"),
            given_name: text("PersonGivenName"),
            street_name: text("StreetName"),
            suburb_name: text("SuburbName"),
            district_name: text("DistrictName"),
            post_code: text("PostCodeIdentifier"),
            episode_of_care_status: field.child("EpisodeOfCareStatusCode").text(),
        })
    }
}

fn id(field: &Field<'_>, problems: &mut Problems) -> Option<PatientId> {
    let cpr = field.child("CivilRegistrationNumber");
    if let Some(text) = cpr.text() {
        return person(&text)
            .map(PatientId::Person)
            .map_err(|reason| problems.push(cpr.path(), ViolationCode::BadFormat, reason))
            .ok();
    }
    let Some(text) = field.child("AlternativeIdentifier").text() else {
        cpr.missing(problems);
        return None;
    };
    let alternative = || PatientId::Alternative(text.clone().into());
    Some(person(&text).map_or_else(|_| alternative(), PatientId::Person))
}

/// A CPR number, or the X-eCPR that takes its place in messages (`MedCom`, November 2022).
fn person(text: &str) -> Result<PersonNumber, &'static str> {
    PersonNumber::cpr(text)
        .or_else(|error| PersonNumber::parse(system::X_ECPR, text).map_err(|_| error.reason))
}

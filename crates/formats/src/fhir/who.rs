//! The organisations and the patient of a message.

use super::message::{MessageKind, Organization, Patient};
use super::parts::{Place, Resources};
use crate::Sensitive;
use crate::identifier::{Gln, IdentifierError, PersonNumber, SorCode, system};
use crate::violation::{Problems, ViolationCode};

/// The organisation that a reference leads to, with both its identifiers.
pub(super) fn organization(
    from: &Place<'_>,
    resources: &Resources<'_>,
    problems: &mut Problems,
) -> Option<Organization> {
    let place = resources.follow(from, "Organization", problems)?.clone();
    let sor = identifier(&place, |s| s == system::SOR, problems, SorCode::parse);
    let gln = identifier(&place, system::is_gln, problems, Gln::parse);
    let name = place.get("name").text().map(str::to_owned);
    Some(Organization {
        sor: sor?,
        gln: gln?,
        name,
    })
}

/// The identifier of one system; its absence is a violation.
fn identifier<T>(
    resource: &Place<'_>,
    wanted: impl Fn(&str) -> bool,
    problems: &mut Problems,
    parse: impl Fn(&str) -> Result<T, IdentifierError>,
) -> Option<T> {
    let list = resource.get("identifier");
    let found = list
        .items()
        .into_iter()
        .find(|i| i.get("system").text().is_some_and(&wanted));
    let Some(found) = found else {
        list.wrong(
            problems,
            ViolationCode::Missing,
            "must have both a SOR code and a GLN",
        );
        return None;
    };
    let value = found.get("value");
    parse(value.required(problems)?)
        .map_err(|error| value.wrong(problems, ViolationCode::BadFormat, error.reason))
        .ok()
}

/// The one patient, where a message of this kind has one.
pub(super) fn patient(
    kind: Option<MessageKind>,
    resources: &Resources<'_>,
    problems: &mut Problems,
) -> Option<Patient> {
    let mut patients = resources.of_kind("Patient");
    let Some(place) = patients.next() else {
        if kind.is_some_and(MessageKind::has_patient) {
            problems.push(
                "Bundle.entry",
                ViolationCode::Missing,
                "must have a Patient",
            );
        }
        return None;
    };
    if patients.next().is_some() {
        problems.push(
            "Bundle.entry",
            ViolationCode::TooMany,
            "must have only one Patient",
        );
    }
    let person = person(&place.get("identifier"), problems)?;
    let name = place.get("name").at(0);
    let sensitive = |text: &str| Sensitive::from(text.to_owned());
    Some(Patient {
        person,
        family: name.get("family").text().map(sensitive),
        given: name
            .get("given")
            .items()
            .iter()
            .filter_map(Place::text)
            .map(sensitive)
            .collect(),
        deceased: place.get("deceasedBoolean").flag().unwrap_or(false)
            || place.get("deceasedDateTime").is_there(),
    })
}

/// The first identifier whose system is one of person numbers.
fn person(list: &Place<'_>, problems: &mut Problems) -> Option<PersonNumber> {
    let mut first_error = None;
    for item in list.items() {
        let (Some(system), value) = (item.get("system").text(), item.get("value")) else {
            continue;
        };
        match PersonNumber::parse(system, value.text().unwrap_or_default()) {
            Ok(person) => return Some(person),
            Err(error) if error.field == "system" => {}
            Err(error) => first_error = first_error.or(Some((value, error.reason))),
        }
    }
    match first_error {
        Some((value, reason)) => value.wrong(problems, ViolationCode::BadFormat, reason),
        None => list.missing(problems),
    }
    None
}

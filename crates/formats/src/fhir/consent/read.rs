//! From bytes to [`Consent`].

use super::moment;
use super::provision;
use super::reference::Reference;
use super::{Consent, ConsentError, Profile, Provision};
use crate::Limits;
use crate::fhir::json;
use crate::fhir::parts::Place;
use crate::violation::{Problems, ViolationCode};

const SCOPE: &str = "http://terminology.hl7.org/CodeSystem/consentscope";
const LOINC: &str = "http://loinc.org";
const PROFILES: &str = "https://profiles.ihe.net/ITI/PCF/StructureDefinition/";
const MAX_PERFORMERS: usize = 10;
const MAX_POLICY: usize = 500;

/// Reads a FHIR R4 Consent in JSON by the rules of IHE PCF.
///
/// # Errors
/// The bytes are no JSON, no Consent, or the consent breaks rules (all of them are told, by their FHIR path).
pub fn parse_consent(bytes: &[u8], limits: &Limits) -> Result<Consent, ConsentError> {
    let value = json::parse(bytes, limits)?;
    let place = Place::new(&value, "Consent");
    if place.get("resourceType").text() != Some("Consent") {
        return Err(ConsentError::NotConsent);
    }
    let mut problems = Problems::default();
    fixed(&place, &mut problems);
    let consent = read(&place, &mut problems);
    if let Some(consent) = &consent {
        claimed(&place, consent.profile, &mut problems);
    }
    problems.finish(consent).map_err(ConsentError::Invalid)
}

fn read(place: &Place<'_>, problems: &mut Problems) -> Option<Consent> {
    let patient = Reference::read(&place.get("patient"), place, problems);
    let given = moment::read(&place.get("dateTime"), problems);
    let performers = performers(place, problems);
    let policy = policy(place, problems);
    let provision = provision::read(&place.get("provision"), place, true, problems)?;
    Some(Consent {
        profile: profile(&provision),
        patient: patient?,
        given: given?,
        performers,
        policy: policy?,
        provision,
    })
}

/// What every PCF consent says alike, and what none may say.
fn fixed(place: &Place<'_>, problems: &mut Problems) {
    let status = place.get("status");
    if status.text() != Some("active") {
        status.wrong(problems, ViolationCode::UnknownCode, "must be active");
    }
    let scope = place.get("scope");
    if !codes(&scope, SCOPE, "patient-privacy") {
        scope.wrong(
            problems,
            ViolationCode::UnknownCode,
            "must be patient-privacy",
        );
    }
    let category = place.get("category");
    if !category
        .items()
        .iter()
        .any(|category| codes(category, LOINC, "59284-0"))
    {
        category.wrong(problems, ViolationCode::Missing, "must have LOINC 59284-0");
    }
    if place.get("organization").items().is_empty() {
        place.get("organization").missing(problems);
    }
    let sources = ["sourceReference", "sourceAttachment"].map(|name| place.get(name).is_there());
    if sources == [false, false] {
        place.get("source[x]").missing(problems);
    }
    for name in [
        "verification",
        "policyRule",
        "modifierExtension",
        "implicitRules",
    ] {
        if place.get(name).is_there() {
            let message = "changes what a consent means, and is not read here";
            place
                .get(name)
                .wrong(problems, ViolationCode::Inconsistent, message);
        }
    }
}

fn codes(concept: &Place<'_>, system: &str, code: &str) -> bool {
    concept.get("coding").items().iter().any(|coding| {
        coding.get("system").text() == Some(system) && coding.get("code").text() == Some(code)
    })
}

fn performers(place: &Place<'_>, problems: &mut Problems) -> Vec<Reference> {
    let list = place.get("performer");
    let items = list.items();
    if items.is_empty() {
        list.missing(problems);
    }
    if items.len() > MAX_PERFORMERS {
        list.wrong(
            problems,
            ViolationCode::TooMany,
            "must have at most ten performers",
        );
    }
    items
        .iter()
        .take(MAX_PERFORMERS)
        .filter_map(|performer| Reference::read(performer, place, problems))
        .collect()
}

fn policy(place: &Place<'_>, problems: &mut Problems) -> Option<String> {
    let list = place.get("policy");
    if list.items().len() > 1 {
        list.wrong(problems, ViolationCode::TooMany, "must be one policy");
    }
    let uri = list.at(0).get("uri");
    let text = uri.required(problems)?;
    if text.len() > MAX_POLICY {
        uri.wrong(
            problems,
            ViolationCode::TooLong,
            "must have at most 500 bytes",
        );
        return None;
    }
    Some(text.to_owned())
}

fn profile(provision: &Provision) -> Profile {
    let rules = || std::iter::once(provision).chain(&provision.exceptions);
    if rules().any(|rule| !rule.labels.is_empty()) {
        Profile::Advanced
    } else if !provision.exceptions.is_empty()
        || rules().any(|rule| rule.data_period.is_some() || !rule.data.is_empty())
    {
        Profile::Intermediate
    } else {
        Profile::Basic
    }
}

/// A consent that says by which profile it is made says no more than that profile can.
fn claimed(place: &Place<'_>, needs: Profile, problems: &mut Problems) {
    let list = place.get("meta").get("profile");
    for item in list.items() {
        let claimed = match item.text().and_then(|url| url.strip_prefix(PROFILES)) {
            Some("IHE.PCF.consentBasic") => Profile::Basic,
            Some("IHE.PCF.consentIntermediate") => Profile::Intermediate,
            _ => continue,
        };
        if needs > claimed {
            let message = "the consent says more than this profile can";
            item.wrong(problems, ViolationCode::Inconsistent, message);
        }
    }
}

//! Who and what a consent refers to. A consent is read by itself, so a reference must say enough: by a business
//! identifier, or by a resource that the consent contains.

use uuid::Uuid;

use crate::fhir::parts::Place;
use crate::identifier::{AuthorisationId, IdentifierError, PersonNumber, SorCode, system};
use crate::violation::{Problems, ViolationCode};

/// How FHIR writes that an identifier is a URI (RFC 3986), such as `urn:uuid:…`.
const URI: &str = "urn:ietf:rfc:3986";
/// More identifiers than any resource of a consent has.
const MAX_IDENTIFIERS: usize = 20;

/// A reference, with the place where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// Where it stands: element names with indices.
    pub path: String,
    /// What it refers to.
    pub to: Referenced,
}

/// What a reference refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Referenced {
    /// A person, by person number.
    Patient(PersonNumber),
    /// A professional, by the authorisation register.
    Practitioner(AuthorisationId),
    /// An organisation, by SOR.
    Organization(SorCode),
    /// A document entry, by its entryUUID.
    Document(Uuid),
    /// A resource of another type, or one that the reference does not identify.
    Other(OtherReference),
}

/// A reference that leads to nothing with an identity here: its resource type, where it says one that FHIR has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OtherReference(Option<&'static str>);

impl OtherReference {
    /// The resource type, such as `Encounter`.
    #[must_use]
    pub const fn kind(self) -> Option<&'static str> {
        self.0
    }
}

/// The types that PCF refers to. A fixed list, so that no text of the input comes back in a message.
const KINDS: [&str; 14] = [
    "Patient",
    "Practitioner",
    "PractitionerRole",
    "Organization",
    "DocumentReference",
    "Encounter",
    "EpisodeOfCare",
    "CarePlan",
    "CareTeam",
    "Group",
    "RelatedPerson",
    "Device",
    "Observation",
    "Location",
];

impl Reference {
    /// Reads a reference; `consent` is where contained resources are.
    pub(super) fn read(
        place: &Place<'_>,
        consent: &Place<'_>,
        problems: &mut Problems,
    ) -> Option<Self> {
        if !place.is_there() {
            place.missing(problems);
            return None;
        }
        let text = place.get("reference").text().unwrap_or_default();
        let contained = text.strip_prefix('#').map(|id| contained(consent, id));
        if matches!(contained, Some(None)) {
            let message = "leads to no resource that the consent contains";
            place.wrong(problems, ViolationCode::BrokenReference, message);
            return None;
        }
        let contained = contained.flatten();
        let kind = match &contained {
            Some(resource) => known(resource.get("resourceType").text()),
            None => known(place.get("type").text()).or_else(|| known_in(text)),
        };
        let identifiers = match &contained {
            Some(resource) => resource.get("identifier").items(),
            None => vec![place.get("identifier")],
        };
        let to = match document(kind, text) {
            Some(document) => document,
            None => identified(kind, &identifiers, problems)?,
        };
        Some(Self {
            path: place.path().to_owned(),
            to,
        })
    }
}

fn contained<'a>(consent: &Place<'a>, id: &str) -> Option<Place<'a>> {
    let resources = consent.get("contained").items();
    resources
        .into_iter()
        .find(|resource| !id.is_empty() && resource.get("id").text() == Some(id))
}

fn known(kind: Option<&str>) -> Option<&'static str> {
    KINDS.into_iter().find(|known| Some(*known) == kind)
}

/// The type in `Type/id`, or in a URL that ends so.
fn known_in(reference: &str) -> Option<&'static str> {
    let mut parts = reference.rsplit('/');
    let _id = parts.next()?;
    known(parts.next())
}

/// A document by `urn:uuid:…` itself. Without a type it could be anything, so the type must be said.
fn document(kind: Option<&'static str>, reference: &str) -> Option<Referenced> {
    (kind == Some("DocumentReference")).then_some(())?;
    uuid(reference).map(Referenced::Document)
}

fn uuid(text: &str) -> Option<Uuid> {
    Uuid::try_parse(text.strip_prefix("urn:uuid:")?).ok()
}

/// The first identifier of a system that identifies this type; an identifier of the right system must be well-formed.
fn identified(
    kind: Option<&'static str>,
    identifiers: &[Place<'_>],
    problems: &mut Problems,
) -> Option<Referenced> {
    for identifier in identifiers.iter().take(MAX_IDENTIFIERS) {
        let (Some(system), field) = (identifier.get("system").text(), identifier.get("value"))
        else {
            continue;
        };
        let value = field.text().unwrap_or_default();
        match of(kind, system, value) {
            None => {}
            Some(Ok(found)) => return Some(found),
            Some(Err(reason)) => {
                field.wrong(problems, ViolationCode::BadFormat, reason);
                return None;
            }
        }
    }
    Some(Referenced::Other(OtherReference(kind)))
}

fn of(
    kind: Option<&'static str>,
    identifier_system: &str,
    value: &str,
) -> Option<Result<Referenced, &'static str>> {
    let reason = |error: IdentifierError| error.reason;
    match kind {
        Some("Patient" | "RelatedPerson") => match PersonNumber::parse(identifier_system, value) {
            Err(error) if error.field == "system" => None,
            read => Some(read.map(Referenced::Patient).map_err(reason)),
        },
        Some("Practitioner") if identifier_system == system::AUTHORISATION => {
            let read = AuthorisationId::parse(value);
            Some(read.map(Referenced::Practitioner).map_err(reason))
        }
        Some("Organization") if identifier_system == system::SOR => Some(
            SorCode::parse(value)
                .map(Referenced::Organization)
                .map_err(reason),
        ),
        Some("DocumentReference") if identifier_system == URI => {
            let read = uuid(value).map(Referenced::Document);
            Some(read.ok_or("must be urn:uuid: and a UUID"))
        }
        _ => None,
    }
}

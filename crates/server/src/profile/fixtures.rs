//! The sample data that comes with the program: organisations, professionals and the official Danish test persons.

use serde::Deserialize;
use serde_json::Value;

use super::ProfileError;
use super::folder::Folder;

/// Organisations and document sources, as one JSON object.
pub const DIRECTORY: &str = include_str!("../../fixtures/directory.json");
const PERSONS: &str = include_str!("../../fixtures/persons.json");
const PROFESSIONALS: &str = include_str!("../../fixtures/professionals.json");

pub(super) const ORGANISATIONS_FILE: &str = "organisations.json";
/// What the hub's directory knows of an organisation; the fixtures hold more, such as addresses.
const ORGANISATION_FIELDS: [&str; 9] = [
    "sor",
    "parent",
    "name",
    "sector",
    "kind",
    "ydernummer",
    "shak",
    "gln",
    "municipality_code",
];

/// A health professional or another person with a task, for whom a development token can be issued.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Professional {
    /// A short handle, such as `kard`.
    pub key: String,
    /// *Autorisations-ID*; `None` for those who hold no authorisation.
    pub authorisation_id: Option<String>,
    pub given: Vec<String>,
    pub family: String,
    pub role: RoleCode,
    /// SOR code of the place of work.
    pub organisation: String,
    pub organisation_name: String,
    /// CPR number, for those who can be somebody's helper: a delegation names a helper by it.
    #[serde(default)]
    pub cpr: Option<Masked>,
}

/// A test person's number, which is masked where it could be printed, as everybody's is.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Masked(pub String);

impl std::fmt::Debug for Masked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Masked")
    }
}

/// A role in its code system.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct RoleCode {
    pub system: String,
    pub code: String,
}

/// One of the official test persons.
#[derive(Clone, PartialEq, Eq, Deserialize)]
pub struct Person {
    /// The identifier's system, `urn:oid:1.2.208.176.1.2` for a CPR number.
    pub system: String,
    pub value: String,
    pub given: Vec<String>,
    pub family: String,
    /// ISO 8601.
    pub birth_date: String,
    /// Street, number, floor and door; none where the test person has no address.
    pub address_line: Option<String>,
    pub postal_code: Option<String>,
}

// By hand: an identifier of a person is masked wherever it could be printed, for test persons as well.
impl std::fmt::Debug for Person {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Person").finish_non_exhaustive()
    }
}

impl Professional {
    pub fn name(&self) -> String {
        full_name(&self.given, &self.family)
    }
}

impl Person {
    pub fn name(&self) -> String {
        full_name(&self.given, &self.family)
    }
}

fn full_name(given: &[String], family: &str) -> String {
    given
        .iter()
        .map(String::as_str)
        .chain([family])
        .collect::<Vec<_>>()
        .join(" ")
}

/// All sample professionals.
pub fn professionals() -> Result<Vec<Professional>, ProfileError> {
    parse(PROFESSIONALS)
}

/// All test persons.
pub fn persons() -> Result<Vec<Person>, ProfileError> {
    parse(PERSONS)
}

/// The professional with this handle.
pub fn professional(key: &str) -> Result<Option<Professional>, ProfileError> {
    Ok(professionals()?
        .into_iter()
        .find(|professional| professional.key == key))
}

/// The test person with this number.
pub fn person(value: &str) -> Result<Option<Person>, ProfileError> {
    Ok(persons()?.into_iter().find(|person| person.value == value))
}

/// Writes the organisations as the hub's directory reads them.
pub(super) fn write(folder: &Folder) -> Result<(), ProfileError> {
    folder.replace(ORGANISATIONS_FILE, organisations()?.as_bytes())
}

fn organisations() -> Result<String, ProfileError> {
    #[derive(Deserialize)]
    struct Fixture {
        organisations: Vec<serde_json::Map<String, Value>>,
    }
    let mut fixture: Fixture = parse(DIRECTORY)?;
    for organisation in &mut fixture.organisations {
        organisation.retain(|field, _| ORGANISATION_FIELDS.contains(&field.as_str()));
    }
    serde_json::to_string_pretty(&fixture.organisations)
        .map_err(|error| ProfileError::Fixture(error.to_string()))
}

fn parse<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, ProfileError> {
    serde_json::from_str(text).map_err(|error| ProfileError::Fixture(error.to_string()))
}

//! Who took part: the system that asked, the hub, the person, where they work, and whom they act under.

use serde_json::{Map, Value, json};

use super::{Coding, Description, Happening, Identifier};

const DCM: &str = "http://dicom.nema.org/resources/ontology/DCM";
const PARTICIPATION: &str = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType";

/// A system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// Its name in the log.
    pub who: Identifier,
    /// Where it is.
    pub network: Network,
}

impl Device {
    pub(super) fn reference(&self) -> Value {
        self.who.reference("Device")
    }
}

/// Where a system is in the network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Network {
    /// A URI.
    Uri(String),
    /// Something else that names it.
    Name(String),
    /// The log does not say.
    Unknown,
}

impl Network {
    fn to_json(&self) -> Value {
        match self {
            Self::Uri(uri) => json!({"address": uri, "type": "5"}),
            Self::Name(name) => json!({"address": name}),
            Self::Unknown => {
                let url = "http://hl7.org/fhir/StructureDefinition/data-absent-reason";
                json!({"extension": [{"url": url, "valueCode": "unknown"}]})
            }
        }
    }
}

/// A person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agent {
    /// The authorisation id, a citizen's key, or another id.
    pub who: Identifier,
    /// Whether the person is a patient, the own or another's.
    pub is_citizen: bool,
    /// As the token has it.
    pub name: Option<String>,
    /// What the person is, and how a citizen stands to another.
    pub roles: Vec<Coding>,
}

/// The role that a party has in what happened.
pub(super) struct Part(&'static str, &'static str, Option<&'static str>);

pub(super) const SOURCE: Part = Part(DCM, "110153", Some("Source Role ID"));
pub(super) const DESTINATION: Part = Part(DCM, "110152", Some("Destination Role ID"));
pub(super) const APPLICATION: Part = Part(DCM, "110150", Some("Application"));
pub(super) const AUTHORIZER: Part = Part(
    "http://terminology.hl7.org/CodeSystem/extra-security-role-type",
    "authserver",
    None,
);
pub(super) const RECIPIENT: Part = Part(PARTICIPATION, "IRCP", Some("information recipient"));
pub(super) const AUTHOR: Part = Part(PARTICIPATION, "AUT", Some("author (originator)"));
const RESPONSIBLE: Part = Part(PARTICIPATION, "RESP", Some("responsible party"));
const PROVIDER: Part = Part(
    "http://terminology.hl7.org/CodeSystem/v3-RoleClass",
    "PROV",
    None,
);

impl Part {
    fn to_json(&self) -> Value {
        let Self(system, code, display) = self;
        let mut coding = json!({"system": system, "code": code});
        if let (Some(display), Some(coding)) = (display, coding.as_object_mut()) {
            coding.insert("display".to_owned(), json!(display));
        }
        json!({"coding": [coding]})
    }
}

pub(super) fn list(event: &Description, happening: &Happening) -> Value {
    let mut agents = vec![client(event, happening), hub(event, happening)];
    if let Some(user) = &event.user {
        agents.push(person(event, user, &happening.user_part(), true));
    }
    if let Some(organisation) = &event.organisation {
        let who = organisation.reference("Organization");
        agents.push(json!({"type": PROVIDER.to_json(), "who": who, "requestor": false}));
    }
    if let Some(responsible) = &event.responsible {
        agents.push(person(event, responsible, &RESPONSIBLE, false));
    }
    Value::Array(agents)
}

/// The system asks on its own where nobody sits behind it.
fn client(event: &Description, happening: &Happening) -> Value {
    let mut agent = Map::new();
    agent.insert("type".to_owned(), happening.client_part().to_json());
    agent.insert("who".to_owned(), event.client.reference());
    agent.insert("requestor".to_owned(), json!(event.user.is_none()));
    agent.insert("network".to_owned(), event.client.network.to_json());
    if let Some(purpose) = event.purpose.as_ref().filter(|_| event.user.is_none()) {
        agent.insert("purposeOfUse".to_owned(), json!([purpose.to_json()]));
    }
    Value::Object(agent)
}

/// BALP's authorizer has no network; it is the source of the event.
fn hub(event: &Description, happening: &Happening) -> Value {
    let mut agent = Map::new();
    agent.insert("type".to_owned(), happening.hub_part().to_json());
    agent.insert("who".to_owned(), event.hub.reference());
    agent.insert("requestor".to_owned(), json!(false));
    if !happening.is_decision() {
        agent.insert("network".to_owned(), event.hub.network.to_json());
    }
    Value::Object(agent)
}

fn person(event: &Description, person: &Agent, part: &Part, requestor: bool) -> Value {
    let kind = if person.is_citizen {
        "Patient"
    } else {
        "Practitioner"
    };
    let mut agent = Map::new();
    agent.insert("type".to_owned(), part.to_json());
    if !person.roles.is_empty() {
        let roles = person
            .roles
            .iter()
            .map(|role| json!({"coding": [role.to_json()]}));
        agent.insert("role".to_owned(), roles.collect());
    }
    agent.insert("who".to_owned(), person.who.reference(kind));
    if let Some(name) = &person.name {
        agent.insert("name".to_owned(), json!(name));
    }
    agent.insert("requestor".to_owned(), json!(requestor));
    if let Some(purpose) = event.purpose.as_ref().filter(|_| requestor) {
        agent.insert("purposeOfUse".to_owned(), json!([purpose.to_json()]));
    }
    Value::Object(agent)
}

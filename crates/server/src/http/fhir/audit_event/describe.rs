//! Who, whom, why, when and how it ended, from an entry.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use delt_formats::fhir::audit_event::{
    Agent, Coding, Description, Device, Extension, Identifier, Network, Outcome, Purpose, URI,
};
use delt_formats::identifier::system;
use delt_ledger::{self as ledger, Entry, Person, PersonKind};

use super::uri;

const AUTHORISED: &str = "http://medcomfhir.dk/ig/terminology/CodeSystem/medcom-core-PractitionerRolesAutorisationsregistret";
const ADMINISTRATIVE: &str =
    "http://medcomfhir.dk/ig/terminology/CodeSystem/medcom-core-PractitionerRolesSKSadministrativ";
const NATIONAL: &str = "urn:dk:healthcare:national-federation-role";

/// What all events of an entry say alike.
pub(super) fn description(entry: &Entry, origin: &str) -> Description {
    let actor = &entry.actor;
    let person = actor.person.as_ref();
    Description {
        id: entry.id.clone(),
        recorded: entry.recorded_at.clone(),
        outcome: outcome(entry),
        outcome_words: entry.error_code.clone(),
        error: entry
            .error_code
            .as_ref()
            .map(|code| Coding::new(uri::ERROR, code)),
        purpose: entry.purpose.as_ref().map(|code| Purpose {
            code: code.clone(),
            words: entry.override_reason.as_deref().and_then(words),
        }),
        client: Device {
            who: Identifier::new(uri::SYSTEM, &actor.system),
            network: peer(actor.certificate_sha256.as_deref()),
        },
        hub: Device {
            who: Identifier::new(uri::LOG, origin),
            network: Network::Name(origin.to_owned()),
        },
        user: person.map(|person| agent(person, actor.relation.as_deref())),
        responsible: actor.responsible.as_ref().map(|person| agent(person, None)),
        organisation: person
            .and_then(|person| person.organisation.as_deref())
            .map(organisation),
        patient: patient(entry),
        request_id: entry.request_id.as_deref().and_then(words),
        documents: Vec::new(),
        extensions: vec![detail(entry)],
    }
}

/// FHIR has no empty strings.
fn words(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

fn outcome(entry: &Entry) -> Outcome {
    match (entry.outcome, entry.error_code.as_deref()) {
        (ledger::Outcome::Permitted, _) => Outcome::Success,
        (ledger::Outcome::Denied, _) => Outcome::SeriousFailure,
        (ledger::Outcome::Failed, Some("INTERNAL" | "STORE_UNAVAILABLE")) => Outcome::MajorFailure,
        (ledger::Outcome::Failed, _) => Outcome::MinorFailure,
    }
}

/// The log keeps no addresses: a system is known by its certificate, whose hash is a name by RFC 6920.
fn peer(sha256: Option<&str>) -> Network {
    let hash = sha256.and_then(bytes);
    hash.map_or(Network::Unknown, |hash| {
        Network::Uri(format!("ni:///sha-256;{}", URL_SAFE_NO_PAD.encode(hash)))
    })
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = hex.chars().map(|digit| digit.to_digit(16)).collect();
    let pairs = digits?;
    let pairs = pairs.chunks(2).map(|pair| match pair {
        [high, low] => u8::try_from(high << 4 | low).ok(),
        _ => None,
    });
    pairs.collect()
}

fn agent(person: &Person, relation: Option<&str>) -> Agent {
    let (ids, roles) = match person.kind {
        PersonKind::Authorisation => (system::AUTHORISATION, AUTHORISED),
        PersonKind::Citizen => (uri::PATIENT_KEY, uri::ROLE),
        PersonKind::NationalRole => (uri::SUBJECT, NATIONAL),
        PersonKind::Administrative => (uri::SUBJECT, ADMINISTRATIVE),
        PersonKind::Delt => (uri::SUBJECT, uri::ROLE),
    };
    let acting_for = relation.map(|relation| Coding::new(uri::RELATION, relation));
    Agent {
        who: Identifier::new(ids, &person.id),
        is_citizen: person.kind == PersonKind::Citizen,
        name: person.name.as_deref().and_then(words),
        roles: std::iter::once(Coding::new(roles, &person.role))
            .chain(acting_for)
            .collect(),
    }
}

fn organisation(id: &str) -> Identifier {
    match id.strip_prefix("sor:") {
        Some(code) => Identifier::new(system::SOR, code),
        None => Identifier::new(uri::TARGET, id),
    }
}

pub(super) fn patient(entry: &Entry) -> Option<Identifier> {
    entry.patient.as_deref().map(patient_key)
}

pub(super) fn patient_key(key: &str) -> Identifier {
    Identifier::new(uri::PATIENT_KEY, key)
}

pub(super) fn documents(entry: &Entry) -> Vec<Identifier> {
    entry.disclosed.iter().map(|id| target(id)).collect()
}

/// A UUID as a URN; a patient key as such; anything else in a system of Delt's own.
pub(super) fn target(id: &str) -> Identifier {
    let key = id.len() == 64 && id.bytes().all(|digit| digit.is_ascii_hexdigit());
    if key {
        patient_key(id)
    } else if uuid::Uuid::try_parse(id).is_ok() {
        Identifier::new(URI, format!("urn:uuid:{id}"))
    } else {
        Identifier::new(uri::TARGET, id)
    }
}

fn detail(entry: &Entry) -> Extension {
    let mut parts = vec![Extension::text("operation", &entry.operation)];
    let mut text = |name: &str, value: Option<&String>| {
        let value = value.filter(|value| !value.is_empty());
        parts.extend(value.map(|value| Extension::text(name, value)));
    };
    text("policyVersion", entry.policy_version.as_ref());
    text("traceId", entry.trace_id.as_ref());
    text(
        "systemOrganisation",
        entry.actor.system_organisation.as_ref(),
    );
    parts.extend(entry.grounds.iter().map(ground));
    parts.push(Extension::count("withheld", entry.withheld));
    parts.extend(entry.withheld_reasons.iter().map(|(reason, count)| {
        let parts = vec![
            Extension::text("reason", reason),
            Extension::count("count", *count),
        ];
        Extension::parts("withheldReason", parts)
    }));
    Extension::parts(uri::DETAIL, parts)
}

fn ground(ground: &ledger::Ground) -> Extension {
    let mut parts = vec![Extension::text("rule", &ground.rule)];
    let named = [("reference", &ground.reference), ("detail", &ground.detail)];
    for (name, value) in named {
        let value = value.as_ref().filter(|value| !value.is_empty());
        parts.extend(value.map(|value| Extension::text(name, value)));
    }
    Extension::parts("ground", parts)
}

//! The people of the development profile, as `--as` names them, and the systems they work in.

use std::str::FromStr;

use serde::Deserialize;

use super::failure::Failure;
use crate::profile::{self, Holder, SYSTEMS, SampleSystem};

/// Where citizens log in.
const PORTAL: &str = "sundhedsportal";
/// Where those who follow up on accesses work.
const FOLLOW_UP: &str = "tilsyn";
/// Where the hub is run from.
const OPERATION: &str = "operator-cli";
/// Deeper than any organisation stands.
const MAX_DEPTH: usize = 32;

/// `KEY`, a test person's number, or `ACTING/OTHER[/RELATION]`.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Who {
    acting: String,
    other: Option<String>,
    relation: Option<String>,
}

impl Who {
    /// A citizen about the own record.
    pub(super) fn citizen(number: &str) -> Self {
        Self {
            acting: number.to_owned(),
            other: None,
            relation: None,
        }
    }

    /// The sample auditor.
    pub(super) fn auditor() -> Self {
        Self::citizen("auditor")
    }

    /// The sample operator.
    pub(super) fn operator() -> Self {
        Self::citizen("operator")
    }

    /// Who this is in the sample data.
    pub(super) fn holder(&self) -> Result<Holder, Failure> {
        if let Some(acting) = profile::professional(&self.acting)? {
            let Some(other) = &self.other else {
                return Ok(Holder::Professional(acting));
            };
            let responsible = profile::professional(other)?.ok_or_else(unknown)?;
            return Ok(Holder::Helper {
                acting,
                responsible,
            });
        }
        let acting = profile::person(&self.acting)?.ok_or_else(unknown)?;
        let Some(other) = &self.other else {
            return Ok(Holder::Citizen(acting));
        };
        let other = profile::person(other)?.ok_or_else(unknown)?;
        let relation = self
            .relation
            .clone()
            .unwrap_or_else(|| "custody".to_owned());
        Ok(Holder::CitizenFor {
            acting,
            other,
            relation,
        })
    }
}

impl FromStr for Who {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text
            .split('/')
            .map(|part| (!part.is_empty()).then(|| part.to_owned()));
        let acting = parts.next().flatten().ok_or("nobody is named")?;
        let (other, relation) = (parts.next(), parts.next());
        if parts.next().is_some() || other == Some(None) || relation == Some(None) {
            return Err("write WHO, ACTING/OTHER or ACTING/OTHER/RELATION");
        }
        let relation = relation.flatten();
        match relation.as_deref() {
            None | Some("custody" | "guardian" | "proxy") => {}
            Some(_) => return Err("the relation is custody, guardian or proxy"),
        }
        Ok(Self {
            acting,
            other: other.flatten(),
            relation,
        })
    }
}

// By hand: it may be a person number.
impl std::fmt::Debug for Who {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Who(…)")
    }
}

fn unknown() -> Failure {
    let keys = profile::professionals().unwrap_or_default();
    let keys: Vec<&str> = keys
        .iter()
        .map(|professional| professional.key.as_str())
        .collect();
    Failure::usage("nobody of that name or number is in the sample data").hint(format!(
        "the professionals are {}; a citizen is named by an official test person's number",
        keys.join(", ")
    ))
}

/// The system that somebody works in.
pub(super) fn system_of(holder: &Holder) -> Result<&'static str, Failure> {
    match holder {
        Holder::Citizen(_) | Holder::CitizenFor { .. } => Ok(PORTAL),
        Holder::Professional(person) if person.role.code == "operator" => Ok(OPERATION),
        Holder::Professional(person) if person.authorisation_id.is_none() => Ok(FOLLOW_UP),
        Holder::Professional(person) | Holder::Helper { acting: person, .. } => {
            system_for(&person.organisation)
        }
    }
}

/// The system that acts for an organisation: one that people work in rather than one that holds documents.
pub(super) fn system_for(sor: &str) -> Result<&'static str, Failure> {
    let above = with_those_above(sor)?;
    let acts = |system: &&SampleSystem| {
        system.kinds.contains(&"consumer")
            && system
                .organisations
                .iter()
                .any(|own| above.iter().any(|sor| sor == own))
    };
    let mut acting: Vec<&SampleSystem> = SYSTEMS.iter().filter(acts).collect();
    acting.sort_by_key(|system| system.repository.is_some());
    acting.first().map(|system| system.id).ok_or_else(|| {
        let ids: Vec<&str> = SYSTEMS.iter().map(|system| system.id).collect();
        Failure::usage("no sample system acts for that organisation")
            .hint(format!("choose one with --system: {}", ids.join(", ")))
    })
}

/// The organisation and those it belongs to.
fn with_those_above(sor: &str) -> Result<Vec<String>, Failure> {
    #[derive(Deserialize)]
    struct Sample {
        organisations: Vec<Unit>,
    }
    #[derive(Deserialize)]
    struct Unit {
        sor: String,
        parent: Option<String>,
    }
    let sample: Sample = serde_json::from_str(profile::DIRECTORY)
        .map_err(|_| Failure::new("the sample directory of the program does not parse"))?;
    let parent = |sor: &String| {
        sample
            .organisations
            .iter()
            .find(|unit| unit.sor == *sor)
            .and_then(|unit| unit.parent.clone())
    };
    Ok(std::iter::successors(Some(sor.to_owned()), parent)
        .take(MAX_DEPTH)
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn system(who: &str) -> &'static str {
        system_of(&who.parse::<Who>().unwrap().holder().unwrap()).unwrap()
    }

    #[test]
    fn everybody_works_in_a_system() {
        assert_eq!(system("gp"), "gp-testby");
        assert_eq!(system("kard"), "ehr-hovedstaden");
        assert_eq!(system("orto"), "ejournal-midtjylland");
        assert_eq!(system("sosu"), "kommune-testby");
        assert_eq!(system("sosu/gp"), "kommune-testby");
        assert_eq!(system("auditor"), "tilsyn");
        assert_eq!(system("operator"), "operator-cli");
        assert_eq!(system("0201609996"), "sundhedsportal");
        assert_eq!(system("0201609996/0505159995/proxy"), "sundhedsportal");
    }

    #[test]
    fn where_no_system_acts_it_must_be_said() {
        let failure = system_for("990901000016005").unwrap_err();
        assert!(failure.text().contains("--system"), "{}", failure.text());
        assert!(system_for("nowhere").is_err());
    }

    #[test]
    fn who_is_not_there_is_said_without_the_name() {
        let nobody: Who = "0101000000".parse().unwrap();
        let text = nobody.holder().unwrap_err().text();
        assert!(text.contains("kard") && !text.contains("0101000000"));
        for wrong in ["", "/", "a/", "a/b/c", "a/b/custody/x", "a//custody"] {
            assert!(wrong.parse::<Who>().is_err(), "{wrong}");
        }
    }
}

//! From the `subject_role` codes of a token to the standing of the person.

use super::claims::Coding;
use super::token::invalid;
use crate::error::Result;
use delt_policy::SystemKind;
use std::collections::BTreeMap;

const MEDCOM_AUTHORISED: &str = "http://medcomfhir.dk/ig/terminology/CodeSystem/medcom-core-PractitionerRolesAutorisationsregistret";
const MEDCOM_ADMINISTRATIVE: &str =
    "http://medcomfhir.dk/ig/terminology/CodeSystem/medcom-core-PractitionerRolesSKSadministrativ";
const NATIONAL: &str = "urn:dk:healthcare:national-federation-role";
const DELT: &str = "urn:delt:role";

/// `MedCom`'s codes of authorised professions, medcom-core-PractitionerRolesAutorisationsregistret.
const AUTHORISED: [&str; 19] = [
    "ambulancebehandler",
    "bandagist",
    "behandlerfarmaceut",
    "bioanalytiker",
    "ergoterapeut",
    "fodterapeut",
    "fysioterapeut",
    "jordemoder",
    "kiropraktor",
    "kliniskdiaetist",
    "klinisktandtekniker",
    "laege",
    "optikerogoptometrist",
    "osteopat",
    "radiograf",
    "socialogsundhedsassistent",
    "sygeplejerske",
    "tandlaege",
    "tandplejer",
];

/// The authorisation register's education codes and the `MedCom` codes that mean the same.
const EDUCATIONS: [(&str, &str); 15] = [
    ("4498", "optikerogoptometrist"),
    ("5151", "fysioterapeut"),
    ("5153", "ergoterapeut"),
    ("5155", "fodterapeut"),
    ("5158", "radiograf"),
    ("5159", "bioanalytiker"),
    ("5166", "sygeplejerske"),
    ("5175", "jordemoder"),
    ("5265", "kiropraktor"),
    ("5431", "tandplejer"),
    ("5432", "klinisktandtekniker"),
    ("5433", "tandlaege"),
    ("5451", "kliniskdiaetist"),
    ("7170", "laege"),
    ("9495", "bandagist"),
];

/// Other spellings of the authorised professions, by code. Starts with the register's numeric education codes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleAliases(BTreeMap<String, String>);

impl Default for RoleAliases {
    fn default() -> Self {
        Self(
            EDUCATIONS
                .iter()
                .map(|(from, to)| ((*from).to_owned(), (*to).to_owned()))
                .collect(),
        )
    }
}

impl RoleAliases {
    /// Replaces the table. An empty one accepts `MedCom`'s own codes only.
    ///
    /// # Errors
    /// The aliases whose target is no `MedCom` code of an authorised profession.
    pub fn new(table: BTreeMap<String, String>) -> std::result::Result<Self, Vec<String>> {
        let problems: Vec<_> = table
            .iter()
            .filter(|(_, to)| !is_profession(to))
            .map(|(from, to)| format!("role alias {from}: {to} is no authorised profession"))
            .collect();
        if problems.is_empty() {
            Ok(Self(table))
        } else {
            Err(problems)
        }
    }

    /// `MedCom`'s code of an authorised profession; its code system does not mind case.
    fn profession(&self, code: &str) -> Result<String> {
        let code = code.to_ascii_lowercase();
        let code = self.0.get(&code).unwrap_or(&code);
        if is_profession(code) {
            Ok(code.clone())
        } else {
            Err(invalid("`subject_role` names an unknown profession"))
        }
    }
}

/// What kind of person the issuer vouches for, before the other claims that go with it have been looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Standing {
    Professional(String),
    Administrative(String),
    NationalRole(String),
    Citizen,
    Auditor,
    DataProtectionOfficer,
    Operator,
    /// No person at all: the token speaks for the system, as one of this kind.
    System(SystemKind),
}

/// The one standing of this session. Codes of systems that Delt does not know are passed over; two different standings
/// are refused, since nobody could say afterwards in which of them the person acted.
pub(super) fn standing(roles: &[Coding], aliases: &RoleAliases) -> Result<Standing> {
    let mut found: Option<Standing> = None;
    for role in roles {
        let Some(next) = read(role, aliases)? else {
            continue;
        };
        if found.as_ref().is_some_and(|f| *f != next) {
            return Err(invalid("`subject_role` names more than one role"));
        }
        found = Some(next);
    }
    found.ok_or_else(|| invalid("`subject_role` names no role that is known here"))
}

fn read(role: &Coding, aliases: &RoleAliases) -> Result<Option<Standing>> {
    Ok(Some(match role.system.as_str() {
        MEDCOM_AUTHORISED => Standing::Professional(aliases.profession(&role.code)?),
        MEDCOM_ADMINISTRATIVE => Standing::Administrative(code(&role.code.to_ascii_lowercase())?),
        NATIONAL => Standing::NationalRole(code(national_name(&role.code))?),
        DELT => own_role(&role.code)?,
        _ => return Ok(None),
    }))
}

fn own_role(code: &str) -> Result<Standing> {
    match code {
        "citizen" => Ok(Standing::Citizen),
        "auditor" => Ok(Standing::Auditor),
        "data-protection-officer" => Ok(Standing::DataProtectionOfficer),
        "operator" => Ok(Standing::Operator),
        "source-system" => Ok(Standing::System(SystemKind::Source)),
        "register-system" => Ok(Standing::System(SystemKind::Register)),
        _ => Err(invalid("`subject_role` names an unknown role of this hub")),
    }
}

/// The name alone, whether or not the code repeats its system.
fn national_name(code: &str) -> &str {
    code.strip_prefix(NATIONAL)
        .and_then(|rest| rest.strip_prefix(':'))
        .unwrap_or(code)
}

fn code(text: &str) -> Result<String> {
    let fits = (1..=64).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if fits {
        Ok(text.to_owned())
    } else {
        Err(invalid("`subject_role` holds no code"))
    }
}

/// The profession of a responsible professional: what the token says, else what the settings assume. With neither it
/// stays unsaid, and the role rules give nothing to a role that they do not name.
pub(super) fn responsible_role(
    said: Option<&Coding>,
    aliases: &RoleAliases,
    assumed: Option<&str>,
) -> Result<String> {
    match said {
        None => Ok(assumed.unwrap_or_default().to_owned()),
        Some(role) if role.system == MEDCOM_AUTHORISED => aliases.profession(&role.code),
        Some(_) => Err(invalid("`on_behalf_of` names no authorised profession")),
    }
}

/// Whether this is `MedCom`'s code of an authorised profession.
pub(super) fn is_profession(code: &str) -> bool {
    AUTHORISED.contains(&code)
}

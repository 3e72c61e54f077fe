//! Sender and receiver.

use super::values::gln;
use crate::identifier::{Gln, IdentifierError, Shak, SorCode, Ydernummer};
use crate::violation::{Problems, ViolationCode};
use crate::xml::Field;

/// A sender or receiver of a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    /// The location number that messages go to.
    pub gln: Gln,
    /// The organisation's own identifier.
    pub identifier: Option<OrganisationId>,
    /// The organisation.
    pub organisation_name: Option<String>,
    /// The department.
    pub department_name: Option<String>,
    /// The unit or ward.
    pub unit_name: Option<String>,
    /// Street and number.
    pub street_name: Option<String>,
    /// Post code.
    pub post_code: Option<String>,
    /// Town.
    pub district_name: Option<String>,
    /// Telephone.
    pub telephone: Option<String>,
    /// The medical specialty, such as `kardiologi`.
    pub specialty: Option<String>,
}

/// An identifier of an organisation, by its `IdentifierCode`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OrganisationId {
    /// `sygehusafdelingsnummer`.
    Shak(Shak),
    /// `ydernummer`.
    Ydernummer(Ydernummer),
    /// `sorkode`.
    Sor(SorCode),
    /// `lokationsnummer`.
    Gln(Gln),
    /// `kommunenummer`: three or four digits.
    Municipality(String),
    /// Any other code.
    Other {
        /// The `IdentifierCode`.
        code: String,
        /// The `Identifier`.
        value: String,
    },
}

impl Party {
    pub(super) fn read(field: &Field<'_>, problems: &mut Problems) -> Option<Self> {
        let text = |name| field.child(name).text();
        let gln = gln(&field.child("EANIdentifier"), problems);
        let identifier = identifier(field, problems);
        Some(Self {
            gln: gln?,
            identifier,
            organisation_name: text("OrganisationName"),
            department_name: text("DepartmentName"),
            unit_name: text("UnitName"),
            street_name: text("StreetName"),
            post_code: text("PostCodeIdentifier"),
            district_name: text("DistrictName"),
            telephone: text("TelephoneSubscriberIdentifier"),
            specialty: text("MedicalSpecialityCode"),
        })
    }
}

fn identifier(field: &Field<'_>, problems: &mut Problems) -> Option<OrganisationId> {
    let value = field.child("Identifier").text()?;
    let code = field.child("IdentifierCode").required(problems)?;
    organisation_id(code, value)
        .map_err(|error| {
            problems.push(
                field.child("Identifier").path(),
                ViolationCode::BadFormat,
                error.reason,
            );
        })
        .ok()
}

fn organisation_id(code: String, value: String) -> Result<OrganisationId, IdentifierError> {
    Ok(match code.as_str() {
        "sygehusafdelingsnummer" => OrganisationId::Shak(Shak::parse(&value)?),
        "ydernummer" => OrganisationId::Ydernummer(Ydernummer::parse(&value)?),
        "sorkode" => OrganisationId::Sor(SorCode::parse(&value)?),
        "lokationsnummer" => OrganisationId::Gln(Gln::parse(&value)?),
        "kommunenummer" if is_municipality(&value) => OrganisationId::Municipality(value),
        "kommunenummer" => {
            return Err(IdentifierError::new(
                "kommunenummer",
                "must have three or four digits",
            ));
        }
        _ => OrganisationId::Other { code, value },
    })
}

fn is_municipality(value: &str) -> bool {
    matches!(value.len(), 3 | 4) && value.bytes().all(|b| b.is_ascii_digit())
}

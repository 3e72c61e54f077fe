//! SOR codes in the directory files: bare digits, as the register writes them.

use delt_formats::identifier::SorCode;
use delt_policy::OrganisationId;
use serde::Deserialize;
use serde::de::{Deserializer, Error};

pub(super) fn one<'de, D: Deserializer<'de>>(deserializer: D) -> Result<OrganisationId, D::Error> {
    parse(&String::deserialize(deserializer)?)
}

pub(super) fn optional<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<OrganisationId>, D::Error> {
    Option::<String>::deserialize(deserializer)?
        .as_deref()
        .map(parse)
        .transpose()
}

pub(super) fn many<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<OrganisationId>, D::Error> {
    Vec::<String>::deserialize(deserializer)?
        .iter()
        .map(|text| parse(text))
        .collect()
}

fn parse<E: Error>(text: &str) -> Result<OrganisationId, E> {
    let code = SorCode::parse(text).map_err(E::custom)?;
    OrganisationId::sor(code.as_str()).map_err(E::custom)
}

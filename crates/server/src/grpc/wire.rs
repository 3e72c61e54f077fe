//! Conversions that several services share. Reading is fallible and names the field; writing is total.

use delt_formats::identifier::PersonNumber;
use delt_hub::{Error, Result, audit::Receipt, clock::Micros, organisation::Directory};
use delt_policy::{Ground, OrganisationId, OverrideGround};
use delt_proto::common::v1 as common;
use prost_types::Timestamp;
use uuid::Uuid;

/// A moment on the wire.
pub(crate) fn timestamp(at: Micros) -> Timestamp {
    let nanos = at.rem_euclid(1_000_000) * 1_000;
    Timestamp {
        seconds: at.div_euclid(1_000_000),
        nanos: i32::try_from(nanos).unwrap_or_default(),
    }
}

/// Reads a moment between the years 1800 and 2200; what is finer than a microsecond is cut off.
pub(crate) fn micros(field: &str, at: &Timestamp) -> Result<Micros> {
    const YEAR_1800: i64 = -5_364_662_400;
    const YEAR_2200: i64 = 7_258_118_400;
    let wrong = || Error::invalid(field, "is not a time between the years 1800 and 2200");
    if !(YEAR_1800..YEAR_2200).contains(&at.seconds) || !(0..1_000_000_000).contains(&at.nanos) {
        return Err(wrong());
    }
    Ok(at.seconds * 1_000_000 + i64::from(at.nanos) / 1_000)
}

/// Reads an optional moment.
pub(crate) fn optional_micros(field: &str, at: Option<&Timestamp>) -> Result<Option<Micros>> {
    at.map(|at| micros(field, at)).transpose()
}

/// Reads a period; `start` must not lie after `end`.
pub(crate) fn period(
    field: &str,
    period: Option<&common::Period>,
) -> Result<(Option<Micros>, Option<Micros>)> {
    let Some(period) = period else {
        return Ok((None, None));
    };
    let start = optional_micros(&format!("{field}.start"), period.start.as_ref())?;
    let end = optional_micros(&format!("{field}.end"), period.end.as_ref())?;
    match (start, end) {
        (Some(start), Some(end)) if start > end => {
            Err(Error::invalid(field, "ends before it starts"))
        }
        bounds => Ok(bounds),
    }
}

/// A period on the wire.
pub(crate) fn to_period(start: Option<Micros>, end: Option<Micros>) -> common::Period {
    common::Period {
        start: start.map(timestamp),
        end: end.map(timestamp),
    }
}

/// Reads a person number. The error never contains it.
pub(crate) fn person(field: &str, id: Option<&common::Identifier>) -> Result<PersonNumber> {
    let id = id.ok_or_else(|| Error::invalid(field, "is required"))?;
    PersonNumber::parse(&id.system, &id.value).map_err(|error| {
        // The codec names the kind of number where the value is at fault; the wire has one field for all kinds.
        let part = if error.field == "system" {
            "system"
        } else {
            "value"
        };
        Error::invalid(format!("{field}.{part}"), error.reason)
    })
}

/// A person number on the wire.
pub(crate) fn identifier(number: &PersonNumber) -> common::Identifier {
    common::Identifier {
        system: number.system().to_owned(),
        value: number.value().to_owned(),
    }
}

/// Reads a UUID in its usual form.
pub(crate) fn uuid(field: &str, text: &str) -> Result<Uuid> {
    Some(text)
        .filter(|text| text.len() == 36)
        .and_then(|text| Uuid::try_parse(text).ok())
        .ok_or_else(|| Error::invalid(field, "must be a UUID such as 7d1f…-…, 36 characters"))
}

/// Reads a SOR code.
pub(crate) fn organisation(field: &str, sor: &str) -> Result<OrganisationId> {
    OrganisationId::sor(sor).map_err(|_| Error::invalid(field, "must be a SOR code, digits only"))
}

/// Reads an organisation by any of its names: a SOR code, or `shak:`, `ydernummer:` or `gln:` and that code, which the directory maps to SOR.
pub(crate) fn place(field: &str, text: &str, directory: &Directory) -> Result<OrganisationId> {
    directory
        .named(text)
        .map_err(|problem| Error::invalid(field, problem.to_string()))
}

/// Holds a text against its longest length in characters.
pub(crate) fn bounded(field: &str, text: String, longest: usize) -> Result<String> {
    if text.chars().count() > longest {
        return Err(Error::invalid(
            field,
            format!("is longer than {longest} characters"),
        ));
    }
    Ok(text)
}

/// Holds a list against its longest length.
pub(crate) fn at_most<T>(field: &str, list: Vec<T>, longest: usize) -> Result<Vec<T>> {
    if list.len() > longest {
        return Err(Error::invalid(
            field,
            format!("has more than {longest} items"),
        ));
    }
    Ok(list)
}

/// An audit receipt on the wire.
pub(crate) fn receipt(receipt: &Receipt) -> common::AuditReceipt {
    common::AuditReceipt {
        entry_id: receipt.entry_id().to_string(),
        leaf_hash: receipt.leaf_hash().as_bytes().to_vec().into(),
        recorded_time: Some(timestamp(receipt.recorded_at())),
        promised_time: Some(timestamp(receipt.promised_by())),
        signed_note: receipt.signed_note().to_owned(),
    }
}

/// Grounds on the wire.
pub(crate) fn grounds(grounds: &[Ground]) -> Vec<common::Ground> {
    grounds
        .iter()
        .map(|ground| common::Ground {
            rule: ground.rule.as_str().to_owned(),
            reference: ground.reference.clone(),
            detail: ground.detail.clone(),
        })
        .collect()
}

/// An empty text on the wire is one that was not given.
pub(crate) fn optional(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

/// Reads the caller's own id of the request, where there is one.
pub(crate) fn request_id(text: &str) -> Result<Option<Uuid>> {
    optional(text)
        .map(|text| uuid("request_id", text))
        .transpose()
}

/// A hash on the wire, 32 bytes.
pub(crate) fn hash(hash: &delt_ledger::Hash) -> bytes::Bytes {
    hash.as_bytes().to_vec().into()
}

/// Reads a page size: 100 where none is given, at most `longest`.
pub(crate) fn page_size(asked: impl TryInto<u32>, longest: u32) -> Result<usize> {
    let wrong = || Error::invalid("page_size", format!("must be 0 to {longest}"));
    let asked = asked.try_into().map_err(|_| wrong())?;
    let size = if asked == 0 { longest.min(100) } else { asked };
    if size > longest {
        return Err(wrong());
    }
    usize::try_from(size).map_err(|_| wrong())
}

/// The lawful ground of a break-glass; none where the request names none.
pub(crate) const fn override_ground(ground: common::OverrideGround) -> Option<OverrideGround> {
    match ground {
        common::OverrideGround::Unspecified => None,
        common::OverrideGround::CitizenLiftsBlock => Some(OverrideGround::CitizenLiftsBlock),
        common::OverrideGround::EssentialConsideration => {
            Some(OverrideGround::EssentialConsideration)
        }
    }
}

/// The lawful ground of a break-glass on the wire.
pub(crate) const fn to_override_ground(ground: Option<OverrideGround>) -> common::OverrideGround {
    match ground {
        None => common::OverrideGround::Unspecified,
        Some(OverrideGround::CitizenLiftsBlock) => common::OverrideGround::CitizenLiftsBlock,
        Some(OverrideGround::EssentialConsideration) => {
            common::OverrideGround::EssentialConsideration
        }
    }
}

/// A UUID that may be missing, as a text.
pub(crate) fn to_optional(id: Option<Uuid>) -> String {
    id.map(|id| id.to_string()).unwrap_or_default()
}

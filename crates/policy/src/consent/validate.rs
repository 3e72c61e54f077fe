//! Whether a new consent is one that the hub may keep.

use time::{Date, Month, OffsetDateTime};

use super::{Consent, ConsentKind, Origin, Who};
use crate::{Micros, OrganisationTree};

/// How many document types one consent may name.
const MAX_DOCUMENT_TYPES: usize = 64;
/// How long a type code may be.
const MAX_TYPE_CODE: usize = 64;

/// What is wrong with a new consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {problem}")]
pub struct ConsentInvalid {
    /// The path of the field, such as `what.period`.
    pub field: &'static str,
    /// What is wrong with it, for the one who wrote it.
    pub problem: &'static str,
}

fn require(holds: bool, field: &'static str, problem: &'static str) -> Result<(), ConsentInvalid> {
    holds.then_some(()).ok_or(ConsentInvalid { field, problem })
}

impl Consent {
    /// Checks a consent before it is kept, against the directory of organisations.
    pub fn check(&self, tree: &OrganisationTree) -> Result<(), ConsentInvalid> {
        self.check_validity()?;
        self.check_what()?;
        check_place(self.what.origin.as_ref(), "what.origin.organisation", tree)?;
        match &self.who {
            Who::Organisation(place) => check_place(Some(place), "who.organisation", tree),
            Who::All | Who::Person(_) => Ok(()),
        }
    }

    fn check_validity(&self) -> Result<(), ConsentInvalid> {
        let start = moment(self.valid_from);
        require(
            start.is_some(),
            "valid_from",
            "is not a moment in a calendar",
        )?;
        require(
            self.ended_at.is_none(),
            "ended_at",
            "a new consent has not ended",
        )?;
        let Some(until) = self.valid_until else {
            return require(
                self.kind != ConsentKind::Positive,
                "valid_until",
                "a permit must end",
            );
        };
        require(
            self.valid_from < until,
            "valid_until",
            "must be after valid_from",
        )?;
        let latest = start.and_then(one_year_after);
        let short_enough = moment(until).is_some_and(|until| Some(until) <= latest);
        require(
            self.kind != ConsentKind::Positive || short_enough,
            "valid_until",
            "a permit ends at most one year after it starts",
        )
    }

    fn check_what(&self) -> Result<(), ConsentInvalid> {
        let types = &self.what.document_types;
        require(
            types.len() <= MAX_DOCUMENT_TYPES,
            "what.document_types",
            "at most 64 types",
        )?;
        require(
            types
                .iter()
                .all(|code| !code.trim().is_empty() && code.len() <= MAX_TYPE_CODE),
            "what.document_types",
            "a type code has 1 to 64 characters",
        )?;
        let Some(period) = self.what.period else {
            return Ok(());
        };
        let from = period.from.unwrap_or(Micros::MIN);
        let to = period.to.unwrap_or(Micros::MAX);
        require(from <= to, "what.period", "ends before it starts")
    }
}

/// A place that the directory does not know is refused: nothing could later be shown to lie outside it.
fn check_place(
    place: Option<&Origin>,
    field: &'static str,
    tree: &OrganisationTree,
) -> Result<(), ConsentInvalid> {
    require(
        place.is_none_or(|place| tree.contains(&place.organisation)),
        field,
        "is not an organisation in the directory",
    )
}

fn moment(at: Micros) -> Option<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(at) * 1_000).ok()
}

/// The same day next year; from 29 February it is 1 March.
fn one_year_after(start: OffsetDateTime) -> Option<OffsetDateTime> {
    let year = start.year().checked_add(1)?;
    start
        .replace_year(year)
        .ok()
        .or_else(|| Some(start.replace_date(Date::from_calendar_date(year, Month::March, 1).ok()?)))
}

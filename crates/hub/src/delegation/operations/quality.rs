//! The management's permission for quality work at its own place of treatment (Sundhedsloven § 42 d).

use std::collections::BTreeMap;

use delt_policy::{
    Action, AuthorisationId, Micros, OrganisationId, QualityPermission, Scope,
    delegation::years_after,
};
use uuid::Uuid;

use super::{is_over, note_period};
use crate::{
    Error, Result, audit,
    delegation::{KeptPermission, rows::permissions as rows},
    entropy,
    error::code,
    operation::{Context, Effect, Found, Operation, Sealed, Subject},
    store::Tx,
};

/// How long one decision of the management lasts at most. The law sets no period; a year makes the management look again.
const YEARS: i32 = 1;
/// Longest reference of the management's decision, in characters.
const REFERENCE_MAX: usize = 64;

/// Permits one professional to look at a place's own data for quality work.
#[derive(Debug, Clone)]
pub struct RegisterQualityPermission {
    /// One that the calling system is registered for, or an underlying unit.
    pub organisation: OrganisationId,
    /// Whom it permits.
    pub person: AuthorisationId,
    /// The management's own reference of its decision: 1 to 64 characters, no person number.
    pub reference: String,
    /// From now where none is given.
    pub from: Option<Micros>,
    /// One year after the start at most.
    pub until: Micros,
    /// The caller's own id of the request: a retry with the same one answers the same.
    pub request_id: Option<Uuid>,
}

impl Sealed for RegisterQualityPermission {}

impl Operation for RegisterQualityPermission {
    type Outcome = KeptPermission;
    const ACTION: Action = Action::RegisterQualityPermission;
    const EFFECT: Effect = Effect::Writes;

    fn subject(&self) -> Subject {
        let authorisation = self.person.as_str().to_owned();
        let mut filters = BTreeMap::from([("authorisation".to_owned(), authorisation)]);
        note_period(&mut filters, self.from, Some(self.until));
        Subject {
            filters,
            ..at(&self.organisation)
        }
    }

    async fn run(
        &self,
        scope: &Scope,
        tx: &mut Tx<'_>,
        cx: &Context,
    ) -> Result<Found<KeptPermission>> {
        check_management(cx)?;
        if !scope.may_write_for(&self.organisation) {
            return Err(Error::new(code::FOREIGN_ORGANISATION));
        }
        let kept = self.kept(cx)?;
        check(&kept, cx)?;
        let id = kept.permission.id;
        if rows::insert(tx, &kept, &cx.caller.party().system.id).await? {
            return Ok(Found::new(kept).on(&id));
        }
        rows::of_place(tx, &self.organisation)
            .await?
            .into_iter()
            .find(|earlier| earlier.permission.id == id && self.asked_for(earlier))
            .map(|earlier| Found::new(earlier).on(&id))
            .ok_or(Error::new(code::REQUEST_ID_REUSED))
    }
}

/// The management speaks through its own system. In a user's session it would be the user who permits it, perhaps to themself.
fn check_management(cx: &Context) -> Result<()> {
    match cx.caller.party().person {
        None => Ok(()),
        Some(_) => Err(Error::new(code::ACCESS_DENIED)
            .with_message("the management's system says this by itself, with no user behind it")),
    }
}

/// What is about a place.
fn at(organisation: &OrganisationId) -> Subject {
    Subject {
        organisations: vec![organisation.clone()],
        ..Subject::default()
    }
}

impl RegisterQualityPermission {
    fn kept(&self, cx: &Context) -> Result<KeptPermission> {
        let system = &cx.caller.party().system.id;
        let id = match self.request_id {
            Some(request) => entropy::derived("quality-permission", system, &request.to_string()),
            None => cx.uuid()?,
        };
        let permission = QualityPermission {
            id,
            organisation: self.organisation.clone(),
            person: self.person.clone(),
            from: self.from.unwrap_or(cx.now),
            until: self.until,
            ended_at: None,
        };
        Ok(KeptPermission {
            permission,
            reference: self.reference.clone(),
            created_at: cx.now,
        })
    }

    /// Whether an earlier permission is what this request asks for. A start that was not given is not compared.
    fn asked_for(&self, earlier: &KeptPermission) -> bool {
        let permission = &earlier.permission;
        permission.person == self.person
            && permission.until == self.until
            && earlier.reference == self.reference
            && self.from.is_none_or(|from| from == permission.from)
    }
}

fn check(kept: &KeptPermission, cx: &Context) -> Result<()> {
    let wrong =
        |field: &str, problem: &str| Err(Error::invalid(format!("permission.{field}"), problem));
    let (permission, reference) = (&kept.permission, &kept.reference);
    let fits = reference.chars().count() <= REFERENCE_MAX && !reference.trim().is_empty();
    if !fits || reference.chars().any(char::is_control) {
        return wrong("reference", "has 1 to 64 printable characters");
    }
    if audit::holds_number(reference) {
        return wrong("reference", "must not contain a person number");
    }
    if Some(permission.until) > years_after(permission.from, YEARS) {
        return wrong("validity.end", "is at most one year after the start");
    }
    permission
        .check(&cx.directory.tree())
        .or_else(|invalid| wrong(invalid.field, invalid.problem))
}

/// Ends a permission. It stays as history; ending it again answers the same.
#[derive(Debug, Clone)]
pub struct EndQualityPermission {
    pub organisation: OrganisationId,
    pub permission_id: Uuid,
}

impl Sealed for EndQualityPermission {}

impl Operation for EndQualityPermission {
    type Outcome = KeptPermission;
    const ACTION: Action = Action::EndQualityPermission;
    const EFFECT: Effect = Effect::Writes;

    fn subject(&self) -> Subject {
        Subject {
            target: Some(self.permission_id.to_string()),
            ..at(&self.organisation)
        }
    }

    async fn run(
        &self,
        scope: &Scope,
        tx: &mut Tx<'_>,
        cx: &Context,
    ) -> Result<Found<KeptPermission>> {
        check_management(cx)?;
        let missing = || Error::new(code::NOT_FOUND);
        if !scope.may_write_for(&self.organisation) {
            return Err(missing());
        }
        rows::end(tx, &self.organisation, self.permission_id, cx.now).await?;
        rows::of_place(tx, &self.organisation)
            .await?
            .into_iter()
            .find(|kept| kept.permission.id == self.permission_id)
            .map(|kept| Found::new(kept).on(&self.permission_id))
            .ok_or_else(missing)
    }
}

/// The permissions at one place, oldest first.
#[derive(Debug, Clone)]
pub struct ListQualityPermissions {
    pub organisation: OrganisationId,
    /// Ended and lapsed ones too.
    pub include_ended: bool,
}

impl Sealed for ListQualityPermissions {}

impl Operation for ListQualityPermissions {
    type Outcome = Vec<KeptPermission>;
    const ACTION: Action = Action::ListQualityPermissions;
    const EFFECT: Effect = Effect::Reads;

    fn subject(&self) -> Subject {
        at(&self.organisation)
    }

    async fn run(
        &self,
        scope: &Scope,
        tx: &mut Tx<'_>,
        cx: &Context,
    ) -> Result<Found<Vec<KeptPermission>>> {
        if !scope.may_write_for(&self.organisation) {
            return Err(Error::new(code::NOT_FOUND));
        }
        let mut kept = rows::of_place(tx, &self.organisation).await?;
        kept.retain(|kept| {
            let QualityPermission {
                ended_at, until, ..
            } = kept.permission;
            self.include_ended || !is_over(ended_at, Some(until), cx.now)
        });
        Ok(Found::new(kept))
    }
}

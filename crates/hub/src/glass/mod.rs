//! Break-glass: the glass as it is broken.
//!
//! ```text
//! Scope::glass ─ Breaking ─ (one transaction) ─ opening · review case · notification · audit entry ─ Receipt
//! ```
//!
//! A permitted request with a reason of its own begins an opening. What it begins is written in the transaction that makes the request's audit entry
//! durable, so nothing leaves the hub before the citizen is told and the case is open.

pub(crate) mod reason;
mod rows;

use std::sync::Arc;

use delt_formats::Sensitive;
use delt_policy::{
    AuthorisationId, OrganisationId, OverrideGround, Party, PatientKey, PersonKind, Scope,
};
use uuid::Uuid;

use crate::{
    Error, Result,
    clock::Micros,
    error::code,
    keys::Keyring,
    notification::{self, NotificationKind, rows::NewNotification},
    operation::Context,
    review::{
        self, CaseKind,
        rows::{NewCase, PersonRef},
    },
    store::Tx,
};

/// What a permitted request with a reason of its own begins, to be written with its audit entry.
#[derive(Debug, Clone)]
pub(crate) struct Breaking {
    /// All keys of the patient, the asked one first.
    patients: Vec<PatientKey>,
    breaker: Breaker,
    ground: OverrideGround,
    reason: Sensitive,
    opened_at: Micros,
    expires_at: Micros,
    opening_id: Uuid,
    notification_id: Uuid,
    keys: Arc<Keyring>,
}

/// Who breaks the glass, and where.
#[derive(Debug, Clone)]
struct Breaker {
    person: AuthorisationId,
    /// The person's own number, where the token tells it.
    key: Option<PatientKey>,
    role: String,
    organisation: OrganisationId,
}

/// An opening that a request's audit entry cites.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cited {
    pub(crate) opening: Uuid,
    /// Whether this request began it.
    pub(crate) begun: bool,
}

impl Breaking {
    /// What the request begins: nothing where it leaves the glass alone, goes on with an opening, or is about no patient.
    ///
    /// # Errors
    /// `ACCESS_DENIED` for whoever cannot answer for it: a helper, or a person without authorisation.
    pub(crate) fn of(scope: &Scope, cx: &Context) -> Result<Option<Self>> {
        let begins = scope.glass().filter(|glass| glass.opening.is_none());
        let (Some(glass), false) = (begins, scope.patients().is_empty()) else {
            return Ok(None);
        };
        let reason = cx.caller.override_reason().map(str::trim);
        let reason =
            reason.ok_or_else(|| Error::internal("the glass is broken without a reason"))?;
        Ok(Some(Self {
            patients: scope.patients().to_vec(),
            breaker: Breaker::of(cx.caller.party())?,
            ground: glass.ground,
            reason: reason.to_owned().into(),
            opened_at: cx.now,
            expires_at: cx.now.saturating_add(cx.settings.break_glass),
            opening_id: cx.uuid()?,
            notification_id: cx.uuid()?,
            keys: cx.keys.clone(),
        }))
    }

    /// Writes the opening, its case and its notification, begun by the request with this audit entry. Where the same person has broken the glass
    /// already, at the same place, on the same ground and for the same reason, that opening goes on instead: the documents of one call, each a request
    /// of its own, begin one.
    pub(crate) async fn write(&self, tx: &mut Tx<'_>, entry: Uuid) -> Result<Cited> {
        review::rows::lock_numbers(tx).await?;
        let reason_tag = reason::tag(&self.keys, self.reason.as_str());
        let same = rows::Same {
            person: &self.breaker.person,
            organisation: &self.breaker.organisation,
            ground: self.ground,
            reason_tag: &reason_tag,
        };
        if let Some(opening) = rows::twin(tx, &self.patients, &same, self.opened_at).await? {
            return Ok(Cited {
                opening,
                begun: false,
            });
        }
        self.begin(tx, same, entry).await?;
        Ok(Cited {
            opening: self.opening_id,
            begun: true,
        })
    }

    async fn begin(&self, tx: &mut Tx<'_>, same: rows::Same<'_>, entry: Uuid) -> Result<()> {
        let patient = self.patients.first();
        let patient = patient.ok_or_else(|| Error::internal("an opening without a patient"))?;
        let opening = rows::NewOpening {
            id: self.opening_id,
            patient,
            same,
            role: &self.breaker.role,
            sealed_reason: &reason::seal(
                &self.keys,
                patient,
                self.opening_id,
                self.reason.as_str(),
            )?,
            opened_at: self.opened_at,
            expires_at: self.expires_at,
            audit_entry_id: entry,
        };
        rows::insert(tx, &opening).await?;
        review::rows::open(tx, &self.case(patient, entry)).await?;
        notification::rows::tell(tx, &self.notification(entry)).await
    }

    fn case(&self, patient: &PatientKey, entry: Uuid) -> NewCase<'_> {
        NewCase {
            kind: CaseKind::BreakGlass,
            patient: Some(*patient),
            subject: self.opening_id,
            person: Some(PersonRef::authorised(
                &self.breaker.person,
                self.breaker.key,
            )),
            role: &self.breaker.role,
            organisation: &self.breaker.organisation,
            opened_at: self.opened_at,
            audit_entry_id: Some(entry),
            detail: "",
            evidence: &[],
            sample: None,
        }
    }

    fn notification(&self, entry: Uuid) -> NewNotification<'_> {
        NewNotification {
            id: self.notification_id,
            kind: NotificationKind::BreakGlass,
            keys: &self.patients,
            subject: self.opening_id,
            role: &self.breaker.role,
            organisation: &self.breaker.organisation,
            created_at: self.opened_at,
            audit_entry_id: Some(entry),
        }
    }
}

impl Breaker {
    /// An authorised professional on their own responsibility, at a place of work: the policies let nobody else, and neither does this.
    fn of(party: &Party) -> Result<Self> {
        let person = party
            .person
            .as_ref()
            .filter(|_| party.responsible.is_none());
        match person.map(|person| (&person.kind, &person.organisation)) {
            Some((
                PersonKind::Professional {
                    authorisation,
                    role,
                },
                Some(organisation),
            )) => Ok(Self {
                person: authorisation.clone(),
                key: party.person_key,
                role: role.clone(),
                organisation: organisation.clone(),
            }),
            _ => Err(Error::new(code::ACCESS_DENIED)),
        }
    }
}

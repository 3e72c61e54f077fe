//! "Who looked at my data": the citizen's part of the log.

use delt_formats::identifier::PersonNumber;
use delt_ledger::{Entry, Outcome, PersonKind};
use delt_policy::{Action, OrganisationId, Scope};
use uuid::Uuid;

use super::search::{decode, encode};
use crate::{
    Result,
    audit::entry_rows::{self, Before, KeptEntry, Way},
    clock::Micros,
    operation::{Context, Effect, Found, Operation, Sealed, Subject},
    page,
    store::Tx,
};

const SCAN_STEP: i64 = 500;

/// Looks at a citizen's data, refused ones too, newest first. The citizen's own are left out.
#[derive(Debug, Clone)]
pub struct ListAccesses {
    pub patient: PersonNumber,
    pub page_size: usize,
    pub page_token: String,
}

/// One look.
#[derive(Debug, Clone)]
pub struct Access {
    pub entry_id: Uuid,
    pub at: Micros,
    pub entry: Entry,
    pub organisation: Option<OrganisationId>,
    pub organisation_name: String,
}

impl Sealed for ListAccesses {}

impl Operation for ListAccesses {
    type Outcome = (Vec<Access>, String);
    const ACTION: Action = Action::ListOwnAccesses;
    const EFFECT: Effect = Effect::Reads;

    fn subject(&self) -> Subject {
        Subject::about(&self.patient)
    }

    async fn run(
        &self,
        scope: &Scope,
        tx: &mut Tx<'_>,
        cx: &Context,
    ) -> Result<Found<Self::Outcome>> {
        let query = query(scope);
        let start = if self.page_token.is_empty() {
            Before {
                at: Micros::MAX,
                id: Uuid::nil(),
            }
        } else {
            decode(&page::cursor(&cx.keys, &query, &self.page_token)?)?
        };
        let (accesses, next) = self.page(scope, tx, cx, start).await?;
        let next = next.map(|next| page::token(&cx.keys, &query, &encode(next)));
        Ok(Found::new((accesses, next.unwrap_or_default())))
    }
}

impl ListAccesses {
    async fn page(
        &self,
        scope: &Scope,
        tx: &mut Tx<'_>,
        cx: &Context,
        mut before: Before,
    ) -> Result<(Vec<Access>, Option<Before>)> {
        let way = Way::Patient(scope.patients().to_vec());
        let mut accesses = Vec::new();
        loop {
            let step = entry_rows::newest_first(tx, &way, Micros::MIN, before, SCAN_STEP).await?;
            let last = i64::try_from(step.len()).is_ok_and(|found| found < SCAN_STEP);
            for kept in step {
                before = Before {
                    at: kept.recorded_at,
                    id: kept.id,
                };
                accesses.extend(access(&kept, cx)?);
                if accesses.len() == self.page_size {
                    return Ok((accesses, Some(before)));
                }
            }
            if last {
                return Ok((accesses, None));
            }
        }
    }
}

/// A look by somebody else at the record, or an attempt at one.
fn access(kept: &KeptEntry, cx: &Context) -> Result<Option<Access>> {
    let Some(mut entry) = kept.entry()? else {
        return Ok(None);
    };
    // The words are free, and may tell of what who acts for the citizen must not see.
    if cx.caller.party().on_behalf.is_some() {
        entry.override_reason = None;
    }
    // Another citizen who tries is somebody else, be it one who acts for this one.
    let own = entry.actor.person.as_ref().is_some_and(|p| {
        p.kind == PersonKind::Citizen && cx.patient_keys.iter().any(|key| key.hex() == p.id)
    });
    let looked = matches!(
        entry.operation.as_str(),
        "SearchRecord" | "RetrieveDocument" | "ExplainAccess"
    );
    // A failure after a permitted look is the same look.
    if own || !looked || entry.outcome == Outcome::Failed {
        return Ok(None);
    }
    let organisation = entry
        .actor
        .person
        .as_ref()
        .and_then(|person| person.organisation.as_deref())
        .or(entry.actor.system_organisation.as_deref())
        .and_then(|id| OrganisationId::parse(id).ok());
    let organisation_name = organisation
        .as_ref()
        .and_then(|id| cx.directory.organisation(id))
        .map(|organisation| organisation.name.clone())
        .unwrap_or_default();
    Ok(Some(Access {
        entry_id: kept.id,
        at: kept.recorded_at,
        entry,
        organisation,
        organisation_name,
    }))
}

/// What a page token is bound to.
fn query(scope: &Scope) -> String {
    let keys = scope
        .patients()
        .iter()
        .map(delt_policy::PatientKey::hex)
        .collect::<String>();
    format!("accesses|{keys}")
}

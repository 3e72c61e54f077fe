//! A professional's helpers (medhjælp).

mod keep;

use std::collections::BTreeMap;

use delt_formats::identifier::PersonNumber;
use delt_policy::{
    Action, AuthorisationId, HelperDelegation, Micros, OrganisationId, PatientKey, Right, Scope,
    delegation::years_after,
};
use uuid::Uuid;

use super::{each_once, named, note_period};
use crate::{
    Error, Result,
    delegation::{KeptDelegation, rows::helpers as rows},
    entropy,
    error::code,
    operation::{Context, Effect, Found, Operation, Sealed, Subject},
    patient::rows::keep_number,
    store::Tx,
};

pub use keep::{EndHelperDelegation, ListHelperDelegations};

/// How long a delegation lasts where its end is not said, and at most.
const YEARS: i32 = 2;

/// Lets a helper act under the calling professional's responsibility, at the place where that professional works.
#[derive(Debug, Clone)]
pub struct DelegateToHelper {
    /// The helper's own number.
    pub helper: PersonNumber,
    pub rights: Vec<Right>,
    /// From now where none is given.
    pub from: Option<Micros>,
    /// Two years after the start where none is given, and at most.
    pub until: Option<Micros>,
    /// The caller's own id of the request: a retry with the same one answers the same.
    pub request_id: Option<Uuid>,
}

/// A delegation as it is told to one who may know of it.
#[derive(Debug, Clone)]
pub struct ToldDelegation {
    pub kept: KeptDelegation,
    /// Whose it is; told to the responsible professional only.
    pub helper: Option<PersonNumber>,
}

/// The professional who answers for a helper.
struct Responsible {
    authorisation: AuthorisationId,
    organisation: OrganisationId,
}

impl Responsible {
    /// The caller, acting for themself: what a helper may do cannot be handed on.
    fn of(cx: &Context) -> Result<Self> {
        let party = cx.caller.party();
        let person = party
            .person
            .as_ref()
            .filter(|_| party.responsible.is_none());
        let authorisation = person.and_then(|person| person.authorisation()).cloned();
        let organisation = person.and_then(|person| person.organisation.clone());
        authorisation
            .zip(organisation)
            .map(|(authorisation, organisation)| Self {
                authorisation,
                organisation,
            })
            .ok_or(Error::new(code::ACCESS_DENIED))
    }
}

impl Sealed for DelegateToHelper {}

impl Operation for DelegateToHelper {
    type Outcome = ToldDelegation;
    const ACTION: Action = Action::DelegateToHelper;
    const EFFECT: Effect = Effect::Writes;

    fn subject(&self) -> Subject {
        let mut filters = BTreeMap::from([("rights".to_owned(), named(&self.rights))]);
        note_period(&mut filters, self.from, self.until);
        Subject {
            filters,
            ..Subject::default()
        }
    }

    async fn run(
        &self,
        _scope: &Scope,
        tx: &mut Tx<'_>,
        cx: &Context,
    ) -> Result<Found<ToldDelegation>> {
        let responsible = Responsible::of(cx)?;
        let helper = keep_number(tx, &cx.keys, &self.helper, cx.now).await?;
        if cx.caller.party().person_key == Some(helper) {
            return Err(Error::invalid("helper", "is the professional"));
        }
        let kept = self.kept(&responsible, helper, cx)?;
        check(&kept.delegation, cx)?;
        let id = kept.delegation.id;
        let earlier = rows::one(tx, &responsible.authorisation, id).await?;
        let kept = match earlier {
            None => {
                rows::insert(tx, &kept, &cx.caller.party().system.id).await?;
                kept
            }
            Some(earlier) if self.asked_for(&earlier.delegation, &helper) => earlier,
            Some(_) => return Err(Error::new(code::REQUEST_ID_REUSED)),
        };
        let helper = Some(self.helper.clone());
        Ok(Found::new(ToldDelegation { kept, helper }).on(&id))
    }
}

impl DelegateToHelper {
    fn kept(
        &self,
        responsible: &Responsible,
        helper: PatientKey,
        cx: &Context,
    ) -> Result<KeptDelegation> {
        let giver = format!(
            "{}|{}",
            cx.caller.party().system.id,
            responsible.authorisation.as_str()
        );
        let id = match self.request_id {
            Some(request) => entropy::derived("helper-delegation", &giver, &request.to_string()),
            None => cx.uuid()?,
        };
        let from = self.from.unwrap_or(cx.now);
        let delegation = HelperDelegation {
            id,
            helper,
            responsible: responsible.authorisation.clone(),
            organisation: responsible.organisation.clone(),
            rights: each_once(&self.rights),
            from,
            until: self.end(from)?,
            ended_at: None,
        };
        Ok(KeptDelegation {
            delegation,
            created_at: cx.now,
        })
    }

    fn end(&self, from: Micros) -> Result<Micros> {
        self.until
            .or_else(|| years_after(from, YEARS))
            .ok_or_else(|| Error::invalid("validity.end", "lies beyond the calendar"))
    }

    /// Whether an earlier delegation is what this request asks for. A start that was not given is not compared.
    fn asked_for(&self, earlier: &HelperDelegation, helper: &PatientKey) -> bool {
        earlier.helper == *helper
            && earlier.rights == each_once(&self.rights)
            && self.end(earlier.from) == Ok(earlier.until)
            && self.from.is_none_or(|from| from == earlier.from)
    }
}

/// Names the rights that cannot be delegated, and then whatever else is wrong.
fn check(delegation: &HelperDelegation, cx: &Context) -> Result<()> {
    let own: Vec<Right> = delegation
        .rights
        .iter()
        .copied()
        .filter(|right| !right.goes_to_helpers())
        .collect();
    if !own.is_empty() {
        let problem = format!("cannot be delegated to a helper: {}", named(&own));
        return Err(Error::invalid("rights", problem));
    }
    delegation
        .check(&cx.directory.tree())
        .map_err(|invalid| Error::invalid(invalid.field, invalid.problem))
}

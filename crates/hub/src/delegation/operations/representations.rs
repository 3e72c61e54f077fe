//! Who may act for a citizen: custody and guardianship, which a register tells of, and powers of attorney.

mod keep;

use std::collections::BTreeMap;

use delt_formats::identifier::PersonNumber;
use delt_policy::{
    Action, CitizenRelation, Micros, PatientKey, Representation, Right, Scope, SystemKind,
};
use uuid::Uuid;

use super::{each_once, named, note_period};
use crate::{
    Error, Result, audit,
    delegation::{
        KeptRepresentation, Registrar,
        rows::representations::{self as rows, kind_word},
    },
    entropy,
    error::code,
    operation::{Context, Effect, Found, Operation, Sealed, Subject},
    patient::rows::keep_number,
    store::Tx,
};

pub use keep::{EndRepresentation, ListRepresentations};

/// Lets somebody act for a citizen.
#[derive(Debug, Clone)]
pub struct RegisterRepresentation {
    /// Who is represented.
    pub patient: PersonNumber,
    /// Who acts.
    pub representative: PersonNumber,
    /// A citizen can give a power of attorney only; a register can tell of all kinds.
    pub kind: CitizenRelation,
    pub rights: Vec<Right>,
    /// Only documents of these type codes; empty means all.
    pub document_types: Vec<String>,
    /// Custody only: granted by application for a child of 15 to 17.
    pub after_fifteen: bool,
    /// From now where none is given.
    pub from: Option<Micros>,
    /// A power of attorney must have one.
    pub until: Option<Micros>,
    /// The caller's own id of the request: a retry with the same one answers the same.
    pub request_id: Option<Uuid>,
}

/// A representation as it is told to the citizen and to the register.
#[derive(Debug, Clone)]
pub struct ToldRepresentation {
    pub kept: KeptRepresentation,
    /// Who acts.
    pub representative: Option<PersonNumber>,
}

/// In which capacity the caller tells of representations: nobody else may, whatever the role policies say.
fn registrar(cx: &Context) -> Result<Registrar> {
    let party = cx.caller.party();
    match &party.person {
        None if party.system.kinds.contains(&SystemKind::Register) => Ok(Registrar::Register),
        Some(person) if person.is_citizen() && party.on_behalf.is_none() => Ok(Registrar::Citizen),
        _ => Err(Error::new(code::ACCESS_DENIED)),
    }
}

impl Sealed for RegisterRepresentation {}

impl Operation for RegisterRepresentation {
    type Outcome = ToldRepresentation;
    const ACTION: Action = Action::RegisterRepresentation;
    const EFFECT: Effect = Effect::Writes;

    fn subject(&self) -> Subject {
        let mut filters = BTreeMap::from([
            ("kind".to_owned(), kind_word(self.kind).to_owned()),
            ("rights".to_owned(), named(&self.rights)),
        ]);
        note_period(&mut filters, self.from, self.until);
        Subject {
            filters,
            ..Subject::about(&self.patient)
        }
    }

    async fn run(
        &self,
        scope: &Scope,
        tx: &mut Tx<'_>,
        cx: &Context,
    ) -> Result<Found<ToldRepresentation>> {
        let registrar = registrar(cx)?;
        let patient = keep_number(tx, &cx.keys, &self.patient, cx.now).await?;
        let representative = keep_number(tx, &cx.keys, &self.representative, cx.now).await?;
        let kept = self.kept(patient, representative, registrar, cx)?;
        check(&kept, scope)?;
        let id = kept.representation.id;
        if rows::insert(tx, &kept, &cx.caller.party().system.id).await? {
            return Ok(self.told(kept));
        }
        let earlier = rows::load(tx, scope.patients()).await?;
        earlier
            .into_iter()
            .find(|earlier| {
                earlier.representation.id == id
                    && self.asked_for(&earlier.representation, &representative)
            })
            .map(|earlier| self.told(earlier))
            .ok_or(Error::new(code::REQUEST_ID_REUSED))
    }
}

impl RegisterRepresentation {
    fn kept(
        &self,
        patient: PatientKey,
        representative: PatientKey,
        registrar: Registrar,
        cx: &Context,
    ) -> Result<KeptRepresentation> {
        let system = &cx.caller.party().system.id;
        let id = match self.request_id {
            Some(request) => entropy::derived("representation", system, &request.to_string()),
            None => cx.uuid()?,
        };
        let representation = Representation {
            id,
            patient,
            representative,
            kind: self.kind,
            rights: each_once(&self.rights),
            document_types: self.document_types.clone(),
            after_fifteen: self.after_fifteen,
            from: self.from.unwrap_or(cx.now),
            until: self.until,
            ended_at: None,
        };
        Ok(KeptRepresentation {
            representation,
            created_at: cx.now,
            registrar,
        })
    }

    fn told(&self, kept: KeptRepresentation) -> Found<ToldRepresentation> {
        let id = kept.representation.id;
        let representative = Some(self.representative.clone());
        Found::new(ToldRepresentation {
            kept,
            representative,
        })
        .on(&id)
    }

    /// Whether an earlier representation is what this request asks for. A start that was not given is not compared.
    fn asked_for(&self, earlier: &Representation, representative: &PatientKey) -> bool {
        earlier.representative == *representative
            && earlier.kind == self.kind
            && earlier.rights == each_once(&self.rights)
            && earlier.document_types == self.document_types
            && earlier.after_fifteen == self.after_fifteen
            && earlier.until == self.until
            && self.from.is_none_or(|from| from == earlier.from)
    }
}

fn check(kept: &KeptRepresentation, scope: &Scope) -> Result<()> {
    let wrong = |field: &str, problem: &str| {
        Err(Error::invalid(format!("representation.{field}"), problem))
    };
    let representation = &kept.representation;
    if kept.registrar == Registrar::Citizen && representation.kind != CitizenRelation::Proxy {
        return wrong(
            "kind",
            "is a power of attorney where a citizen gives it; registers tell of custody and guardians",
        );
    }
    // All of the citizen's numbers: another number is not another person.
    if scope.covers_patient(&representation.representative) {
        return wrong("representative", "is the citizen");
    }
    let numbers = representation.document_types.iter();
    if numbers.clone().any(|code| audit::holds_number(code)) {
        return wrong("type_codes", "must not contain a person number");
    }
    representation
        .check()
        .or_else(|invalid| wrong(invalid.field, invalid.problem))
}

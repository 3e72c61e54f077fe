//! A visit as the citizen is told of it.

use std::collections::{BTreeMap, HashSet};

use delt_ledger::{Entry, Outcome, Person};
use delt_policy::{Ground, OrganisationId};
use uuid::Uuid;

use super::{
    group::{Key, Visit},
    kinds::Kinds,
    rows::{Logged, Place},
    why,
};
use crate::{clock::Micros, notification::LocalizedText, operation::Context};

/// What is kept of an entry while its page is put together.
#[derive(Debug)]
pub(super) struct Call {
    id: Uuid,
    number: u64,
    operation: String,
    outcome: Outcome,
    who: Who,
    purpose: Option<String>,
    override_reason: Option<String>,
    grounds: Vec<Ground>,
    pub(super) disclosed: Vec<Uuid>,
}

/// Who looked, and from where.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Who {
    /// Empty for a citizen, for a system, and where names are not told.
    pub person_name: String,
    pub person_role: String,
    pub responsible_name: String,
    pub responsible_role: String,
    pub organisation: Option<OrganisationId>,
    /// As the directory names it; empty where it does not know the organisation.
    pub organisation_name: String,
    pub system_id: String,
    /// How a citizen who looked stands to this one.
    pub relation: String,
}

impl Who {
    pub(in crate::audit::operations) fn of(entry: &Entry, cx: &Context) -> Self {
        let actor = &entry.actor;
        let (person, responsible) = (actor.person.as_ref(), actor.responsible.as_ref());
        let name = |person: Option<&Person>| {
            let name = person.and_then(|person| person.name.clone());
            name.filter(|_| cx.settings.citizen_names)
                .unwrap_or_default()
        };
        let role = |person: Option<&Person>| person.map_or_else(String::new, |p| p.role.clone());
        let organisation = person
            .and_then(|person| person.organisation.as_deref())
            .or(actor.system_organisation.as_deref())
            .and_then(|id| OrganisationId::parse(id).ok());
        let organisation_name = organisation
            .as_ref()
            .and_then(|id| cx.directory.organisation(id))
            .map(|organisation| organisation.name.clone());
        Self {
            person_name: name(person),
            person_role: role(person),
            responsible_name: name(responsible),
            responsible_role: role(responsible),
            organisation,
            organisation_name: organisation_name.unwrap_or_default(),
            system_id: actor.system.clone(),
            relation: actor.relation.clone().unwrap_or_default(),
        }
    }
}

/// What one person or system did for one purpose at one place without a long pause between.
#[derive(Debug, Clone)]
pub struct PatientVisit {
    pub start: Micros,
    pub end: Micros,
    pub who: Who,
    pub purpose: String,
    /// Permitted or denied.
    pub outcome: Outcome,
    /// Each reason that was written, on a line of its own. Empty for those who act for the citizen.
    pub override_reason: String,
    pub grounds: Vec<Ground>,
    pub texts: Vec<LocalizedText>,
    /// Calls by operation.
    pub operations: BTreeMap<String, u32>,
    /// Documents by class and type, each once.
    pub kinds: BTreeMap<(String, String), u32>,
    /// Entry and number of each call, newest first; number 0 from before entries were numbered.
    pub entries: Vec<(Uuid, u64)>,
}

/// Place and actor of a look, and what is kept of it.
pub(super) fn call(logged: Logged, cx: &Context) -> ((Place, Key), Call) {
    let for_another = cx.caller.party().on_behalf.is_some();
    let Logged { place, entry } = logged;
    let key = key(&entry, cx);
    let mut grounds = Vec::new();
    why::told(&entry.grounds, entry.outcome, for_another, &mut grounds);
    let call = Call {
        id: place.id,
        number: entry.patient_chain.map_or(0, |link| link.number),
        who: Who::of(&entry, cx),
        disclosed: entry
            .disclosed
            .iter()
            .filter_map(|uuid| Uuid::parse_str(uuid).ok())
            .collect(),
        operation: entry.operation,
        outcome: entry.outcome,
        purpose: entry.purpose,
        // The words are free, and may tell of what who acts for the citizen must not see.
        override_reason: entry.override_reason.filter(|_| !for_another),
        grounds,
    };
    ((place, key), call)
}

/// Who, under whom, where, for what, and whether it was allowed. Keyed, so that nobody can make two alike.
fn key(entry: &Entry, cx: &Context) -> Key {
    let actor = &entry.actor;
    let known = |person: Option<&Person>| {
        person.map_or_else(String::new, |p| format!("{:?}|{}|{}", p.kind, p.role, p.id))
    };
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    let person = actor.person.as_ref();
    let parts = [
        known(person),
        person.map_or_else(|| actor.system.clone(), |_| String::new()),
        known(actor.responsible.as_ref()),
        text(actor.relation.as_deref()),
        text(person.and_then(|p| p.organisation.as_deref())),
        text(actor.system_organisation.as_deref()),
        text(entry.purpose.as_deref()),
        format!("{:?}", entry.outcome),
    ];
    let parts: Vec<&[u8]> = parts.iter().map(String::as_bytes).collect();
    let tag = cx.keys.tag("visit", &parts);
    tag.first_chunk().copied().unwrap_or_default()
}

impl PatientVisit {
    pub(super) fn of(visit: &Visit<Call>, kinds: &Kinds, cx: &Context) -> Self {
        let newest = visit.calls.first();
        let mut told = Self {
            start: visit.start(),
            end: visit.end(),
            who: newest.map(|call| call.who.clone()).unwrap_or_default(),
            purpose: newest.and_then(|c| c.purpose.clone()).unwrap_or_default(),
            outcome: newest.map_or(Outcome::Failed, |call| call.outcome),
            override_reason: String::new(),
            grounds: Vec::new(),
            texts: Vec::new(),
            operations: BTreeMap::new(),
            kinds: BTreeMap::new(),
            entries: visit.calls.iter().map(|c| (c.id, c.number)).collect(),
        };
        let mut shown = HashSet::new();
        let mut reasons: Vec<&str> = Vec::new();
        for call in &visit.calls {
            *told.operations.entry(call.operation.clone()).or_default() += 1;
            shown.extend(call.disclosed.iter().copied());
            told.add_grounds(&call.grounds);
            reasons.extend(call.override_reason.as_deref());
        }
        let mut seen = HashSet::new();
        reasons.retain(|reason| seen.insert(*reason));
        told.override_reason = reasons.join("\n");
        told.kinds = kinds.count(&shown);
        told.texts = why::texts(&told.grounds, &cx.directory);
        told
    }

    fn add_grounds(&mut self, grounds: &[Ground]) {
        for ground in grounds {
            if !self.grounds.contains(ground) {
                self.grounds.push(ground.clone());
            }
        }
    }
}

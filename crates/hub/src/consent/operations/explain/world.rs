//! What was known and in force at the moment that is asked about.

use std::sync::Arc;

use delt_policy::{
    Consent, EntryFacts, Facts, Micros, PatientKey, Purpose, Scope, roles::Principal,
};
use uuid::Uuid;

use super::{ExplainAccess, Whom, may_ask::may_ask_about};
use crate::{
    Error, Result, consent,
    document::{self, AvailabilityStatus, rows::EntryRow},
    error::code,
    facts,
    operation::Context,
    patient, relation, role_policy,
    store::Tx,
};

/// The facts, the record and the policies of one moment.
///
/// Consents, relations, links of numbers, entries and policies have a history. The directory, and the periods and ages of the configuration, have
/// none: today's count. Of a status that changed twice, only the last change is known; what a message told late of a stay counts from the time that it
/// told of.
#[derive(Debug, Clone)]
pub(super) struct World {
    pub(super) facts: Facts,
    pub(super) keys: Vec<PatientKey>,
    /// The roles that the policies know at places of treatment.
    pub(super) staff: Arc<[Principal]>,
    /// What is current, or the one entry that is asked about.
    pub(super) entries: Arc<[EntryFacts]>,
    pub(super) at: Micros,
    pub(super) purpose: Purpose,
    /// About one entry.
    pub(super) one: bool,
    /// No policies are known of so early a time: the first that are.
    pub(super) assumed_policies: bool,
}

impl World {
    pub(super) async fn load(
        tx: &mut Tx<'_>,
        scope: &Scope,
        cx: &Context,
        asked: &ExplainAccess,
    ) -> Result<Self> {
        let mut world = Self {
            facts: facts(tx, cx, asked).await?,
            keys: cx.patient_keys.clone(),
            staff: Arc::new([]),
            entries: Arc::new([]),
            at: asked.as_of.unwrap_or(cx.now),
            purpose: asked.purpose,
            one: asked.entry.is_some(),
            assumed_policies: false,
        };
        if asked.as_of.is_some() {
            world.go_back(tx, cx).await?;
        }
        world.staff = world.facts.roles.staff_roles().into();
        let mut record = document::rows::of_patient(tx, scope).await?;
        record.retain(|row| may_ask_about(&row.facts, scope, cx));
        world.entries = world.read(&record, asked.entry)?.into();
        Ok(world)
    }

    /// The same with one consent more.
    pub(super) fn with(&self, consent: Consent) -> Self {
        let mut world = self.clone();
        world.facts.consents.push(consent);
        world
    }

    /// The same without the citizen's word.
    pub(super) fn without_consents(&self) -> Facts {
        Facts {
            consents: Vec::new(),
            ..self.facts.clone()
        }
    }

    /// What was registered later was not known then. What has ended since had not: the decision looks at the times of ending itself.
    async fn go_back(&mut self, tx: &mut Tx<'_>, cx: &Context) -> Result<()> {
        let at = self.at;
        self.keys = keys_at(tx, &cx.patient_keys, at).await?;
        let consents = consent::rows::load(tx, &self.keys).await?;
        let relations = relation::rows::load(tx, &self.keys).await?;
        let policies = role_policy::in_force_at(tx, cx, at).await?;
        let known = consents.into_iter().filter(|kept| kept.created_at <= at);
        self.facts.consents = known.map(|kept| kept.consent).collect();
        let known = relations.into_iter().filter(|kept| kept.created_at <= at);
        self.facts.relations = known.map(|kept| kept.relation).collect();
        self.facts.roles = policies.roles;
        self.assumed_policies = policies.assumed;
        Ok(())
    }

    fn read(&self, record: &[EntryRow], one: Option<Uuid>) -> Result<Vec<EntryFacts>> {
        let known = |row: &&EntryRow| {
            self.keys.contains(&row.facts.patient) && row.registered_at <= self.at
        };
        let asked = |row: &&EntryRow| match (one, self.status(row, record)) {
            (None, status) => status == AvailabilityStatus::Approved,
            // Who filters for it sees what was replaced, and nobody what should never have been shared.
            (Some(one), status) => {
                row.facts.entry_uuid == one && status != AvailabilityStatus::Withdrawn
            }
        };
        let found = record.iter().filter(known).filter(asked);
        let entries: Vec<_> = found.map(|row| row.facts.clone()).collect();
        if one.is_some() && entries.is_empty() {
            return Err(Error::new(code::NOT_FOUND));
        }
        Ok(entries)
    }

    /// The status at the moment. What was replaced was so from when its replacement was registered.
    fn status(&self, row: &EntryRow, record: &[EntryRow]) -> AvailabilityStatus {
        if row.status_at.is_none_or(|changed| changed <= self.at) {
            return row.status;
        }
        let replaced = |by: Uuid| {
            record
                .iter()
                .any(|other| other.facts.entry_uuid == by && other.registered_at <= self.at)
        };
        if row.replaced_by.is_some_and(replaced) {
            AvailabilityStatus::Superseded
        } else {
            AvailabilityStatus::Approved
        }
    }
}

/// The facts of now: about one professional also what is known of them.
async fn facts(tx: &mut Tx<'_>, cx: &Context, asked: &ExplainAccess) -> Result<Facts> {
    match &asked.whom {
        Whom::Professional(seat) => {
            let party = seat.party(&cx.roles.staff_roles(), cx)?;
            facts::seen_by(tx, cx, &cx.patient_keys, &party, Some(asked.purpose)).await
        }
        Whom::Everybody => facts::about(tx, cx, &cx.patient_keys).await,
    }
}

/// The numbers that were linked at `at`, the asked one first.
async fn keys_at(tx: &mut Tx<'_>, now: &[PatientKey], at: Micros) -> Result<Vec<PatientKey>> {
    let mut links = Vec::new();
    for key in now {
        links.extend(patient::rows::links(tx, key).await?);
    }
    let mut keys: Vec<PatientKey> = now.first().copied().into_iter().collect();
    let mut next = 0;
    while let Some(current) = keys.get(next).copied() {
        for link in links.iter().filter(|link| link.created_at <= at) {
            let other = match current {
                key if key == link.from => link.to,
                key if key == link.to => link.from,
                _ => continue,
            };
            if !keys.contains(&other) {
                keys.push(other);
            }
        }
        next += 1;
    }
    Ok(keys)
}

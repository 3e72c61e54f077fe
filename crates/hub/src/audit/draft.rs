//! An entry in the making: begun before the decision, ended when the outcome is known, then fixed by its hash.

use delt_ledger::{
    ChainLink, ChainSalt, Commitment, ENTRY_VERSION, Entry, Ground as LoggedGround, Hash, Outcome,
    Salt,
};
use delt_policy::{Ground, PatientKey, Rule};
use uuid::Uuid;

use super::mask::masked;
use crate::{
    Error, Kind, Result,
    clock::{Micros, rfc3339},
    entropy::{Entropy, random},
    glass::{Breaking, Cited},
    identity::Caller,
    operation::{Found, Subject},
};

/// An entry that is not yet fixed.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    id: Uuid,
    recorded_at: Micros,
    entry: Entry,
    patient: Option<PatientKey>,
    /// The acting person's own number, where the token has it: kept beside the entry, for the rules of follow-up.
    person_key: Option<PatientKey>,
    overridden: bool,
    /// What is written together with the entry.
    pub(super) breaking: Option<Breaking>,
}

impl Draft {
    /// Begins an entry: who wants to do what, now.
    pub(crate) fn new(id: Uuid, caller: &Caller, operation: &str, now: Micros) -> Self {
        let entry = Entry {
            version: ENTRY_VERSION,
            id: id.to_string(),
            recorded_at: rfc3339(now),
            operation: operation.to_owned(),
            // Until it is known to be permitted, it is not.
            outcome: Outcome::Failed,
            error_code: None,
            actor: super::actor::actor(caller),
            patient: None,
            patient_chain: None,
            purpose: caller.purpose().map(|purpose| purpose.as_str().to_owned()),
            override_reason: caller.override_reason().map(masked),
            grounds: Vec::new(),
            filters: std::collections::BTreeMap::new(),
            disclosed: Vec::new(),
            withheld: 0,
            withheld_reasons: std::collections::BTreeMap::new(),
            target: None,
            request_id: caller.request_id().map(masked),
            trace_id: caller.trace_id().map(str::to_owned),
            policy_version: None,
        };
        Self {
            id,
            recorded_at: now,
            entry,
            patient: None,
            person_key: caller.party().person_key,
            overridden: false,
            breaking: None,
        }
    }

    pub(super) const fn id(&self) -> Uuid {
        self.id
    }

    /// Adds whom and what the operation is about.
    pub(crate) fn about(&mut self, subject: Subject, patient: Option<PatientKey>) {
        self.entry.filters = subject
            .filters
            .into_iter()
            .map(|(name, value)| (name, masked(&value)))
            .collect();
        self.entry.target = subject.target;
        self.set_patient(patient);
    }

    fn set_patient(&mut self, patient: Option<PatientKey>) {
        self.patient = patient.or(self.patient);
        self.entry.patient = self.patient.map(|key| key.hex());
    }

    /// Adds why it was decided so, and by which edition of the policy.
    pub(crate) fn decided(&mut self, grounds: &[Ground], policy_version: &str) {
        self.entry.policy_version = Some(policy_version.to_owned());
        self.because(grounds);
    }

    /// Adds grounds, each once: what let the caller in often admits the entry too.
    fn because(&mut self, grounds: &[Ground]) {
        for ground in grounds.iter().map(logged) {
            if !self.entry.grounds.contains(&ground) {
                self.entry.grounds.push(ground);
            }
        }
    }

    /// Adds what the request begins, to be written together with the entry.
    pub(crate) fn breaks(&mut self, breaking: Option<Breaking>) {
        self.breaking = breaking;
    }

    /// Adds the opening that the entry belongs to. One that the request itself goes on with is among the decision's grounds.
    pub(super) fn opened(&mut self, cited: Cited) {
        let detail = if cited.begun {
            "the glass is broken from here on"
        } else {
            "the glass that the caller broke for the same reason is still open"
        };
        self.entry.grounds.push(LoggedGround {
            rule: Rule::Opening.as_str().to_owned(),
            reference: Some(cited.opening.to_string()),
            detail: Some(detail.to_owned()),
        });
    }

    /// Adds a ground that only carrying it out could show.
    pub(crate) fn ground(&mut self, rule: &str, detail: &str) {
        self.entry.grounds.push(LoggedGround {
            rule: rule.to_owned(),
            reference: None,
            detail: Some(detail.to_owned()),
        });
    }

    /// It was done: what was disclosed, what withheld.
    pub(crate) fn permitted<T>(&mut self, found: &Found<T>) {
        self.entry.outcome = Outcome::Permitted;
        self.entry.disclosed = found.disclosed.iter().map(Uuid::to_string).collect();
        self.entry.withheld = found.withheld.values().sum();
        self.entry.withheld_reasons = found
            .withheld
            .iter()
            .map(|(reason, count)| ((*reason).to_owned(), *count))
            .collect();
        if found.target.is_some() {
            self.entry.target.clone_from(&found.target);
        }
        self.because(&found.grounds);
        self.overridden = found.overridden;
        self.set_patient(found.patient);
    }

    /// It was refused, or it failed.
    pub(crate) fn refused(&mut self, error: &Error) {
        // Nothing was disclosed, so the glass is whole.
        self.breaking = None;
        let code = error
            .refusal()
            .map_or_else(|| error.code(), |refusal| refusal.code);
        self.because(
            error
                .refusal()
                .map_or(&[], |refusal| refusal.grounds.as_slice()),
        );
        self.entry.outcome = match code.kind {
            Kind::Denied | Kind::Unauthenticated => Outcome::Denied,
            _ => Outcome::Failed,
        };
        self.entry.error_code = Some(code.name.to_owned());
    }

    /// Ends the entry: all of it is fixed but its place in its patient's chain. `chain_salt` is the salt of a patient's chain in this log.
    pub(crate) fn end(
        self,
        entropy: &dyn Entropy,
        chain_salt: impl FnOnce(&PatientKey) -> ChainSalt,
    ) -> Result<Pending> {
        let patient = self.patient.map(|key| (key, chain_salt(&key)));
        Ok(Pending {
            id: self.id,
            recorded_at: self.recorded_at,
            salt: Salt::from_bytes(random(entropy)?),
            patient,
            person_key: self.person_key,
            overridden: self.overridden,
            entry: self.entry,
        })
    }
}

fn logged(ground: &Ground) -> LoggedGround {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    LoggedGround {
        rule: ground.rule.as_str().to_owned(),
        reference: some(&ground.reference),
        detail: some(&ground.detail),
    }
}

/// An entry that waits for its number in its patient's chain, and with it for its hash.
#[derive(Debug, Clone)]
pub(crate) struct Pending {
    pub(super) id: Uuid,
    pub(super) recorded_at: Micros,
    pub(super) salt: Salt,
    /// Whom it is about, and the salt of their chain.
    pub(super) patient: Option<(PatientKey, ChainSalt)>,
    pub(super) person_key: Option<PatientKey>,
    pub(super) overridden: bool,
    pub(super) entry: Entry,
}

impl Pending {
    /// Fixes the entry at this place: from here on its hash is its identity.
    pub(super) fn seal(&mut self, link: Option<ChainLink>) -> Result<Sealed> {
        self.entry.patient_chain = link;
        let payload = self.entry.to_canonical().map_err(Error::internal)?;
        let commitment = Commitment::of(&self.salt, &payload);
        let number = link.map(|link| i64::try_from(link.number));
        Ok(Sealed {
            number: number.transpose().map_err(Error::internal)?,
            leaf_hash: commitment.leaf(),
            commitment: *commitment.as_hash(),
            payload,
        })
    }
}

/// What is written of an entry because of its place.
#[derive(Debug, Clone)]
pub(super) struct Sealed {
    /// In its patient's chain.
    pub(super) number: Option<i64>,
    pub(super) leaf_hash: Hash,
    pub(super) commitment: Hash,
    pub(super) payload: Vec<u8>,
}

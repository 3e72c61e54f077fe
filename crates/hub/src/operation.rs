//! What an operation is. The set is closed: only this crate can add one.

use std::{collections::BTreeMap, future::Future, sync::Arc};

use delt_formats::identifier::PersonNumber;
use delt_policy::{Action, Ground, OrganisationId, PatientKey, RolePolicy, Scope};
use uuid::Uuid;

use crate::{
    Error, Result,
    clock::Micros,
    document::rows::Undecided,
    entropy::{self, Entropy},
    identity::Caller,
    keys::Keyring,
    organisation::Directory,
    role_policy::PastEditions,
    settings::Settings,
    store::Tx,
};

mod sealed {
    /// Cannot be named, and so not implemented, outside this crate.
    pub trait Sealed {}
}
pub(crate) use sealed::Sealed;

/// Whether an operation changes anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Runs in a snapshot; its audit entry is appended afterwards, before anything is released.
    Reads,
    /// Runs in one transaction together with its audit entry.
    Writes,
}

/// A command or a query. It is performed by [`crate::Hub::perform`] and by nothing else.
pub trait Operation: Sealed + Send + Sync + 'static {
    /// What a caller gets, once it is released against the audit receipt.
    type Outcome: Send + 'static;
    /// What the policy is asked about, and the operation's name in the audit log.
    const ACTION: Action;
    const EFFECT: Effect;
    /// Whether a standby of the database may answer: it reads much, and nobody treats by it. It is decided on the primary all the same.
    const ON_STANDBY: bool = false;

    /// Whom and what it is about, for the decision and the audit entry. Holds no free text of the caller's.
    fn subject(&self) -> Subject;

    /// Whether it reads the entries of the patient's record and nothing else, and with which columns: they are then read together with the facts, and
    /// given to [`Operation::run_on`].
    #[doc(hidden)]
    fn reads_record(&self) -> Option<RecordColumns> {
        None
    }

    /// Does it on a record that was read already, within what `scope` allows.
    #[doc(hidden)]
    fn run_on(&self, _: &Scope, _: Undecided, _: &Context) -> Result<Found<Self::Outcome>> {
        Err(Error::internal("an operation that reads no record"))
    }

    /// Does it, within what `scope` allows.
    #[doc(hidden)]
    fn run<'a>(
        &'a self,
        scope: &'a Scope,
        tx: &'a mut Tx<'_>,
        cx: &'a Context,
    ) -> impl Future<Output = Result<Found<Self::Outcome>>> + Send + 'a;
}

/// What is read of each entry of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[doc(hidden)]
pub enum RecordColumns {
    /// What decisions look at.
    Decided,
    /// What filters look at as well.
    Filtered,
}

/// Whom and what an operation is about.
#[derive(Debug, Clone, Default)]
pub struct Subject {
    /// The patient.
    pub patient: Option<PersonNumber>,
    /// The organisations that the operation acts for: the author of a document, the sender of a message.
    pub organisations: Vec<OrganisationId>,
    /// What a command acts on, as an id.
    pub target: Option<String>,
    /// The filters of a query, by name. Codes, times and ids only.
    pub filters: BTreeMap<String, String>,
}

impl Subject {
    /// An operation about one patient, and nothing else.
    pub(crate) fn about(patient: &PersonNumber) -> Self {
        Self {
            patient: Some(patient.clone()),
            ..Self::default()
        }
    }
}

/// What every operation may use, stamped once.
#[derive(Debug, Clone)]
#[doc(hidden)]
pub struct Context {
    pub(crate) now: Micros,
    pub(crate) caller: Caller,
    pub(crate) directory: Arc<Directory>,
    pub(crate) roles: Arc<RolePolicy>,
    pub(crate) editions: Arc<PastEditions>,
    pub(crate) keys: Arc<Keyring>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) settings: Arc<Settings>,
    /// The keys of the patient's linked numbers, the asked one first; empty where the operation has no patient.
    pub(crate) patient_keys: Vec<PatientKey>,
}

impl Context {
    /// A fresh identifier that sorts by time.
    pub(crate) fn uuid(&self) -> Result<Uuid> {
        entropy::uuid(&*self.entropy, self.now)
    }
}

/// What an operation found, held back until its audit entry is durable.
#[derive(Debug)]
pub struct Found<T> {
    value: T,
    pub(crate) disclosed: Vec<Uuid>,
    pub(crate) withheld: BTreeMap<&'static str, u64>,
    pub(crate) target: Option<String>,
    pub(crate) patient: Option<PatientKey>,
    pub(crate) overridden: bool,
    pub(crate) grounds: Vec<Ground>,
}

impl<T> Found<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self {
            value,
            disclosed: Vec::new(),
            withheld: BTreeMap::new(),
            target: None,
            patient: None,
            overridden: false,
            grounds: Vec::new(),
        }
    }

    /// The pointers that the value discloses.
    pub(crate) fn disclosing(mut self, entries: impl IntoIterator<Item = Uuid>) -> Self {
        self.disclosed.extend(entries);
        self
    }

    /// How many entries were held back, for which general reason.
    pub(crate) fn withholding(mut self, reasons: BTreeMap<&'static str, u64>) -> Self {
        self.withheld = reasons;
        self
    }

    /// What was made or changed.
    pub(crate) fn on(mut self, target: &impl ToString) -> Self {
        self.target = Some(target.to_string());
        self
    }

    /// The patient, where only the operation itself could know.
    pub(crate) fn about(mut self, patient: PatientKey) -> Self {
        self.patient = Some(patient);
        self
    }

    /// Why the scope admitted the one entry that this is about.
    pub(crate) fn because(mut self, grounds: Vec<Ground>) -> Self {
        self.grounds = grounds;
        self
    }

    /// Something was opened only because break-glass set a rule aside.
    pub(crate) const fn overridden(mut self, overridden: bool) -> Self {
        self.overridden = overridden;
        self
    }

    /// Hands the value over. The receipt is proof that the audit entry is durable.
    pub fn release(self, receipt: crate::audit::Receipt) -> Released<T> {
        Released {
            value: self.value,
            receipt,
        }
    }
}

/// An outcome that may leave the hub, with the receipt of its audit entry.
#[derive(Debug)]
pub struct Released<T> {
    pub value: T,
    pub receipt: crate::audit::Receipt,
}

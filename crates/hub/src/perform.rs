//! The one door. Every operation goes through [`Hub::perform`], and nothing else reaches the store.

mod together;

use std::sync::{Arc, RwLock};

use delt_policy::{Decision, Facts, OrganisationId, PatientKey, RolePolicy, Scope};
use futures_util::future::BoxFuture;
use time::Date;
use tracing::{Instrument as _, Span};

use crate::{
    Error, Result,
    audit::{self, Draft, Receipt, Written},
    background::Background,
    clock::Clock,
    denial,
    entropy::{self, Entropy},
    facts,
    glass::Breaking,
    identity::{Authenticator, Caller, Credentials, RequestContext},
    keys::Keyring,
    operation::{Context, Effect, Found, Operation, Released},
    organisation::Directory,
    revocation,
    settings::Settings,
    store::{AsyncWork, Store, Tx},
    trace::Step,
};

pub use together::Together;

/// The hub: cheap to clone, the same hub behind every clone.
#[derive(Debug, Clone)]
pub struct Hub {
    pub(crate) shared: Arc<Shared>,
}

#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) store: Store,
    pub(crate) keys: Arc<Keyring>,
    pub(crate) signer: delt_ledger::Signer,
    pub(crate) authenticator: Authenticator,
    pub(crate) directory: RwLock<Arc<Directory>>,
    pub(crate) roles: RwLock<Arc<RolePolicy>>,
    pub(crate) editions: Arc<crate::role_policy::PastEditions>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) settings: Arc<Settings>,
    pub(crate) sources: Arc<dyn crate::document::Sources>,
    pub(crate) breakers: crate::record::Breakers,
    pub(crate) background: Background,
    /// The store's writers: they end last.
    pub(crate) writers: Background,
    pub(crate) arrivals: tokio::sync::watch::Sender<u64>,
    /// Whether those who only wait should go elsewhere.
    pub(crate) leaving: tokio::sync::watch::Sender<bool>,
    pub(crate) upkeep: audit::upkeep::Upkeep,
    /// Only in a hub that measures.
    pub(crate) unaudited: Option<audit::Unaudited>,
    /// Whether the sealer's last turn could be written.
    pub(crate) writable: std::sync::atomic::AtomicBool,
}

impl Hub {
    /// Recognises the caller, performs the operation, and releases its outcome against its audit receipt.
    ///
    /// A refusal at the door leaves an audit entry too, as long as a registered system's certificate came with it.
    pub async fn enter<O: Operation>(
        &self,
        credentials: &Credentials,
        context: &RequestContext,
        operation: O,
    ) -> Result<Released<O::Outcome>> {
        let caller = self
            .caller(credentials, context, O::ACTION.as_str())
            .await?;
        self.perform(&caller, operation).await
    }

    /// Recognises the caller of what will be performed. A refusal leaves an audit entry under the operation's name.
    pub async fn caller(
        &self,
        credentials: &Credentials,
        context: &RequestContext,
        operation: &str,
    ) -> Result<Caller> {
        let now = self.shared.clock.now();
        let directory = self.directory();
        let key_of = |number: &_| self.shared.keys.patient_key(number);
        let shared = &self.shared;
        let recognised = Step::Authenticate.span().in_scope(|| {
            shared
                .authenticator
                .authenticate(credentials, context, &directory, &key_of, now)
        });
        match recognised {
            Ok(caller) => Ok(caller),
            Err(error) => {
                // What is known without the token is the system; where not even that, there is nobody to log.
                let alone = Credentials {
                    bearer: None,
                    ..credentials.clone()
                };
                let nothing = RequestContext::default();
                if let Ok(system) = shared
                    .authenticator
                    .authenticate(&alone, &nothing, &directory, &key_of, now)
                {
                    let mut draft = self.draft(&system, operation, now)?;
                    draft.refused(&error);
                    self.append(draft).await?;
                }
                Err(error)
            }
        }
    }

    /// Whether this very token was found good before, for whoever must tell callers apart without any work.
    pub fn remembers(&self, bearer: &str) -> bool {
        let now = self.shared.clock.now();
        self.shared.authenticator.remembers(bearer, now)
    }

    /// Leaves the audit entry of a request that could not be read, and so never became an operation. Returns the error to answer with: an
    /// unrecognised caller is told that, and nothing about the request.
    pub async fn refuse(
        &self,
        credentials: &Credentials,
        context: &RequestContext,
        operation: &str,
        error: Error,
    ) -> Error {
        match self.caller(credentials, context, operation).await {
            Ok(caller) => self.refuse_caller(&caller, operation, error).await,
            Err(unrecognised) => unrecognised,
        }
    }

    /// The same for a caller who has been recognised. One whose access was taken back is told that, and nothing about the request.
    pub async fn refuse_caller(&self, caller: &Caller, operation: &str, error: Error) -> Error {
        let error = match self.is_revoked(caller).await {
            Ok(revoked) if revoked => revocation::refusal(),
            Ok(_) => error,
            Err(fault) => fault,
        };
        let entry = self.draft(caller, operation, self.now()).map(|mut draft| {
            draft.refused(&error);
            draft
        });
        let logged = match entry {
            Ok(draft) => self.append(draft).await,
            Err(fault) => Err(fault),
        };
        logged.map_or_else(|fault| fault, |_| error)
    }

    async fn is_revoked(&self, caller: &Caller) -> Result<bool> {
        let mut tx = self.shared.store.snapshot().await?;
        revocation::rows::is_revoked(&mut tx, &caller.credential(&self.shared.keys)).await
    }

    /// Performs an operation: decides, runs it within what was decided, and releases its outcome once the audit entry is durable.
    ///
    /// If the entry cannot be written, the caller gets an error and no data.
    pub async fn perform<O: Operation>(
        &self,
        caller: &Caller,
        operation: O,
    ) -> Result<Released<O::Outcome>> {
        let now = self.shared.clock.now();
        let work = Performance {
            hub: self.clone(),
            caller: caller.clone(),
            operation: Arc::new(operation),
            now,
            span: Span::current(),
        };
        let (found, receipt) = match O::EFFECT {
            Effect::Reads => work.read().await?,
            Effect::Writes => {
                let (found, written) = self.shared.store.write(work).await?;
                (found, self.receipt(written)?)
            }
        };
        Ok(found?.release(receipt))
    }

    /// Leaves the access log out for what is read from now on, or keeps it again; for measuring what it costs. Commands are always logged.
    ///
    /// # Errors
    /// The hub was not opened for measuring.
    pub fn set_audited(&self, audited: bool) -> Result<()> {
        let measuring = self.shared.unaudited.as_ref();
        let measuring =
            measuring.ok_or_else(|| Error::internal("the access log is always kept"))?;
        measuring.set_audited(audited);
        Ok(())
    }

    /// The organisations and systems as they stand now.
    pub fn directory(&self) -> Arc<Directory> {
        current(&self.shared.directory)
    }

    /// The role policies as they stand now.
    pub fn roles(&self) -> Arc<RolePolicy> {
        current(&self.shared.roles)
    }

    /// What every operation of this caller may use, as of now.
    fn context(&self, caller: &Caller, now: i64) -> Context {
        let shared = &self.shared;
        Context {
            now,
            caller: caller.clone(),
            directory: self.directory(),
            roles: self.roles(),
            editions: shared.editions.clone(),
            keys: shared.keys.clone(),
            entropy: shared.entropy.clone(),
            settings: shared.settings.clone(),
            patient_keys: Vec::new(),
        }
    }

    /// Begins an audit entry.
    pub(crate) fn draft(&self, caller: &Caller, operation: &str, now: i64) -> Result<Draft> {
        let id = entropy::uuid(&*self.shared.entropy, now)?;
        Ok(Draft::new(id, caller, operation, now))
    }

    /// Appends an entry of its own, durable when this returns.
    pub(crate) async fn append(&self, draft: Draft) -> Result<Receipt> {
        let unaudited = self.shared.unaudited.as_ref();
        if let Some(stand_in) = unaudited.and_then(|measuring| measuring.stand_in(&draft)) {
            return Ok(stand_in);
        }
        let append = audit::append::append(&self.shared, draft);
        let written = append.instrument(Step::Audit.span()).await?;
        self.receipt(written)
    }

    /// The receipt of an entry that is durable.
    fn receipt(&self, written: Written) -> Result<Receipt> {
        written.receipt(&self.shared.signer, self.shared.settings.promise)
    }
}

/// A poisoned lock still holds a whole value: it is only ever replaced, never changed in place.
fn current<T>(lock: &RwLock<Arc<T>>) -> Arc<T> {
    lock.read()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
        .clone()
}

/// One operation on its way through the door.
struct Performance<O> {
    hub: Hub,
    caller: Caller,
    operation: Arc<O>,
    now: i64,
    /// What the steps are part of: a command runs in a task of the store's.
    span: Span,
}

/// Whom and what a request is about.
struct Asked {
    patient: Option<PatientKey>,
    born: Option<Date>,
    organisations: Vec<OrganisationId>,
}

/// What was found or refused, and what that leaves: an entry in the open transaction, or the receipt of a durable one.
type Performed<T, R> = (Result<Found<T>>, R);

impl<O: Operation> Performance<O> {
    async fn read(&self) -> Result<Performed<O::Outcome, Receipt>> {
        let mut draft = self.draft()?;
        // On the heap: what an operation holds while it runs would else lie in every future above it.
        let found = Box::pin(self.attempt_reading(&mut draft)).await;
        conclude(&mut draft, &found);
        let receipt = self.hub.append(draft).await?;
        Ok((found, receipt))
    }

    async fn write(&self, tx: &mut Tx<'_>) -> Result<Performed<O::Outcome, Written>> {
        let mut draft = self.draft()?;
        let mut savepoint = tx.nested().await?;
        let found = Box::pin(self.attempt(&mut draft, &mut savepoint)).await;
        match &found {
            Ok(_) => savepoint.commit().await?,
            Err(_) => savepoint.rollback().await?,
        }
        conclude(&mut draft, &found);
        let append = audit::append::conclude(tx, draft, &self.hub.shared);
        let written = append.instrument(Step::Audit.span()).await?;
        Ok((found, written))
    }

    fn draft(&self) -> Result<Draft> {
        self.hub.draft(&self.caller, O::ACTION.as_str(), self.now)
    }

    fn context(&self) -> Context {
        self.hub.context(&self.caller, self.now)
    }

    /// Facts, decision, and within the decision's scope the operation itself, in the transaction of a command.
    async fn attempt(&self, draft: &mut Draft, tx: &mut Tx<'_>) -> Result<Found<O::Outcome>> {
        let (asked, mut cx) = (self.ask(draft), self.context());
        let load = facts::load(tx, &mut cx, asked.patient, asked.born);
        let facts = load.instrument(Step::Facts.span()).await?;
        let scope = self.decide(draft, (&cx, &asked, &facts))?;
        self.run(&scope, tx, &cx).await
    }

    /// The same in a snapshot: of one statement where that is enough, else one that begins with the facts.
    async fn attempt_reading(&self, draft: &mut Draft) -> Result<Found<O::Outcome>> {
        let (asked, mut cx) = (self.ask(draft), self.context());
        if let Some(columns) = self.operation.reads_record() {
            let about = (asked.patient, asked.born);
            let read = facts::with_record(&self.hub.shared.store, &mut cx, about, columns);
            if let Some((facts, record)) = read.instrument(Step::Facts.span()).await? {
                let scope = self.decide(draft, (&cx, &asked, &facts))?;
                let run = || self.operation.run_on(&scope, record, &cx);
                return Step::Run.span().in_scope(run);
            }
        }
        let on = self.hub.shared.store.lend().await?;
        let begin = facts::begin(on, &mut cx, asked.patient, asked.born);
        let (mut tx, facts) = begin.instrument(Step::Facts.span()).await?;
        let scope = self.decide(draft, (&cx, &asked, &facts))?;
        if O::ON_STANDBY {
            tx = self.hub.shared.store.on_standby(tx).await?;
        }
        self.run(&scope, &mut tx, &cx).await
    }

    /// Whom and what the operation is about, which the entry notes.
    fn ask(&self, draft: &mut Draft) -> Asked {
        let subject = self.operation.subject();
        let number = subject.patient.as_ref();
        let asked = Asked {
            patient: number.map(|number| self.hub.shared.keys.patient_key(number)),
            born: number.and_then(facts::born),
            organisations: subject.organisations.clone(),
        };
        draft.about(subject, asked.patient);
        asked
    }

    async fn run(&self, scope: &Scope, tx: &mut Tx<'_>, cx: &Context) -> Result<Found<O::Outcome>> {
        let run = self.operation.run(scope, tx, cx);
        run.instrument(Step::Run.span()).await
    }

    /// What the caller may do, or why not, which the entry notes.
    fn decide(
        &self,
        draft: &mut Draft,
        (cx, asked, facts): (&Context, &Asked, &Facts),
    ) -> Result<Box<Scope>> {
        let request = facts::request(cx, O::ACTION, &asked.organisations);
        let decide = || delt_policy::decide(&request, facts, self.now);
        match Step::Decide.span().in_scope(decide) {
            Decision::Deny(refusal) => {
                draft.decided(&refusal.grounds, cx.roles.version());
                Err(denial::error(refusal.reason))
            }
            Decision::Permit(scope) => {
                draft.decided(scope.grounds(), cx.roles.version());
                draft.breaks(Breaking::of(&scope, cx)?);
                Ok(scope)
            }
        }
    }
}

fn conclude<T>(draft: &mut Draft, found: &Result<Found<T>>) {
    match found {
        Ok(found) => draft.permitted(found),
        Err(error) => draft.refused(error),
    }
}

impl<O: Operation> AsyncWork<Performed<O::Outcome, Written>> for Performance<O> {
    fn run<'a>(
        &'a mut self,
        tx: &'a mut Tx<'_>,
    ) -> BoxFuture<'a, Result<Performed<O::Outcome, Written>>> {
        let span = self.span.clone();
        Box::pin(self.write(tx).instrument(span))
    }
}

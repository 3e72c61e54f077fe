//! The one door. Every operation goes through [`Hub::perform`], and nothing else reaches the store.

mod one;
mod together;

use std::sync::{Arc, RwLock};

use delt_policy::RolePolicy;
use tracing::{Instrument as _, Span};

use crate::{
    Error, Result,
    audit::{self, Draft, Receipt, Written},
    background::Background,
    clock::Clock,
    entropy::{self, Entropy},
    identity::{Authenticator, Caller, Credentials, RequestContext},
    keys::Keyring,
    operation::{Context, Effect, Operation, Released},
    organisation::Directory,
    revocation,
    settings::Settings,
    store::Store,
    trace::Step,
};

use one::Performance;
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

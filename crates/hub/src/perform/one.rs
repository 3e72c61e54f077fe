//! One operation on its way through the door: facts, decision, and within what was decided the operation itself.

use std::sync::Arc;

use delt_policy::{Decision, Facts, OrganisationId, PatientKey, Scope};
use futures_util::future::BoxFuture;
use time::Date;
use tracing::{Instrument as _, Span};

use super::Hub;
use crate::{
    Result,
    audit::{self, Draft, Receipt, Written},
    denial, facts,
    glass::Breaking,
    identity::Caller,
    operation::{Context, Found, Operation},
    store::{AsyncWork, Tx},
    trace::Step,
};

/// One operation on its way through the door.
pub(super) struct Performance<O> {
    pub(super) hub: Hub,
    pub(super) caller: Caller,
    pub(super) operation: Arc<O>,
    pub(super) now: i64,
    /// What the steps are part of: a command runs in a task of the store's.
    pub(super) span: Span,
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
    pub(super) async fn read(&self) -> Result<Performed<O::Outcome, Receipt>> {
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

pub(super) fn conclude<T>(draft: &mut Draft, found: &Result<Found<T>>) {
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

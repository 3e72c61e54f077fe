//! Many registrations of one caller through the door in one transaction. Each has its own decision, its own audit entry and its own receipt; what they
//! share is done once.

use std::sync::Arc;

use delt_policy::{Decision, PatientKey};
use futures_util::future::BoxFuture;
use tracing::{Instrument as _, Span};

use super::{Hub, one::conclude};
use crate::{
    Result,
    audit::{Draft, Written, append},
    denial,
    document::operations::{
        RegisterDocument, Registered,
        together::{self, Candidate},
    },
    facts,
    identity::{Caller, Credentials, RequestContext},
    operation::{Context, Found, Operation as _, Released},
    patient, revocation,
    store::{AsyncWork, Tx},
    trace::Step,
};

/// What became of each item, in their order.
#[derive(Debug)]
pub enum Together {
    /// It has its outcome.
    Done(Result<Released<Registered>>),
    /// It must be registered alone, because what becomes of it depends on more than itself.
    Alone {
        /// The person may have other numbers, so that others of these items can be about the same person.
        has_other_numbers: bool,
    },
}

impl Hub {
    /// Recognises the caller once and registers all items that have nothing to do with each other, in one transaction.
    ///
    /// Where that transaction fails, all items are left to be registered alone, so that only those fail whose fault it is.
    ///
    /// # Errors
    /// The caller is not recognised. Nothing was done then.
    pub async fn register_together(
        &self,
        credentials: &Credentials,
        context: &RequestContext,
        items: Arc<[RegisterDocument]>,
    ) -> Result<Vec<Together>> {
        let action = RegisterDocument::ACTION.as_str();
        let caller = self.caller(credentials, context, action).await?;
        let alone = items.iter().map(|_| Together::Alone {
            has_other_numbers: true,
        });
        let alone: Vec<_> = alone.collect();
        let work = Registrations {
            hub: self.clone(),
            caller,
            items,
            now: self.now(),
            span: Span::current(),
        };
        let Ok(done) = self.shared.store.write(work).await else {
            return Ok(alone);
        };
        let released = |Performed { linked, done }| match done {
            Some((found, written)) => Together::Done(self.released(found, written)),
            None => Together::Alone {
                has_other_numbers: linked,
            },
        };
        Ok(done.into_iter().map(released).collect())
    }

    fn released(
        &self,
        found: Result<Found<Registered>>,
        written: Written,
    ) -> Result<Released<Registered>> {
        Ok(found?.release(self.receipt(written)?))
    }
}

struct Registrations {
    hub: Hub,
    caller: Caller,
    items: Arc<[RegisterDocument]>,
    now: i64,
    /// What the steps are part of: they run in a task of the store's.
    span: Span,
}

/// What an item found and the entry that was written of it; none where it is left.
struct Performed {
    linked: bool,
    done: Option<(Result<Found<Registered>>, Written)>,
}

/// The decision on an item, and its entry in the making; none where it is left.
struct Decided<'a> {
    linked: bool,
    entry: Option<(Draft, Result<Candidate<'a>>)>,
}

/// What is known of an item before its entry is written.
struct Ended {
    linked: bool,
    entry: Option<(Draft, Result<Found<Registered>>)>,
}

impl Registrations {
    async fn write(&self, tx: &mut Tx<'_>) -> Result<Vec<Performed>> {
        let mut cx = self.hub.context(&self.caller, self.now);
        let decide = self.decide(tx, &mut cx);
        let decided = decide.instrument(Step::Decide.span()).await?;
        let mut candidates = Vec::with_capacity(decided.len());
        let mut refused = Vec::with_capacity(decided.len());
        for Decided { linked, entry } in decided {
            let entry = entry.map(|(draft, outcome)| {
                (
                    draft,
                    outcome.map(|candidate| candidates.push(candidate)).err(),
                )
            });
            refused.push((linked, entry));
        }
        let register = together::register(tx, &cx, &candidates);
        let done = register.instrument(Step::Run.span()).await?;
        let mut done = done.into_iter();
        let ended = refused.into_iter().map(|(linked, entry)| {
            let entry = entry.and_then(|(draft, refusal)| {
                let outcome = refusal.map_or_else(|| done.next()?, |error| Some(Err(error)));
                Some((draft, outcome?.map(Found::new)))
            });
            Ended { linked, entry }
        });
        let conclude = self.conclude(tx, ended.collect());
        conclude.instrument(Step::Audit.span()).await
    }

    /// Decides each item that is independent, by itself.
    async fn decide<'a>(&'a self, tx: &mut Tx<'_>, cx: &mut Context) -> Result<Vec<Decided<'a>>> {
        let key = |item: &RegisterDocument| cx.keys.patient_key(&item.entry.patient);
        let patients: Vec<_> = self.items.iter().map(key).collect();
        let linked = patient::rows::linked_among(tx, &patients).await?;
        // One whose access was taken back is refused for each item by itself, as one who is no longer recognised.
        let credential = cx.caller.credential(&cx.keys);
        let revoked = revocation::rows::is_revoked(tx, &credential).await?;
        let facts = facts::of_nobody(cx);
        let independent = together::independent(&self.items);
        let each = self.items.iter().zip(patients).zip(independent);
        each.map(|((item, patient), independent)| {
            let linked = linked.contains(&patient);
            let entry = if independent && !linked && !revoked {
                self.decide_one(cx, &facts, item, patient)?
            } else {
                None
            };
            Ok(Decided { linked, entry })
        })
        .collect()
    }

    fn decide_one<'a>(
        &self,
        cx: &mut Context,
        facts: &delt_policy::Facts,
        item: &'a RegisterDocument,
        patient: PatientKey,
    ) -> Result<Option<(Draft, Result<Candidate<'a>>)>> {
        let action = RegisterDocument::ACTION;
        let mut draft = self.hub.draft(&self.caller, action.as_str(), self.now)?;
        let subject = item.subject();
        let organisations = subject.organisations.clone();
        draft.about(subject, Some(patient));
        cx.patient_keys = vec![patient];
        let request = facts::request(cx, action, &organisations);
        let decision = delt_policy::decide(&request, facts, self.now);
        draft.decided(decision.grounds(), cx.roles.version());
        let outcome = match decision {
            Decision::Deny(refusal) => Err(denial::error(refusal.reason)),
            // No system breaks the glass. If one did, that is written where an item is registered alone.
            Decision::Permit(scope) if scope.glass().is_some() => return Ok(None),
            Decision::Permit(scope) => Ok(Candidate {
                item,
                patient,
                scope,
            }),
        };
        Ok(Some((draft, outcome)))
    }

    /// Writes the entries of all that have their outcome, in the order of the items.
    async fn conclude(&self, tx: &mut Tx<'_>, ended: Vec<Ended>) -> Result<Vec<Performed>> {
        let mut drafts = Vec::with_capacity(ended.len());
        let mut outcomes = Vec::with_capacity(ended.len());
        for Ended { linked, entry } in ended {
            let found = entry.map(|(mut draft, found)| {
                conclude(&mut draft, &found);
                drafts.push(draft);
                found
            });
            outcomes.push((linked, found));
        }
        let written = append::conclude_all(tx, drafts, &self.hub.shared).await?;
        let mut written = written.into_iter();
        let performed = outcomes.into_iter().map(|(linked, found)| {
            let done = found.and_then(|found| Some((found, written.next()?)));
            Performed { linked, done }
        });
        Ok(performed.collect())
    }
}

impl AsyncWork<Vec<Performed>> for Registrations {
    fn run<'a>(&'a mut self, tx: &'a mut Tx<'_>) -> BoxFuture<'a, Result<Vec<Performed>>> {
        let span = self.span.clone();
        Box::pin(self.write(tx).instrument(span))
    }
}

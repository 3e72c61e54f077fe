//! Who could see what, and why: one professional, or everybody who treats the citizen; now, or at an earlier time; with or without a consent that is
//! only being thought of.

mod answer;
mod may_ask;
mod seat;
mod seats;
mod view;
mod what_if;
mod world;

pub use answer::{Access, Explained, PlaceAccess, WhatIf};
pub use seat::{Seat, Whom};

use delt_formats::identifier::PersonNumber;
use delt_policy::{Action, Micros, Purpose, Scope};
use uuid::Uuid;

use crate::{
    Error, Result,
    clock::rfc3339,
    consent::ConsentTerms,
    operation::{Context, Effect, Found, Operation, Sealed, Subject},
    store::Tx,
};
use seats::Everybody;
use view::{Both, View};
use world::World;

/// What somebody would see of a citizen's record, or everybody who treats the citizen.
#[derive(Debug, Clone)]
pub struct ExplainAccess {
    pub patient: PersonNumber,
    pub whom: Whom,
    pub purpose: Purpose,
    /// At this time in the past; now where there is none.
    pub as_of: Option<Micros>,
    /// Of this one entry only.
    pub entry: Option<Uuid>,
    /// A consent that is not registered: what it would change. Only of now.
    pub what_if: Option<ConsentTerms>,
}

impl Sealed for ExplainAccess {}

impl Operation for ExplainAccess {
    type Outcome = Explained;
    const ACTION: Action = Action::ExplainAccess;
    const EFFECT: Effect = Effect::Reads;

    fn subject(&self) -> Subject {
        let mut subject = Subject::about(&self.patient);
        let mut note = |name: &str, value: String| {
            subject.filters.insert(name.to_owned(), value);
        };
        note("purpose", self.purpose.as_str().to_owned());
        if let Whom::Professional(seat) = &self.whom {
            note("role", seat.role.clone());
            note("organisation", seat.organisation.to_string());
            if let Some(person) = &seat.person {
                note("authorisation", person.as_str().to_owned());
            }
        }
        if let Some(at) = self.as_of {
            note("as_of", rfc3339(at));
        }
        if let Some(entry) = self.entry {
            note("entry", entry.to_string());
        }
        if self.what_if.is_some() {
            note("what_if", "given".to_owned());
        }
        subject
    }

    async fn run(&self, scope: &Scope, tx: &mut Tx<'_>, cx: &Context) -> Result<Found<Explained>> {
        self.check(cx)?;
        let world = World::load(tx, scope, cx, self).await?;
        let Everybody { seats, more } = match &self.whom {
            Whom::Professional(seat) => Everybody {
                seats: vec![may_ask::about(seat.clone(), cx)?],
                more: false,
            },
            Whom::Everybody => seats::of_everybody(&world, cx),
        };
        let thought = match &self.what_if {
            Some(terms) => Some(world.with(what_if::consent(terms, cx)?)),
            None => None,
        };
        let mut views = Vec::with_capacity(seats.len());
        for seat in &seats {
            let after = thought.as_ref().map(|world| View::new(seat, world, cx));
            let before = View::new(seat, &world, cx);
            views.push(Both { before, after });
            // Other requests go on meanwhile.
            tokio::task::yield_now().await;
        }
        let mut explained = match &self.whom {
            Whom::Professional(_) => answer::of_one(&world, &views),
            Whom::Everybody => answer::of_everybody(&world, &views, more, cx),
        };
        explained.what_if = thought.map(|_| what_if::compared(&world, &views));
        Ok(Found::new(explained))
    }
}

impl ExplainAccess {
    fn check(&self, cx: &Context) -> Result<()> {
        if self.as_of.is_some_and(|at| at > cx.now) {
            return Err(Error::invalid("as_of_time", "lies in the future"));
        }
        if self.as_of.is_some() && self.what_if.is_some() {
            let problem = "a consent that is being thought of was not there at an earlier time: leave out as_of_time";
            return Err(Error::invalid("what_if", problem));
        }
        if self.what_if.is_some() && !may_ask::may_think_of_consents(cx) {
            let problem = "only the citizen, or who acts for one, can think of a consent";
            return Err(Error::invalid("what_if", problem));
        }
        match &self.whom {
            Whom::Professional(Seat { organisation, .. })
                if !cx.directory.tree().contains(organisation) =>
            {
                let problem = "is not an organisation in the directory";
                Err(Error::invalid("organisation", problem))
            }
            _ => Ok(()),
        }
    }
}

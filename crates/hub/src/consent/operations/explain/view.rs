//! What one seat sees.

use delt_policy::{
    Action, Decision, Denial, DenialReason, Facts, Ground, OverrideGround, Party, Purpose, Request,
    Rule, Scope, Verdict, WithheldReason, decide,
};

use super::{Seat, world::World};
use crate::operation::Context;

/// Of so many entries the grounds are told; they repeat long before.
const EXPLAINED_MAX: usize = 1_000;

/// The decision on a seat, entry by entry.
#[derive(Debug)]
pub(super) struct View {
    pub(super) seat: Seat,
    pub(super) admitted: bool,
    /// In the order of the world's entries.
    pub(super) verdicts: Vec<Verdict>,
    pub(super) grounds: Vec<Ground>,
}

/// A view as it is, and as it would be with a consent that is being thought of.
#[derive(Debug)]
pub(super) struct Both {
    pub(super) before: View,
    pub(super) after: Option<View>,
}

impl Both {
    /// Whether an entry is seen before and after.
    pub(super) fn sees(&self, entry: usize) -> (bool, bool) {
        let before = self.before.sees(entry);
        (
            before,
            self.after
                .as_ref()
                .map_or(before, |after| after.sees(entry)),
        )
    }
}

impl View {
    pub(super) fn new(seat: &Seat, world: &World, cx: &Context) -> Self {
        let view = |admitted, verdicts, grounds| Self {
            seat: seat.clone(),
            admitted,
            verdicts,
            grounds,
        };
        let Ok(party) = seat.party(&world.staff, cx) else {
            return view(false, none(world), Vec::new());
        };
        match asked(&party, &world.facts, world) {
            Decision::Permit(theirs) => view(
                true,
                theirs.review(&*world.entries),
                grounds(&theirs, world),
            ),
            Decision::Deny(denial) => {
                let verdicts = refused(&denial, &party, world);
                view(false, verdicts, denial.grounds)
            }
        }
    }

    pub(super) fn sees(&self, entry: usize) -> bool {
        self.verdicts
            .get(entry)
            .is_some_and(|verdict| verdict.is_visible())
    }
}

fn asked(party: &Party, facts: &Facts, world: &World) -> Decision {
    let breaks = world.purpose == Purpose::Btg;
    let request = Request {
        party,
        action: Action::SearchRecord,
        purpose: Some(world.purpose),
        // As though a sufficient reason had been given.
        override_reason: breaks.then_some("what would be seen is asked"),
        override_ground: breaks.then_some(OverrideGround::EssentialConsideration),
        patients: &world.keys,
        organisations: &[],
    };
    decide(&request, facts, world.at)
}

/// A seat that is refused sees nothing. Where only the citizen's block of everything refuses it, that is why, entry by entry: what the role would
/// have seen is withheld by consent.
fn refused(denial: &Denial, party: &Party, world: &World) -> Vec<Verdict> {
    if denial.reason != DenialReason::ConsentBlocksAll {
        return none(world);
    }
    let Decision::Permit(else_) = asked(party, &world.without_consents(), world) else {
        return none(world);
    };
    let blocked = |verdict: Verdict| match verdict {
        Verdict::Withheld(_) => verdict,
        Verdict::Visible | Verdict::VisibleByOverride => Verdict::Withheld(WithheldReason::Consent),
    };
    let verdicts = else_.review(&*world.entries);
    verdicts.into_iter().map(blocked).collect()
}

/// Nothing is seen, for a reason that is not the entries'.
fn none(world: &World) -> Vec<Verdict> {
    vec![Verdict::Withheld(WithheldReason::OutOfScope); world.entries.len()]
}

/// What let the seat in, and what decided on the entries. About one entry, what bears on others is left out.
fn grounds(theirs: &Scope, world: &World) -> Vec<Ground> {
    let of_entries = |ground: &Ground| {
        matches!(
            ground.rule,
            Rule::Role | Rule::ConsentBlock | Rule::ConsentPermit
        )
    };
    let general = theirs.grounds().iter();
    let mut grounds: Vec<Ground> = general
        .filter(|ground| !(world.one && of_entries(ground)))
        .cloned()
        .collect();
    for entry in world.entries.iter().take(EXPLAINED_MAX) {
        for ground in theirs.explain(entry).grounds {
            if !grounds.contains(&ground) {
                grounds.push(ground);
            }
        }
    }
    grounds
}

//! The answer: each view, and all of them together.

use delt_policy::{AuthorisationId, Ground, Micros, OrganisationId, Verdict, WithheldReason};

use super::{
    view::{Both, View},
    world::World,
};
use crate::operation::Context;

/// Of everybody together no more grounds than this are told.
const GROUNDS_MAX: usize = 200;

/// Who sees how much, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// Of the one professional; of everybody, what anybody sees.
    pub access: Access,
    /// Where everybody was asked about: each role at each place.
    pub places: Vec<PlaceAccess>,
    /// Everybody was asked about.
    pub everybody: bool,
    /// More places treat the citizen than are told of.
    pub more_places: bool,
    /// Where a consent was only being thought of.
    pub what_if: Option<WhatIf>,
    /// The moment that this is about.
    pub at: Micros,
    /// It is about an earlier time of which no policies are recorded: the first that are decided.
    pub assumed_policies: bool,
}

/// How much is seen, how much is not for which reason, and what determined it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Access {
    /// Whether one would be let in at all.
    pub admitted: bool,
    pub visible: u32,
    pub withheld_by_consent: u32,
    pub withheld_by_role: u32,
    pub withheld_by_purpose: u32,
    pub grounds: Vec<Ground>,
}

/// What one role at one place sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlaceAccess {
    pub organisation: OrganisationId,
    pub name: String,
    pub role: String,
    /// Where the treatment relation is one professional's only.
    pub person: Option<AuthorisationId>,
    pub access: Access,
    /// How much, with the consent that is being thought of.
    pub visible_what_if: Option<u32>,
}

/// What a consent would change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct WhatIf {
    /// Entries that any of the places sees today.
    pub entries: u32,
    /// Of those, how many at least one place would no longer see.
    pub entries_hidden: u32,
    /// How many at least one place would newly see.
    pub entries_opened: u32,
    pub places: u32,
    pub places_affected: u32,
}

/// About one professional.
pub(super) fn of_one(world: &World, views: &[Both]) -> Explained {
    Explained {
        access: together(world, views),
        places: Vec::new(),
        everybody: false,
        more_places: false,
        what_if: None,
        at: world.at,
        assumed_policies: world.assumed_policies,
    }
}

/// About everybody: what any of them sees, and each of them.
pub(super) fn of_everybody(
    world: &World,
    views: &[Both],
    more_places: bool,
    cx: &Context,
) -> Explained {
    Explained {
        places: views.iter().map(|both| place(both, cx)).collect(),
        everybody: true,
        more_places,
        ..of_one(world, views)
    }
}

fn place(both: &Both, cx: &Context) -> PlaceAccess {
    let seat = &both.before.seat;
    let organisation = cx.directory.organisation(&seat.organisation);
    PlaceAccess {
        organisation: seat.organisation.clone(),
        name: organisation
            .map(|known| known.name.clone())
            .unwrap_or_default(),
        role: seat.role.clone(),
        person: seat.person.clone(),
        access: alone(&both.before),
        visible_what_if: both.after.as_ref().map(|view| alone(view).visible),
    }
}

fn alone(view: &View) -> Access {
    let mut access = Access {
        admitted: view.admitted,
        grounds: view.grounds.clone(),
        ..Access::default()
    };
    for verdict in &view.verdicts {
        access.add(*verdict);
    }
    access
}

/// An entry that anybody sees is seen; one that nobody sees is withheld for the reason nearest to being seen.
fn together(world: &World, views: &[Both]) -> Access {
    let views: Vec<&View> = views.iter().map(|both| &both.before).collect();
    let mut access = Access {
        admitted: views.iter().any(|view| view.admitted),
        ..Access::default()
    };
    for entry in 0..world.entries.len() {
        let verdicts = views.iter().filter_map(|view| view.verdicts.get(entry));
        if let Some(nearest) = verdicts.min_by_key(|verdict| distance(**verdict)) {
            access.add(*nearest);
        }
    }
    for ground in views.iter().flat_map(|view| &view.grounds) {
        if access.grounds.len() < GROUNDS_MAX && !access.grounds.contains(ground) {
            access.grounds.push(ground.clone());
        }
    }
    access
}

const fn distance(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Visible => 0,
        Verdict::VisibleByOverride => 1,
        Verdict::Withheld(WithheldReason::Consent) => 2,
        Verdict::Withheld(WithheldReason::Purpose) => 3,
        Verdict::Withheld(WithheldReason::Role) => 4,
        Verdict::Withheld(WithheldReason::OutOfScope) => 5,
    }
}

impl Access {
    fn add(&mut self, verdict: Verdict) {
        let count = match verdict {
            Verdict::Visible | Verdict::VisibleByOverride => &mut self.visible,
            Verdict::Withheld(WithheldReason::Consent) => &mut self.withheld_by_consent,
            Verdict::Withheld(WithheldReason::Role) => &mut self.withheld_by_role,
            Verdict::Withheld(WithheldReason::Purpose) => &mut self.withheld_by_purpose,
            Verdict::Withheld(WithheldReason::OutOfScope) => return,
        };
        *count = count.saturating_add(1);
    }
}

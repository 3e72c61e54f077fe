//! Everybody who treats the citizen: the places with a treatment relation, and the roles there that may read anything at all.

use std::collections::BTreeSet;

use delt_policy::{
    Action, AuthorisationId, OrganisationId, TreatmentRelation,
    roles::{Principal, RoleQuestion},
};

use super::{Seat, may_ask::may_ask, world::World};
use crate::operation::Context;

/// So many places are told of, those that treat since most recently first.
const PLACES_MAX: usize = 50;

/// A place, or one professional in it.
type Place = (OrganisationId, Option<AuthorisationId>);

/// Those of everybody whom the caller may ask about.
#[derive(Debug)]
pub(super) struct Everybody {
    /// Place by place.
    pub(super) seats: Vec<Seat>,
    /// There are more places than are told of.
    pub(super) more: bool,
}

/// Everybody at that moment.
pub(super) fn of_everybody(world: &World, cx: &Context) -> Everybody {
    let mut places = places(world);
    places.retain(|(organisation, _)| may_ask(organisation, cx));
    let more = places.len() > PLACES_MAX;
    places.truncate(PLACES_MAX);
    let seats = places.iter().flat_map(|place| at(place, world)).collect();
    Everybody { seats, more }
}

/// The places with a relation at that moment, each once.
fn places(world: &World) -> Vec<Place> {
    let mut relations: Vec<_> = world
        .facts
        .relations
        .iter()
        .filter(|relation| relation.active_at(world.at) && world.keys.contains(&relation.patient))
        .collect();
    relations.sort_by_key(|relation| (std::cmp::Reverse(relation.from), relation.id));
    let mut seen = BTreeSet::new();
    let place =
        |relation: &TreatmentRelation| (relation.organisation.clone(), relation.person.clone());
    let places = relations.into_iter().map(place);
    places.filter(|place| seen.insert(place.clone())).collect()
}

fn at(place: &Place, world: &World) -> Vec<Seat> {
    let (organisation, person) = place;
    let sits = |role: &&Principal| {
        // One professional's relation is of an authorised one.
        person.is_none() || matches!(role, Principal::Professional(_))
    };
    let reads = |role: &&Principal| {
        let question = RoleQuestion {
            principal: (*role).clone(),
            sector: world.facts.organisations.sector(organisation),
            action: Action::SearchRecord,
            purpose: Some(world.purpose),
            helper: false,
        };
        world.facts.roles.table(&question).permits_any()
    };
    let seat = |role: &Principal| Seat {
        role: role.code().to_owned(),
        organisation: organisation.clone(),
        person: person.clone(),
    };
    world
        .staff
        .iter()
        .filter(sits)
        .filter(reads)
        .map(seat)
        .collect()
}

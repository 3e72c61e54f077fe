//! Searches with the access log beside searches without it, and with tokens that are known beside tokens that are new.

use std::sync::Arc;

use delt_proto::common::v1::Identifier;
use serde_json::json;

use super::search::{found_by, searching};
use super::{Findings, TELLING};
use crate::bench::Failure;
use crate::bench::clients::{Caller, Clients};
use crate::bench::data::person::Person;
use crate::bench::measure::drive::{Call, closed};
use crate::bench::measure::figure::{median, report, round};
use crate::bench::peers::order::Order;
use crate::bench::run::Plan;
use crate::bench::world::World;

/// Callers with new tokens: making one costs the measuring process more than a search costs the hub.
const NEWCOMERS: usize = 16;

pub(super) async fn log(
    world: &mut World,
    plan: &Plan,
    found: &mut Findings,
) -> Result<(), Failure> {
    let people = people(world);
    let callers = world
        .clients
        .callers(&world.hub.address()?, TELLING)
        .await?;
    let (mut on, mut off) = (Vec::new(), Vec::new());
    for _ in 0..plan.rounds.count {
        let load = searching(callers.clone(), people.clone());
        on.push(closed(TELLING, plan.rounds.time, &world.hub_meter()?, load).await?);
        world.sealed().await?;
        world.hub.ask::<()>(&Order::Audited(false)).await?;
        let load = searching(callers.clone(), people.clone());
        off.push(closed(TELLING, plan.rounds.time, &world.hub_meter()?, load).await?);
        world.hub.ask::<()>(&Order::Audited(true)).await?;
    }
    let rates = on.iter().zip(&off);
    let ratio = median(rates.map(|(on, off)| on.round.per_second() / off.round.per_second()));
    found.ratio("audit_on_over_off", ratio);
    let scenario = json!({
        "callers": TELLING,
        "on": report(&on),
        "off": report(&off),
        "rate_on_over_off": round(ratio),
    });
    found.scenarios.insert("audit".to_owned(), scenario);
    Ok(())
}

pub(super) async fn tokens(
    world: &mut World,
    plan: &Plan,
    found: &mut Findings,
) -> Result<(), Failure> {
    let people = people(world);
    let callers = world
        .clients
        .callers(&world.hub.address()?, NEWCOMERS)
        .await?;
    let (mut known, mut new) = (Vec::new(), Vec::new());
    for _ in 0..plan.rounds.count {
        let load = searching(callers.clone(), people.clone());
        known.push(closed(NEWCOMERS, plan.rounds.time, &world.hub_meter()?, load).await?);
        world.sealed().await?;
        let load = introducing(callers.clone(), people.clone(), world.clients.clone());
        new.push(closed(NEWCOMERS, plan.rounds.time, &world.hub_meter()?, load).await?);
        world.sealed().await?;
    }
    let costs = known.iter().zip(&new);
    let costs = median(costs.map(|(known, new)| new.cpu() - known.cpu()));
    let scenario = json!({
        "callers": NEWCOMERS,
        "known": report(&known),
        "new": report(&new),
        "cpu_us_of_a_new_token": round(costs),
    });
    found.scenarios.insert("token".to_owned(), scenario);
    Ok(())
}

fn people(world: &World) -> Arc<[Identifier]> {
    world
        .with_entries(20)
        .iter()
        .map(Person::identifier)
        .collect()
}

/// Searches with a token of their own each.
fn introducing(callers: Arc<[Caller]>, people: Arc<[Identifier]>, clients: Clients) -> impl Call {
    move |caller: usize, turn: u64| {
        let (callers, people, clients) = (callers.clone(), people.clone(), clients.clone());
        async move {
            let at = caller * 7 + usize::try_from(turn).unwrap_or_default();
            let who = callers.get(caller);
            let (who, person) = who
                .zip(people.get(at % people.len().max(1)))
                .ok_or("nobody to search for")?;
            found_by(who, person, clients.bearer(caller)?)
                .await
                .map(|_| 0)
        }
    }
}

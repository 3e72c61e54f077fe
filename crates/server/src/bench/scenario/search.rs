//! `SearchRecord` beside (a) a bare gRPC call with the same bytes and (b) the bare statement that reads the same rows.

use std::sync::Arc;
use std::time::Duration;

use delt_proto::common::v1::Identifier;
use delt_proto::record::v1::patient_record_service_client::PatientRecordServiceClient;
use delt_proto::record::v1::{SearchRecordRequest, SearchRecordResponse};
use prost::Message as _;
use serde_json::{Value, json};
use tonic::Request;
use tonic::metadata::{Ascii, MetadataValue};

use super::{Findings, TELLING};
use crate::bench::Failure;
use crate::bench::clients::Caller;
use crate::bench::data::person::Person;
use crate::bench::measure::drive::{Call, closed, open};
use crate::bench::measure::figure::{Figure, count, median, report, round};
use crate::bench::measure::meter::Spent;
use crate::bench::measure::proc::Memory;
use crate::bench::peers::order::{Bare, Order};
use crate::bench::run::Plan;
use crate::bench::world::World;

/// Connections on which the bare statement is run.
const READERS: usize = 4;
/// More than any searched person has.
const PAGE: i32 = 500;
/// Of the rate that callers who wait reach, so much is asked at fixed times.
const SHARE: f64 = 0.6;
/// Callers come back to the same person after about so many others.
const STRIDE: usize = 7;

/// Searches of persons with exactly so many entries.
pub(super) async fn measure(
    world: &mut World,
    plan: &Plan,
    entries: u32,
    found: &mut Findings,
) -> Result<(), Failure> {
    let people: Arc<[Identifier]> = world
        .with_entries(entries)
        .iter()
        .map(Person::identifier)
        .collect();
    answer_alike(world, &people, entries).await?;
    let mut by_callers = Vec::new();
    for callers in plan.callers() {
        let compared = Compared::measure(world, plan, callers, people.clone()).await?;
        let memory = world.memory()?;
        if callers == TELLING {
            found.ratio(
                &format!("search_{entries}_cpu_over_limit"),
                compared.ratio(),
            );
            found.ratio("rss_mb_at_64", count(memory.resident) / 1_024.0);
        }
        by_callers.push(compared.report(callers, &memory));
    }
    let name = format!("search_{entries}");
    found
        .scenarios
        .insert(name.clone(), Value::Array(by_callers));
    if !plan.quick {
        let open = at_fixed_times(world, plan, people, found.rate(&name)).await?;
        found.scenarios.insert(format!("{name}_open"), open);
    }
    Ok(())
}

/// Searches that begin at fixed times, at a share of the rate that was reached: what a caller waits while the hub is not at its end.
async fn at_fixed_times(
    world: &mut World,
    plan: &Plan,
    people: Arc<[Identifier]>,
    reached: f64,
) -> Result<Value, Failure> {
    let callers = world
        .clients
        .callers(&world.hub.address()?, TELLING)
        .await?;
    let rate = reached * SHARE;
    let mut rounds = Vec::new();
    for _ in 0..plan.rounds.count {
        let load = searching(callers.clone(), people.clone());
        rounds.push(open(rate, plan.rounds.time, &world.hub_meter()?, load).await?);
        world.sealed().await?;
    }
    Ok(json!({ "asked_per_second": round(rate), "hub": report(&rounds) }))
}

/// Gives the bare server the very bytes of an answer of the hub.
async fn answer_alike(
    world: &mut World,
    people: &[Identifier],
    entries: u32,
) -> Result<(), Failure> {
    let callers = world.clients.callers(&world.hub.address()?, 1).await?;
    let (caller, person) = callers
        .first()
        .zip(people.first())
        .ok_or("nobody to search for")?;
    let answer = search(caller, person).await?;
    if answer.total != entries {
        let wrong = format!(
            "a search found {} entries instead of {entries}",
            answer.total
        );
        return Err(wrong.into());
    }
    let file = world.folder.file("answer");
    tokio::fs::write(&file, answer.encode_to_vec()).await?;
    world.bare.ask::<()>(&Order::Answer(file)).await
}

async fn search(caller: &Caller, person: &Identifier) -> Result<SearchRecordResponse, Failure> {
    send(caller, caller.request(everything(person))?).await
}

/// The same with another token.
pub(super) async fn found_by(
    caller: &Caller,
    person: &Identifier,
    bearer: MetadataValue<Ascii>,
) -> Result<SearchRecordResponse, Failure> {
    send(caller, caller.request_with(everything(person), bearer)?).await
}

fn everything(person: &Identifier) -> SearchRecordRequest {
    SearchRecordRequest {
        patient: Some(person.clone()),
        page_size: PAGE,
        ..SearchRecordRequest::default()
    }
}

async fn send(
    caller: &Caller,
    request: Request<SearchRecordRequest>,
) -> Result<SearchRecordResponse, Failure> {
    let mut client = PatientRecordServiceClient::new(caller.hub.channel());
    Ok(client.search_record(request).await?.into_inner())
}

/// Searches of these persons by these callers.
pub(super) fn searching(callers: Arc<[Caller]>, people: Arc<[Identifier]>) -> impl Call {
    move |caller: usize, turn: u64| {
        let (callers, people) = (callers.clone(), people.clone());
        async move {
            let at = caller * STRIDE + usize::try_from(turn).unwrap_or_default();
            let who = callers.get(caller % callers.len().max(1));
            let person = people.get(at % people.len().max(1));
            let (who, person) = who.zip(person).ok_or("nobody to search for")?;
            search(who, person).await.map(|_| 0)
        }
    }
}

/// The three sides of one comparison, round by round.
#[derive(Debug, Default)]
struct Compared {
    hub: Vec<Figure>,
    grpc: Vec<Figure>,
    rows: Vec<(Bare, Spent)>,
}

impl Compared {
    async fn measure(
        world: &mut World,
        plan: &Plan,
        callers: usize,
        people: Arc<[Identifier]>,
    ) -> Result<Self, Failure> {
        let mut compared = Self::default();
        let (hub, bare) = (world.hub.address()?, world.bare.address()?);
        let hub = world.clients.callers(&hub, callers).await?;
        let bare = world.clients.callers(&bare, callers).await?;
        for turn in 0..=plan.rounds.count {
            // The first turn warms up, and is as good as the others but for that.
            let time = plan.rounds.time / if turn == 0 { 4 } else { 1 };
            let load = searching(hub.clone(), people.clone());
            let ours = closed(callers, time, &world.hub_meter()?, load).await?;
            world.sealed().await?;
            let load = searching(bare.clone(), people.clone());
            let grpc = closed(callers, time, &world.bare_meter()?, load).await?;
            let rows = read(world, &people, time).await?;
            if turn > 0 {
                compared.hub.push(ours);
                compared.grpc.push(grpc);
                compared.rows.push(rows);
            }
        }
        Ok(compared)
    }

    /// CPU time of a search over that of both limits together: the median of the rounds.
    fn ratio(&self) -> f64 {
        let rounds = self.hub.iter().zip(&self.grpc).zip(&self.rows);
        median(rounds.map(|((hub, grpc), rows)| hub.cpu() / (grpc.cpu() + statement(rows))))
    }

    fn report(&self, callers: usize, memory: &Memory) -> Value {
        json!({
            "callers": callers,
            "hub": report(&self.hub),
            "limit_grpc": report(&self.grpc),
            "limit_rows": {
                "per_second": round(median(self.rows.iter().map(|(bare, _)| count(bare.statements) / bare.seconds))),
                "cpu_us": round(median(self.rows.iter().map(statement))),
            },
            "cpu_over_limit": round(self.ratio()),
            "hub_rss_mb_after": round(count(memory.resident) / 1_024.0),
            "hub_anonymous_mb_after": round(count(memory.anonymous) / 1_024.0),
        })
    }
}

/// CPU time of one statement.
fn statement((bare, spent): &(Bare, Spent)) -> f64 {
    spent.total() / count(bare.statements.max(1))
}

async fn read(
    world: &mut World,
    people: &[Identifier],
    time: Duration,
) -> Result<(Bare, Spent), Failure> {
    let meter = world.store_meter()?;
    let people = people
        .iter()
        .map(|person| (person.system.clone(), person.value.clone()))
        .collect();
    let before = meter.read()?;
    let order = Order::Read {
        people,
        readers: READERS,
        ms: u64::try_from(time.as_millis())?,
    };
    let bare: Bare = world.store.ask(&order).await?;
    if bare.rows == 0 {
        return Err("the bare statement finds no rows".into());
    }
    Ok((bare, meter.read()?.since(before)))
}

//! Limit (b): the database without a hub.

use std::time::Duration;

use delt_formats::identifier::PersonNumber;
use delt_hub::StoreSettings;
use delt_hub::bench::{BareStore, Done};
use serde_json::json;

use super::order::{Bare, Order, Orders, not_mine};
use super::{PATIENCE_MS, Stored};
use crate::bench::Failure;
use crate::config::{Problems, Store};
use crate::profile::Profile;

pub(super) async fn run(stored: &Stored) -> Result<(), Failure> {
    let mut config = Profile::open(&stored.data_dir)?.config();
    config.store = Store::with_url(stored.store.clone());
    config.store.timeout_ms = PATIENCE_MS;
    let settings: StoreSettings = config.store_settings().map_err(Problems::one)?;
    let store = BareStore::open(&settings, &config.secrets().map_err(Problems::one)?).await?;
    let mut orders = Orders::begin(json!({})).await?;
    while let Some(order) = orders.next().await? {
        match order {
            Order::Backend => {
                let backend = store.backend().await;
                orders.done(backend.map_err(Failure::from)).await?;
            }
            Order::Read {
                people,
                readers,
                ms,
            } => {
                let done = read(&store, &people, readers, Duration::from_millis(ms)).await;
                orders.done(done).await?;
            }
            Order::Fill(entries) => {
                let done = store.fill(entries).await;
                orders.done(done.map(told).map_err(Failure::from)).await?;
            }
            Order::Bytes => {
                let bytes = store.bytes().await;
                orders.done(bytes.map_err(Failure::from)).await?;
            }
            Order::Insert { batch, ms } => {
                let done = store.insert(batch, Duration::from_millis(ms)).await;
                orders.done(done.map(told).map_err(Failure::from)).await?;
            }
            _ => orders.done(not_mine::<()>()).await?,
        }
    }
    Ok(())
}

async fn read(
    store: &BareStore,
    people: &[(String, String)],
    readers: usize,
    time: Duration,
) -> Result<Bare, Failure> {
    let numbers = people
        .iter()
        .map(|(system, value)| PersonNumber::parse(system, value))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(told(store.read(&numbers, readers, time).await?))
}

const fn told(done: Done) -> Bare {
    Bare {
        statements: done.statements,
        rows: done.rows,
        seconds: done.lasted.as_secs_f64(),
    }
}

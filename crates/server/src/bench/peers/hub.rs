//! The hub itself, as `delt serve` runs it: the same configuration, ports, TLS and limits.

use std::net::{Ipv4Addr, SocketAddr};

use serde_json::json;

use super::order::{Order, Orders, not_mine};
use super::{PATIENCE_MS, Stored};
use crate::bench::Failure;
use crate::config::Store;
use crate::profile::Profile;
use crate::{serve, telemetry};

pub(super) async fn run(stored: &Stored) -> Result<(), Failure> {
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    // Loopback only: the profile refuses anything else.
    let mut config = Profile::open(&stored.data_dir)?.config_at(any, any)?;
    config.store = Store::with_url(stored.store.clone());
    // Callers who wait are what is measured here, not how a hub turns them away.
    config.store.timeout_ms = PATIENCE_MS;
    config.limits.queue_ms = config.limits.deadline_ms;
    telemetry::start(&config.telemetry, None)?;
    let running = serve::start_for_measuring(&config).await?;
    let mut orders = Orders::begin(json!({ "api": running.api })).await?;
    while let Some(order) = orders.next().await? {
        match order {
            Order::Audited(audited) => {
                let set = running.hub.set_audited(audited);
                orders.done(set.map_err(Failure::from)).await?;
            }
            Order::Lag => {
                let lag = running.hub.seal_lag().await;
                orders.done(lag.map_err(Failure::from)).await?;
            }
            _ => orders.done(not_mine::<()>()).await?,
        }
    }
    running.stop().await;
    Ok(())
}

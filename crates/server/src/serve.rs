//! From a configuration to a hub that answers on its two ports.

use std::{
    io,
    net::SocketAddr,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::Router;
use delt_hub::{Hub, Parts, clock::Clock, entropy::Entropy, role_policy::Replaced};
use tokio::net::TcpListener;

use crate::{
    config::{Config, Problem, Problems},
    grpc::{self, Api},
    http::{
        admin::{self, CheckResult, Readiness},
        log,
    },
    listen::{ApiPort, serve_plain},
    reload::{self, ReloadError},
    sources::SourceClients,
    tasks::{Shutdown, ShutdownHandle, Tasks, shutdown},
    telemetry::{Metrics, disk, otlp},
    tls::{self, TlsError},
    witness::WitnessClient,
};

/// A log that is sealed later than this is a fault that `/readyz` tells, in microseconds.
const SEAL_LAG_MAX: i64 = 10 * delt_hub::clock::SECOND;
/// How often the lag of the log is measured.
const LAG_INTERVAL: Duration = Duration::from_secs(1);

/// Why a hub did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("the configuration is not usable:\n{0}")]
    Configuration(#[from] Problems),
    #[error(transparent)]
    Tls(#[from] TlsError),
    #[error("the hub cannot be opened: {0}")]
    Hub(#[from] delt_hub::Error),
    #[error("cannot listen on {address}: {error}")]
    Listen {
        address: SocketAddr,
        error: io::Error,
    },
    #[error("the gRPC reflection service cannot be built")]
    Reflection,
}

impl From<Problem> for StartError {
    fn from(problem: Problem) -> Self {
        Self::Configuration(Problems::one(problem))
    }
}

/// A hub that serves. Dropped, it stops at once; [`Running::stop`] lets requests in flight end.
#[derive(Debug)]
pub struct Running {
    /// Where the API answers: useful where port 0 was asked for.
    pub api: SocketAddr,
    pub admin: SocketAddr,
    pub hub: Hub,
    metrics: Metrics,
    leaving: Arc<AtomicBool>,
    stop: ShutdownHandle,
    tasks: Tasks,
    notice: Duration,
    grace: Duration,
}

impl Running {
    /// Reads the policies and the directory of `config` again, as SIGHUP asks for.
    ///
    /// # Errors
    /// Something in the files is wrong, or the store did not take it. What was in force stays in force, all of it.
    pub async fn reload(&self, config: &Config) -> Result<Replaced, ReloadError> {
        reload::reload(&self.hub, &self.metrics, config).await
    }

    /// Says that it is no longer ready, and serves on until whoever spreads the load has noticed; then stops accepting, lets requests in flight end,
    /// writes what was accepted, and seals the log.
    pub async fn stop(self) {
        self.leaving.store(true, Ordering::Relaxed);
        tokio::time::sleep(self.notice).await;
        self.hub.leave();
        self.stop.request();
        self.tasks.finish(self.grace).await;
        self.hub.shut_down().await;
    }
}

/// Opens the hub that `config` describes and serves it.
pub async fn start(config: &Config) -> Result<Running, StartError> {
    let (clock, entropy) = Parts::ambient();
    start_with(config, clock, entropy).await
}

/// The same with a clock and randomness of the caller's own, for simulation.
pub async fn start_with(
    config: &Config,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
) -> Result<Running, StartError> {
    config.validate()?;
    let hub = Hub::open(parts(config, clock, entropy)?).await?;
    serve(config, hub).await
}

/// The same for `delt bench`: a hub that can leave its access log out. It answers on loopback only, and its store holds nothing but a sample.
///
/// # Errors
/// Also where the store is neither empty nor made so, or an address is not on loopback.
pub async fn start_for_measuring(config: &Config) -> Result<Running, StartError> {
    config.validate()?;
    let listen = &config.listen;
    for (field, address) in [
        ("listen.api", listen.api_address()),
        ("listen.admin", listen.admin_address()),
    ] {
        let at = address.map_err(|error| Problem::new(field, error))?;
        if !at.ip().is_loopback() {
            return Err(Problem::new(field, "a hub that measures answers on loopback only").into());
        }
    }
    let (clock, entropy) = Parts::ambient();
    let hub = Hub::open_for_measuring(parts(config, clock, entropy)?).await?;
    serve(config, hub).await
}

async fn serve(config: &Config, hub: Hub) -> Result<Running, StartError> {
    let metrics = Metrics::new(env!("CARGO_PKG_VERSION"));
    hub.ask_witnesses(Arc::new(WitnessClient::new(&config.audit)?))?;
    let api = Api::new(hub.clone(), metrics.clone(), config.limits.deadline());
    let services = grpc::router(&api, &config.limits).map_err(|_| StartError::Reflection)?;
    let limits = &config.limits;
    let tiles = log::router(&hub, limits.requests_in_flight, limits.deadline());
    let port = ApiPort {
        router: services.merge(tiles),
        tls: tls::server_config(&config.tls)?,
        limits: config.limits.clone(),
        metrics: metrics.clone(),
    };
    let api_listener = listen(config.listen.api_address().map_err(address("listen.api"))?).await?;
    let admin_listener = listen(
        config
            .listen
            .admin_address()
            .map_err(address("listen.admin"))?,
    )
    .await?;
    let (api_at, admin_at) = (local(&api_listener)?, local(&admin_listener)?);
    let (stop, stopped) = shutdown();
    let mut tasks = Tasks::default();
    tasks.spawn(port.serve(api_listener, stopped.clone()));
    tasks.spawn(watch_log(
        hub.clone(),
        metrics.clone(),
        disk::folder(&config.store_settings()?),
        stopped.clone(),
    ));
    let leaving = Arc::new(AtomicBool::new(false));
    tasks.spawn(serve_admin(
        admin_listener,
        admin::router(metrics.clone(), readiness(&hub, &leaving)),
        stopped.clone(),
    ));
    if let Some(collector) = otlp::channel(&config.telemetry)? {
        let (metrics, telemetry) = (metrics.clone(), config.telemetry.clone());
        tasks.spawn(otlp::push(metrics, telemetry, collector, stopped));
    }
    metrics.policy(hub.roles().version());
    tracing::info!(api = %api_at, admin = %admin_at, policy = hub.roles().version(), "delt serves");
    Ok(Running {
        api: api_at,
        admin: admin_at,
        hub,
        metrics,
        leaving,
        stop,
        tasks,
        notice: config.limits.shutdown_notice(),
        grace: config.limits.shutdown_grace(),
    })
}

fn parts(
    config: &Config,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
) -> Result<Parts, StartError> {
    Ok(Parts {
        store: config.store_settings()?,
        secrets: config.secrets()?,
        settings: config.hub_settings()?,
        authenticator: config.auth.authenticator()?,
        directory: config.directory.open()?,
        roles: config.policy.roles()?,
        sources: Arc::new(SourceClients::new(&config.sources)?),
        clock,
        entropy,
    })
}

fn address<E: std::fmt::Display>(field: &'static str) -> impl FnOnce(E) -> StartError {
    move |error| Problem::new(field, error).into()
}

async fn listen(address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address)
        .await
        .map_err(|error| StartError::Listen { address, error })
}

fn local(listener: &TcpListener) -> Result<SocketAddr, StartError> {
    let unknown = SocketAddr::from(([0, 0, 0, 0], 0));
    listener.local_addr().map_err(|error| StartError::Listen {
        address: unknown,
        error,
    })
}

async fn serve_admin(listener: TcpListener, router: Router, stop: Shutdown) {
    if let Err(error) = serve_plain(listener, router, stop).await {
        tracing::error!(%error, "the admin port broke off");
    }
}

fn readiness(hub: &Hub, leaving: &Arc<AtomicBool>) -> Readiness {
    let (store, log, keys) = (hub.clone(), hub.clone(), hub.clone());
    let leaving = Arc::clone(leaving);
    Readiness::default()
        .with("serving", move || {
            let stays = !leaving.load(Ordering::Relaxed);
            async move { sound(stays, "the hub is shutting down") }
        })
        .with("store", move || {
            let hub = store.clone();
            async move { sound(hub.store_answers().await, "does not answer") }
        })
        .with("log", move || {
            let hub = log.clone();
            async move {
                let lag = hub
                    .seal_lag()
                    .await
                    .map_err(|_| "cannot be read".to_owned())?;
                sound(lag <= SEAL_LAG_MAX, "entries wait too long to be sealed")
            }
        })
        .with("keys", move || {
            let works = keys.keys_work();
            async move { sound(works, "the encryption key does not open what it closed") }
        })
}

fn sound(is: bool, problem: &str) -> CheckResult {
    if is { Ok(()) } else { Err(problem.to_owned()) }
}

/// Keeps the gauges of the log's health and of the alerts until shutdown.
async fn watch_log(hub: Hub, metrics: Metrics, folder: Option<PathBuf>, stop: Shutdown) {
    loop {
        tokio::select! {
            () = stop.requested() => return,
            () = tokio::time::sleep(LAG_INTERVAL) => {}
        }
        if let Ok(health) = hub.log_health().await {
            metrics.log(&health);
        }
        metrics.upkeep(hub.log_upkeep());
        metrics.store(&hub.store_load());
        if let Some(free) = folder.as_deref().and_then(disk::free_bytes) {
            metrics.disk_free(free);
        }
        if let Ok(count) = hub.relation_alerts().await {
            metrics.relation_alerts(count);
        }
        if let Ok(state) = hub.witnessing().await {
            metrics.witnessing(&state);
        }
        if let Ok(leaves) = hub.review_lag().await {
            metrics.review_lag(leaves);
        }
    }
}

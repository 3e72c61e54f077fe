//! What is measured: a fresh store, a hub on it, and the processes beside it that show what the machine could do.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::Path;

use super::Failure;
use super::child::Child;
use super::clients::{Clients, now};
use super::data::person::{Group, Person};
use super::measure::meter::Meter;
use super::measure::proc;
use super::peers::order::Order;
use super::scratch::Scratch;
use crate::config::Store;
use crate::profile::{Profile, SourceAddresses};
use delt_hub::entropy::SystemEntropy;

/// The sample source that has the documents that are fetched.
pub(super) const SOURCE: &str = "ejournal-hovedstaden";

/// All processes of a run on one database.
#[derive(Debug)]
pub(super) struct World {
    pub(super) hub: Child,
    pub(super) bare: Child,
    pub(super) store: Child,
    pub(super) source: Child,
    pub(super) clients: Clients,
    pub(super) people: Vec<Person>,
    pub(super) folder: Scratch,
    /// The first process of PostgreSQL.
    postmaster: Option<u32>,
}

impl World {
    /// Starts everything on an empty store: the one of this URL, or a SQLite file of its own.
    pub(super) async fn start(
        folder: Scratch,
        store: Option<&str>,
        people: Vec<Person>,
    ) -> Result<Self, Failure> {
        let data = folder.file("data");
        let profile = Profile::open_or_create(&data, now(), &SystemEntropy::default())?;
        let store = store.map_or_else(
            || Store::sqlite_url(&folder.file("bench.db")),
            str::to_owned,
        );
        let located = [OsString::from("--data-dir"), data.into_os_string()];
        let stored: Vec<_> = located
            .iter()
            .cloned()
            .chain(["--store".into(), store.into()])
            .collect();
        let log = |name: &str| folder.file(&format!("{name}.log"));
        let source = Child::start("source", located.clone(), &log("source")).await?;
        let address: SocketAddr = source.address()?.parse()?;
        profile.write_systems(&SourceAddresses::default().with(SOURCE, address))?;
        let hub = Child::start("hub", stored.clone(), &log("hub")).await?;
        let mut store = Child::start("store", stored, &log("store")).await?;
        let bare = Child::start("bare", located, &log("bare")).await?;
        let postmaster = postmaster(&mut store).await?;
        Ok(Self {
            hub,
            bare,
            store,
            source,
            clients: Clients::new(profile),
            people,
            folder,
            postmaster,
        })
    }

    /// CPU time of the hub and of its database.
    pub(super) fn hub_meter(&self) -> Result<Meter, Failure> {
        Ok(Meter::of(self.hub.id()?, self.postmaster))
    }

    /// CPU time of limit (a).
    pub(super) fn bare_meter(&self) -> Result<Meter, Failure> {
        Ok(Meter::of(self.bare.id()?, None))
    }

    /// CPU time of limit (b).
    pub(super) fn store_meter(&self) -> Result<Meter, Failure> {
        Ok(Meter::of(self.store.id()?, self.postmaster))
    }

    /// CPU time of the source alone.
    pub(super) fn source_meter(&self) -> Result<Meter, Failure> {
        Ok(Meter::of(self.source.id()?, None))
    }

    pub(super) fn memory(&self) -> Result<proc::Memory, Failure> {
        proc::memory(self.hub.id()?)
    }

    /// Those with exactly so many entries.
    pub(super) fn with_entries(&self, entries: u32) -> Vec<Person> {
        let group = |person: &&Person| person.group == Group::Of(entries);
        self.people.iter().filter(group).cloned().collect()
    }

    /// Those with as many as it happens to be.
    pub(super) fn tail(&self) -> Vec<Person> {
        let tail = |person: &&Person| person.group == Group::Tail;
        self.people.iter().filter(tail).cloned().collect()
    }

    /// Waits until the log is sealed, so that what one round left is no cost of the next.
    pub(super) async fn sealed(&mut self) -> Result<(), Failure> {
        while self.hub.ask::<i64>(&Order::Lag).await? > 0 {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        Ok(())
    }

    /// The last lines that the processes logged, for whoever wants to know why a run ended.
    pub(super) fn said(&self) -> String {
        let last = |name: &str| {
            let text = std::fs::read_to_string(self.folder.file(name)).unwrap_or_default();
            let lines: Vec<_> = text.lines().collect();
            let from = lines.len().saturating_sub(5);
            let lines = lines.get(from..).unwrap_or_default().join("\n");
            format!("{name}:\n{lines}\n")
        };
        ["hub.log", "store.log", "bare.log", "source.log"]
            .map(last)
            .concat()
    }

    pub(super) async fn stop(self) -> Result<(), Failure> {
        for child in [self.hub, self.bare, self.store, self.source] {
            child.stop().await?;
        }
        Ok(())
    }
}

/// The parent of the process that serves a connection; none for SQLite.
async fn postmaster(store: &mut Child) -> Result<Option<u32>, Failure> {
    let Some(backend) = store.ask::<Option<u32>>(&Order::Backend).await? else {
        return Ok(None);
    };
    let known = Path::new("/proc").join(backend.to_string()).join("comm");
    let name = std::fs::read_to_string(known).unwrap_or_default();
    if name.trim() == "postgres" {
        return Ok(Some(proc::stat(backend)?.parent));
    }
    Err("PostgreSQL does not run on this machine: its CPU time cannot be measured".into())
}

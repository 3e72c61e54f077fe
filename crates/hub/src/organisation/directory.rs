//! The snapshot and its look-ups.

use super::{Organisation, Receiver, System};
use delt_policy::{OrganisationId, OrganisationTree};
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

/// Beyond this many, more problems do not help anybody.
const PROBLEMS_MAX: usize = 100;

/// Organisations and systems as they were when they were last read. Every reference in it leads somewhere.
pub struct Directory {
    organisations: HashMap<OrganisationId, Organisation>,
    tree: Arc<OrganisationTree>,
    systems: Vec<System>,
    by_ydernummer: HashMap<String, OrganisationId>,
    by_shak: HashMap<String, OrganisationId>,
    by_gln: HashMap<String, OrganisationId>,
    /// Positions in `systems`, here and below.
    by_id: HashMap<String, usize>,
    by_pin: HashMap<[u8; 32], usize>,
    by_name: HashMap<String, usize>,
    by_source: HashMap<String, usize>,
    by_repository: HashMap<String, usize>,
    /// By GLN and message type: positions in `systems` and in its `receives`.
    mailboxes: HashMap<String, Vec<(usize, usize)>>,
}

/// Why a directory was not accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectoryError {
    problems: Vec<String>,
}

impl Directory {
    /// The indexes over what has been checked.
    pub(super) fn index(organisations: Vec<Organisation>, systems: Vec<System>) -> Self {
        let sors = |field: fn(&Organisation) -> Option<&String>| {
            organisations
                .iter()
                .filter_map(|o| Some((field(o)?.clone(), o.sor.clone())))
                .collect()
        };
        Self {
            tree: Arc::new(tree_of(&organisations)),
            by_ydernummer: sors(|o| o.ydernummer.as_ref()),
            by_shak: sors(|o| o.shak.as_ref()),
            by_gln: sors(|o| o.gln.as_ref()),
            by_id: positions(&systems, |s| vec![s.id.clone()]),
            by_pin: positions(&systems, |s| s.certificate_sha256.clone()),
            by_name: positions(&systems, names_that_suffice),
            by_source: positions(&systems, |s| {
                s.source.iter().map(|e| e.source_id.clone()).collect()
            }),
            by_repository: positions(&systems, |s| {
                s.source
                    .iter()
                    .flat_map(|e| e.repository_unique_ids.clone())
                    .collect()
            }),
            mailboxes: mailboxes(&systems),
            organisations: organisations
                .into_iter()
                .map(|o| (o.sor.clone(), o))
                .collect(),
            systems,
        }
    }

    /// The hierarchy, for the rules; shared by everything that is decided under this snapshot.
    pub fn tree(&self) -> Arc<OrganisationTree> {
        Arc::clone(&self.tree)
    }

    /// The organisation with this SOR code.
    pub fn organisation(&self, sor: &OrganisationId) -> Option<&Organisation> {
        self.organisations.get(sor)
    }

    /// All organisations, in no order.
    pub fn organisations(&self) -> impl Iterator<Item = &Organisation> {
        self.organisations.values()
    }

    /// The practice with this provider number, six digits.
    pub fn by_ydernummer(&self, ydernummer: &str) -> Option<&OrganisationId> {
        self.by_ydernummer.get(ydernummer)
    }

    /// The unit with this SHAK code, in capitals.
    pub fn by_shak(&self, shak: &str) -> Option<&OrganisationId> {
        self.by_shak.get(shak)
    }

    /// The organisation with this GLN.
    pub fn by_gln(&self, gln: &str) -> Option<&OrganisationId> {
        self.by_gln.get(gln)
    }

    /// Whether the system may act for this organisation: it, or one above it, is on the system's list.
    pub fn serves(&self, system: &System, sor: &OrganisationId) -> bool {
        self.tree.contains(sor)
            && system
                .organisations
                .iter()
                .any(|root| self.tree.is_within(sor, root))
    }

    /// All systems, in the order of the file.
    pub fn systems(&self) -> &[System] {
        &self.systems
    }

    /// The system with this id.
    pub fn system(&self, id: &str) -> Option<&System> {
        self.systems.get(*self.by_id.get(id)?)
    }

    /// The one system that this certificate stands for: by pin, or by name for a system that has no pins.
    /// A certificate that leads to two systems leads to none.
    pub fn system_by_certificate(&self, sha256: &[u8; 32], names: &[String]) -> Option<&System> {
        let by_name = names.iter().filter_map(|name| self.by_name.get(name));
        let mut found = self.by_pin.get(sha256).into_iter().chain(by_name);
        let first = found.next()?;
        if found.all(|other| other == first) {
            self.systems.get(*first)
        } else {
            None
        }
    }

    /// The system that registers documents under this XDS source id.
    pub fn system_by_source(&self, source_id: &str) -> Option<&System> {
        self.systems.get(*self.by_source.get(source_id)?)
    }

    /// The system that keeps the documents of this XDS repository.
    pub fn system_by_repository(&self, repository_unique_id: &str) -> Option<&System> {
        self.systems
            .get(*self.by_repository.get(repository_unique_id)?)
    }

    /// Every mailbox with the system that empties it.
    pub fn receivers(&self) -> impl Iterator<Item = (&System, &Receiver)> {
        self.systems
            .iter()
            .flat_map(|s| s.receives.iter().map(move |r| (s, r)))
    }

    /// The mailboxes behind a GLN, of all message types.
    pub fn receivers_by_gln(&self, gln: &str) -> impl Iterator<Item = (&System, &Receiver)> {
        let at = |(system, receiver): &(usize, usize)| {
            let system = self.systems.get(*system)?;
            Some((system, system.receives.get(*receiver)?))
        };
        self.mailboxes.get(gln).into_iter().flatten().filter_map(at)
    }

    /// The one mailbox behind a GLN that takes this message type.
    pub fn receiver(&self, gln: &str, message_type: &str) -> Option<(&System, &Receiver)> {
        self.receivers_by_gln(gln)
            .find(|(_, r)| r.message_types.iter().any(|t| t == message_type))
    }
}

fn tree_of(organisations: &[Organisation]) -> OrganisationTree {
    OrganisationTree::new(
        organisations
            .iter()
            .map(|o| (o.sor.clone(), o.parent.clone(), o.sector)),
    )
}

/// A system with pins is recognised by them alone: its name on another certificate is not enough.
fn names_that_suffice(system: &System) -> Vec<String> {
    if system.certificate_sha256.is_empty() {
        system.certificate_names.clone()
    } else {
        Vec::new()
    }
}

fn positions<K: std::hash::Hash + Eq>(
    systems: &[System],
    keys: impl Fn(&System) -> Vec<K>,
) -> HashMap<K, usize> {
    systems
        .iter()
        .enumerate()
        .flat_map(|(at, s)| keys(s).into_iter().map(move |k| (k, at)))
        .collect()
}

fn mailboxes(systems: &[System]) -> HashMap<String, Vec<(usize, usize)>> {
    let mut mailboxes: HashMap<String, Vec<_>> = HashMap::new();
    for (system_at, system) in systems.iter().enumerate() {
        for (receiver_at, receiver) in system.receives.iter().enumerate() {
            mailboxes
                .entry(receiver.gln.clone())
                .or_default()
                .push((system_at, receiver_at));
        }
    }
    mailboxes
}

impl fmt::Debug for Directory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Directory({} organisations, {} systems)",
            self.organisations.len(),
            self.systems.len()
        )
    }
}

impl DirectoryError {
    pub(super) fn new(mut problems: Vec<String>) -> Self {
        problems.truncate(PROBLEMS_MAX);
        Self { problems }
    }

    /// The problems, each a sentence.
    pub fn problems(&self) -> &[String] {
        &self.problems
    }
}

impl fmt::Display for DirectoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problems.join("\n"))
    }
}

impl std::error::Error for DirectoryError {}

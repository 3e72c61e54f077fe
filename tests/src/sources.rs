//! A hub with source systems that run, and hold what a test gives them.

use std::time::Duration;

use delt_server::config::Config;
use delt_server::demo::fixtures::SampleDocument;
use delt_server::demo::source::{SampleSource, addresses};

use crate::calls::register;
use crate::hub::{Backend, Groundwork, TestHub};

/// The hub and its sources, whose documents are registered.
#[derive(Debug)]
pub struct Sourced {
    pub hub: TestHub,
    sources: Vec<SampleSource>,
}

impl Sourced {
    /// Starts a source for each system that holds one of the documents, and a hub that waits so long for a source; registers the documents.
    pub async fn start(
        backend: Backend,
        documents: &[&SampleDocument],
        deadline: Duration,
    ) -> Self {
        Self::start_with(backend, documents, deadline, |_| ()).await
    }

    /// The same with a changed configuration.
    pub async fn start_with(
        backend: Backend,
        documents: &[&SampleDocument],
        deadline: Duration,
        change: impl FnOnce(&mut Config),
    ) -> Self {
        let ground = Groundwork::lay();
        let mut sources: Vec<SampleSource> = Vec::new();
        for document in documents {
            if sources
                .iter()
                .all(|source| source.system().id != document.system)
            {
                let all = documents.iter().copied().cloned().collect();
                let source = SampleSource::start_with(&ground.profile, document.system, all).await;
                sources.push(source.expect("a source starts"));
            }
        }
        let hub = ground
            .start(backend, &addresses(&sources), |config| {
                patient_for(deadline)(config);
                change(config);
            })
            .await;
        for document in documents {
            register(&hub.system(document.system).await, &document.entry).await;
        }
        Self { hub, sources }
    }

    /// The source that a system is.
    pub fn source(&self, system: &str) -> &SampleSource {
        let found = self
            .sources
            .iter()
            .find(|source| source.system().id == system);
        found.expect("a source that was started")
    }

    /// The same, to be switched off and on.
    pub fn source_mut(&mut self, system: &str) -> &mut SampleSource {
        let found = self
            .sources
            .iter_mut()
            .find(|source| source.system().id == system);
        found.expect("a source that was started")
    }

    /// How many times the sources were asked with success.
    pub fn served(&self) -> u64 {
        self.sources.iter().map(SampleSource::served).sum()
    }
}

fn patient_for(deadline: Duration) -> impl FnOnce(&mut Config) {
    let ms = u64::try_from(deadline.as_millis()).expect("a short time");
    move |config| {
        config.sources.deadline_ms = ms;
        config.sources.connect_timeout_ms = ms;
    }
}

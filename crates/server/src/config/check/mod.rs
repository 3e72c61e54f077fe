//! The checks behind `delt check-config`, section by section.

mod access;
mod edge;
mod jwks;
mod kept;
mod review;

use std::fmt::Display;
use std::path::Path;

use super::{Config, Problem, Problems};

pub(super) fn check(config: &Config) -> Vec<Problem> {
    let mut report = Report::default();
    edge::listen(&config.listen, &mut report);
    edge::tls(&config.tls, &mut report);
    kept::store(&config.store, &mut report);
    kept::keys(&config.keys, &mut report);
    access::auth(&config.auth, &mut report);
    access::directory(&config.directory, &mut report);
    kept::audit(config, &mut report);
    access::policy(&config.policy, &mut report);
    review::review(config, &mut report);
    edge::sources(&config.sources, &mut report);
    edge::messages(&config.messages, &mut report);
    edge::limits(config, &mut report);
    edge::telemetry(&config.telemetry, &mut report);
    report.problems
}

/// Collects what is wrong, so that an operator mends a file in one round.
#[derive(Default)]
struct Report {
    problems: Vec<Problem>,
}

impl Report {
    fn add(&mut self, field: &str, description: impl Display) {
        self.problems.push(Problem::new(field, description));
    }

    /// Adds what the part of the hub found that this configuration is for.
    fn all<T>(&mut self, result: Result<T, Problems>) {
        if let Err(problems) = result {
            self.problems.extend(problems.iter().cloned());
        }
    }

    /// Adds a problem unless `holds`.
    fn require(&mut self, holds: bool, field: &str, description: impl Display) {
        if !holds {
            self.add(field, description);
        }
    }

    /// The value, or a problem made of the error.
    fn take<T, E: Display>(&mut self, field: &str, result: Result<T, E>) -> Option<T> {
        result.map_err(|error| self.add(field, error)).ok()
    }

    /// Both bounds are allowed values.
    fn within<N: PartialOrd + Display + Copy>(&mut self, field: &str, value: N, bounds: [N; 2]) {
        let [least, most] = bounds;
        let holds = least <= value && value <= most;
        self.require(
            holds,
            field,
            format_args!("must lie between {least} and {most}"),
        );
    }

    /// The bytes of a file.
    fn read(&mut self, field: &str, path: &Path) -> Option<Vec<u8>> {
        let bytes = std::fs::read(path);
        self.take(
            field,
            bytes.map_err(|error| format!("{}: {error}", path.display())),
        )
    }
}

//! The witness policy that `[audit]` names: read, and held against this log.

use std::io::Read as _;
use std::path::Path;

use delt_ledger::{MAX_POLICY_BYTES, PolicyWitness, Signer, Verifier, WitnessPolicy};

use super::{Audit, Config, Problem};

const FIELD: &str = "audit.witness_policy_file";

impl Audit {
    /// The policy of the file; none where no file is named.
    ///
    /// # Errors
    /// The file cannot be read, or is no policy.
    pub fn witness_policy(&self) -> Result<Option<WitnessPolicy>, Problem> {
        let Some(path) = &self.witness_policy_file else {
            return Ok(None);
        };
        let wrong = |error: &dyn std::fmt::Display| {
            Problem::new(FIELD, format_args!("{}: {error}", path.display()))
        };
        let text = read(path).map_err(|error| wrong(&error))?;
        let policy = WitnessPolicy::parse(&text).map_err(|error| wrong(&error))?;
        Ok(Some(policy))
    }
}

fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    // One byte more than is allowed, so that the parser sees that it is too much.
    let limit = u64::try_from(MAX_POLICY_BYTES).unwrap_or(u64::MAX);
    std::fs::File::open(path)?
        .take(limit.saturating_add(1))
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// What of the policy does not fit this hub.
pub(in crate::config) fn check(config: &Config) -> Vec<Problem> {
    let policy = match config.audit.witness_policy() {
        Ok(Some(policy)) => policy,
        Ok(None) => return Vec::new(),
        Err(problem) => return vec![problem],
    };
    let mut problems = Vec::new();
    let mut wrong = |field: &str, reason: String| problems.push(Problem::new(field, reason));
    if let Some(own) = own_verifier(config)
        && !policy.logs().is_empty()
        && policy.logs().iter().all(|log| log.verifier != own)
    {
        wrong(
            FIELD,
            format!("names logs, and not this one, which is {own}"),
        );
    }
    for witness in policy.witnesses() {
        if let Err(reason) = place(witness) {
            wrong(FIELD, format!("witness {}: {reason}", witness.name));
        }
    }
    let secured = |witness: &PolicyWitness| {
        let url = witness.url.as_deref().unwrap_or_default();
        url.starts_with("https://")
    };
    if policy.witnesses().iter().any(secured) && config.audit.witness_ca_file.is_none() {
        let reason = "must name the authorities of the witnesses with an https URL";
        wrong("audit.witness_ca_file", reason.to_owned());
    }
    problems
}

/// The key that verifies this log; none where its key file is wrong, which is told there.
fn own_verifier(config: &Config) -> Option<Verifier> {
    let key = super::read_key(&config.keys.log_signing_key_file).ok()?;
    let signer = Signer::from_seed(&config.audit.origin, &key).ok()?;
    Some(signer.verifier().clone())
}

/// Whether the witness can be asked where it says.
fn place(witness: &PolicyWitness) -> Result<(), &'static str> {
    let url = witness.url.as_deref().ok_or("has no URL to ask it at")?;
    let url: http::Uri = url.parse().map_err(|_| "its URL is none")?;
    if !matches!(url.scheme_str(), Some("http" | "https")) {
        return Err("its URL must begin with https:// or http://");
    }
    if url.query().is_some() {
        return Err("its URL must have no query");
    }
    url.host().map(drop).ok_or("its URL names no host")
}

//! Randomness and identifiers, as arguments.

use std::fmt::Debug;

use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use uuid::{Builder, Uuid};

use crate::{Error, Result, clock::Micros};

/// Gives random bytes.
pub trait Entropy: Debug + Send + Sync {
    /// Fills the whole buffer or fails; a failure ends the operation.
    fn fill(&self, buffer: &mut [u8]) -> Result<()>;
}

/// The operating system's randomness.
#[derive(Debug)]
pub struct SystemEntropy(SystemRandom);

impl Default for SystemEntropy {
    fn default() -> Self {
        Self(SystemRandom::new())
    }
}

impl Entropy for SystemEntropy {
    fn fill(&self, buffer: &mut [u8]) -> Result<()> {
        self.0
            .fill(buffer)
            .map_err(|_| Error::internal("no randomness"))
    }
}

/// A fixed number of random bytes.
pub fn random<const N: usize>(entropy: &dyn Entropy) -> Result<[u8; N]> {
    let mut bytes = [0; N];
    entropy.fill(&mut bytes)?;
    Ok(bytes)
}

/// A UUID version 7: later ones sort after earlier ones, so that rows made together lie together.
pub fn uuid(entropy: &dyn Entropy, now: Micros) -> Result<Uuid> {
    let ms = u64::try_from(now / 1_000).unwrap_or_default();
    Ok(Builder::from_unix_timestamp_millis(ms, &random(entropy)?).into_uuid())
}

/// A UUID (version 8) that follows from what it names, so that a retry with the same request id meets what the first try made.
pub fn derived(kind: &str, system: &str, request_id: &str) -> Uuid {
    let mut context = aws_lc_rs::digest::Context::new(&aws_lc_rs::digest::SHA256);
    for part in [kind, system, request_id] {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part.as_bytes());
    }
    let mut bytes = [0; 16];
    for (byte, hashed) in bytes.iter_mut().zip(context.finish().as_ref()) {
        *byte = *hashed;
    }
    Builder::from_custom_bytes(bytes).into_uuid()
}

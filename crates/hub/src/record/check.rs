//! Holding a document's bytes against what its source registered.

use aws_lc_rs::digest::{Context, SHA1_FOR_LEGACY_USE_ONLY, SHA256};

/// What the bytes must be. On-demand documents are made when asked for, so nothing is known of theirs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Registered {
    pub(crate) size: Option<u64>,
    /// SHA-1, as the Danish profile asks.
    pub(crate) sha1: Option<[u8; 20]>,
    pub(crate) sha256: Option<[u8; 32]>,
}

impl Registered {
    /// Whether size and a hash are known, so that the bytes can be verified.
    pub(crate) const fn is_verifiable(&self) -> bool {
        self.size.is_some() && (self.sha1.is_some() || self.sha256.is_some())
    }
}

/// The bytes are not what was registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mismatch {
    /// More bytes than registered.
    Longer,
    /// Fewer bytes than registered.
    Shorter,
    /// Other bytes.
    Hash,
}

/// A check under way.
pub(crate) struct Check {
    registered: Registered,
    seen: u64,
    sha1: Context,
    sha256: Option<Context>,
}

impl std::fmt::Debug for Check {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Check")
            .field("seen", &self.seen)
            .finish_non_exhaustive()
    }
}

impl Check {
    pub(crate) fn new(registered: Registered) -> Self {
        Self {
            registered,
            seen: 0,
            sha1: Context::new(&SHA1_FOR_LEGACY_USE_ONLY),
            sha256: registered.sha256.map(|_| Context::new(&SHA256)),
        }
    }

    /// How many bytes there were so far.
    pub(crate) const fn seen(&self) -> u64 {
        self.seen
    }

    /// Takes the next bytes. Fails as soon as there are too many.
    pub(crate) fn update(&mut self, bytes: &[u8]) -> Result<(), Mismatch> {
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.seen = self.seen.saturating_add(length);
        if self.registered.size.is_some_and(|size| self.seen > size) {
            return Err(Mismatch::Longer);
        }
        if self.registered.sha1.is_some() {
            self.sha1.update(bytes);
        }
        if let Some(sha256) = &mut self.sha256 {
            sha256.update(bytes);
        }
        Ok(())
    }

    /// The end of the bytes: size and every registered hash must agree. Returns whether there was anything to verify.
    pub(crate) fn finish(self) -> Result<bool, Mismatch> {
        if self.registered.size.is_some_and(|size| self.seen != size) {
            return Err(Mismatch::Shorter);
        }
        let sha1 = self.registered.sha1;
        let sha1_agrees = sha1.is_none_or(|hash| self.sha1.finish().as_ref() == hash);
        let sha256 = self.sha256.zip(self.registered.sha256);
        let sha256_agrees = sha256.is_none_or(|(seen, hash)| seen.finish().as_ref() == hash);
        if sha1_agrees && sha256_agrees {
            Ok(self.registered.is_verifiable())
        } else {
            Err(Mismatch::Hash)
        }
    }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::digest::digest;
    use proptest::prelude::*;

    use super::*;

    fn registered(bytes: &[u8]) -> Registered {
        Registered {
            size: Some(bytes.len() as u64),
            sha1: digest(&SHA1_FOR_LEGACY_USE_ONLY, bytes)
                .as_ref()
                .try_into()
                .ok(),
            sha256: digest(&SHA256, bytes).as_ref().try_into().ok(),
        }
    }

    fn check(registered: Registered, chunks: &[&[u8]]) -> Result<bool, Mismatch> {
        let mut check = Check::new(registered);
        for chunk in chunks {
            check.update(chunk)?;
        }
        check.finish()
    }

    #[test]
    fn each_way_of_being_wrong_is_found() {
        let good = registered(b"hello");
        assert_eq!(check(good, &[b"hel", b"", b"lo"]), Ok(true));
        assert_eq!(check(good, &[b"hell"]), Err(Mismatch::Shorter));
        assert_eq!(check(good, &[b"hello", b"!"]), Err(Mismatch::Longer));
        assert_eq!(check(good, &[b"hallo"]), Err(Mismatch::Hash));
        let other_sha256 = Registered {
            sha256: Some([0; 32]),
            ..good
        };
        assert_eq!(check(other_sha256, &[b"hello"]), Err(Mismatch::Hash));
    }

    #[test]
    fn what_has_no_hash_is_not_called_verified() {
        assert_eq!(check(Registered::default(), &[b"anything"]), Ok(false));
        let only_size = Registered {
            size: Some(2),
            ..Registered::default()
        };
        assert_eq!(check(only_size, &[b"ab"]), Ok(false));
        assert_eq!(check(only_size, &[b"a"]), Err(Mismatch::Shorter));
    }

    proptest! {
        #[test]
        fn only_the_same_bytes_agree(good in proptest::collection::vec(0u8..3, 0..6),
                                     other in proptest::collection::vec(0u8..3, 0..6), cut in 0usize..6) {
            let cut = cut.min(other.len());
            let outcome = check(registered(&good), &[&other[..cut], &other[cut..]]);
            prop_assert_eq!(outcome.is_ok(), good == other);
        }
    }
}

//! `[auth]`, `[directory]` and `[policy]`: who may call, and what they may do.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;

/// `[auth]`: whose access tokens the hub accepts.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Auth {
    /// `[[auth.issuers]]`: at least one.
    pub issuers: Vec<Issuer>,
    /// How far the clocks of issuer and hub may be apart. Seconds, at most 60, default 60.
    #[serde(default = "default_clock_skew_seconds")]
    pub clock_skew_seconds: u64,
    /// Whether every token must be bound to the client certificate (RFC 8705). One that is bound is always
    /// checked. Default true.
    #[serde(default = "default_require_binding")]
    pub require_binding: bool,
    /// How many verified tokens are remembered, until they expire; 0 turns it off. Default 20000.
    #[serde(default = "default_cached_tokens")]
    pub cached_tokens: usize,
    /// Codes that stand for `MedCom`'s codes of authorised professions, such as `7170 = "laege"`. Default: the
    /// education codes of the authorisation register. A table here takes the place of that one.
    #[serde(default)]
    pub role_aliases: Option<BTreeMap<String, String>>,
    /// The profession that a helper's responsible professional is taken to have where the token does not say it,
    /// such as `laege`. Default: none, and the role rules give such a helper nothing.
    #[serde(default)]
    pub assumed_responsible_role: Option<String>,
}

const fn default_clock_skew_seconds() -> u64 {
    60
}

const fn default_require_binding() -> bool {
    true
}

const fn default_cached_tokens() -> usize {
    20_000
}

/// One issuer of access tokens (a security token service).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Issuer {
    /// The `iss` claim, compared byte by byte.
    pub issuer: String,
    /// A token must name one of these in `aud`.
    pub audiences: Vec<String>,
    /// The issuer's public keys: a JSON Web Key Set (RFC 7517 §5). Read at start.
    pub jwks_file: PathBuf,
    /// The only values of `alg` that are accepted from this issuer.
    pub algorithms: Vec<Algorithm>,
}

/// The signature algorithms (RFC 7518 §3.1, RFC 8037) that an issuer may be allowed. No shared secrets, no `none`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
pub enum Algorithm {
    ES256,
    ES384,
    EdDSA,
    RS256,
    PS256,
}

impl Algorithm {
    /// As it stands in the header of a token.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ES256 => "ES256",
            Self::ES384 => "ES384",
            Self::EdDSA => "EdDSA",
            Self::RS256 => "RS256",
            Self::PS256 => "PS256",
        }
    }
}

/// `[directory]`: the organisations and systems that the hub knows.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Directory {
    /// JSON: organisations with their SOR codes and location numbers.
    pub organisations_file: PathBuf,
    /// JSON: systems, their certificates, and for which organisations they act.
    pub systems_file: PathBuf,
}

impl From<Algorithm> for jsonwebtoken::Algorithm {
    fn from(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::ES256 => Self::ES256,
            Algorithm::ES384 => Self::ES384,
            Algorithm::EdDSA => Self::EdDSA,
            Algorithm::RS256 => Self::RS256,
            Algorithm::PS256 => Self::PS256,
        }
    }
}

impl Auth {
    /// One issuer, and everything else as by default.
    pub fn with_issuer(issuer: Issuer) -> Self {
        Self {
            issuers: vec![issuer],
            clock_skew_seconds: default_clock_skew_seconds(),
            require_binding: default_require_binding(),
            cached_tokens: default_cached_tokens(),
            role_aliases: None,
            assumed_responsible_role: None,
        }
    }
}

//! Verification of an access token: form, signature, issuer, audience, time and binding to the connection.

use super::claims::{Claims, RawClaims};
use super::issuer::{Issuer, TrustedIssuer};
use crate::error::{Error, Result, code};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Header, Validation, decode, decode_header};
use serde::Deserialize;

/// The largest token that is looked at, in bytes. It has to fit a header of HTTP/2 anyway.
pub const TOKEN_MAX: usize = 8 * 1024;
/// The longest life of a token, in seconds (IUA: at most one hour).
pub const LIFETIME_MAX_S: i64 = 3600;
/// The largest clock skew that may be configured, in seconds.
pub const CLOCK_SKEW_MAX_S: i64 = 60;
/// The header types of an access token: RFC 9068 §2.1, RFC 7519 §5.1, and the example of IUA. Compared without case.
const TYPES: [&str; 4] = ["at+jwt", "application/at+jwt", "JWT", "IUA-JWT"];

/// Verifies tokens of the trusted issuers. Holds no clock: the time is an argument everywhere.
pub(super) struct TokenVerifier {
    issuers: Vec<TrustedIssuer>,
    clock_skew_s: i64,
}

/// Only what is needed to choose the keys; nothing else is read before the signature is verified.
#[derive(Deserialize)]
struct ClaimedIssuer {
    iss: String,
}

impl TokenVerifier {
    /// # Errors
    /// Everything that is wrong with the settings, each in a sentence.
    pub(super) fn new(
        issuers: Vec<Issuer>,
        clock_skew_s: i64,
    ) -> std::result::Result<Self, Vec<String>> {
        let mut problems = Vec::new();
        if !(0..=CLOCK_SKEW_MAX_S).contains(&clock_skew_s) {
            problems.push(format!(
                "clock skew must be 0 to {CLOCK_SKEW_MAX_S} seconds"
            ));
        }
        let mut trusted: Vec<TrustedIssuer> = Vec::new();
        for issuer in issuers {
            if trusted.iter().any(|t| t.issuer == issuer.issuer) {
                problems.push(format!("issuer {}: configured twice", issuer.issuer));
            }
            match TrustedIssuer::new(issuer) {
                Ok(issuer) => trusted.push(issuer),
                Err(found) => problems.extend(found),
            }
        }
        if problems.is_empty() {
            Ok(Self {
                issuers: trusted,
                clock_skew_s,
            })
        } else {
            Err(problems)
        }
    }

    /// Verifies everything but the binding, which belongs to the connection and is checked on each use.
    ///
    /// # Errors
    /// `TOKEN_INVALID` or `TOKEN_EXPIRED`.
    pub(super) fn verify(&self, token: &str, now_s: i64) -> Result<Claims> {
        if token.len() > TOKEN_MAX {
            return Err(invalid("the token is too large"));
        }
        let header = decode_header(token).map_err(|_| not_a_token())?;
        check_header(&header)?;
        let issuer = self.issuer_of(token)?;
        let claims = verify_signature(token, &header, issuer)?;
        if !claims.names_audience(&issuer.audiences) {
            return Err(invalid("the token is for another audience"));
        }
        let claims = claims.require()?;
        self.check_time(&claims, now_s)?;
        Ok(claims)
    }

    fn issuer_of(&self, token: &str) -> Result<&TrustedIssuer> {
        let claimed: ClaimedIssuer = jsonwebtoken::dangerous::insecure_decode_claims(token)
            .map_err(|_| invalid("claim `iss` is missing"))?;
        self.issuers
            .iter()
            .find(|i| i.issuer == claimed.iss)
            .ok_or_else(|| invalid("the issuer is not trusted here"))
    }

    /// `iat ≤ now`, `nbf ≤ now` and `now < exp`, give or take the skew; the lifetime itself gets none.
    ///
    /// # Errors
    /// `TOKEN_EXPIRED`, or `TOKEN_INVALID` for a lifetime that no token may have.
    pub(super) fn check_time(&self, claims: &Claims, now_s: i64) -> Result<()> {
        let lifetime = claims.expires.saturating_sub(claims.issued);
        if !(1..=LIFETIME_MAX_S).contains(&lifetime) {
            return Err(invalid("the lifetime is not within an hour"));
        }
        let latest_start = now_s.saturating_add(self.clock_skew_s);
        let begins = claims
            .not_before
            .map_or(claims.issued, |nbf| nbf.max(claims.issued));
        if begins > latest_start || now_s >= claims.expires.saturating_add(self.clock_skew_s) {
            return Err(Error::new(code::TOKEN_EXPIRED));
        }
        Ok(())
    }
}

fn check_header(header: &Header) -> Result<()> {
    let known = |typ: &String| TYPES.iter().any(|t| t.eq_ignore_ascii_case(typ));
    if !header.typ.as_ref().is_none_or(known) {
        return Err(invalid("the token is of another type"));
    }
    // RFC 7515 §4.1.11: an extension that must be understood, and is not, makes the token invalid.
    if header.crit.is_some() {
        return Err(invalid(
            "the token relies on an extension that is not supported",
        ));
    }
    Ok(())
}

/// The key decides which algorithm may be used, never the token alone: a public key can so not be taken for a secret.
fn verify_signature(token: &str, header: &Header, issuer: &TrustedIssuer) -> Result<RawClaims> {
    let key = issuer
        .key(header.kid.as_deref(), header.alg)
        .ok_or_else(|| invalid("no key of the issuer fits the token"))?;
    let data = decode(token, key, &signature_only(header)).map_err(|fault| {
        use jsonwebtoken::errors::ErrorKind::{Json, Utf8};
        match fault.kind() {
            Json(_) | Utf8(_) => invalid("a claim is not of the right form"),
            _ => invalid("the signature does not verify"),
        }
    })?;
    Ok(data.claims)
}

/// The library reads the system's clock for its own checks, so they are off and done here against the hub's time.
fn signature_only(header: &Header) -> Validation {
    let mut validation = Validation::new(header.alg);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.validate_aud = false;
    validation
}

/// Holds the token against the certificate of the connection (RFC 8705 §3), in constant time.
///
/// # Errors
/// `TOKEN_NOT_BOUND` when it names another certificate, or none where a binding is required.
pub(super) fn check_binding(
    claims: &Claims,
    thumbprint: &[u8; 32],
    require_binding: bool,
) -> Result<()> {
    let Some(confirmation) = &claims.confirmation else {
        return if require_binding {
            Err(not_bound())
        } else {
            Ok(())
        };
    };
    let bytes = URL_SAFE_NO_PAD
        .decode(confirmation)
        .map_err(|_| not_bound())?;
    verify_slices_are_equal(&bytes, thumbprint).map_err(|_| not_bound())
}

pub(super) fn invalid(why: &str) -> Error {
    Error::new(code::TOKEN_INVALID).with_message(format!("{}: {why}", code::TOKEN_INVALID.summary))
}

fn not_a_token() -> Error {
    invalid("not a signed token with a supported algorithm")
}

fn not_bound() -> Error {
    Error::new(code::TOKEN_NOT_BOUND)
}

//! Credentials become a caller here, and nowhere else.

use super::cache::TokenCache;
use super::caller::{Caller, TokenFacts};
use super::claims::Claims;
use super::credentials::{ClientCertificate, Credentials, RequestContext};
use super::issuer::Issuer;
use super::person::{People, Reader};
use super::role::{RoleAliases, is_profession};
use super::token::{TOKEN_MAX, TokenVerifier, check_binding, invalid};
use super::{CLOCK_SKEW_MAX_S, purpose};
use crate::error::{Error, Result, code};
use crate::organisation::{Directory, System};
use delt_formats::identifier::PersonNumber;
use delt_policy::{Micros, PatientKey};
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

/// Turns a person number into the key that the index knows the person by. The hub holds the secret for it.
pub type KeyOf<'a> = &'a dyn Fn(&PersonNumber) -> PatientKey;

/// How callers are recognised.
#[derive(Debug, Clone)]
pub struct AuthSettings {
    /// Whose tokens are believed. None: systems can call, persons cannot.
    pub issuers: Vec<Issuer>,
    /// Whether every token must be bound to the client certificate (RFC 8705). One that is bound is always checked.
    pub require_binding: bool,
    /// How far the issuers' clocks may be off, in seconds, at most 60.
    pub clock_skew_s: i64,
    /// How many verified tokens are remembered; 0 turns it off.
    pub cached_tokens: usize,
    pub role_aliases: RoleAliases,
    /// The profession (`MedCom`'s code) that a helper's responsible professional is taken to have where the token does not
    /// say it in `on_behalf_of.subject_role`. None: such a helper is recognised, and the role rules give them nothing.
    pub assumed_responsible_role: Option<String>,
}

impl Default for AuthSettings {
    fn default() -> Self {
        Self {
            issuers: Vec::new(),
            require_binding: true,
            clock_skew_s: CLOCK_SKEW_MAX_S,
            cached_tokens: 20_000,
            role_aliases: RoleAliases::default(),
            assumed_responsible_role: None,
        }
    }
}

/// The settings are not usable, for all these reasons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthSettingsError {
    pub problems: Vec<String>,
}

/// Recognises callers. Shared by all connections; the issuers' keys can be replaced while it works.
pub struct Authenticator {
    trust: RwLock<Arc<Trust>>,
    require_binding: bool,
    clock_skew_s: i64,
    cached_tokens: usize,
    aliases: RoleAliases,
    assumed_responsible_role: Option<String>,
}

/// The verifier and what it has verified change together, so that no token outlives the key it was verified with.
struct Trust {
    verifier: TokenVerifier,
    cache: TokenCache,
}

impl Authenticator {
    /// # Errors
    /// Everything that is wrong with the settings.
    pub fn new(settings: AuthSettings) -> std::result::Result<Self, AuthSettingsError> {
        let AuthSettings {
            issuers,
            require_binding,
            clock_skew_s,
            cached_tokens,
            ..
        } = settings;
        let assumed_responsible_role = settings.assumed_responsible_role;
        if assumed_responsible_role
            .as_ref()
            .is_some_and(|role| !is_profession(role))
        {
            let problem = "assumed_responsible_role is no authorised profession".to_owned();
            return Err(AuthSettingsError {
                problems: vec![problem],
            });
        }
        let trust = Trust::new(issuers, clock_skew_s, cached_tokens)?;
        Ok(Self {
            trust: RwLock::new(Arc::new(trust)),
            require_binding,
            clock_skew_s,
            cached_tokens,
            aliases: settings.role_aliases,
            assumed_responsible_role,
        })
    }

    /// Trusts these issuers and keys from now on, as after a refresh of `jwks_url`. Tokens seen before are verified anew.
    ///
    /// # Errors
    /// What is wrong with them; the earlier ones then stay.
    pub fn replace_issuers(
        &self,
        issuers: Vec<Issuer>,
    ) -> std::result::Result<(), AuthSettingsError> {
        let trust = Arc::new(Trust::new(issuers, self.clock_skew_s, self.cached_tokens)?);
        *self.trust.write().unwrap_or_else(PoisonError::into_inner) = trust;
        Ok(())
    }

    /// Recognises the caller of one request at the time `now`.
    ///
    /// A client certificate of a registered system is always needed, for a portal and its citizens too. Without a token
    /// the system speaks for itself; with one, a person stands behind it, and the token's `client_id` is the system's id.
    ///
    /// # Errors
    /// `CERTIFICATE_UNKNOWN`, `TOKEN_INVALID`, `TOKEN_EXPIRED`, `TOKEN_NOT_BOUND`, `PURPOSE_NOT_CHOSEN`,
    /// `PURPOSE_NOT_ALLOWED`, `FOREIGN_ORGANISATION`, `ACCESS_DENIED`, and `INVALID_ARGUMENT` for the context.
    pub fn authenticate(
        &self,
        credentials: &Credentials,
        context: &RequestContext,
        directory: &Directory,
        key_of: KeyOf<'_>,
        now: Micros,
    ) -> Result<Caller> {
        let (system, certificate) = recognise_system(credentials, directory)?;
        let Some(bearer) = &credentials.bearer else {
            return system_only(system, certificate, context);
        };
        let claims = self.verified(bearer, now.div_euclid(1_000_000))?;
        check_binding(&claims, &certificate.sha256, self.require_binding)?;
        if claims.client_id != system.id {
            return Err(invalid(
                "`client_id` is not the system of the client certificate",
            ));
        }
        let context = context.checked()?;
        let people = self.reader(system, directory, key_of).people(&claims)?;
        let listed = claims.iua.as_ref().map_or(&[][..], |i| &i.purpose_of_use);
        let picked = context.purpose.as_deref();
        let purpose = match people.person {
            Some(_) => Some(purpose::choose_for_person(listed, picked)?),
            None => purpose::choose(listed, picked)?,
        };
        let token = Some(TokenFacts::new(&claims));
        Ok(Caller::new(
            system,
            certificate.sha256,
            context,
            people,
            purpose,
            token,
        ))
    }

    /// Whether this very token was verified before and has not expired. Says nothing of whether it is good for a request.
    pub(crate) fn remembers(&self, token: &str, now: Micros) -> bool {
        let trust = Arc::clone(&self.trust.read().unwrap_or_else(PoisonError::into_inner));
        token.len() <= TOKEN_MAX && trust.cache.get(token, now.div_euclid(1_000_000)).is_some()
    }

    fn reader<'a>(
        &'a self,
        system: &'a System,
        directory: &'a Directory,
        key_of: KeyOf<'a>,
    ) -> Reader<'a> {
        Reader {
            system,
            directory,
            aliases: &self.aliases,
            assumed_responsible_role: self.assumed_responsible_role.as_deref(),
            key_of,
        }
    }

    /// The claims of a token that is good at this second, from memory where it was verified before.
    fn verified(&self, token: &str, now_s: i64) -> Result<Arc<Claims>> {
        if token.len() > TOKEN_MAX {
            return Err(invalid("the token is too large"));
        }
        let trust = Arc::clone(&self.trust.read().unwrap_or_else(PoisonError::into_inner));
        if let Some(claims) = trust.cache.get(token, now_s) {
            trust.verifier.check_time(&claims, now_s)?;
            return Ok(claims);
        }
        let claims = Arc::new(trust.verifier.verify(token, now_s)?);
        trust.cache.insert(token, &claims, now_s);
        Ok(claims)
    }
}

impl Trust {
    fn new(
        issuers: Vec<Issuer>,
        clock_skew_s: i64,
        cached_tokens: usize,
    ) -> std::result::Result<Self, AuthSettingsError> {
        let verifier = TokenVerifier::new(issuers, clock_skew_s)
            .map_err(|problems| AuthSettingsError { problems })?;
        Ok(Self {
            verifier,
            cache: TokenCache::new(cached_tokens),
        })
    }
}

fn recognise_system<'a>(
    credentials: &'a Credentials,
    directory: &'a Directory,
) -> Result<(&'a System, &'a ClientCertificate)> {
    let unknown = || Error::new(code::CERTIFICATE_UNKNOWN);
    let certificate = credentials.certificate.as_ref().ok_or_else(unknown)?;
    let system = directory.system_by_certificate(&certificate.sha256, &certificate.names);
    Ok((system.ok_or_else(unknown)?, certificate))
}

/// The system by itself. It has no purposes of use, so a request that picks one expected a token to go with it.
fn system_only(
    system: &System,
    certificate: &ClientCertificate,
    context: &RequestContext,
) -> Result<Caller> {
    let context = context.checked()?;
    let purpose = purpose::choose(&[], context.purpose.as_deref())?;
    Ok(Caller::new(
        system,
        certificate.sha256,
        context,
        People::default(),
        purpose,
        None,
    ))
}

impl fmt::Debug for Authenticator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authenticator")
            .field("require_binding", &self.require_binding)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for AuthSettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problems.join("\n"))
    }
}

impl std::error::Error for AuthSettingsError {}

//! The claims of an access token in the IHE IUA profile (ITI-71 §3.71.4.2.2.1.1), as far as Delt reads them.
//!
//! Claims that Delt does not know are ignored; a known claim of the wrong form makes the token invalid.

use super::token::invalid;
use crate::error::Result;
use crate::revocation::Credential;
use serde::Deserialize;
use std::sync::{Arc, OnceLock};

/// Bounds on lists inside a token. A token is small, but a list of a thousand roles would still cost a thousand look-ups.
const LIST_MAX: usize = 32;
/// Bounds on names and identifiers that go on into audit entries, in characters.
const TEXT_MAX: usize = 256;

/// The claims as they stand in the token. Every required one is optional here, so that its absence can be named.
#[derive(Deserialize)]
pub(super) struct RawClaims {
    iss: Option<String>,
    sub: Option<String>,
    client_id: Option<String>,
    aud: Option<Audience>,
    exp: Option<i64>,
    iat: Option<i64>,
    nbf: Option<i64>,
    jti: Option<String>,
    scope: Option<String>,
    cnf: Option<Confirmation>,
    #[serde(default)]
    extensions: Extensions,
}

/// RFC 7519 §4.1.3: one audience or a list of them.
#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

/// RFC 8705 §3.1.
#[derive(Deserialize)]
struct Confirmation {
    #[serde(rename = "x5t#S256")]
    x5t_s256: Option<String>,
}

#[derive(Deserialize, Default)]
struct Extensions {
    ihe_iua: Option<IuaClaims>,
    delt: Option<DeltClaims>,
}

#[derive(Deserialize, Default)]
struct DeltClaims {
    on_behalf_of: Option<OnBehalfOf>,
}

/// `extensions.ihe_iua`: who the person is and why they ask.
#[derive(Deserialize, Default, Clone)]
pub(super) struct IuaClaims {
    pub(super) subject_name: Option<String>,
    pub(super) subject_organization_id: Option<String>,
    #[serde(default)]
    pub(super) subject_role: Vec<Coding>,
    #[serde(default)]
    pub(super) purpose_of_use: Vec<Coding>,
    pub(super) national_provider_identifier: Option<String>,
    pub(super) person_id: Option<String>,
}

/// `extensions.delt.on_behalf_of`: the responsible professional of a helper, or the person a citizen acts for.
#[derive(Deserialize, Default, Clone)]
pub(super) struct OnBehalfOf {
    pub(super) national_provider_identifier: Option<String>,
    pub(super) subject_name: Option<String>,
    pub(super) person_id: Option<String>,
    pub(super) relation: Option<String>,
    /// The profession of the responsible professional, where the issuer says it.
    pub(super) subject_role: Option<Coding>,
}

/// A code and its system; the display text is never relied upon.
#[derive(Deserialize, Clone, PartialEq, Eq)]
pub(super) struct Coding {
    pub(super) system: String,
    pub(super) code: String,
}

/// The claims of a token whose signature, issuer and audience are verified. Times are seconds since 1970.
#[derive(Clone)]
pub(super) struct Claims {
    pub(super) issuer: String,
    pub(super) subject: String,
    pub(super) client_id: String,
    pub(super) token_id: String,
    pub(super) scopes: Vec<String>,
    pub(super) expires: i64,
    pub(super) issued: i64,
    pub(super) not_before: Option<i64>,
    pub(super) confirmation: Option<String>,
    pub(super) iua: Option<IuaClaims>,
    pub(super) on_behalf_of: Option<OnBehalfOf>,
    /// What of the token can be revoked, once it was asked for.
    pub(super) credential: Arc<OnceLock<Arc<Credential>>>,
}

impl RawClaims {
    pub(super) fn names_audience(&self, audiences: &[String]) -> bool {
        match &self.aud {
            None => false,
            Some(Audience::One(one)) => audiences.contains(one),
            Some(Audience::Many(many)) => many.iter().any(|a| audiences.contains(a)),
        }
    }

    /// Insists on every claim that interfaces and ITI-71 require, and bounds what goes on into audit entries.
    ///
    /// # Errors
    /// `TOKEN_INVALID` that names the claim, never its value.
    pub(super) fn require(self) -> Result<Claims> {
        let bound = self.cnf.is_some();
        let claims = Claims {
            issuer: text("iss", self.iss)?,
            subject: text("sub", self.sub)?,
            client_id: text("client_id", self.client_id)?,
            token_id: text("jti", self.jti)?,
            scopes: scopes(self.scope)?,
            expires: self.exp.ok_or_else(|| missing("exp"))?,
            issued: self.iat.ok_or_else(|| missing("iat"))?,
            not_before: self.nbf,
            confirmation: self.cnf.and_then(|c| c.x5t_s256),
            iua: self.extensions.ihe_iua,
            on_behalf_of: self.extensions.delt.and_then(|d| d.on_behalf_of),
            credential: Arc::default(),
        };
        // A token confined to a key in a way that Delt cannot check (RFC 7800 knows others) must not be taken as unconfined.
        if bound && claims.confirmation.is_none() {
            return Err(invalid("`cnf` holds no `x5t#S256`"));
        }
        claims.check_bounds()?;
        Ok(claims)
    }
}

impl Claims {
    fn check_bounds(&self) -> Result<()> {
        let iua = self.iua.iter();
        let texts = iua.clone().flat_map(|i| {
            [
                &i.subject_name,
                &i.subject_organization_id,
                &i.national_provider_identifier,
                &i.person_id,
            ]
        });
        let acting = self.on_behalf_of.iter().flat_map(|o| {
            [
                &o.national_provider_identifier,
                &o.subject_name,
                &o.person_id,
                &o.relation,
            ]
        });
        let responsible = self
            .on_behalf_of
            .iter()
            .filter_map(|o| o.subject_role.as_ref());
        let codings = iua
            .clone()
            .flat_map(|i| i.subject_role.iter().chain(&i.purpose_of_use))
            .chain(responsible);
        let codes = codings.flat_map(|c| [&c.system, &c.code]);
        let long_list = iua
            .clone()
            .any(|i| i.subject_role.len().max(i.purpose_of_use.len()) > LIST_MAX);
        if long_list
            || !texts
                .chain(acting)
                .flatten()
                .chain(codes)
                .all(|t| is_text(t))
        {
            return Err(invalid("an extension claim is out of bounds"));
        }
        Ok(())
    }
}

fn text(name: &str, value: Option<String>) -> Result<String> {
    let value = value.ok_or_else(|| missing(name))?;
    if is_text(&value) {
        Ok(value)
    } else {
        Err(invalid(&format!("claim `{name}` is out of bounds")))
    }
}

fn is_text(value: &str) -> bool {
    !value.is_empty() && value.chars().count() <= TEXT_MAX && !value.chars().any(char::is_control)
}

/// RFC 6749 §3.3: space-delimited. The claim must be there; it may name no scope at all.
fn scopes(value: Option<String>) -> Result<Vec<String>> {
    let value = value.ok_or_else(|| missing("scope"))?;
    if value.chars().any(char::is_control) {
        return Err(invalid("claim `scope` is out of bounds"));
    }
    Ok(value
        .split(' ')
        .filter(|s| !s.is_empty())
        .map(str::to_owned)
        .collect())
}

fn missing(name: &str) -> crate::error::Error {
    invalid(&format!("claim `{name}` is missing"))
}

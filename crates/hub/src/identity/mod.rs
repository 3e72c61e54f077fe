//! The only place where [`Credentials`] become a [`Caller`].
//!
//! A system is recognised by its client certificate, the person behind it by an access token in the IHE IUA profile.
//! The way of a token: form, signature, issuer and audience ([`mod@token`]) → claims → role, person, organisation and
//! purpose → caller. Nothing here reads a clock, and no error carries a claim's value.

mod authenticator;
mod cache;
mod caller;
mod claims;
mod credentials;
mod issuer;
mod person;
mod purpose;
mod role;
#[cfg(test)]
mod tests;
mod token;

pub use authenticator::{AuthSettings, AuthSettingsError, Authenticator, KeyOf};
pub use caller::{Caller, TokenFacts};
pub use credentials::{
    ClientCertificate, Credentials, OVERRIDE_REASON_MAX, REQUEST_ID_MAX, RequestContext,
};
pub use issuer::Issuer;
pub use role::RoleAliases;
pub use token::{CLOCK_SKEW_MAX_S, LIFETIME_MAX_S, TOKEN_MAX};

/// What issuers are configured with, from the library that verifies the tokens.
pub use jsonwebtoken::{Algorithm, jwk::JwkSet};

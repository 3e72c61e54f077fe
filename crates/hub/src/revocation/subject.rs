//! What can be revoked, and the mark by which it is found.

use std::fmt;

use delt_formats::identifier::PersonNumber;
use delt_policy::{AuthorisationId, PatientKey};
use uuid::Uuid;

use crate::{Error, Result, keys::Keyring};

/// What a sealed subject is bound to, beside its row.
const SEALED: &str = "delt/revoked-access/v1";

/// Whose access is taken back.
#[derive(Clone, PartialEq, Eq)]
pub enum AccessSubject {
    /// One token: its `iss` and `jti`.
    Token { issuer: String, token_id: String },
    /// A person by number, whoever issued the token: a citizen, or staff whose token tells the number.
    Person(PersonNumber),
    /// A professional, and whoever acts under their responsibility.
    Professional(AuthorisationId),
    /// One account of an issuer: its `iss` and `sub`.
    Account { issuer: String, subject: String },
    /// A system, and everybody who works in it.
    System(String),
}

/// The kinds of subjects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RevocationKind {
    Token,
    Person,
    Professional,
    Account,
    System,
}

/// A keyed hash of a subject: tells two subjects apart and neither of them to anybody.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Mark([u8; 32]);

impl RevocationKind {
    const ALL: [Self; 5] = [
        Self::Token,
        Self::Person,
        Self::Professional,
        Self::Account,
        Self::System,
    ];

    /// The name in the store and in the log.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Person => "person",
            Self::Professional => "professional",
            Self::Account => "account",
            Self::System => "system",
        }
    }

    pub(super) fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == code)
    }

    /// Whether tokens from before a time can be meant alone.
    pub(super) const fn has_sessions(self) -> bool {
        matches!(self, Self::Person | Self::Professional | Self::Account)
    }
}

impl Mark {
    pub(super) fn token(keys: &Keyring, issuer: &str, token_id: &str) -> Self {
        let parts = [issuer.as_bytes(), token_id.as_bytes()];
        Self::of(keys, RevocationKind::Token, &parts)
    }

    pub(super) fn person(keys: &Keyring, key: &PatientKey) -> Self {
        Self::of(keys, RevocationKind::Person, &[key.as_bytes()])
    }

    pub(super) fn professional(keys: &Keyring, id: &AuthorisationId) -> Self {
        let parts = [id.as_str().as_bytes()];
        Self::of(keys, RevocationKind::Professional, &parts)
    }

    pub(super) fn account(keys: &Keyring, issuer: &str, subject: &str) -> Self {
        let parts = [issuer.as_bytes(), subject.as_bytes()];
        Self::of(keys, RevocationKind::Account, &parts)
    }

    pub(super) fn system(keys: &Keyring, id: &str) -> Self {
        Self::of(keys, RevocationKind::System, &[id.as_bytes()])
    }

    fn of(keys: &Keyring, kind: RevocationKind, parts: &[&[u8]]) -> Self {
        let kind = [kind.as_str().as_bytes()];
        let parts: Vec<&[u8]> = kind.into_iter().chain(parts.iter().copied()).collect();
        Self(keys.tag("revoked-access", &parts))
    }

    pub(crate) const fn as_bytes(&self) -> &[u8] {
        self.0.as_slice()
    }
}

impl AccessSubject {
    pub const fn kind(&self) -> RevocationKind {
        match self {
            Self::Token { .. } => RevocationKind::Token,
            Self::Person(_) => RevocationKind::Person,
            Self::Professional(_) => RevocationKind::Professional,
            Self::Account { .. } => RevocationKind::Account,
            Self::System(_) => RevocationKind::System,
        }
    }

    /// The number, where it is a person's.
    pub(super) const fn number(&self) -> Option<&PersonNumber> {
        match self {
            Self::Person(number) => Some(number),
            _ => None,
        }
    }

    /// The marks that it is found by: a person's are those of `persons`, the keys of all numbers that are linked.
    pub(super) fn marks(&self, keys: &Keyring, persons: &[PatientKey]) -> Vec<Mark> {
        let one = match self {
            Self::Token { issuer, token_id } => Mark::token(keys, issuer, token_id),
            Self::Person(_) => {
                return persons.iter().map(|key| Mark::person(keys, key)).collect();
            }
            Self::Professional(id) => Mark::professional(keys, id),
            Self::Account { issuer, subject } => Mark::account(keys, issuer, subject),
            Self::System(id) => Mark::system(keys, id),
        };
        vec![one]
    }

    /// As it is kept for those who may revoke; none of a person.
    pub(super) fn sealed(&self, keys: &Keyring, row: Uuid) -> Result<Option<Vec<u8>>> {
        let parts = match self {
            Self::Token { issuer, token_id } => vec![issuer.as_str(), token_id],
            Self::Person(_) => return Ok(None),
            Self::Professional(id) => vec![id.as_str()],
            Self::Account { issuer, subject } => vec![issuer.as_str(), subject],
            Self::System(id) => vec![id.as_str()],
        };
        let plain = serde_json::to_vec(&parts).map_err(Error::internal)?;
        keys.seal(SEALED, row.as_bytes(), &plain).map(Some)
    }

    /// The reverse of [`AccessSubject::sealed`].
    pub(super) fn opened(
        keys: &Keyring,
        row: Uuid,
        kind: RevocationKind,
        sealed: &[u8],
    ) -> Result<Self> {
        let malformed = || Error::internal("a revocation's subject cannot be read");
        let plain = keys.open(SEALED, row.as_bytes(), sealed)?;
        let parts: Vec<String> = serde_json::from_slice(&plain).map_err(|_| malformed())?;
        let mut parts = parts.into_iter();
        let mut next = || parts.next().ok_or_else(malformed);
        Ok(match kind {
            RevocationKind::Token => Self::Token {
                issuer: next()?,
                token_id: next()?,
            },
            RevocationKind::Person => return Err(malformed()),
            RevocationKind::Professional => {
                Self::Professional(AuthorisationId::parse(&next()?).map_err(|_| malformed())?)
            }
            RevocationKind::Account => Self::Account {
                issuer: next()?,
                subject: next()?,
            },
            RevocationKind::System => Self::System(next()?),
        })
    }
}

// By hand: it may name a person.
impl fmt::Debug for AccessSubject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}(…)", self.kind().as_str())
    }
}

impl fmt::Debug for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mark(…)")
    }
}

//! Who asks: the connected system, the person behind it, and whom that person answers to.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::OrganisationId;

/// A patient as the index knows them: a keyed hash (HMAC-SHA-256) of the person number and its system.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PatientKey([u8; 32]);

/// The text is not 64 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a patient key is 64 hexadecimal digits")]
pub struct PatientKeyInvalid;

impl PatientKey {
    /// From the bytes of the keyed hash.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes of the keyed hash.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Lower-case hexadecimal, 64 digits.
    pub fn hex(&self) -> String {
        crate::hex(&self.0)
    }

    /// Reads what [`Self::hex`] writes.
    pub fn from_hex(text: &str) -> Result<Self, PatientKeyInvalid> {
        let digits: Option<Vec<u8>> = text.chars().map(hex_digit).collect();
        let digits = digits.ok_or(PatientKeyInvalid)?;
        let (pairs, rest) = digits.as_chunks::<2>();
        let bytes: Vec<u8> = pairs.iter().map(|[high, low]| high << 4 | low).collect();
        match <[u8; 32]>::try_from(bytes) {
            Ok(bytes) if rest.is_empty() => Ok(Self(bytes)),
            _ => Err(PatientKeyInvalid),
        }
    }
}

fn hex_digit(digit: char) -> Option<u8> {
    digit
        .to_digit(16)
        .and_then(|value| u8::try_from(value).ok())
}

impl fmt::Debug for PatientKey {
    /// A short prefix only: enough to tell two keys of a test apart, too little to follow a person through logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [first, second, ..] = self.0;
        write!(f, "PatientKey({first:02x}{second:02x}…)")
    }
}

impl TryFrom<String> for PatientKey {
    type Error = PatientKeyInvalid;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::from_hex(&text)
    }
}

impl From<PatientKey> for String {
    fn from(key: PatientKey) -> Self {
        key.hex()
    }
}

/// A professional's id in the authorisation register (five characters today), kept in upper case so that
/// spelling cannot carry anybody past a block.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AuthorisationId(String);

/// The text is not one to twenty ASCII letters and digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an authorisation id is 1 to 20 letters and digits")]
pub struct AuthorisationIdInvalid;

impl AuthorisationId {
    /// Reads an id; letters may be in either case.
    pub fn parse(text: &str) -> Result<Self, AuthorisationIdInvalid> {
        let fits =
            (1..=20).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric());
        fits.then(|| Self(text.to_ascii_uppercase()))
            .ok_or(AuthorisationIdInvalid)
    }

    /// The id in upper case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for AuthorisationId {
    /// Masked: it names a person.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuthorisationId(…)")
    }
}

impl TryFrom<String> for AuthorisationId {
    type Error = AuthorisationIdInvalid;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<AuthorisationId> for String {
    fn from(id: AuthorisationId) -> Self {
        id.0
    }
}

/// What a connected system may be used for, as the hub's directory has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SystemKind {
    /// Registers pointers and relations, sends and receives messages, for its registered organisations.
    Source,
    /// Shows the record to the persons behind it; may do nothing clinical by itself.
    Consumer,
    /// A tool of the hub's operator or its auditors.
    Operations,
    /// An authoritative register of persons: who has custody, who is a guardian.
    Register,
}

/// The system at the other end of the connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct System {
    /// Its id in the directory; entries and relations that it registers carry it as their source.
    pub id: String,
    /// The organisation that runs it.
    pub organisation: OrganisationId,
    /// What it may be used for.
    pub kinds: Vec<SystemKind>,
}

/// What kind of person, and with what standing. The role codes come from different code systems and stay apart,
/// so that a national role that happens to be called `auditor` is no auditor here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PersonKind {
    /// An authorised health professional.
    Professional {
        /// The id in the authorisation register.
        authorisation: AuthorisationId,
        /// `MedCom`'s role code, such as `laege`.
        role: String,
    },
    /// Staff without authorisation, with a national role.
    NationalRole {
        /// The name of the role, without `urn:dk:healthcare:national-federation-role:`.
        role: String,
    },
    /// Administrative staff.
    Administrative {
        /// `MedCom`'s code, such as `laegesekretaer`.
        role: String,
    },
    /// A citizen.
    Citizen {
        /// The key of the citizen's own number.
        key: PatientKey,
    },
    /// Follows up on the access log.
    Auditor,
    /// The data protection officer of a party.
    DataProtectionOfficer,
    /// Runs the hub.
    Operator,
}

/// A person behind the system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Standing.
    pub kind: PersonKind,
    /// Where the person works in this session; none for a citizen.
    pub organisation: Option<OrganisationId>,
}

impl Person {
    /// The authorisation id, where the person is an authorised professional.
    pub fn authorisation(&self) -> Option<&AuthorisationId> {
        match &self.kind {
            PersonKind::Professional { authorisation, .. } => Some(authorisation),
            _ => None,
        }
    }

    /// Whether the person is a citizen.
    pub fn is_citizen(&self) -> bool {
        matches!(self.kind, PersonKind::Citizen { .. })
    }

    /// Whether the person works in a place of treatment.
    pub fn is_staff(&self) -> bool {
        matches!(
            self.kind,
            PersonKind::Professional { .. }
                | PersonKind::NationalRole { .. }
                | PersonKind::Administrative { .. }
        )
    }
}

/// Why a citizen may act for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CitizenRelation {
    /// Holds custody of a child.
    Custody,
    /// Guardian (værge).
    Guardian,
    /// Power of attorney (fuldmagt).
    Proxy,
}

impl CitizenRelation {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Custody, Self::Guardian, Self::Proxy];

    /// The stable name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Custody => "custody",
            Self::Guardian => "guardian",
            Self::Proxy => "proxy",
        }
    }

    /// The kind with this name.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == code)
    }
}

/// A citizen acts for another person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnBehalf {
    /// For whom.
    pub patient: PatientKey,
    /// By which right, as claimed; it must be shown by a fact before it opens anything.
    pub relation: CitizenRelation,
}

/// Everybody on the caller's side. All identities go into the audit entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    /// The connected system.
    pub system: System,
    /// The acting person, if any.
    pub person: Option<Person>,
    /// The authorised professional under whose responsibility a helper (medhjælp) acts.
    pub responsible: Option<Person>,
    /// For whom a citizen acts, when not for themself.
    pub on_behalf: Option<OnBehalf>,
    /// The key of the acting person's own number: always for a citizen, for others where the token tells it.
    pub person_key: Option<PatientKey>,
}

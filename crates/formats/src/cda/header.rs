//! What a CDA header says.

use std::fmt;

use super::{Author, Custodian, RecordTarget, Timestamp};
use crate::identifier::system;
use crate::{Sensitive, Violation, XmlError};

/// The header of a CDA document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The document's id: the XDS uniqueId.
    pub id: Id,
    /// The set that the document's versions share.
    pub set_id: Option<Id>,
    /// The version within the set.
    pub version: Option<u32>,
    /// What kind of document it is: the XDS typeCode.
    pub code: Coded,
    /// The title. Personal data: Danish profiles put the CPR number there.
    pub title: Option<Sensitive>,
    /// When the document was made: the XDS creationTime.
    pub effective_time: Timestamp,
    /// Confidentiality.
    pub confidentiality: Option<Coded>,
    /// Language, such as `da-DK`.
    pub language: Option<String>,
    /// The templates that the document says it follows.
    pub template_ids: Vec<Id>,
    /// About whom.
    pub record_target: RecordTarget,
    /// Who wrote it, the first one first.
    pub authors: Vec<Author>,
    /// Who answers for it.
    pub legal_authenticator: Option<Author>,
    /// Who keeps the document: where a citizen is the author, the institution behind it.
    pub custodian: Option<Custodian>,
    /// What it documents.
    pub service_events: Vec<ServiceEvent>,
}

/// An instance identifier: root and extension.
///
/// `Debug` masks the extension under a root of person numbers: a citizen who is an author is named so.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Id {
    /// An OID or UUID.
    pub root: String,
    /// What is unique under the root.
    pub extension: Option<String>,
}

impl Id {
    /// The id as XDS writes a uniqueId: `root^extension`, or the root alone.
    #[must_use]
    pub fn unique_id(&self) -> String {
        match &self.extension {
            Some(extension) => format!("{}^{extension}", self.root),
            None => self.root.clone(),
        }
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cpr = system::bare(system::CPR);
        let is_person = self.root == cpr || self.root.starts_with(E_CPR_ROOT);
        let extension = if is_person {
            Some("(masked)")
        } else {
            self.extension.as_deref()
        };
        f.debug_struct("Id")
            .field("root", &self.root)
            .field("extension", &extension)
            .finish()
    }
}

/// A code with its system.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Coded {
    /// The code.
    pub code: String,
    /// The code system's OID.
    pub system: String,
    /// The display name that the document gives.
    pub display: Option<String>,
}

/// Something that the document documents (documentationOf).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceEvent {
    /// What: in Danish profiles an eventCode.
    pub code: Option<Coded>,
    /// From when: the XDS serviceStartTime.
    pub start: Option<Timestamp>,
    /// Until when: the XDS serviceStopTime.
    pub stop: Option<Timestamp>,
    /// Ids; under root 1.2.208.184.100.10 the profile and its version, such as `apd-v2.0.1`.
    pub ids: Vec<Id>,
}

/// The root of all replacement person numbers.
const E_CPR_ROOT: &str = "1.2.208.176.1.6";
/// The root under which `MedCom` names a profile with its version, the stem of the formatCode.
const PROFILE_ROOT: &str = "1.2.208.184.100.10";

impl Header {
    /// When what is documented begins: the first period that is told.
    #[must_use]
    pub fn service_start(&self) -> Option<Timestamp> {
        self.service_events.iter().find_map(|event| event.start)
    }

    /// When what is documented ends.
    #[must_use]
    pub fn service_stop(&self) -> Option<Timestamp> {
        self.service_events.iter().find_map(|event| event.stop)
    }

    /// The format code, where the document names its profile and version: `urn:ad:dk:medcom:apd-v2.0.1:full`.
    #[must_use]
    pub fn format_code(&self) -> Option<String> {
        let ids = self.service_events.iter().flat_map(|event| &event.ids);
        let profile = ids
            .filter(|id| id.root == PROFILE_ROOT)
            .find_map(|id| id.extension.as_ref())?;
        Some(format!("urn:ad:dk:medcom:{profile}:full"))
    }
}

/// Why bytes are not a CDA document. Holds no content of the document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// Not XML that is read here.
    #[error(transparent)]
    Xml(#[from] XmlError),
    /// XML, but no `ClinicalDocument` of CDA R2.
    #[error("not a CDA R2 ClinicalDocument")]
    NotClinicalDocument,
    /// A header that breaks rules, with all of them.
    #[error("the header breaks {} rule(s)", .0.len())]
    Invalid(Vec<Violation>),
}

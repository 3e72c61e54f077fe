//! FHIR R4 in JSON: `MedCom`'s messages and their acknowledgements, a citizen's consents by IHE PCF, and audit events by IHE BALP.

mod acknowledgement;
pub mod audit_event;
mod check;
pub mod consent;
mod issue;
mod json;
mod message;
mod parts;
mod provenance;
mod read;
mod who;

pub use acknowledgement::{AcknowledgementStamp, Outcome, acknowledgement};
pub use issue::IssueCode;
pub use json::JsonError;
pub use message::{
    Destination, DestinationUse, Encounter, Issue, Message, MessageError, MessageKind,
    Organization, Patient, Response, ResponseCode,
};
pub use provenance::Provenance;
pub use read::parse_message;

/// The code systems and extensions of `MedCom`'s messaging.
mod url {
    pub(super) const EVENT: &str =
        "http://medcomfhir.dk/ig/terminology/CodeSystem/medcom-messaging-eventCodes";
    pub(super) const ACTIVITY: &str =
        "http://medcomfhir.dk/ig/terminology/CodeSystem/medcom-messaging-activityCodes";
    pub(super) const DESTINATION_USE: &str =
        "http://medcomfhir.dk/ig/terminology/CodeSystem/medcom-messaging-destinationUse";
    pub(super) const DESTINATION_USE_EXTENSION: &str = "http://medcomfhir.dk/ig/messaging/StructureDefinition/medcom-messaging-destinationUseExtension";
    pub(super) const ACKNOWLEDGEMENT_PROFILES: &str =
        "http://medcomfhir.dk/ig/acknowledgement/StructureDefinition/";
    pub(super) const MESSAGING_PROFILES: &str =
        "http://medcomfhir.dk/ig/messaging/StructureDefinition/";
    pub(super) const ENTRIES: &str = "https://medcomfhir.dk/ig/acknowledgement/";
    pub(super) const SOR_ENDPOINT: &str = "https://sor2.sum.dsdn.dk/#id=";
}

//! The codes that say what is wrong with a message.

/// `MedCom`'s own issue codes.
const MEDCOM: &str =
    "http://medcomfhir.dk/ig/terminology/CodeSystem/medcom-acknowledgement-error-codes";
/// HL7's issue codes.
const HL7: &str = "http://terminology.hl7.org/CodeSystem/operation-outcome";

/// A code of `MedCom`'s value set of acknowledgement issues. The spellings (`To_Long`, `durin`) are the code system's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct IssueCode(&'static str, &'static str, &'static str);

impl IssueCode {
    /// The receiver's identifier is unknown.
    pub const RECEIVER_UNKNOWN: Self = Self(MEDCOM, "MSG_Receiver_Identifier_UNKNOWN", "not-found");
    /// The receiver's identifier is missing.
    pub const RECEIVER_MISSING: Self = Self(MEDCOM, "MSG_Receiver_Identifier_MISSING", "required");
    /// The receiver cannot take this type of message.
    pub const TYPE_NOT_RECEIVABLE: Self = Self(
        MEDCOM,
        "MSG_RECEIVER_UNABLE_TO_RECEIVE_MSG_TYPE",
        "not-supported",
    );
    /// A value is not in its value set.
    pub const VALUE_SET: Self = Self(MEDCOM, "MSG_VALUESET_VALUE_UNKNOWN", "code-invalid");
    /// A value is not in its code system.
    pub const CODE_SYSTEM: Self = Self(MEDCOM, "MSG_CodeSystem_VALUE_UNKNOWN", "code-invalid");
    /// A value is too long.
    pub const TOO_LONG: Self = Self(MEDCOM, "MSG_Element_To_Long", "too-long");
    /// A value has the wrong type.
    pub const DATATYPE: Self = Self(MEDCOM, "MSG_Datatype_Wrong", "value");
    /// The receiver is out of operation for a time.
    pub const MAILBOX_OUT_OF_OPERATION: Self =
        Self(MEDCOM, "MSG_Mailbox_Out_Of_Operation", "transient");
    /// The message was damaged on its way.
    pub const DAMAGED: Self = Self(MEDCOM, "MSG_Damaged_durin_transport", "invalid");
    /// The message was received before.
    pub const DUPLICATE: Self = Self(HL7, "MSG_DUPLICATE_ID", "duplicate");
    /// The message is not written as it should be.
    pub const BAD_FORMAT: Self = Self(HL7, "MSG_BAD_FORMAT", "structure");
    /// The message is not well-formed.
    pub const BAD_SYNTAX: Self = Self(HL7, "MSG_BAD_SYNTAX", "structure");
    /// A date is not written as it should be.
    pub const DATE_FORMAT: Self = Self(HL7, "MSG_DATE_FORMAT", "value");
    /// An id is not allowed.
    pub const ID_INVALID: Self = Self(HL7, "MSG_ID_INVALID", "value");
    /// A resource that must be there is missing.
    pub const RESOURCE_REQUIRED: Self = Self(HL7, "MSG_RESOURCE_REQUIRED", "required");
    /// A resource type is unknown.
    pub const UNKNOWN_TYPE: Self = Self(HL7, "MSG_UNKNOWN_TYPE", "not-supported");
    /// The receiver failed by its own fault.
    pub const LOCAL_FAIL: Self = Self(HL7, "MSG_LOCAL_FAIL", "exception");

    const NAMED: [Self; 17] = [
        Self::RECEIVER_UNKNOWN,
        Self::RECEIVER_MISSING,
        Self::TYPE_NOT_RECEIVABLE,
        Self::VALUE_SET,
        Self::CODE_SYSTEM,
        Self::TOO_LONG,
        Self::DATATYPE,
        Self::MAILBOX_OUT_OF_OPERATION,
        Self::DAMAGED,
        Self::DUPLICATE,
        Self::BAD_FORMAT,
        Self::BAD_SYNTAX,
        Self::DATE_FORMAT,
        Self::ID_INVALID,
        Self::RESOURCE_REQUIRED,
        Self::UNKNOWN_TYPE,
        Self::LOCAL_FAIL,
    ];

    /// The code with this text, or `None` where it is not one that is spoken here.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::NAMED.into_iter().find(|known| known.1 == code)
    }

    /// The code system.
    #[must_use]
    pub const fn system(self) -> &'static str {
        self.0
    }

    /// The code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        self.1
    }

    /// FHIR's own type of the issue (`issue-type`).
    #[must_use]
    pub const fn issue_type(self) -> &'static str {
        self.2
    }
}

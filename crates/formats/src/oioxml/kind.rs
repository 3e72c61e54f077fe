//! Which letter an `Emessage` holds.

use std::fmt;

/// The letter types by their element names (`MedCom`'s public samples and message list).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LetterKind {
    /// XDIS01, discharge letter.
    DischargeLetter,
    /// XDIS02, out-patient discharge letter.
    OutPatientDischargeLetter,
    /// XDIS13, booking confirmation.
    BookingConfirmation,
    /// XDIS16, report of admission.
    ReportOfAdmission,
    /// XDIS17, notification of discharge.
    NotificationOfDischarge,
    /// XDIS18, report of discharge.
    ReportOfDischarge,
    /// XDIS20, notification of admission.
    NotificationOfAdmission,
    /// XDIS21, care plan.
    ProgressOfCarePlan,
    /// XDIS32, birth notification.
    BirthNotification,
    /// XDIS91, clinical e-mail.
    ClinicalEmail,
    /// XREF01, hospital referral.
    HospitalReferral,
    /// XCTL01, negative receipt of the VANS operator.
    NegativeVansReceipt,
    /// XCTL02, negative receipt.
    NegativeReceipt,
    /// XCTL03, positive receipt.
    PositiveReceipt,
    /// None of these.
    Unknown,
}

const KINDS: &[(LetterKind, &str, &str)] = &[
    (LetterKind::DischargeLetter, "DischargeLetter", "XDIS01"),
    (
        LetterKind::OutPatientDischargeLetter,
        "OutPatientDischargeLetter",
        "XDIS02",
    ),
    (
        LetterKind::BookingConfirmation,
        "BookingConfirmation",
        "XDIS13",
    ),
    (LetterKind::ReportOfAdmission, "ReportOfAdmission", "XDIS16"),
    (
        LetterKind::NotificationOfDischarge,
        "NotificationOfDischarge",
        "XDIS17",
    ),
    (LetterKind::ReportOfDischarge, "ReportOfDischarge", "XDIS18"),
    (
        LetterKind::NotificationOfAdmission,
        "NotificationOfAdmission",
        "XDIS20",
    ),
    (
        LetterKind::ProgressOfCarePlan,
        "ProgressOfCarePlan",
        "XDIS21",
    ),
    (LetterKind::BirthNotification, "BirthNotification", "XDIS32"),
    (LetterKind::ClinicalEmail, "ClinicalEmail", "XDIS91"),
    (LetterKind::HospitalReferral, "HospitalReferral", "XREF01"),
    (
        LetterKind::NegativeVansReceipt,
        "NegativeVansReceipt",
        "XCTL01",
    ),
    (LetterKind::NegativeReceipt, "NegativeReceipt", "XCTL02"),
    (LetterKind::PositiveReceipt, "PositiveReceipt", "XCTL03"),
];

impl LetterKind {
    /// The letter whose element has this name.
    #[must_use]
    pub fn of_element(name: &str) -> Self {
        KINDS
            .iter()
            .find(|(_, element, _)| *element == name)
            .map_or(Self::Unknown, |(k, _, _)| *k)
    }

    /// `MedCom`'s number of the letter, such as `XDIS01`.
    #[must_use]
    pub fn type_code(self) -> Option<&'static str> {
        KINDS
            .iter()
            .find(|(kind, _, _)| *kind == self)
            .map(|(_, _, code)| *code)
    }
}

impl fmt::Display for LetterKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.type_code() {
            Some(code) => write!(f, "{self:?} ({code})"),
            None => f.write_str("of an unknown type"),
        }
    }
}

//! The few classes of documents and of confidentiality that role policies speak of.

/// A class of documents, as a security officer would name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DocumentClass {
    /// Appointments.
    Appointment,
    /// Measurements at home (PHMR, PHAD).
    HomeMeasurement,
    /// Questionnaires and their answers (QFDD, QRD).
    Questionnaire,
    /// The Stamkort: address, relatives, next of kin (PDC).
    Stamkort,
    /// Care plans (CPD).
    CarePlan,
    /// The GP's list of diagnoses (PLR).
    DiagnosisList,
    /// Discharge letters.
    DischargeLetter,
    /// Laboratory reports.
    LabReport,
    /// Images and their descriptions.
    Imaging,
    /// Medication.
    Medication,
    /// The pregnancy record.
    Pregnancy,
    /// Clinical notes, and the reports of what was measured at a clinic (CMR).
    Note,
    /// Any other type; only roles that may see everything see it.
    Other,
}

impl DocumentClass {
    /// Every class.
    pub const ALL: [Self; 13] = [
        Self::Appointment,
        Self::HomeMeasurement,
        Self::Questionnaire,
        Self::Stamkort,
        Self::CarePlan,
        Self::DiagnosisList,
        Self::DischargeLetter,
        Self::LabReport,
        Self::Imaging,
        Self::Medication,
        Self::Pregnancy,
        Self::Note,
        Self::Other,
    ];

    /// The name in the policies.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Appointment => "appointment",
            Self::HomeMeasurement => "home-measurement",
            Self::Questionnaire => "questionnaire",
            Self::Stamkort => "stamkort",
            Self::CarePlan => "care-plan",
            Self::DiagnosisList => "diagnosis-list",
            Self::DischargeLetter => "discharge-letter",
            Self::LabReport => "lab-report",
            Self::Imaging => "imaging",
            Self::Medication => "medication",
            Self::Pregnancy => "pregnancy",
            Self::Note => "note",
            Self::Other => "other",
        }
    }

    /// The class of an XDS `typeCode`: LOINC codes and `MedCom`'s own (OID 1.2.208.184.100.1) of the national
    /// metadata profile, and the LOINC codes of letters, images and medication lists that messages bring.
    pub fn of_type_code(code: &str) -> Self {
        match code.trim() {
            "56446-8" | "39289-4" | "39290-2" => Self::Appointment,
            "53576-5" | "103140-0" => Self::HomeMeasurement,
            "74468-0" | "74465-6" => Self::Questionnaire,
            "PDC" => Self::Stamkort,
            "81215-6" => Self::CarePlan,
            "11450-4" => Self::DiagnosisList,
            "18842-5" => Self::DischargeLetter,
            "11502-2" => Self::LabReport,
            "18748-4" | "55113-5" => Self::Imaging,
            "10160-0" | "56445-0" | "57833-6" => Self::Medication,
            "57059-8" | "PFR" | "PRF" | "PSCR" | "PMR" => Self::Pregnancy,
            "CMR" | "11506-3" | "11488-4" | "34109-9" | "34133-9" | "57133-1" => Self::Note,
            _ => Self::Other,
        }
    }
}

/// HL7 Confidentiality, reduced to what policies distinguish.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Confidentiality {
    /// `N`, normal: what the national profile fixes.
    Normal,
    /// `R`, restricted.
    Restricted,
    /// `V`, very restricted, and every code that is not known here.
    VeryRestricted,
}

impl Confidentiality {
    /// Every level.
    pub const ALL: [Self; 3] = [Self::Normal, Self::Restricted, Self::VeryRestricted];

    /// The code in the policies.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Normal => "N",
            Self::Restricted => "R",
            Self::VeryRestricted => "V",
        }
    }

    /// The level of an XDS confidentialityCode. An unknown or missing code is the most restricted.
    pub fn of_code(code: &str) -> Self {
        match code.trim() {
            "N" => Self::Normal,
            "R" => Self::Restricted,
            _ => Self::VeryRestricted,
        }
    }
}

//! Why a caller asks: the codes of HL7 v3-ActReason that Delt knows.

use serde::{Deserialize, Serialize};

/// The purpose of use of one request. Closed: any other code is refused where it is decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Purpose {
    /// Current treatment of the patient (Sundhedsloven § 42 a, stk. 1).
    Treat,
    /// Break-glass: essential consideration for the patient (§ 42 a, stk. 2); needs a reason.
    Btg,
    /// The citizen's own request.
    Patrqt,
    /// Operations of the place of treatment, such as one's own learning (§ 42 d).
    Hoperat,
    /// Quality work (§ 42 d).
    Hqualimp,
    /// Running the hub. Never opens clinical data.
    Hsysadmin,
}

impl Purpose {
    /// Every purpose, in the order of the matrix in the golden file.
    pub const ALL: [Self; 6] = [
        Self::Treat,
        Self::Btg,
        Self::Patrqt,
        Self::Hoperat,
        Self::Hqualimp,
        Self::Hsysadmin,
    ];

    /// The code in `http://terminology.hl7.org/CodeSystem/v3-ActReason`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Treat => "TREAT",
            Self::Btg => "BTG",
            Self::Patrqt => "PATRQT",
            Self::Hoperat => "HOPERAT",
            Self::Hqualimp => "HQUALIMP",
            Self::Hsysadmin => "HSYSADMIN",
        }
    }

    /// The purpose with this v3-ActReason code, if Delt knows it.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|purpose| purpose.as_str() == code)
    }
}

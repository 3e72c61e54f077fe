//! For what purpose.

use super::standing::Standing;
use super::{Case, Step};
use crate::{DenialReason, PersonKind, Purpose, Rule};

impl Case<'_> {
    /// A person's purpose must be one that their standing can have at all. Systems act without a purpose.
    pub(super) fn check_purpose(&mut self, standing: &Standing<'_>) -> Step<()> {
        let Some(person) = standing.person else {
            return Ok(());
        };
        let lawful: &[Purpose] = match person.kind {
            PersonKind::Citizen { .. } => &[Purpose::Patrqt],
            PersonKind::Operator | PersonKind::Auditor | PersonKind::DataProtectionOfficer => {
                &[Purpose::Hsysadmin]
            }
            _ => &[
                Purpose::Treat,
                Purpose::Btg,
                Purpose::Hoperat,
                Purpose::Hqualimp,
            ],
        };
        let optional = matches!(
            person.kind,
            PersonKind::Auditor | PersonKind::DataProtectionOfficer
        );
        match self.request.purpose {
            None if optional => Ok(()),
            None => self.refuse(
                DenialReason::PurposeMissing,
                Rule::Purpose,
                "none",
                "the request has no purpose of use",
            ),
            Some(purpose) if lawful.contains(&purpose) => {
                self.note(Rule::Purpose, purpose.as_str(), law(purpose));
                Ok(())
            }
            Some(purpose) => self.refuse(
                DenialReason::PurposeNotAllowed,
                Rule::Purpose,
                purpose.as_str(),
                "this caller cannot have this purpose",
            ),
        }
    }
}

fn law(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Treat => "current treatment (Sundhedsloven § 42 a, stk. 1)",
        Purpose::Btg => "essential consideration for the patient (Sundhedsloven § 42 a, stk. 2)",
        Purpose::Patrqt => "the citizen's own request",
        Purpose::Hoperat => "learning from one's own work (Sundhedsloven § 42 d)",
        Purpose::Hqualimp => "quality work (Sundhedsloven § 42 d)",
        Purpose::Hsysadmin => "running and supervising the hub",
    }
}

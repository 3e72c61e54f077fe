//! For what purpose, and, when the glass is broken, for what reason.

use super::standing::Standing;
use super::{Case, Step};
use crate::{DenialReason, GlassUse, PersonKind, Purpose, Rule};

/// How long a reason for breaking the glass is, in characters without surrounding space.
const REASON: std::ops::RangeInclusive<usize> = 10..=500;

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
            _ => &[Purpose::Treat, Purpose::Btg],
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
                refusal(purpose),
            ),
        }
    }

    /// Breaking the glass needs a reason and a lawful ground. The reason itself goes to the audit entry by the hub, not through the grounds.
    pub(super) fn check_reason(&mut self, standing: &Standing<'_>) -> Step<Option<GlassUse>> {
        if standing.person.is_none() || self.request.purpose != Some(Purpose::Btg) {
            return Ok(None);
        }
        let reason = self.request.override_reason.unwrap_or_default().trim();
        // At most four bytes make a character, so the length is known to be too great without counting.
        let fits = reason.len() <= REASON.end() * 4 && REASON.contains(&reason.chars().count());
        if fits {
            let detail = "the glass is broken with a written reason (Sundhedsloven § 42 a, stk. 2)";
            self.note(Rule::BreakGlass, Purpose::Btg.as_str(), detail);
            let Some(ground) = self.request.override_ground else {
                return self.refuse(
                    DenialReason::OverrideGroundMissing,
                    Rule::BreakGlass,
                    Purpose::Btg.as_str(),
                    "breaking the glass needs one of the two lawful grounds",
                );
            };
            let opening = None;
            return Ok(Some(GlassUse { ground, opening }));
        }
        self.refuse(
            DenialReason::OverrideReasonMissing,
            Rule::BreakGlass,
            Purpose::Btg.as_str(),
            "breaking the glass needs a reason of 10 to 500 characters",
        )
    }
}

fn law(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Treat => "current treatment (Sundhedsloven § 42 a, stk. 1)",
        Purpose::Btg => "essential consideration for the patient (Sundhedsloven § 42 a, stk. 2)",
        Purpose::Patrqt => "the citizen's own request",
        Purpose::Hoperat | Purpose::Hqualimp => "operation and quality (Sundhedsloven § 42 d)",
        Purpose::Hsysadmin => "running and supervising the hub",
    }
}

fn refusal(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Hoperat | Purpose::Hqualimp => {
            "Sundhedsloven § 42 d sets conditions for this purpose that cannot be shown to hold"
        }
        _ => "this caller cannot have this purpose",
    }
}

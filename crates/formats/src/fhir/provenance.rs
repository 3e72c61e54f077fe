//! The steps of a message's history.

use time::OffsetDateTime;

use super::parts::{Place, Resources};
use super::read::instant;
use super::url;
use crate::violation::{Problems, ViolationCode};

/// A step: something was done (activity) that made a message (target), perhaps from an earlier one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provenance {
    /// The message that the step made, `MessageHeader/<id>`.
    pub target: String,
    /// What was done (`medcom-messaging-activityCodes`), such as `admit-inpatient`.
    pub activity: String,
    /// When.
    pub occurred: OffsetDateTime,
    /// The message that it was made from, where it is named.
    pub previous: Option<String>,
    /// Who did it: a reference within the Bundle.
    pub agent: Option<String>,
}

/// `medcom-messaging-activityCodes`.
const ACTIVITIES: &[&str] = &[
    "new-message",
    "forward-message",
    "reply-message",
    "retract-message",
    "modified-message",
    "carboncopy-message",
    "acknowledgement",
    "admit-emergency",
    "revise-admit-emergency",
    "cancel-admit-emergency",
    "admit-inpatient",
    "revise-admit-inpatient",
    "cancel-admit-inpatient",
    "start-leave-inpatient",
    "revise-start-leave-inpatient",
    "cancel-start-leave-inpatient",
    "end-leave-inpatient",
    "revise-end-leave-inpatient",
    "cancel-end-leave-inpatient",
    "discharge-emergency-home",
    "discharge-inpatient-home",
    "revise-discharge-emergency-home",
    "revise-discharge-inpatient-home",
    "cancel-discharge-emergency-home",
    "cancel-discharge-inpatient-home",
];

impl Provenance {
    /// Whether the step made the message with this header id.
    #[must_use]
    pub fn targets(&self, header_id: &str) -> bool {
        self.target.rsplit('/').next() == Some(header_id)
    }

    pub(super) fn read_all(resources: &Resources<'_>, problems: &mut Problems) -> Vec<Self> {
        let all = resources.of_kind("Provenance");
        all.filter_map(|place| Self::read(place, problems))
            .collect()
    }

    fn read(place: &Place<'_>, problems: &mut Problems) -> Option<Self> {
        let target = place
            .get("target")
            .at(0)
            .get("reference")
            .required(problems);
        let activity = activity(&place.get("activity").get("coding").at(0), problems);
        let occurred = instant(&place.get("occurredDateTime"), problems);
        let previous = place
            .get("entity")
            .at(0)
            .get("what")
            .get("reference")
            .text();
        let agent = place.get("agent").at(0).get("who").get("reference").text();
        Some(Self {
            target: target?.to_owned(),
            activity: activity?,
            occurred: occurred?,
            previous: previous.map(str::to_owned),
            agent: agent.map(str::to_owned),
        })
    }
}

fn activity(coding: &Place<'_>, problems: &mut Problems) -> Option<String> {
    let code = coding.get("code").required(problems)?;
    let known = coding.get("system").text() == Some(url::ACTIVITY) && ACTIVITIES.contains(&code);
    if !known {
        coding.wrong(
            problems,
            ViolationCode::UnknownCode,
            "is not a messaging activity",
        );
        return None;
    }
    Some(code.to_owned())
}

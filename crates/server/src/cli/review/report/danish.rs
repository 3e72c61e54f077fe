//! What the printed page calls things. A word that it does not know stays as it is.

use delt_proto::review::v1::{ReviewCaseKind, ReviewCaseState, ReviewDecision};
use prost_types::Timestamp;
use time::OffsetDateTime;

/// What was done, by the name that the log has for it.
pub(super) fn operation(name: &str) -> &str {
    clinical(name)
        .or_else(|| citizens(name))
        .or_else(|| supervision(name))
        .unwrap_or(name)
}

fn clinical(name: &str) -> Option<&'static str> {
    Some(match name {
        "SearchRecord" => "Søgning i journal",
        "RetrieveDocument" => "Dokument hentet",
        "GetDocument" => "Henvisning vist",
        "RegisterDocument" => "Dokument registreret",
        "UpdateDocumentStatus" => "Dokument ændret",
        "ListSourceDocuments" => "Egne dokumenter vist",
        "AttestRelation" => "Erklæring om behandling",
        "RegisterRelation" => "Behandlingsrelation meldt",
        "EndRelation" => "Behandlingsrelation afsluttet",
        "ListRelations" => "Behandlingsrelationer vist",
        "ListRelationAlerts" => "Ubekræftede erklæringer vist",
        "LinkPatient" => "Personnumre knyttet sammen",
        "MergePatient" => "Personnummer erstattet",
        "GetPatient" => "Patient slået op",
        "RegisterDemographics" => "Navn og adresse meldt",
        "SendMessage" => "Meddelelse sendt",
        "ReceiveMessages" => "Meddelelser modtaget",
        "AcknowledgeMessage" => "Meddelelse kvitteret",
        "GetMessage" => "Meddelelse vist",
        "ListMessages" => "Meddelelser vist",
        _ => return None,
    })
}

fn citizens(name: &str) -> Option<&'static str> {
    Some(match name {
        "CreateConsent" => "Spærring eller samtykke oprettet",
        "EndConsent" => "Spærring eller samtykke ophævet",
        "ListConsents" => "Spærringer og samtykker vist",
        "ExplainAccess" => "Adgang forklaret",
        "ListOwnAccesses" => "Hvem har set: vist",
        "ListNotifications" => "Beskeder til borgeren vist",
        "RegisterRepresentation" => "Repræsentation registreret",
        "EndRepresentation" => "Repræsentation afsluttet",
        "ListRepresentations" => "Repræsentationer vist",
        _ => return None,
    })
}

fn supervision(name: &str) -> Option<&'static str> {
    Some(match name {
        "DelegateToHelper" => "Medhjælp givet adgang",
        "EndHelperDelegation" => "Medhjælps adgang afsluttet",
        "ListHelperDelegations" => "Medhjælp vist",
        "RegisterQualityPermission" => "Kvalitetsarbejde tilladt",
        "EndQualityPermission" => "Tilladelse til kvalitetsarbejde afsluttet",
        "ListQualityPermissions" => "Tilladelser til kvalitetsarbejde vist",
        "SearchAuditEntries" => "Søgning i log",
        "ExportAuditEntries" => "Udtræk af log",
        "ReadLogProofs" => "Logbeviser vist",
        "ReadDirectory" => "Opslag i organisationer",
        "ListReviewCases" => "Sagsliste vist",
        "GetReviewCase" => "Sag vist",
        "AssignReviewCase" => "Sag tildelt",
        "CommentReviewCase" => "Bemærkning til sag",
        "DecideReviewCase" => "Sag afgjort",
        "DrawSample" => "Stikprøve udtrukket",
        "ListSamples" => "Stikprøver vist",
        "GetPeriodReport" => "Rapport dannet",
        "RevokeAccess" => "Adgang spærret",
        "LiftRevocation" => "Spærring af adgang ophævet",
        "ListRevocations" => "Spærrede adgange vist",
        _ => return None,
    })
}

pub(super) fn purpose(code: &str) -> &str {
    match code {
        "TREAT" => "Behandling",
        "BTG" => "Værdispring",
        "PATRQT" => "Borgeren selv",
        "HOPERAT" => "Egen læring",
        "HQUALIMP" => "Kvalitetsarbejde",
        "HSYSADMIN" => "Tilsyn og drift",
        "" => "–",
        other => other,
    }
}

pub(super) fn outcome(word: &str) -> &str {
    match word {
        "permitted" => "Tilladt",
        "denied" => "Afvist",
        "failed" => "Fejlet",
        other => other,
    }
}

pub(super) const fn kind(kind: ReviewCaseKind) -> &'static str {
    match kind {
        ReviewCaseKind::BreakGlass => "Værdispring",
        ReviewCaseKind::RelationUnconfirmed => "Behandling ikke bekræftet",
        ReviewCaseKind::NoRelation => "Opslag uden behandlingsrelation",
        ReviewCaseKind::ManyPatients => "Usædvanligt mange patienter",
        ReviewCaseKind::SameFamilyName => "Samme efternavn",
        ReviewCaseKind::SameAddress => "Samme adresse",
        ReviewCaseKind::Colleague => "Kollega som patient",
        ReviewCaseKind::ManyPlaces => "Samme patient mange steder",
        ReviewCaseKind::OutsideHours => "Uden for arbejdstid",
        ReviewCaseKind::Sample => "Stikprøve",
        ReviewCaseKind::Unspecified => "–",
    }
}

pub(super) const fn state(state: ReviewCaseState) -> &'static str {
    match state {
        ReviewCaseState::Open => "Åben",
        ReviewCaseState::Assigned => "Tildelt",
        ReviewCaseState::Proposed => "Afventer anden person",
        ReviewCaseState::Closed => "Afsluttet",
        ReviewCaseState::Unspecified => "–",
    }
}

pub(super) const fn decision(decision: ReviewDecision) -> &'static str {
    match decision {
        ReviewDecision::Justified => "Berettiget",
        ReviewDecision::Unjustified => "Ikke berettiget",
        ReviewDecision::Inconclusive => "Kan ikke afgøres",
        ReviewDecision::Unspecified => "–",
    }
}

const MONTHS: [&str; 12] = [
    "januar",
    "februar",
    "marts",
    "april",
    "maj",
    "juni",
    "juli",
    "august",
    "september",
    "oktober",
    "november",
    "december",
];

/// A moment to the minute, UTC, as it is written in Danish. A dash where there is none.
pub(super) fn moment(moment: Option<&Timestamp>) -> String {
    let at = moment.and_then(|at| OffsetDateTime::from_unix_timestamp(at.seconds).ok());
    let month = |at: &OffsetDateTime| MONTHS.get(usize::from(u8::from(at.month())) - 1);
    let written = at.and_then(|at| {
        let (day, year, hour, minute) = (at.day(), at.year(), at.hour(), at.minute());
        Some(format!(
            "{day}. {} {year} kl. {hour:02}.{minute:02}",
            month(&at)?
        ))
    });
    written.unwrap_or_else(|| "–".to_owned())
}

/// A number with points between the thousands.
pub(super) fn number(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push('.');
        }
        text.push(digit);
    }
    text
}

/// A stretch of time in the largest unit that is whole enough to read.
pub(super) fn duration(seconds: u64) -> String {
    match seconds {
        0..120 => format!("{seconds} sekunder"),
        120..7_200 => format!("{} minutter", seconds / 60),
        7_200..172_800 => format!("{} timer", seconds / 3_600),
        _ => format!("{} dage", number(seconds / 86_400)),
    }
}

#[cfg(test)]
mod tests {
    use delt_policy::Action;

    use super::*;

    #[test]
    fn numbers_and_times_are_written_as_they_are_read() {
        assert_eq!(number(0), "0");
        assert_eq!(number(999), "999");
        assert_eq!(number(1_234_567), "1.234.567");
        assert_eq!(duration(93_600), "26 timer");
        assert_eq!(duration(400_000), "4 dage");
        let at = |text| delt_client::json::from_rfc3339(text);
        let begins = moment(at("2026-11-01T08:05:59Z").as_ref());
        assert_eq!(begins, "1. november 2026 kl. 08.05");
        assert_eq!(moment(None), "–");
    }

    #[test]
    fn everything_that_can_be_logged_has_a_danish_name_of_its_own() {
        assert_eq!(operation("Unheard"), "Unheard");
        let names: std::collections::BTreeSet<_> = Action::ALL
            .iter()
            .map(|action| operation(action.as_str()))
            .collect();
        assert_eq!(names.len(), Action::ALL.len(), "two are called the same");
        for action in Action::ALL {
            assert!(!names.contains(action.as_str()), "{action:?}");
        }
    }
}

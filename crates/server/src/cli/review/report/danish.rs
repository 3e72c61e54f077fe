//! What the printed page calls things. A word that it does not know stays as it is.

use delt_proto::review::v1::{ReviewCaseKind, ReviewCaseState, ReviewDecision};

pub(super) fn operation(name: &str) -> &str {
    match name {
        "SearchRecord" => "Søgning i journal",
        "RetrieveDocument" => "Dokument hentet",
        "GetDocument" => "Henvisning vist",
        "RegisterDocument" => "Dokument registreret",
        "UpdateDocumentStatus" => "Dokument ændret",
        "AttestRelation" => "Erklæring om behandling",
        "RegisterRelation" => "Behandlingsrelation meldt",
        "EndRelation" => "Behandlingsrelation afsluttet",
        "ListRelations" => "Behandlingsrelationer vist",
        "SearchAuditEntries" => "Søgning i log",
        "ExportAuditEntries" => "Udtræk af log",
        "ListReviewCases" | "GetReviewCase" => "Sager vist",
        "AssignReviewCase" | "CommentReviewCase" | "DecideReviewCase" => "Arbejde på sag",
        "DrawSample" => "Stikprøve udtrukket",
        "ListSamples" => "Stikprøver vist",
        "GetPeriodReport" => "Rapport dannet",
        other => other,
    }
}

pub(super) fn purpose(code: &str) -> &str {
    match code {
        "TREAT" => "Behandling",
        "BTG" => "Værdispring",
        "PATRQT" => "Borgerens ønske",
        "HOPERAT" => "Drift",
        "HQUALIMP" => "Kvalitetsarbejde",
        "HSYSADMIN" => "Systemdrift",
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
        ReviewCaseState::Assigned => "Under behandling",
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
    use super::*;

    #[test]
    fn numbers_and_times_are_written_as_they_are_read() {
        assert_eq!(number(0), "0");
        assert_eq!(number(999), "999");
        assert_eq!(number(1_234_567), "1.234.567");
        assert_eq!(duration(93_600), "26 timer");
        assert_eq!(duration(400_000), "4 dage");
        assert_eq!(operation("Unheard"), "Unheard");
    }
}

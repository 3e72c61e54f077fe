//! Consents as a table for people.

use delt_proto::consent::v1::{Consent, OrganisationScope, What, Who};

use super::kind_word;
use crate::cli::table::Table;
use crate::cli::values::{minute, span};

pub(super) fn table(consents: &[Consent]) -> String {
    if consents.is_empty() {
        return "No consents.\n".to_owned();
    }
    let mut table = Table::new(["KIND", "WHAT", "WHO", "APPLIES (UTC)", "ENDED", "CONSENT"]);
    for consent in consents {
        table.row([
            kind_word(consent.kind).to_owned(),
            what_text(consent.what.as_ref()),
            who_text(consent.who.as_ref()),
            span(consent.validity.as_ref()),
            minute(consent.ended_time.as_ref()),
            consent.consent_id.clone(),
        ]);
    }
    table.to_string()
}

fn what_text(what: Option<&What>) -> String {
    let Some(what) = what else {
        return "all data".to_owned();
    };
    let mut parts = Vec::new();
    if !what.entry_uuid.is_empty() {
        parts.push(what.entry_uuid.clone());
    }
    parts.extend(what.type_codes.iter().map(|code| code.code.clone()));
    parts.extend(what.data_period.as_ref().map(|period| span(Some(period))));
    parts.extend(what.originating.as_ref().map(scope_text));
    if parts.is_empty() {
        "all data".to_owned()
    } else {
        parts.join(", ")
    }
}

fn who_text(who: Option<&Who>) -> String {
    let Some(who) = who else {
        return "everybody".to_owned();
    };
    let person = (!who.authorisation_id.is_empty()).then(|| who.authorisation_id.clone());
    let parts: Vec<String> = person
        .into_iter()
        .chain(who.organisation.as_ref().map(scope_text))
        .collect();
    if parts.is_empty() {
        "everybody".to_owned()
    } else {
        parts.join(" at ")
    }
}

fn scope_text(scope: &OrganisationScope) -> String {
    let alone = if scope.with_underlying { "" } else { " alone" };
    format!("{}{alone}", scope.organisation)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::filter::{codes, systems};

    #[test]
    fn a_consent_reads_as_a_sentence_in_columns() {
        let scope = OrganisationScope {
            organisation: "990031000016002".into(),
            with_underlying: false,
        };
        let who = Who {
            authorisation_id: "9RK1H".into(),
            organisation: Some(scope),
        };
        assert_eq!(who_text(Some(&who)), "9RK1H at 990031000016002 alone");
        assert_eq!(who_text(Some(&Who::default())), "everybody");
        assert_eq!(what_text(Some(&What::default())), "all data");
        let what = What {
            type_codes: codes(&["39289-4".into()], systems::LOINC),
            ..Default::default()
        };
        assert_eq!(what_text(Some(&what)), "39289-4");
    }
}

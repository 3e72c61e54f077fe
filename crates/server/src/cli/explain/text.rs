//! An explanation for people.

use delt_proto::consent::v1::{ExplainAccessResponse, Explanation, PlaceAccess};

use crate::cli::output::receipt_line;
use crate::cli::table::{Table, plain};

/// Sentences first, then a table: of the places, or of the grounds of the one professional.
pub(super) fn told(answer: &ExplainAccessResponse) -> String {
    let let_in = if answer.admitted {
        "Would be let in."
    } else {
        "Would be refused."
    };
    let mut text = format!(
        "{let_in} {} documents visible, {} withheld by consent, {} by role, {} by purpose.\n",
        answer.visible,
        answer.withheld_by_consent,
        answer.withheld_by_role,
        answer.withheld_by_purpose
    );
    text.extend(answer.explanations.iter().map(sentence));
    if !answer.places.is_empty() {
        let thought = answer.what_if.is_some();
        text.extend([format!("\n{}\n", places(&answer.places, thought))]);
    } else if !answer.grounds.is_empty() {
        text.extend([format!("\n{}\n", grounds(answer))]);
    }
    text + &receipt_line(answer.receipt.as_ref())
}

fn sentence(explanation: &Explanation) -> String {
    let (language, text) = (plain(&explanation.language), plain(&explanation.text));
    format!("  {language}: {text}\n")
}

fn places(places: &[PlaceAccess], thought: bool) -> Table<6> {
    let after = if thought { "THEN" } else { "" };
    let mut table = Table::new([
        "PLACE",
        "ROLE",
        "PERSON",
        "VISIBLE",
        after,
        "BLOCKED / ROLE",
    ]);
    for place in places {
        let name = if place.organisation_name.is_empty() {
            place.organisation.clone()
        } else {
            place.organisation_name.clone()
        };
        let after = match thought {
            true => place.visible_what_if.to_string(),
            false => String::new(),
        };
        table.row([
            name,
            place.role.clone(),
            place.authorisation_id.clone(),
            place.visible.to_string(),
            after,
            format!("{} / {}", place.withheld_by_consent, place.withheld_by_role),
        ]);
    }
    table
}

fn grounds(answer: &ExplainAccessResponse) -> Table<3> {
    let mut table = Table::new(["RULE", "REFERENCE", "DETAIL"]);
    for ground in &answer.grounds {
        table.row([
            ground.rule.clone(),
            ground.reference.clone(),
            ground.detail.clone(),
        ]);
    }
    table
}

//! An explanation for people.

use delt_proto::consent::v1::{ExplainAccessResponse, Explanation, PlaceAccess};

use crate::cli::output::receipt_line;
use crate::cli::table::{Table, plain};

/// Sentences first, then a table: of the places, or of the grounds of the one professional. With `why`, the reasons of each place.
pub(super) fn told(answer: &ExplainAccessResponse, why: bool) -> String {
    let mut text = format!(
        "{} {} documents visible, {} withheld by consent, {} by role, {} by purpose.\n",
        let_in(answer),
        answer.visible,
        answer.withheld_by_consent,
        answer.withheld_by_role,
        answer.withheld_by_purpose
    );
    text.extend(answer.explanations.iter().map(sentence));
    if !answer.places.is_empty() {
        let table = places(&answer.places, answer.what_if.is_some());
        text.extend([format!("\n{table}\n")]);
        text.extend(answer.places.iter().filter(|_| why).map(reasons));
    } else if !answer.grounds.is_empty() {
        text.extend([format!("\n{}\n", grounds(answer))]);
    }
    text + &receipt_line(answer.receipt.as_ref())
}

fn let_in(answer: &ExplainAccessResponse) -> &'static str {
    match (answer.admitted, answer.places.is_empty()) {
        (true, true) => "Would be let in.",
        (false, true) => "Would be refused.",
        (true, false) => "Somebody would be let in.",
        (false, false) => "Everybody would be refused.",
    }
}

fn reasons(place: &PlaceAccess) -> String {
    let told: String = place.explanations.iter().map(sentence).collect();
    let (name, role) = (plain(name(place)), plain(&place.role));
    format!("{name}, {role}\n{told}\n")
}

fn name(place: &PlaceAccess) -> &str {
    if place.organisation_name.is_empty() {
        &place.organisation
    } else {
        &place.organisation_name
    }
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
        let after = if thought {
            place.visible_what_if.to_string()
        } else {
            String::new()
        };
        table.row([
            name(place).to_owned(),
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

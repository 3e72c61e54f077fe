//! `delt review list|show`

use clap::{Args, Subcommand, ValueEnum};
use delt_proto::common::v1::OverrideGround;
use delt_proto::review::v1::{
    GetReviewCaseRequest, ListReviewCasesRequest, ReviewCase, ReviewCaseKind, ReviewCaseState,
};
use serde_json::{Value, json};

use super::arguments::HubArgs;
use super::connect::Usually;
use super::output::receipt_line;
use super::table::{Table, plain};
use super::values::minute;
use super::{Done, Outcome, Surroundings, json as wire};

#[derive(Debug, Args)]
pub struct Review {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Cases of the own organisation's users, by number
    List(List),
    /// One case, in full
    Show {
        /// From `delt review list`
        number: u64,
    },
}

#[derive(Debug, Args)]
struct List {
    /// Only cases after this number
    #[arg(
        long,
        value_name = "NUMBER",
        default_value_t = 0,
        hide_default_value = true
    )]
    after: u64,
    #[arg(long, value_enum)]
    kind: Option<Kind>,
    /// Only those that nobody has closed
    #[arg(long)]
    open: bool,
    /// Show this many at most
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=500))]
    limit: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// Somebody broke the glass
    BreakGlass,
    /// Nothing confirmed a professional's word
    RelationUnconfirmed,
}

impl Review {
    pub(super) async fn run(self, hub: &HubArgs, around: &Surroundings<'_>) -> Outcome {
        match self.action {
            Action::List(list) => list.run(hub, around).await,
            Action::Show { number } => show(number, hub, around).await,
        }
    }
}

impl List {
    async fn run(self, hub: &HubArgs, around: &Surroundings<'_>) -> Outcome {
        let session = hub.connect(around, Usually::Auditor).await?;
        let kind = match self.kind {
            None => ReviewCaseKind::Unspecified,
            Some(Kind::BreakGlass) => ReviewCaseKind::BreakGlass,
            Some(Kind::RelationUnconfirmed) => ReviewCaseKind::RelationUnconfirmed,
        };
        let state = if self.open {
            ReviewCaseState::Open
        } else {
            ReviewCaseState::Unspecified
        };
        let request = ListReviewCasesRequest {
            context: session.context,
            after_number: self.after,
            kind: kind.into(),
            state: state.into(),
            page_size: self.limit,
        };
        let answer = session.hub.reviews().list(request).await?;
        session.output.answer(
            || {
                json!({
                    "cases": answer.cases.iter().map(as_json).collect::<Value>(),
                    "receipt": wire::receipt(answer.receipt.as_ref()),
                })
            },
            || table(&answer.cases) + &receipt_line(answer.receipt.as_ref()),
        )?;
        Ok(Done::All)
    }
}

async fn show(number: u64, hub: &HubArgs, around: &Surroundings<'_>) -> Outcome {
    let session = hub.connect(around, Usually::Auditor).await?;
    let request = GetReviewCaseRequest {
        context: session.context,
        number,
    };
    let answer = session.hub.reviews().get(request).await?;
    let case = answer.review_case.unwrap_or_default();
    session.output.answer(
        || json!({ "review_case": as_json(&case), "receipt": wire::receipt(answer.receipt.as_ref()) }),
        || as_text(&case) + &receipt_line(answer.receipt.as_ref()),
    )?;
    Ok(Done::All)
}

fn as_json(case: &ReviewCase) -> Value {
    json!({
        "number": case.number,
        "kind": kind_word(case.kind()),
        "state": state_word(case.state()),
        "opened_time": wire::time(case.opened_time.as_ref()),
        "authorisation_id": case.authorisation_id,
        "role": case.role,
        "organisation": case.organisation,
        "override_ground": ground_word(case.override_ground()),
        "reason": case.reason,
        "expires_time": wire::time(case.expires_time.as_ref()),
        "audit_entry_id": case.audit_entry_id,
        "patient_key": case.patient_key,
    })
}

const fn kind_word(kind: ReviewCaseKind) -> &'static str {
    match kind {
        ReviewCaseKind::BreakGlass => "break-glass",
        ReviewCaseKind::RelationUnconfirmed => "relation-unconfirmed",
        ReviewCaseKind::NoRelation => "no-relation",
        ReviewCaseKind::ManyPatients => "many-patients",
        ReviewCaseKind::SameFamilyName => "same-family-name",
        ReviewCaseKind::SameAddress => "same-address",
        ReviewCaseKind::Colleague => "colleague",
        ReviewCaseKind::ManyPlaces => "many-places",
        ReviewCaseKind::OutsideHours => "outside-hours",
        ReviewCaseKind::Sample => "sample",
        ReviewCaseKind::Unspecified => "",
    }
}

const fn state_word(state: ReviewCaseState) -> &'static str {
    match state {
        ReviewCaseState::Open => "open",
        ReviewCaseState::Assigned => "assigned",
        ReviewCaseState::Proposed => "proposed",
        ReviewCaseState::Closed => "closed",
        ReviewCaseState::Unspecified => "",
    }
}

/// The word of a lawful ground.
pub(super) const fn ground_word(ground: OverrideGround) -> &'static str {
    match ground {
        OverrideGround::CitizenLiftsBlock => "citizen-lifts-block",
        OverrideGround::EssentialConsideration => "essential-consideration",
        OverrideGround::Unspecified => "",
    }
}

fn table(cases: &[ReviewCase]) -> String {
    if cases.is_empty() {
        return "No cases.\n".to_owned();
    }
    let mut table = Table::new([
        "CASE",
        "OPENED (UTC)",
        "KIND",
        "STATE",
        "WHO",
        "ROLE",
        "WHERE",
        "REASON",
    ]);
    for case in cases {
        table.row([
            case.number.to_string(),
            minute(case.opened_time.as_ref()),
            kind_word(case.kind()).to_owned(),
            state_word(case.state()).to_owned(),
            case.authorisation_id.clone(),
            case.role.clone(),
            case.organisation.clone(),
            case.reason.clone(),
        ]);
    }
    table.to_string()
}

fn as_text(case: &ReviewCase) -> String {
    let lines = [
        ("case", case.number.to_string()),
        ("kind", kind_word(case.kind()).to_owned()),
        ("state", state_word(case.state()).to_owned()),
        ("opened", minute(case.opened_time.as_ref())),
        ("closes", minute(case.expires_time.as_ref())),
        ("who", case.authorisation_id.clone()),
        ("role", case.role.clone()),
        ("where", case.organisation.clone()),
        ("ground", ground_word(case.override_ground()).to_owned()),
        ("reason", case.reason.clone()),
        ("patient key", case.patient_key.clone()),
        ("begun by", case.audit_entry_id.clone()),
    ];
    let told: Vec<String> = lines
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("{name:<12} {}\n", plain(value)))
        .collect();
    told.concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case() -> ReviewCase {
        ReviewCase {
            number: 7,
            kind: ReviewCaseKind::BreakGlass.into(),
            state: ReviewCaseState::Open.into(),
            opened_time: delt_client::json::from_rfc3339("2026-11-23T08:05:09Z"),
            authorisation_id: "9KARD".to_owned(),
            override_ground: OverrideGround::EssentialConsideration.into(),
            reason: "Bevidstløs".to_owned(),
            ..ReviewCase::default()
        }
    }

    #[test]
    fn a_case_is_a_row_of_the_list() {
        let text = table(&[case()]);
        let row = text.lines().nth(1).unwrap();
        assert!(
            row.starts_with("7     2026-11-23 08:05  break-glass  open   9KARD"),
            "{text}"
        );
        assert!(row.ends_with("Bevidstløs"), "{text}");
        assert_eq!(table(&[]), "No cases.\n");
    }

    #[test]
    fn a_case_in_full_leaves_out_what_it_does_not_have() {
        let text = as_text(&case());
        assert!(
            text.contains("ground       essential-consideration\n"),
            "{text}"
        );
        assert!(!text.contains("closes"), "{text}");
        assert_eq!(as_json(&case())["number"], 7);
    }
}

//! `delt audit witnesses`

use delt_proto::audit::v1::{ListWitnessesRequest, ListWitnessesResponse, Witness};
use serde_json::{Value, json};

use super::super::arguments::HubArgs;
use super::super::connect::Usually;
use super::super::table::Table;
use super::super::values::minute;
use super::super::{Done, Outcome, Surroundings, json as wire};

/// Shows who cosigns the log, and how far each has come.
pub(super) async fn run(hub: &HubArgs, around: &Surroundings<'_>) -> Outcome {
    let session = hub.connect(around, Usually::Auditor).await?;
    let request = ListWitnessesRequest {};
    let answer = session.hub.audit().witnesses(request).await?;
    session
        .output
        .answer(|| as_json(&answer), || text(&answer))?;
    Ok(Done::All)
}

fn as_json(answer: &ListWitnessesResponse) -> Value {
    let witness = |witness: &Witness| {
        json!({
            "name": witness.name,
            "verifier_key": witness.verifier_key,
            "tree_size": witness.tree_size,
            "cosigned_time": wire::time(witness.cosigned_time.as_ref()),
            "problem": witness.problem,
        })
    };
    json!({
        "witnesses": answer.witnesses.iter().map(witness).collect::<Value>(),
        "policy": answer.policy,
        "tree_size": answer.tree_size,
        "cosigned_tree_size": answer.cosigned_tree_size,
    })
}

fn text(answer: &ListWitnessesResponse) -> String {
    if answer.policy.is_empty() {
        return "No witness policy is set: nobody cosigns this log.\n".to_owned();
    }
    let mut table = Table::new([
        "WITNESS",
        "TREE SIZE",
        "BEHIND",
        "COSIGNED (UTC)",
        "PROBLEM",
    ]);
    for witness in &answer.witnesses {
        table.row([
            witness.name.clone(),
            witness.tree_size.to_string(),
            answer
                .tree_size
                .saturating_sub(witness.tree_size)
                .to_string(),
            minute(witness.cosigned_time.as_ref()),
            witness.problem.clone(),
        ]);
    }
    format!(
        "{table}The log has {} entries; the newest checkpoint that the policy is content with covers {}.\n",
        answer.tree_size, answer.cosigned_tree_size
    )
}

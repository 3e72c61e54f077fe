//! From findings to cases.

use uuid::Uuid;

use crate::{
    Result,
    clock::Micros,
    review::{
        rows::{NewCase, PersonRef, open_once},
        rules::finding::{About, EVIDENCE_MAX, Finding},
    },
    store::{Tx, on, unavailable},
};

const SELECT_CASE: &str = "-- review_select_found
SELECT c.number, (SELECT COUNT(*) FROM review_evidence e WHERE e.number = c.number) FROM review_case c
WHERE c.subject_id = $1 AND c.kind = $2";

const ADD_EVIDENCE: &str = "-- review_add_evidence
INSERT INTO review_evidence (number, entry_id) VALUES ($1, $2) ON CONFLICT (number, entry_id) DO NOTHING";

/// Opens the case of a finding, or adds evidence to it where it is open already; says whether it was opened.
///
/// Only whoever holds the row `review_leaf` opens cases of these kinds, so that none can appear between the question and the opening.
pub(in super::super) async fn keep_case(
    tx: &mut Tx<'_>,
    finding: &Finding,
    now: Micros,
) -> Result<bool> {
    let known: Option<(i64, i64)> = on!(tx, c => sqlx::query_as(SELECT_CASE)
        .bind(finding.subject.as_bytes().as_slice())
        .bind(finding.kind.as_str())
        .fetch_optional(c).await)
    .map_err(unavailable)?;
    if let Some((number, has)) = known {
        add_evidence(
            tx,
            number,
            usize::try_from(has).unwrap_or_default(),
            finding,
        )
        .await?;
        return Ok(false);
    }
    Ok(open_once(tx, &new_case(finding, now)).await?.is_some())
}

async fn add_evidence(
    tx: &mut Tx<'_>,
    number: i64,
    mut has: usize,
    finding: &Finding,
) -> Result<()> {
    for entry in &finding.evidence {
        if has >= EVIDENCE_MAX {
            break;
        }
        has += add_one(tx, number, entry).await?;
    }
    Ok(())
}

async fn add_one(tx: &mut Tx<'_>, number: i64, entry: &Uuid) -> Result<usize> {
    let added = on!(tx, c => sqlx::query(ADD_EVIDENCE)
        .bind(number)
        .bind(entry.as_bytes().as_slice())
        .execute(c).await
        .map(|done| done.rows_affected()));
    Ok(usize::try_from(added.map_err(unavailable)?).unwrap_or_default())
}

fn new_case(finding: &Finding, now: Micros) -> NewCase<'_> {
    let staff = &finding.staff;
    let person = PersonRef {
        id: &staff.id,
        authorisation: staff.authorisation.as_ref(),
        key: staff.key,
    };
    let (patient, person) = match finding.about {
        About::Person => (None, Some(person)),
        About::Both(patient) => (Some(patient), Some(person)),
        // Of many people's looks nobody's is the one that is looked at.
        About::Patient(patient) => (Some(patient), None),
    };
    let of_person = person.is_some();
    NewCase {
        kind: finding.kind,
        patient,
        subject: finding.subject,
        person,
        role: if of_person { &staff.role } else { "" },
        organisation: &staff.organisation,
        opened_at: now,
        audit_entry_id: Some(finding.entry),
        detail: &finding.detail,
        evidence: &finding.evidence,
        sample: None,
    }
}

//! Rows of notifications.

use delt_policy::{OrganisationId, OverrideGround, PatientKey};
use uuid::Uuid;

use super::{KeptNotification, NotificationKind};
use crate::{
    Error, Result,
    clock::Micros,
    glass,
    keys::Keyring,
    patient::rows::key,
    relation,
    store::{Tx, on, unavailable},
};

const SELECT_LAST: &str = "-- notification_select_last
SELECT notification_id FROM notification WHERE patient_key = $1 ORDER BY notification_id DESC LIMIT 1";

const INSERT_NOTIFICATION: &str = "-- notification_insert
INSERT INTO notification (patient_key, notification_id, kind, subject_id, role, organisation, created_at,
    audit_entry_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";

const SELECT_AFTER: &str = "-- notification_select_after
SELECT n.patient_key, n.notification_id, n.kind, n.subject_id, n.role, n.organisation, n.created_at,
    n.audit_entry_id, g.ground, g.sealed_reason
FROM notification n
LEFT JOIN break_glass g ON g.patient_key = n.patient_key AND g.opening_id = n.subject_id
WHERE n.patient_key = $1 AND n.notification_id > $2
ORDER BY n.notification_id LIMIT $3";

/// A notification that is not yet written.
#[derive(Debug, Clone)]
pub(crate) struct NewNotification<'a> {
    /// A fresh UUID version 7. A later one is kept where the citizen already has this one or a later one.
    pub(crate) id: Uuid,
    pub(crate) kind: NotificationKind,
    /// All keys of the citizen, the one that it is kept under first.
    pub(crate) keys: &'a [PatientKey],
    /// The opening or the relation, under the first key.
    pub(crate) subject: Uuid,
    pub(crate) role: &'a str,
    pub(crate) organisation: &'a OrganisationId,
    pub(crate) created_at: Micros,
    pub(crate) audit_entry_id: Option<Uuid>,
}

/// Tells a citizen something. Call it after [`crate::review::rows::open`] in the same transaction, which holds the order in which notifications are made:
/// a reader who has seen the last one can so be sure that none before it is still to come.
pub(crate) async fn tell(tx: &mut Tx<'_>, new: &NewNotification<'_>) -> Result<()> {
    let patient = new
        .keys
        .first()
        .ok_or_else(|| Error::internal("a notification without a citizen"))?;
    let id = after_last(tx, new.keys, new.id).await?;
    on!(tx, c => sqlx::query(INSERT_NOTIFICATION)
        .bind(patient.as_bytes().as_slice())
        .bind(id.as_bytes().as_slice())
        .bind(new.kind.as_str())
        .bind(new.subject.as_bytes().as_slice())
        .bind(new.role)
        .bind(new.organisation.as_str())
        .bind(new.created_at)
        .bind(new.audit_entry_id.as_ref().map(|id| id.as_bytes().as_slice()))
        .execute(c).await.map(drop))
    .map_err(unavailable)
}

/// The id itself, or where the citizen has one that does not sort before it, the next after that: clocks of two hubs differ, and requests overtake.
async fn after_last(tx: &mut Tx<'_>, keys: &[PatientKey], id: Uuid) -> Result<Uuid> {
    let mut id = id;
    for patient in keys {
        let last: Option<Vec<u8>> = on!(tx, c => sqlx::query_scalar(SELECT_LAST)
            .bind(patient.as_bytes().as_slice())
            .fetch_optional(c).await)
        .map_err(unavailable)?;
        if let Some(last) = last {
            let last = Uuid::from_slice(&last).map_err(Error::internal)?;
            id = id.max(Uuid::from_u128(last.as_u128().saturating_add(1)));
        }
    }
    Ok(id)
}

type Row = (
    Vec<u8>,
    Vec<u8>,
    String,
    Vec<u8>,
    String,
    String,
    Micros,
    Option<Vec<u8>>,
    Option<String>,
    Option<Vec<u8>>,
);

/// What a citizen was told after one notification, under any of the citizen's numbers, oldest first.
pub(crate) async fn after(
    tx: &mut Tx<'_>,
    keyring: &Keyring,
    keys: &[PatientKey],
    last: Uuid,
    limit: usize,
) -> Result<Vec<KeptNotification>> {
    let rows_max = i64::try_from(limit).map_err(Error::internal)?;
    let mut found = Vec::new();
    for patient in keys {
        let rows: Vec<Row> = on!(tx, c => sqlx::query_as(SELECT_AFTER)
            .bind(patient.as_bytes().as_slice())
            .bind(last.as_bytes().as_slice())
            .bind(rows_max)
            .fetch_all(c).await)
        .map_err(unavailable)?;
        for row in rows {
            found.push(kept(row, keyring)?);
        }
    }
    found.sort_by_key(|kept| kept.id);
    found.truncate(limit);
    for kept in &mut found {
        if kept.kind == NotificationKind::RelationUnconfirmed {
            let word = relation::reason::of(tx, keyring, &kept.patient, kept.subject).await?;
            kept.reason = word.unwrap_or_default();
        }
    }
    Ok(found)
}

fn kept(row: Row, keyring: &Keyring) -> Result<KeptNotification> {
    let (patient, id, kind, subject, role, place, created_at, entry, ground, reason) = row;
    let malformed = || Error::internal("a stored notification is malformed");
    let patient = key(&patient)?;
    let subject = Uuid::from_slice(&subject).map_err(Error::internal)?;
    Ok(KeptNotification {
        id: Uuid::from_slice(&id).map_err(Error::internal)?,
        kind: NotificationKind::from_code(&kind).ok_or_else(malformed)?,
        patient,
        subject,
        created_at,
        organisation: OrganisationId::parse(&place).map_err(|_| malformed())?,
        role,
        ground: ground
            .map(|code| OverrideGround::from_code(&code).ok_or_else(malformed))
            .transpose()?,
        reason: match reason {
            Some(sealed) => glass::reason::open(keyring, &patient, subject, &sealed)?,
            None => String::new(),
        },
        audit_entry_id: entry
            .map(|id| Uuid::from_slice(&id).map_err(Error::internal))
            .transpose()?,
    })
}

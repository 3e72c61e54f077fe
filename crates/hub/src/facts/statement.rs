//! The statement that loads facts. One text, but for how a row is found by the keys of a person: each database looks up by primary key only when it is
//! told so in its own way.
//!
//! | bind | what |
//! |---|---|
//! | `$1` | the key that was asked for; NULL: no patient |
//! | `$2` | the key of the helper who acts; NULL: no helper |
//! | `$3` | the authorisation whose permissions for quality work count; NULL: no such purpose |
//! | `$4` | the authorisation whose openings count; NULL: the glass is whole |
//!
//! What is not asked for costs nothing: no index has an entry for NULL.

/// The statement, given the condition that `f.patient_key` is one of the person's.
///
/// `linked` goes over the links in both directions; its UNION ends on a circle. One number more than a person may have is enough to refuse.
macro_rules! select_facts {
    ($of_the_person:literal) => {
        concat!(
            "-- facts_select
WITH RECURSIVE linked (patient_key) AS (
    SELECT $1 WHERE $1 IS NOT NULL
    UNION
    SELECT CASE WHEN link.from_key = linked.patient_key THEN link.to_key ELSE link.from_key END
    FROM linked CROSS JOIN patient_link AS link
    WHERE link.from_key = linked.patient_key OR link.to_key = linked.patient_key
),
person (patient_key) AS (SELECT patient_key FROM linked LIMIT 33)
SELECT 'number' AS fact, patient_key AS key, patient_key AS id, patient_key AS other_key,
    CAST(NULL AS TEXT) AS kind, CAST(NULL AS TEXT) AS organisation, CAST(NULL AS TEXT) AS person,
    CAST(NULL AS TEXT) AS terms, CAST(NULL AS TEXT) AS source, CAST(NULL AS BIGINT) AS valid_from,
    CAST(NULL AS BIGINT) AS valid_until, CAST(NULL AS BIGINT) AS ended_at, CAST(NULL AS BIGINT) AS created_at
FROM person
UNION ALL
SELECT 'consent', f.patient_key, f.consent_id, NULL, NULL, NULL, NULL, f.terms, NULL,
    f.valid_from, f.valid_until, f.ended_at, f.created_at
FROM consent AS f WHERE ", $of_the_person, "
UNION ALL
SELECT 'relation', f.patient_key, f.relation_id, NULL, f.kind, f.organisation, f.authorisation_id, NULL, f.created_by,
    f.valid_from, f.valid_until, f.ended_at, f.created_at
FROM treatment_relation AS f WHERE ", $of_the_person, "
UNION ALL
SELECT 'representation', f.patient_key, f.representation_id, f.representative_key, f.kind, NULL, NULL, f.terms, NULL,
    f.valid_from, f.valid_until, f.ended_at, f.created_at
FROM representation AS f WHERE ", $of_the_person, "
UNION ALL
SELECT 'opening', f.patient_key, f.opening_id, NULL, f.ground, f.organisation, f.authorisation_id, NULL, NULL,
    f.opened_at, f.expires_at, NULL, f.opened_at
FROM break_glass AS f WHERE $4 IS NOT NULL AND f.authorisation_id = $4 AND ", $of_the_person, "
UNION ALL
SELECT 'delegation', f.helper_key, f.delegation_id, NULL, NULL, f.organisation, f.responsible_id, f.rights, NULL,
    f.valid_from, f.valid_until, f.ended_at, f.created_at
FROM helper_delegation AS f WHERE f.helper_key = $2
UNION ALL
SELECT 'permission', NULL, f.permission_id, NULL, NULL, f.organisation, f.authorisation_id, NULL, NULL,
    f.valid_from, f.valid_until, f.ended_at, f.created_at
FROM quality_permission AS f WHERE f.authorisation_id = $3"
        )
    };
}

/// On SQLite.
pub(super) const SELECT_FACTS_SQLITE: &str =
    select_facts!("f.patient_key IN (SELECT patient_key FROM person)");

/// On PostgreSQL, where a join would read the whole table as long as nothing has been counted in it: after a bulk load or a restore.
pub(super) const SELECT_FACTS_POSTGRES: &str =
    select_facts!("f.patient_key = ANY (ARRAY (SELECT patient_key FROM person))");

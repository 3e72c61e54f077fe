//! The statements that load facts.
//!
//! Nearly everybody has one number, so the first asks by that one alone, and whether others are linked to it. Only where some are, the second follows
//! the links. The walk over links is what costs on SQLite: its tables in memory take longer than all the rest together.
//!
//! | bind | what |
//! |---|---|
//! | `$1` | the key that was asked for; NULL: no patient |
//! | `$2` | the key of the helper who acts; NULL: no helper |
//! | `$3` | the authorisation whose permissions for quality work count; NULL: no such purpose |
//! | `$4` | the authorisation whose openings count; NULL: the glass is whole |
//! | `$5`–`$10` | the marks under which the caller's access could have been taken back |
//! | `$11` | only together with a record: so many rows at most |
//!
//! What is not asked for costs little: no index has an entry for NULL. A search leaves it out whole.

use crate::document::rows::select_entries;

/// The columns of the first part, which name those of all. `$more` are those that only entries have.
macro_rules! fact {
    ($fact:literal, $key:literal, $more:literal) => {
        concat!(
            "SELECT '",
            $fact,
            "' AS fact, ",
            $key,
            " AS key, ",
            $key,
            " AS id, ",
            $key,
            " AS other_key,
    CAST(NULL AS TEXT) AS kind, CAST(NULL AS TEXT) AS organisation, CAST(NULL AS TEXT) AS person,
    CAST(NULL AS TEXT) AS terms, CAST(NULL AS TEXT) AS source, CAST(NULL AS BIGINT) AS valid_from,
    CAST(NULL AS BIGINT) AS valid_until, CAST(NULL AS BIGINT) AS ended_at, CAST(NULL AS BIGINT) AS created_at",
            $more
        )
    };
}

/// The facts about the patient but the numbers, given the condition that `f.patient_key` is one of the person's; and whether the caller's access was taken
/// back.
macro_rules! facts {
    ($of_the_person:literal, $more:literal) => {
        concat!(
            "
UNION ALL
SELECT 'consent', f.patient_key, f.consent_id, NULL, NULL, NULL, NULL, f.terms, NULL,
    f.valid_from, f.valid_until, f.ended_at, f.created_at",
            $more,
            "
FROM consent AS f WHERE ",
            $of_the_person,
            "
UNION ALL
SELECT 'relation', f.patient_key, f.relation_id, NULL, f.kind, f.organisation, f.authorisation_id, NULL, f.created_by,
    f.valid_from, f.valid_until, f.ended_at, f.created_at",
            $more,
            "
FROM treatment_relation AS f WHERE ",
            $of_the_person,
            "
UNION ALL
SELECT 'representation', f.patient_key, f.representation_id, f.representative_key, f.kind, NULL, NULL, f.terms, NULL,
    f.valid_from, f.valid_until, f.ended_at, f.created_at",
            $more,
            "
FROM representation AS f WHERE ",
            $of_the_person,
            "
UNION ALL
SELECT 'revocation', NULL, f.revocation_id, NULL, NULL, NULL, NULL, NULL, NULL,
    f.issued_before, NULL, f.ended_at, f.created_at",
            $more,
            "
FROM access_revocation AS f WHERE f.subject IN ($5, $6, $7, $8, $9, $10) AND f.ended_at IS NULL"
        )
    };
}

/// The facts about who acts: for helpers, for quality work, and where the glass was broken.
macro_rules! facts_of_the_acting {
    ($of_the_person:literal, $more:literal) => {
        concat!(
            "
UNION ALL
SELECT 'opening', f.patient_key, f.opening_id, NULL, f.ground, f.organisation, f.authorisation_id, NULL, NULL,
    f.opened_at, f.expires_at, NULL, f.opened_at",
            $more,
            "
FROM break_glass AS f WHERE $4 IS NOT NULL AND f.authorisation_id = $4 AND ",
            $of_the_person,
            "
UNION ALL
SELECT 'delegation', f.helper_key, f.delegation_id, NULL, NULL, f.organisation, f.responsible_id, f.rights, NULL,
    f.valid_from, f.valid_until, f.ended_at, f.created_at",
            $more,
            "
FROM helper_delegation AS f WHERE f.helper_key = $2
UNION ALL
SELECT 'permission', NULL, f.permission_id, NULL, NULL, f.organisation, f.authorisation_id, NULL, NULL,
    f.valid_from, f.valid_until, f.ended_at, f.created_at",
            $more,
            "
FROM quality_permission AS f WHERE f.authorisation_id = $3"
        )
    };
}

/// About the one number that was asked for, and a row for each link that it has.
macro_rules! facts_alone {
    ($beginning:literal, $named:literal, $more:literal) => {
        concat!(
            $beginning,
            fact!("link", "link.to_key", $named),
            "
FROM patient_link AS link WHERE link.from_key = $1
UNION ALL
SELECT 'link', link.from_key, link.from_key, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL",
            $more,
            "
FROM patient_link AS link WHERE link.to_key = $1",
            facts!("f.patient_key = $1", $more)
        )
    };
}

/// The same text on both databases.
pub(super) const SELECT_FACTS: &str = concat!(
    facts_alone!("-- facts_select\n", "", ""),
    facts_of_the_acting!("f.patient_key = $1", "")
);

/// The first statement of a snapshot on SQLite, which begins it.
pub(super) const BEGIN_WITH_FACTS_SQLITE: &str = concat!(
    facts_alone!("-- facts_begin_sqlite\nBEGIN; ", "", ""),
    facts_of_the_acting!("f.patient_key = $1", "")
);

/// The facts about one number together with the entries of its record. `$codes`: with the columns that only filters look at.
macro_rules! facts_and_record {
    ($name:literal, $codes:ident, $($acting:tt)*) => {
        concat!(
            facts_alone!(
                $name,
                ",
    CAST(NULL AS BIGINT) AS status, CAST(NULL AS BIGINT) AS service_start, CAST(NULL AS BIGINT) AS service_stop",
                ", NULL, NULL, NULL"
            ),
            $($acting)*,
            "
UNION ALL
",
            select_entries!($codes),
            "
FROM document_entry AS e WHERE e.patient_key = $1
LIMIT $11"
        )
    };
}

/// A search as most are: nothing of the caller's own is asked for, and no filter looks at codes.
pub(super) const SELECT_RECORD: &str =
    facts_and_record!("-- facts_select_record\n", without_codes, "");

pub(super) const SELECT_RECORD_CODES: &str =
    facts_and_record!("-- facts_select_record_codes\n", with_codes, "");

pub(super) const SELECT_RECORD_ACTING: &str = facts_and_record!(
    "-- facts_select_record_acting\n",
    with_codes,
    facts_of_the_acting!("f.patient_key = $1", ", NULL, NULL, NULL")
);

/// By all numbers of the person. Each database looks up by primary key only when it is told so in its own way.
///
/// `linked` goes over the links in both directions; its UNION ends on a circle. One number more than a person may have is enough to refuse.
macro_rules! linked_facts {
    ($of_the_person:literal) => {
        concat!(
            "-- facts_select_linked
WITH RECURSIVE linked (patient_key) AS (
    SELECT $1 WHERE $1 IS NOT NULL
    UNION
    SELECT CASE WHEN link.from_key = linked.patient_key THEN link.to_key ELSE link.from_key END
    FROM linked CROSS JOIN patient_link AS link
    WHERE link.from_key = linked.patient_key OR link.to_key = linked.patient_key
),
person (patient_key) AS (SELECT patient_key FROM linked LIMIT 33)
",
            fact!("number", "patient_key", ""),
            "
FROM person",
            facts!($of_the_person, ""),
            facts_of_the_acting!($of_the_person, "")
        )
    };
}

/// On SQLite.
pub(super) const SELECT_LINKED_FACTS_SQLITE: &str =
    linked_facts!("f.patient_key IN (SELECT patient_key FROM person)");

/// On PostgreSQL, where a join would read the whole table as long as nothing has been counted in it: after a bulk load or a restore.
pub(super) const SELECT_LINKED_FACTS_POSTGRES: &str =
    linked_facts!("f.patient_key = ANY (ARRAY (SELECT patient_key FROM person))");

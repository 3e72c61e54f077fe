//! Every table is entered through a key: nothing grows with the number of patients.

use sqlx::{AssertSqlSafe, Row as _};

use super::{
    super::statement::{
        SELECT_FACTS, SELECT_LINKED_FACTS_POSTGRES, SELECT_LINKED_FACTS_SQLITE, SELECT_RECORD,
        SELECT_RECORD_ACTING, SELECT_RECORD_CODES,
    },
    LONNI,
    keep::Room,
};
use crate::store::Tx;

/// For each kind of fact but links, revocations among them; those of who acts are not in every statement.
const TABLES: usize = 7;
const TABLES_OF_THE_PATIENT: usize = 4;

#[tokio::test]
async fn sqlite_searches_every_table_by_key() {
    let room = Room::on_sqlite().await;
    let Tx::Sqlite(mut tx) = room.snapshot().await else {
        panic!("SQLite")
    };
    let walked = ["SCAN CONSTANT ROW", "SCAN linked", "SCAN person"];
    for (statement, tables, within) in [
        (SELECT_FACTS, TABLES, &[][..]),
        (SELECT_LINKED_FACTS_SQLITE, TABLES, &walked),
        (SELECT_RECORD, TABLES_OF_THE_PATIENT, &[]),
        (SELECT_RECORD_CODES, TABLES_OF_THE_PATIENT, &[]),
        (SELECT_RECORD_ACTING, TABLES, &[]),
    ] {
        let explain = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {statement}"));
        let rows = sqlx::query(explain).fetch_all(&mut *tx).await.unwrap();
        let steps: Vec<String> = rows.iter().map(|row| row.get("detail")).collect();
        let searched = steps.iter().filter(|step| step.starts_with("SEARCH f "));
        assert_eq!(searched.count(), tables, "{steps:#?}");
        let entries = steps.iter().filter(|step| step.starts_with("SEARCH e "));
        assert_eq!(
            entries.count(),
            usize::from(statement.contains("document_entry"))
        );
        for step in steps.iter().filter(|step| step.starts_with("SCAN")) {
            assert!(within.contains(&step.as_str()), "{step} in {steps:#?}");
        }
        let made = steps.iter().any(|step| step.starts_with("MATERIALIZE"));
        assert_eq!(made, !within.is_empty(), "{steps:#?}");
    }
    drop(tx);
    room.close().await;
}

/// Many patients in the tables that grow with them.
const PATIENTS: [&str; 4] = [
    "INSERT INTO consent (patient_key, consent_id, terms, valid_from, created_at, created_by)
SELECT sha256(p::text::bytea), decode(md5(p || '-' || i), 'hex'), '{}', 1, 1, 'test'
FROM generate_series(1, 5000) AS p, generate_series(1, 3) AS i",
    "INSERT INTO treatment_relation (patient_key, relation_id, kind, organisation, valid_from, created_at, created_by)
SELECT patient_key, consent_id, 'admission', 'sor', 1, 1, 'test' FROM consent",
    "INSERT INTO patient_link (from_key, to_key, kind, created_at, created_by)
SELECT sha256(p::text::bytea), sha256((-p)::text::bytea), 1, 1, 'test' FROM generate_series(1, 15000) AS p",
    "INSERT INTO document_entry (patient_key, entry_uuid, status, source_id, repository_unique_id, unique_id, class_code, type_code, format_code,
    facility_code, practice_code, event_codes, confidentiality, creation_time, on_demand, reference_ids, mime_type, entry, digest, registered_at,
    registered_by)
SELECT patient_key, consent_id, 1, 's', 'r', encode(consent_id, 'hex'), 'c', 't', 'f', 'h', 'p', '', 'N', 1, 0, '', 'text/xml', '', '', 1, 'ehr'
FROM consent",
];

// Nobody has run ANALYZE: so it is after a bulk load or a restore, and with a join PostgreSQL would read the tables whole.
#[tokio::test]
async fn postgres_searches_by_key_though_it_has_counted_nothing() {
    let room = Room::on_postgres().await;
    for fill in PATIENTS {
        room.run(fill).await;
    }
    let Tx::Postgres(mut tx) = room.snapshot().await else {
        panic!("PostgreSQL")
    };
    for statement in [
        SELECT_FACTS,
        SELECT_LINKED_FACTS_POSTGRES,
        SELECT_RECORD,
        SELECT_RECORD_CODES,
        SELECT_RECORD_ACTING,
    ] {
        let explain = AssertSqlSafe(format!("EXPLAIN {statement}"));
        let mut explain = sqlx::query(explain)
            .bind(LONNI.as_bytes().as_slice())
            .bind(None::<Vec<u8>>)
            .bind(None::<String>)
            .bind(None::<String>);
        for _ in 0..crate::revocation::MARKS {
            explain = explain.bind(None::<Vec<u8>>);
        }
        if statement.contains("$11") {
            explain = explain.bind(20_001_i64);
        }
        let rows = explain.fetch_all(&mut *tx).await.unwrap();
        let plan: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
        let plan = plan.join("\n");
        for table in [
            "consent",
            "treatment_relation",
            "patient_link",
            "document_entry",
        ] {
            assert!(!plan.contains(&format!("Seq Scan on {table} ")), "{plan}");
        }
        for index in [
            "consent_pkey",
            "treatment_relation_pkey",
            "patient_link_pkey",
            "patient_link_to",
        ] {
            assert!(plan.contains(index), "{index} in {plan}");
        }
    }
    drop(tx);
    room.close().await;
}

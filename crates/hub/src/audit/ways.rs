//! The ways into the log: each is an index, and each has its statements.

use delt_policy::PatientKey;

use crate::store::Tx;

/// The way into the log that narrows most.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Way {
    /// Under any of the person's numbers.
    Patient(Vec<PatientKey>),
    /// What was refused under anybody's number, and everything under these.
    Document(Vec<PatientKey>),
    /// As the acting or the responsible one.
    Person(String),
    /// At any of these places.
    Organisation(Vec<String>),
    System(String),
    /// Another outcome than `permitted`.
    Outcome(&'static str),
    /// Another purpose than `TREAT`.
    Purpose(String),
    Time,
}

/// One range of one index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Branch {
    Patient(PatientKey),
    Person(String),
    Responsible(String),
    Organisation(String),
    System(String),
    Outcome(&'static str),
    Purpose(String),
    Time,
}

impl Way {
    /// The ranges that together are the way. An entry can lie in more than one.
    pub(super) fn branches(&self) -> Vec<Branch> {
        let patients = |keys: &[PatientKey]| keys.iter().copied().map(Branch::Patient).collect();
        match self {
            Self::Patient(keys) => patients(keys),
            Self::Document(keys) => {
                let mut branches: Vec<Branch> = patients(keys);
                branches.extend(["denied", "failed"].map(Branch::Outcome));
                branches
            }
            Self::Person(id) => vec![Branch::Person(id.clone()), Branch::Responsible(id.clone())],
            Self::Organisation(ids) => ids.iter().cloned().map(Branch::Organisation).collect(),
            Self::System(id) => vec![Branch::System(id.clone())],
            Self::Outcome(outcome) => vec![Branch::Outcome(outcome)],
            Self::Purpose(purpose) => vec![Branch::Purpose(purpose.clone())],
            Self::Time => vec![Branch::Time],
        }
    }
}

/// What is asked of a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ask {
    /// Whole entries.
    Entries,
    /// Where they stand, and nothing of what they say.
    Places,
    /// Where so many rows of the range have been passed, whatever the conditions.
    Floor,
}

/// The same statement for both databases. They differ in how a list is read from JSON and bytes are found in bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Text {
    pub(super) sqlite: &'static str,
    pub(super) postgres: &'static str,
}

impl Text {
    pub(super) const fn on(self, tx: &Tx<'_>) -> &'static str {
        match tx {
            Tx::Sqlite(_) => self.sqlite,
            Tx::Postgres(_) => self.postgres,
        }
    }
}

/// Newest first, from before one place down to another.
///
/// The bounds of time stand by themselves, so that the index is entered at the right place and PostgreSQL leaves out the partitions of other months.
macro_rules! range {
    ($where:expr) => {
        concat!(
            "FROM log_entry e
WHERE ",
            $where,
            " AND e.recorded_at >= $2 AND e.recorded_at <= $3
    AND (e.recorded_at < $3 OR e.entry_id < $4) AND (e.recorded_at > $2 OR e.entry_id >= $5)"
        )
    };
}

/// Conditions that no index is entered by: in an OR, so that the planner cannot think of another index than the way's.
macro_rules! conditions {
    ($list:literal, $found:literal) => {
        concat!(
            "
    AND (CAST($7 AS TEXT) IS NULL OR e.person_id || '' = $7 OR e.responsible_id || '' = $7)
    AND (CAST($8 AS TEXT) IS NULL OR e.organisation IN (SELECT value FROM ",
            $list,
            "))
    AND (CAST($9 AS TEXT) IS NULL OR e.system_id || '' = $9)
    AND (CAST($10 AS TEXT) IS NULL OR e.operation || '' = $10)
    AND (CAST($11 AS TEXT) IS NULL OR e.outcome || '' = $11)
    AND (CAST($12 AS TEXT) IS NULL OR e.purpose || '' = $12)
    AND ($13 IS NULL OR ",
            $found,
            " > 0)
"
        )
    };
}

/// The statements of a way, from what each database is told of its range and of its order.
macro_rules! texts {
    ($name:literal, $sqlite:expr, $postgres:expr, $order:expr, $ask:expr) => {
        match $ask {
            Ask::Entries => texts!(
                @rows $name, ", e.commitment, e.salt, e.payload", $sqlite, $postgres, $order
            ),
            Ask::Places => texts!(@rows $name, "", $sqlite, $postgres, $order),
            Ask::Floor => Text {
                sqlite: texts!(@floor $sqlite, ""),
                postgres: texts!(@floor $postgres, $order),
            },
        }
    };
    (@rows $name:literal, $columns:literal, $sqlite:expr, $postgres:expr, $order:expr) => {
        Text {
            sqlite: concat!(
                texts!(@select $name, $columns),
                range!($sqlite),
                conditions!("json_each($8)", "instr(e.payload, $13)"),
                "ORDER BY e.recorded_at DESC, e.entry_id DESC LIMIT $6"
            ),
            postgres: concat!(
                texts!(@select $name, $columns),
                range!($postgres),
                conditions!(
                    "json_array_elements_text(CAST($8 AS JSON))",
                    "position(CAST($13 AS BYTEA) IN e.payload)"
                ),
                "ORDER BY ",
                $order,
                "e.recorded_at DESC, e.entry_id DESC LIMIT $6"
            ),
        }
    };
    (@select $name:literal, $columns:literal) => {
        concat!(
            "-- ",
            $name,
            "
SELECT e.entry_id, e.recorded_at, (SELECT l.leaf_index FROM log_leaf l WHERE l.entry_id = e.entry_id)",
            $columns,
            "
"
        )
    };
    (@floor $where:expr, $order:expr) => {
        concat!(
            "-- audit_floor
SELECT e.recorded_at, e.entry_id
",
            range!($where),
            "
ORDER BY ",
            $order,
            "e.recorded_at DESC, e.entry_id DESC LIMIT 1 OFFSET $6"
        )
    };
}

/// A way by one column: of this type, and with what else its index requires.
///
/// PostgreSQL is told that there is a list, of one, and to order by the column too. Were it told that the column has one value, it would know that the primary
/// key is in the same order, and might read everybody's rows from now on back, hoping to meet enough of the few that are asked for: of a system that has
/// been silent for a year it would read that year.
macro_rules! statements {
    ($name:literal, $column:literal, $of:literal, $required:literal, $ask:expr) => {
        texts!(
            $name,
            concat!("e.", $column, " = $1", $required),
            concat!(
                "e.",
                $column,
                " = ANY(ARRAY[CAST($1 AS ",
                $of,
                ")])",
                $required
            ),
            concat!("e.", $column, " DESC, "),
            $ask
        )
    };
}

impl Branch {
    /// The statement that reads the range. `$1` is the branch's own value.
    pub(super) const fn text(&self, ask: Ask) -> Text {
        match self {
            Self::Patient(_) => statements!("audit_by_patient", "patient_key", "BYTEA", "", ask),
            Self::Person(_) => statements!("audit_by_person", "person_id", "TEXT", "", ask),
            Self::Responsible(_) => statements!(
                "audit_by_responsible",
                "responsible_id",
                "TEXT",
                " AND e.responsible_id IS NOT NULL",
                ask
            ),
            Self::Organisation(_) => {
                statements!("audit_by_organisation", "organisation", "TEXT", "", ask)
            }
            Self::System(_) => statements!("audit_by_system", "system_id", "TEXT", "", ask),
            // The index holds only these rows, and is used only where the text says so itself.
            Self::Outcome(_) => statements!(
                "audit_by_outcome",
                "outcome",
                "TEXT",
                " AND e.outcome <> 'permitted'",
                ask
            ),
            Self::Purpose(_) => statements!(
                "audit_by_purpose",
                "purpose",
                "TEXT",
                " AND e.purpose <> 'TREAT'",
                ask
            ),
            Self::Time => texts!("audit_by_time", "$1 = 'any'", "$1 = 'any'", "", ask),
        }
    }

    /// The index that the range is part of.
    #[cfg(test)]
    pub(super) const fn index(&self) -> &'static str {
        match self {
            Self::Patient(_) => "log_entry_patient",
            Self::Person(_) => "log_entry_person",
            Self::Responsible(_) => "log_entry_responsible",
            Self::Organisation(_) => "log_entry_organisation",
            Self::System(_) => "log_entry_system",
            Self::Outcome(_) => "log_entry_outcome",
            Self::Purpose(_) => "log_entry_purpose",
            Self::Time => "log_entry_pkey",
        }
    }
}

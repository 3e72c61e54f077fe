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
    ($where:literal) => {
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
ORDER BY e.recorded_at DESC, e.entry_id DESC LIMIT $6"
        )
    };
}

macro_rules! text {
    ($name:literal, $columns:literal, $where:literal) => {
        Text {
            sqlite: concat!(
                "-- ",
                $name,
                "\nSELECT e.entry_id, e.recorded_at, (SELECT l.leaf_index FROM log_leaf l WHERE l.entry_id = e.entry_id)",
                $columns,
                "\n",
                range!($where),
                conditions!("json_each($8)", "instr(e.payload, $13)")
            ),
            postgres: concat!(
                "-- ",
                $name,
                "\nSELECT e.entry_id, e.recorded_at, (SELECT l.leaf_index FROM log_leaf l WHERE l.entry_id = e.entry_id)",
                $columns,
                "\n",
                range!($where),
                conditions!(
                    "json_array_elements_text(CAST($8 AS JSON))",
                    "position(CAST($13 AS BYTEA) IN e.payload)"
                )
            ),
        }
    };
}

macro_rules! floor {
    ($where:literal) => {
        concat!(
            "-- audit_floor
SELECT e.recorded_at, e.entry_id
",
            range!($where),
            "
ORDER BY e.recorded_at DESC, e.entry_id DESC LIMIT 1 OFFSET $6"
        )
    };
}

macro_rules! statements {
    ($name:literal, $where:literal, $ask:expr) => {
        match $ask {
            Ask::Entries => text!($name, ", e.commitment, e.salt, e.payload", $where),
            Ask::Places => text!($name, "", $where),
            Ask::Floor => Text {
                sqlite: floor!($where),
                postgres: floor!($where),
            },
        }
    };
}

impl Branch {
    /// The statement that reads the range. `$1` is the branch's own value.
    pub(super) const fn text(&self, ask: Ask) -> Text {
        match self {
            Self::Patient(_) => statements!("audit_by_patient", "e.patient_key = $1", ask),
            Self::Person(_) => statements!("audit_by_person", "e.person_id = $1", ask),
            Self::Responsible(_) => statements!(
                "audit_by_responsible",
                "e.responsible_id = $1 AND e.responsible_id IS NOT NULL",
                ask
            ),
            Self::Organisation(_) => {
                statements!("audit_by_organisation", "e.organisation = $1", ask)
            }
            Self::System(_) => statements!("audit_by_system", "e.system_id = $1", ask),
            // The index holds only these rows, and is used only where the text says so itself.
            Self::Outcome(_) => statements!(
                "audit_by_outcome",
                "e.outcome = $1 AND e.outcome <> 'permitted'",
                ask
            ),
            Self::Purpose(_) => statements!(
                "audit_by_purpose",
                "e.purpose = $1 AND e.purpose <> 'TREAT'",
                ask
            ),
            Self::Time => statements!("audit_by_time", "$1 = 'any'", ask),
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

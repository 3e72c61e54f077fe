//! Which shards a statement reads and writes, as Citus would see it: those of the patients whose keys are bound to it, or all.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use sqlparser::ast::{
    BinaryOperator, Expr, FromTable, JoinConstraint, JoinOperator, ObjectName, Select, Statement,
    TableFactor, TableObject, TableWithJoins, UpdateTableFromKind, Value, Visit, Visitor,
    visit_expressions,
};
use sqlparser::dialect::PostgreSqlDialect;
use sqlparser::parser::Parser;

/// What `deploy/postgres/citus.sql` does with the tables. What it does not name stays on the coordinator.
#[derive(Debug)]
pub(crate) struct Layout {
    /// The column that each distributed table is spread by.
    distributed: BTreeMap<String, String>,
    reference: BTreeSet<String>,
}

/// Where a statement goes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reach {
    /// To no shard: tables of the coordinator or copies that are everywhere.
    NoShard,
    /// To the shards of the patients that are bound.
    Patients,
    /// To all shards, because of these tables.
    All(BTreeSet<String>),
    /// To shards and to tables of the coordinator, joined.
    Mixed(BTreeSet<String>),
}

impl Layout {
    pub(crate) fn read(citus: &str) -> Self {
        let called = |function: &str| -> Vec<Vec<String>> {
            let lines = citus
                .lines()
                .filter_map(|line| line.strip_prefix(&format!("SELECT {function}(")));
            lines
                .map(|line| {
                    line.split('\'')
                        .skip(1)
                        .step_by(2)
                        .map(str::to_owned)
                        .collect()
                })
                .collect()
        };
        let distributed = called("create_distributed_table").into_iter();
        Self {
            distributed: distributed
                .map(|words| (words[0].clone(), words[1].clone()))
                .collect(),
            reference: called("create_reference_table")
                .into_iter()
                .map(|words| words[0].clone())
                .collect(),
        }
    }

    /// All tables that it names.
    pub(crate) fn tables(&self) -> BTreeSet<&String> {
        self.distributed.keys().chain(&self.reference).collect()
    }

    pub(crate) fn reach(&self, statement: &str) -> Reach {
        let parsed = Parser::parse_sql(&PostgreSqlDialect {}, statement);
        let parsed = parsed.unwrap_or_else(|error| panic!("{error} in\n{statement}"));
        let mut found = Found {
            layout: self,
            unbound: BTreeSet::new(),
            shards: false,
            coordinator: BTreeSet::new(),
            with: BTreeSet::new(),
        };
        for statement in &parsed {
            let _ = statement.visit(&mut found);
        }
        let Found {
            unbound,
            shards,
            coordinator,
            with,
            ..
        } = found;
        let coordinator: BTreeSet<_> = coordinator.difference(&with).cloned().collect();
        match (shards, unbound.is_empty(), coordinator.is_empty()) {
            (false, ..) => Reach::NoShard,
            (true, false, _) => Reach::All(unbound),
            (true, true, false) => Reach::Mixed(coordinator),
            (true, true, true) => Reach::Patients,
        }
    }
}

struct Found<'l> {
    layout: &'l Layout,
    /// Distributed tables without a bound key.
    unbound: BTreeSet<String>,
    shards: bool,
    coordinator: BTreeSet<String>,
    /// Names that the statement itself gives (`WITH`).
    with: BTreeSet<String>,
}

/// A table under the name that the statement calls it by.
struct Named {
    table: String,
    name: String,
}

impl Visitor for Found<'_> {
    type Break = ();

    fn pre_visit_statement(&mut self, statement: &Statement) -> ControlFlow<()> {
        match statement {
            Statement::Insert(insert) => self.insert(&insert.table, &insert.columns),
            Statement::Update(update) => {
                let mut tables = vec![update.table.clone()];
                if let Some(
                    UpdateTableFromKind::BeforeSet(more) | UpdateTableFromKind::AfterSet(more),
                ) = &update.from
                {
                    tables.extend(more.clone());
                }
                self.scope(&tables, update.selection.as_ref());
            }
            Statement::Delete(delete) => {
                let (FromTable::WithFromKeyword(tables) | FromTable::WithoutKeyword(tables)) =
                    &delete.from;
                let tables = [tables.clone(), delete.using.clone().unwrap_or_default()].concat();
                self.scope(&tables, delete.selection.as_ref());
            }
            _ => {}
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_query(&mut self, query: &sqlparser::ast::Query) -> ControlFlow<()> {
        let with = query.with.iter().flat_map(|with| &with.cte_tables);
        self.with
            .extend(with.map(|table| table.alias.name.value.clone()));
        ControlFlow::Continue(())
    }

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<()> {
        self.scope(&select.from, select.selection.as_ref());
        ControlFlow::Continue(())
    }
}

impl Found<'_> {
    /// A row goes to the shard of its own key, which therefore is among its columns.
    fn insert(&mut self, table: &TableObject, columns: &[ObjectName]) {
        let TableObject::TableName(table) = table else {
            return;
        };
        let table = plain(table);
        match self.layout.distributed.get(&table) {
            Some(key) if columns.iter().any(|column| plain(column) == *key) => self.shards = true,
            Some(_) => {
                self.shards = true;
                self.unbound.insert(table);
            }
            None => self.elsewhere(table),
        }
    }

    fn elsewhere(&mut self, table: String) {
        if !self.layout.reference.contains(&table) {
            self.coordinator.insert(table);
        }
    }

    /// One list of tables and the conditions that all hold for it.
    fn scope(&mut self, from: &[TableWithJoins], selection: Option<&Expr>) {
        let mut conditions = Vec::new();
        if let Some(all) = selection {
            each(all, &mut conditions);
        }
        let mut distributed = Vec::new();
        for factor in from
            .iter()
            .flat_map(|table| factors(table, &mut conditions))
        {
            let TableFactor::Table {
                name,
                alias,
                args: None,
                ..
            } = factor
            else {
                continue;
            };
            let table = plain(name);
            let name = alias
                .as_ref()
                .map_or_else(|| table.clone(), |alias| alias.name.value.clone());
            if self.layout.distributed.contains_key(&table) {
                distributed.push(Named { table, name });
            } else {
                self.elsewhere(table);
            }
        }
        self.shards |= !distributed.is_empty();
        let bound = self.bound(&distributed, &conditions);
        let left = distributed
            .into_iter()
            .filter(|named| !bound.contains(&named.name));
        self.unbound.extend(left.map(|named| named.table));
    }

    /// The tables whose key is given, or equals that of a table whose key is given.
    fn bound(&self, tables: &[Named], conditions: &[&Expr]) -> BTreeSet<String> {
        let mut bound = BTreeSet::new();
        for _ in tables {
            for Named { table, name } in tables {
                let key = &self.layout.distributed[table];
                let own = |expr: &Expr| is_column(expr, name, key, tables.len() == 1);
                let given = |expr: &Expr| match column(expr) {
                    Some((of, _)) => {
                        bound.contains(&of) || tables.iter().all(|other| other.name != of)
                    }
                    None => is_given(expr),
                };
                let binds = |condition: &&&Expr| match condition {
                    Expr::BinaryOp {
                        left,
                        op: BinaryOperator::Eq,
                        right,
                    } => (own(left) && given(right)) || (own(right) && given(left)),
                    Expr::AnyOp {
                        left,
                        compare_op: BinaryOperator::Eq,
                        right,
                        ..
                    } => own(left) && is_given(right),
                    _ => false,
                };
                if conditions.iter().any(|condition| binds(&condition)) {
                    bound.insert(name.clone());
                }
            }
        }
        bound
    }
}

/// The tables of a list, whose join conditions join the others.
fn factors<'t>(table: &'t TableWithJoins, conditions: &mut Vec<&'t Expr>) -> Vec<&'t TableFactor> {
    let mut factors = vec![&table.relation];
    for join in &table.joins {
        factors.push(&join.relation);
        if let JoinOperator::Join(JoinConstraint::On(on))
        | JoinOperator::Inner(JoinConstraint::On(on))
        | JoinOperator::Left(JoinConstraint::On(on))
        | JoinOperator::LeftOuter(JoinConstraint::On(on)) = &join.join_operator
        {
            each(on, conditions);
        }
    }
    factors
}

/// The conditions that an AND joins.
fn each<'e>(expr: &'e Expr, into: &mut Vec<&'e Expr>) {
    match expr {
        Expr::BinaryOp {
            left,
            op: BinaryOperator::And,
            right,
        } => {
            each(left, into);
            each(right, into);
        }
        Expr::Nested(inner) => each(inner, into),
        other => into.push(other),
    }
}

/// A column with the name of its table.
fn column(expr: &Expr) -> Option<(String, String)> {
    match expr {
        Expr::CompoundIdentifier(parts) => match parts.as_slice() {
            [table, column] => Some((table.value.clone(), column.value.clone())),
            _ => None,
        },
        _ => None,
    }
}

fn is_column(expr: &Expr, table: &str, key: &str, alone: bool) -> bool {
    match expr {
        Expr::Identifier(name) => alone && name.value == key,
        other => column(other).is_some_and(|(of, column)| of == table && column == key),
    }
}

/// Whether it is made of what the hub binds, and of nothing that is read first.
fn is_given(expr: &Expr) -> bool {
    let (mut binds, mut reads) = (false, false);
    let _ = visit_expressions(expr, |inner| {
        binds |=
            matches!(inner, Expr::Value(value) if matches!(value.value, Value::Placeholder(_)));
        reads |= matches!(
            inner,
            Expr::Subquery(_)
                | Expr::Exists { .. }
                | Expr::Identifier(_)
                | Expr::CompoundIdentifier(_)
        );
        ControlFlow::<()>::Continue(())
    });
    binds && !reads
}

/// A name without its schema.
fn plain(name: &ObjectName) -> String {
    name.0.last().map(ToString::to_string).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reach(statement: &str) -> Reach {
        let citus = "SELECT create_distributed_table('entry', 'patient_key', shard_count => 2);
SELECT create_distributed_table('consent', 'patient_key', colocate_with => 'entry');
SELECT create_reference_table('link');";
        Layout::read(citus).reach(statement)
    }

    #[test]
    fn a_bound_key_leads_to_its_shard() {
        for statement in [
            "SELECT a FROM entry WHERE patient_key = $1 AND (b = $2 OR c = $3)",
            "SELECT a FROM entry AS e WHERE e.patient_key = ANY($1) AND e.b > $2",
            "SELECT e.a FROM UNNEST(CAST($1 AS BYTEA[])) AS asked (k) JOIN entry e ON e.patient_key = asked.k",
            "SELECT e.a FROM entry e JOIN consent c ON c.patient_key = e.patient_key JOIN link l ON l.k = e.a WHERE e.patient_key = $1",
            "UPDATE entry SET a = $2 WHERE patient_key = $1 AND b = $3 RETURNING a",
            "DELETE FROM entry WHERE patient_key = $1",
            "INSERT INTO entry (patient_key, a) VALUES ($1, $2) ON CONFLICT DO NOTHING",
            "SELECT EXISTS (SELECT 1 FROM entry WHERE patient_key = $1)",
        ] {
            assert_eq!(reach(statement), Reach::Patients, "{statement}");
        }
    }

    #[test]
    fn anything_else_leads_to_all() {
        for statement in [
            "SELECT a FROM entry WHERE b = $1",
            "SELECT a FROM entry WHERE patient_key = $1 OR b = $2",
            "SELECT a FROM entry WHERE patient_key > $1",
            "SELECT a FROM entry WHERE patient_key = ANY(ARRAY(SELECT k FROM link WHERE l = $1))",
            "SELECT a FROM entry WHERE patient_key IN (SELECT k FROM link)",
            "SELECT e.a FROM entry e JOIN consent c ON c.patient_key = e.patient_key",
            "UPDATE entry SET a = $1 WHERE b = $2",
            "DELETE FROM entry",
            "INSERT INTO entry (a) VALUES ($1)",
            "SELECT a FROM link WHERE EXISTS (SELECT 1 FROM entry WHERE b = $1)",
        ] {
            assert!(matches!(reach(statement), Reach::All(_)), "{statement}");
        }
    }

    #[test]
    fn shards_are_not_joined_with_the_coordinator() {
        let mixed = "SELECT e.a FROM entry e JOIN log l ON l.a = e.a WHERE e.patient_key = $1";
        assert_eq!(
            reach(mixed),
            Reach::Mixed(BTreeSet::from(["log".to_owned()]))
        );
        assert_eq!(
            reach("SELECT a FROM log JOIN link ON b = c"),
            Reach::NoShard
        );
        assert_eq!(
            reach("WITH x AS (SELECT a FROM entry WHERE patient_key = $1) SELECT a FROM x"),
            Reach::Patients
        );
    }
}

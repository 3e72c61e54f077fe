//! The statements that the hubs of this process sent to their databases.

use std::fmt;
use std::sync::{Mutex, OnceLock, PoisonError};

use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};

/// How every statement of the hub begins: `-- its_name`.
const NAMED: &str = "-- ";

static KEPT: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Begins to keep statements; the tests of a binary share them.
pub fn keep() {
    static KEEPS: OnceLock<()> = OnceLock::new();
    KEEPS.get_or_init(|| {
        let subscriber = tracing_subscriber::registry().with(Keeper);
        tracing::subscriber::set_global_default(subscriber).expect("nobody else keeps the logs");
    });
}

/// All named statements since the last call, as often as they ran.
pub fn take() -> Vec<String> {
    std::mem::take(&mut *KEPT.lock().unwrap_or_else(PoisonError::into_inner))
}

/// The name of a statement.
pub fn name(statement: &str) -> &str {
    let first = statement.lines().next().unwrap_or_default();
    first.strip_prefix(NAMED).unwrap_or(first)
}

/// Whether it is one of the hub's own: a migration begins with a sentence, a driver's own statement with none.
fn is_named(statement: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    statement.starts_with(NAMED) && name(statement).chars().all(plain)
}

/// Whose events tell of statements: the driver's, and those of the connections that have none of its threads.
const TOLD_BY: [&str; 2] = ["sqlx::query", "delt_hub::store::in_place"];

/// Listens to what is said of each statement that is run.
struct Keeper;

impl<S: Subscriber> Layer<S> for Keeper {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if TOLD_BY.contains(&event.metadata().target()) {
            event.record(&mut Statement);
        }
    }
}

struct Statement;

impl Visit for Statement {
    fn record_str(&mut self, field: &Field, value: &str) {
        let value = value.trim();
        if ["db.statement", "statement"].contains(&field.name()) && is_named(value) {
            KEPT.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(value.to_owned());
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}
}

//! Only a decision makes a scope.

use delt_policy::{Action, Scope};

fn forge() -> Scope {
    Scope::new(Action::SearchRecord)
}

fn main() {}

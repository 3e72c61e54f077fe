//! Only a decision makes a scope.

use delt_policy::{Action, Scope};

fn forge() -> Scope {
    Scope::new(Action::SearchRecord) //~ E0599 no function or associated item named `new` found for struct `delt_policy::Scope`
}

fn main() {}

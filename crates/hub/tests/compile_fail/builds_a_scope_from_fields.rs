//! A scope's fields are private, so none can be put together either.

use delt_policy::Scope;

fn widen(scope: Scope) -> Scope {
    Scope { patients: Vec::new(), ..scope } //~ E0451 of struct `delt_policy::Scope` are private
}

fn main() {}

//! A caller comes from credentials and from nothing else.

use delt_hub::identity::Caller;

fn forge(party: delt_policy::Party) -> Caller {
    Caller { party } //~ cannot construct `Caller` with struct literal syntax due to private fields
}

fn main() {}

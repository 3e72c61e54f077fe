//! Nor can anybody open a second one beside it.

use delt_hub::store::Store;

fn main() {}

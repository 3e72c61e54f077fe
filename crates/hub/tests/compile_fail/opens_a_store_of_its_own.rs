//! Nor can anybody open a second one beside it.

use delt_hub::store::Store; //~ E0603 module `store` is private

fn main() {}

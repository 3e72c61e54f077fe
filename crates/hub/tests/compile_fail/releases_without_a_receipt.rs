//! What was found leaves only against the receipt of its audit entry.

use delt_hub::operation::{Found, Released};

fn release(found: Found<String>) -> Released<String> {
    found.release() //~ E0061 this method takes 1 argument but 0 arguments were supplied
}

fn main() {}

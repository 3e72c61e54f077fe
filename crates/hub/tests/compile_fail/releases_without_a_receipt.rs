//! What was found leaves only against the receipt of its audit entry.

use delt_hub::operation::{Found, Released};

fn release(found: Found<String>) -> Released<String> {
    found.release()
}

fn main() {}

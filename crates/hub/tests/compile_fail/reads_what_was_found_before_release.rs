//! Nor can the value be taken out by its field.

use delt_hub::operation::Found;

fn peek(found: Found<String>) -> String {
    found.value
}

fn main() {}

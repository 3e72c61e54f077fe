//! Nor can the value be taken out by its field.

use delt_hub::operation::Found;

fn peek(found: Found<String>) -> String {
    found.value //~ E0616 field `value` of struct `Found` is private
}

fn main() {}

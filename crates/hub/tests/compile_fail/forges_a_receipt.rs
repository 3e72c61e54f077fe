//! A receipt is proof that an entry is durable; nobody can make one up.

use delt_hub::audit::Receipt;

fn forge(of_another_entry: Receipt) -> Receipt {
    Receipt { promised_by: i64::MAX, ..of_another_entry } //~ E0451 fields `written`, `promised_by` and `note` of struct `Receipt` are private
}

fn main() {}

//! An operation runs only with a scope, a transaction and a context, and nobody outside the hub has any of them.

use delt_formats::identifier::PersonNumber;
use delt_hub::{Operation, consent::operations::ListConsents};

async fn run(patient: PersonNumber) {
    let operation = ListConsents { patient, include_ended: false };
    let _ = operation.run().await; //~ E0061 this method takes 3 arguments but 0 arguments were supplied
}

fn main() {}

//! Nothing is performed for nobody.

use delt_formats::identifier::PersonNumber;
use delt_hub::{Hub, consent::operations::ListConsents};

async fn perform(hub: &Hub, patient: PersonNumber) {
    let _ = hub.perform(ListConsents { patient, include_ended: false }).await; //~ E0061 this method takes 2 arguments but 1 argument was supplied
}

fn main() {}

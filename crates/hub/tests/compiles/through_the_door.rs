//! What the programs in `compile_fail` try, as it is meant to be done: each of them fails for one reason and for no other.

use delt_formats::identifier::PersonNumber;
use delt_hub::audit::Receipt;
use delt_hub::operation::{Found, Released};
use delt_hub::{Hub, consent::operations::ListConsents, identity::Caller};
use delt_policy::{Action, Party, Scope};

async fn perform(hub: &Hub, caller: &Caller, patient: PersonNumber) {
    let operation = ListConsents { patient, include_ended: false };
    let _ = hub.perform(caller, operation).await;
}

fn release(found: Found<String>, receipt: Receipt) -> Released<String> {
    found.release(receipt)
}

fn read(scope: &Scope) -> Action {
    scope.action()
}

fn party(caller: &Caller) -> &Party {
    caller.party()
}

fn main() {}

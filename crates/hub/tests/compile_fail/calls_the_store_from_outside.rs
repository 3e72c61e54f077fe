//! The store is not reachable from outside the hub.

use delt_hub::Hub;

async fn read(hub: &Hub) {
    let _ = hub.shared.store.snapshot().await; //~ E0616 field `shared` of struct `Hub` is private
}

fn main() {}

//! Every patient's chain of entries, under many who write it at once on several hubs.

use delt_client::{ClientError, Connection};
use delt_server::profile::Holder;
use delt_tests::calls::{refusal, try_register};
use delt_tests::chains::{chain_key, verified};
use delt_tests::entries::{EINER, LONNI, REGION_H, note};
use delt_tests::hub::{Backend, TestHub, sample};
use delt_tests::on_both;
use delt_tests::samples::{EHR, lonni_at_the_hospital, search};
use futures_util::future::join_all;

/// Each of so many callers does so many things, one after the other.
const CALLERS: usize = 12;
const TURNS: usize = 8;

/// Looks that are answered, looks that are refused and registrations, about one patient and another.
async fn work(doctor: &Connection, source: &Connection, caller: usize) -> Vec<String> {
    let mut receipts = Vec::new();
    for turn in 0..TURNS {
        match (caller + turn) % 3 {
            0 => receipts.push(look(search(doctor, LONNI).await)),
            // He is nobody's patient at the hospital.
            1 => assert!(refusal(&search(doctor, EINER).await).1.starts_with("NO_")),
            _ => {
                let person = if turn % 2 == 0 { LONNI } else { EINER };
                let registered = try_register(source, &note(REGION_H, person)).await;
                receipts.push(registered.unwrap().receipt.unwrap().entry_id);
            }
        }
    }
    receipts
}

fn look(view: Result<delt_client::RecordView, ClientError>) -> String {
    view.unwrap().receipts.remove(0).entry_id
}

on_both! {
    async fn chains_have_no_gap_however_many_write_them_on_however_many_hubs(backend) {
        let hub = TestHub::start(backend).await;
        lonni_at_the_hospital(&hub).await;
        let twin = match backend {
            Backend::Postgres => Some(hub.twin().await),
            Backend::Sqlite => None,
        };
        let mut places = vec![hub.running.api];
        places.extend(twin.iter().map(|twin| twin.api));
        let token = hub.token(&Holder::Professional(sample("kard")), EHR, &[]);
        let mut callers = Vec::new();
        for caller in 0..CALLERS {
            let api = places[caller % places.len()];
            let doctor = hub.connect(api, EHR, Some(token.clone())).await;
            let source = hub.connect(api, REGION_H, None).await;
            callers.push(async move { work(&doctor, &source, caller).await });
        }
        let receipts = join_all(callers).await.concat();
        let exported = verified(&hub.supervisor().await, &[]).await;
        for receipt in &receipts {
            assert!(exported.leaves.contains_key(receipt), "an answer without its entry");
        }
        let longest = exported.chains.values().map(Vec::len).max().unwrap();
        assert!(longest >= CALLERS * TURNS / 2, "only {longest} in one chain");
        let config = hub.config();
        let key = chain_key(&*config.secrets().unwrap().patient, &config.audit.origin);
        exported.check_heads(&key);
        if let Some(twin) = twin {
            twin.stop().await;
        }
    }
}

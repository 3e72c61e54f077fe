//! A hub with another key than its store was made with does not start: nothing is lost in rows that nobody finds again.

use std::path::PathBuf;

use delt_server::config::{Config, Keys};
use delt_server::serve;
use delt_tests::hub::TestHub;
use delt_tests::on_both;

type KeyFile = fn(&mut Keys) -> &mut PathBuf;

const KEYS: [(&str, KeyFile); 3] = [
    ("keys.patient_key_file", |keys| &mut keys.patient_key_file),
    ("keys.encryption_key_file", |keys| {
        &mut keys.encryption_key_file
    }),
    ("keys.log_signing_key_file", |keys| {
        &mut keys.log_signing_key_file
    }),
];

on_both! {
    async fn a_wrong_key_is_found_at_start(backend) {
        let hub = TestHub::start(backend).await;
        let other = hub.folder().join("other.key");
        std::fs::write(&other, "ab".repeat(32)).unwrap();
        for (field, file) in KEYS {
            let mut config = hub.config().clone();
            file(&mut config.keys).clone_from(&other);
            let error = start_error(&config).await;
            assert!(error.contains(field), "{error}");
            assert!(error.contains("not the key that this store was made with"), "{error}");
        }
        // The right ones are still right.
        hub.restart().await.running.stop().await;
    }
}

async fn start_error(config: &Config) -> String {
    match serve::start(config).await {
        Ok(running) => {
            running.stop().await;
            String::new()
        }
        Err(error) => error.to_string(),
    }
}

//! `delt audit verify` holds the log to what people kept of it: receipts of their calls, and a citizen's statement.

mod forge;

use std::fs;
use std::process::Output;
use std::thread::sleep;
use std::time::Duration;

use delt_ledger::citizen::ChainFile;
use delt_ledger::{Hash, SignedReceipt, Signer};
use delt_server::config::read_key;
use delt_tests::entries::{CARDIOLOGY, LONNI};
use delt_tests::foreign::all;
use delt_tests::process;
use delt_tests::served::Served;
use serde_json::Value;

use forge::Lie;

/// A hub where somebody has looked at Lonni's record, and what was kept of that.
struct Kept {
    hub: Served,
    key: String,
    /// The JSON of the look, as the command printed it.
    look: String,
    export: String,
    statement: String,
}

fn done(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(0), "{}", all(output));
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

/// What was printed by a command that said no.
fn denied(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1), "{}", all(output));
    all(output)
}

impl Kept {
    fn new() -> Self {
        let hub = Served::start(None);
        let place = ["--kind", "admission", "--organisation", CARDIOLOGY];
        done(&hub.run(&[&["relation", "add", LONNI], &place[..]].concat()));
        let look = done(&hub.run(&["record", LONNI, "--as", "kard", "--json"]));
        // Entries come into the tree within a second.
        sleep(Duration::from_millis(1_500));
        let checkpoint = done(&hub.run(&["audit", "checkpoint", "--json"]));
        let checkpoint: Value = serde_json::from_str(&checkpoint).unwrap();
        let key = checkpoint["verifier_key"].as_str().unwrap().to_owned();
        let mut kept = Self {
            hub,
            key,
            look,
            export: String::new(),
            statement: String::new(),
        };
        kept.look = kept.file("look.json", &kept.look);
        kept.statement = kept.file("chain.json", "");
        kept.export = kept.file("log.ndjson", "");
        done(
            &kept
                .hub
                .run(&["audit", "chain", LONNI, "-o", &kept.statement]),
        );
        sleep(Duration::from_millis(1_500));
        done(
            &kept
                .hub
                .run(&["audit", "export", "--as", "dpo", "-o", &kept.export]),
        );
        kept
    }

    fn file(&self, name: &str, text: &str) -> String {
        let file = self.hub.file(name);
        fs::write(&file, text).unwrap();
        file.to_str().unwrap().to_owned()
    }

    /// Without a hub.
    fn offline(&self, export: &str, held: &[&str]) -> Output {
        let verify = ["audit", "verify", export, "--key", &self.key];
        process::run([&verify[..], held].concat())
    }

    /// Asking the hub.
    fn online(&self, receipt: &str) -> Output {
        let verify = ["audit", "verify", "--key", &self.key, "--receipt", receipt];
        self.hub.run(&verify)
    }

    fn signer(&self) -> Signer {
        let config = self.hub.profile.config();
        let seed = read_key(&config.keys.log_signing_key_file).unwrap();
        Signer::from_seed(&config.audit.origin, &seed).unwrap()
    }

    /// A receipt as the log signs it, for an entry that never was.
    fn forged(&self, promised_by: &str) -> String {
        let receipt = SignedReceipt {
            origin: self.signer().name().to_owned(),
            entry_id: "01a206ed-8601-7288-820a-c1d1334fb301".into(),
            leaf_hash: Hash::from_bytes([7; 32]),
            recorded_at: "2026-01-01T08:00:00.000000Z".into(),
            promised_by: promised_by.into(),
        };
        let note = receipt.sign(&self.signer()).unwrap().to_string();
        self.file("forged.receipt", &note)
    }

    fn rebuilt(&self, lie: Lie) -> String {
        let export = fs::read_to_string(&self.export).unwrap();
        let log = forge::rebuilt(&export, &self.signer(), lie);
        self.file("rebuilt.ndjson", &log)
    }
}

#[test]
fn a_receipt_of_an_honest_hub_holds_online_and_against_an_export() {
    let kept = Kept::new();
    let told = done(&kept.online(&kept.look));
    assert!(told.contains("proved to stand in the log"), "{told}");
    let told = done(&kept.offline(&kept.export, &["--complete", "--receipt", &kept.look]));
    assert!(told.contains("kept: the entry stands in the log"), "{told}");

    // The plain note, and the same with one bit of it changed.
    let look: Value = serde_json::from_str(&fs::read_to_string(&kept.look).unwrap()).unwrap();
    let note = look["receipts"][0]["signed_note"].as_str().unwrap();
    let plain = kept.file("plain.receipt", note);
    done(&kept.online(&plain));
    done(&kept.offline(&kept.export, &["--receipt", &plain]));
    let mut bytes = note.as_bytes().to_vec();
    let middle = note.find("\n\n").unwrap() - 5;
    bytes[middle] ^= 1;
    let flipped = kept.file("flipped.receipt", std::str::from_utf8(&bytes).unwrap());
    let refused = "not a receipt signed by the expected key";
    assert!(denied(&kept.online(&flipped)).contains(refused));
    assert!(denied(&kept.offline(&kept.export, &["--receipt", &flipped])).contains(refused));

    // Nothing to verify, nothing to hold it to, and a file without a receipt: bad usage.
    for wrong in [
        &["audit", "verify", "--key", &kept.key][..],
        &[
            "audit",
            "verify",
            "--key",
            &kept.key,
            "--receipt",
            &plain,
            "--complete",
        ],
        &[
            "audit",
            "verify",
            &kept.export,
            "--key",
            &kept.key,
            "--receipt",
            &kept.statement,
        ],
    ] {
        assert_eq!(process::run(wrong).status.code(), Some(2), "{wrong:?}");
    }
}

#[test]
fn a_receipt_whose_entry_never_came_is_misbehaviour() {
    let kept = Kept::new();
    let forged = kept.forged("2026-01-01T08:01:00.000000Z");
    let told = denied(&kept.online(&forged));
    assert!(
        told.contains("MISBEHAVIOUR") && told.contains("Keep as evidence"),
        "{told}"
    );
    let told = denied(&kept.offline(&kept.export, &["--receipt", &forged]));
    assert!(
        told.contains("MISBEHAVIOUR, proved") && told.contains("the log went on"),
        "{told}"
    );

    let early = kept.forged("2999-01-01T00:00:00.000000Z");
    for told in [
        kept.online(&early),
        kept.offline(&kept.export, &["--receipt", &early]),
    ] {
        let told = denied(&told);
        assert!(
            told.contains("not yet due") && !told.contains("MISBEHAVIOUR"),
            "{told}"
        );
    }
}

#[test]
fn a_statement_convicts_a_log_that_was_built_anew_without_one_of_the_citizens_entries() {
    let kept = Kept::new();
    let held = ["--complete", "--statement", &kept.statement];
    let told = done(&kept.offline(&kept.export, &held));
    assert!(
        told.contains("holds: the log has the patient's entries"),
        "{told}"
    );
    for lie in [Lie::EndsBefore, Lie::LeftOut, Lie::Another] {
        let rebuilt = kept.rebuilt(lie);
        // By itself it is as good as any: whole, in order, signed, every chain without a gap.
        done(&kept.offline(&rebuilt, &["--complete"]));
        let told = denied(&kept.offline(&rebuilt, &held));
        assert!(told.contains("MISBEHAVIOUR, proved"), "{lie:?}: {told}");
    }
    // The look's receipt tells of another look in its place at once; of a missing one when its promised time is over.
    let another = kept.rebuilt(Lie::Another);
    let told = denied(&kept.offline(&another, &["--receipt", &kept.look]));
    assert!(told.contains("MISBEHAVIOUR, proved"), "{told}");
}

#[test]
fn a_statement_that_leaves_an_entry_out_convicts_whoever_signed_it() {
    let kept = Kept::new();
    let chain = fs::read_to_string(&kept.statement).unwrap();
    let chain: ChainFile = serde_json::from_str(&chain).unwrap();
    let statement = forge::understated(&chain.chains[0], &kept.signer());
    let statement = kept.file("understated.statement", &statement);
    let told = denied(&kept.offline(&kept.export, &["--statement", &statement]));
    assert!(told.contains("MISBEHAVIOUR, proved"), "{told}");
    let json = kept.offline(&kept.export, &["--json", "--statement", &statement]);
    let report: Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(report["statements"][0]["fault"], "understated", "{report}");
}

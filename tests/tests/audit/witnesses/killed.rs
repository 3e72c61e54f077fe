//! A witness that is killed at any moment never cosigns two roots of one size.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use delt_hub::audit::{WitnessAnswer, Witnesses as _};
use delt_ledger::merkle::{Appender, TileMap, leaf_hash, prove_consistency};
use delt_ledger::witness::AddCheckpoint;
use delt_ledger::{Checkpoint, CosignatureVerifier, Hash, NoteSignature, Signer};
use delt_server::config::Audit;
use delt_server::witness::WitnessClient;
use delt_tests::process::free_address;

use super::regions::Running;

const ORIGIN: &str = "delt.test/log";
/// So often is it killed.
const KILLS: u64 = 25;

/// A history: leaves that say which one they are of.
#[derive(Clone)]
struct History(Vec<[u8; 2]>);

impl History {
    fn grown(&self, branch: u8, by: u8) -> Self {
        let mut leaves = self.0.clone();
        leaves.extend((0..by).map(|number| [branch, number]));
        Self(leaves)
    }

    fn size(&self) -> u64 {
        self.0.len() as u64
    }

    /// The request, and the root that it asks for.
    fn request(&self, signer: &Signer, old_size: u64) -> (String, Hash) {
        let hashes: Vec<_> = self.0.iter().map(|leaf| leaf_hash(leaf)).collect();
        let appended = Appender::new().append(&hashes).unwrap();
        let mut tiles = TileMap::new();
        tiles.extend(appended.tiles);
        let checkpoint = Checkpoint::new(ORIGIN, self.size(), appended.root);
        let request = AddCheckpoint {
            old_size,
            proof: prove_consistency(&tiles, old_size, self.size()).unwrap_or_default(),
            checkpoint: checkpoint.sign(signer).unwrap(),
        };
        (request.to_string(), appended.root)
    }
}

/// Everything that the witness ever cosigned.
#[derive(Default)]
struct Seen(BTreeMap<u64, Hash>);

impl Seen {
    /// Asks; keeps what it cosigned; answers the size that it tells in a conflict.
    async fn ask(
        &mut self,
        at: SocketAddr,
        key: &CosignatureVerifier,
        history: &History,
        signer: &Signer,
        old: u64,
    ) -> (bool, Option<u64>) {
        let (body, root) = history.request(signer, old);
        let note = AddCheckpoint::parse(body.as_bytes()).unwrap().checkpoint;
        let client = WitnessClient::new(&Audit::of(ORIGIN)).unwrap();
        match client.add_checkpoint(&format!("http://{at}"), body).await {
            Ok(WitnessAnswer::Cosigned(line)) => {
                let line = NoteSignature::parse(line.trim_end()).unwrap();
                key.verify_line(note.text(), &line)
                    .expect("its own cosignature");
                let before = self.0.insert(history.size(), root);
                assert!(
                    before.is_none_or(|before| before == root),
                    "two roots of size {}",
                    history.size()
                );
                (true, None)
            }
            Ok(WitnessAnswer::Conflict(size)) => (false, Some(size)),
            Ok(WitnessAnswer::Refused(_)) | Err(_) => (false, None),
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "waited for in each round")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_witness_that_is_killed_never_contradicts_itself() {
    let signer = Signer::from_seed(ORIGIN, &[1; 32]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("witness");
    let address = free_address();
    let mut running = Running::start(&home, "north", signer.verifier(), address);
    let vkey = std::fs::read_to_string(home.join("witness.vkey")).unwrap();
    let key = CosignatureVerifier::from_vkey(vkey.trim()).unwrap();
    let mut seen = Seen::default();
    let mut history = History(vec![[0, 0]]);
    seen.ask(address, &key, &history, &signer, 0).await;

    for round in 0..KILLS {
        let [one, other] = [1, 2].map(|branch| history.grown(branch, 3));
        // Asked, and killed meanwhile: at another moment each time.
        let id = running.process.id();
        let killer = tokio::spawn(async move {
            tokio::time::sleep(Duration::from_micros(round * 150)).await;
            let killed = std::process::Command::new("kill")
                .args(["-9", &id.to_string()])
                .status();
            assert!(killed.unwrap().success());
        });
        let old = history.size();
        seen.ask(address, &key, &one, &signer, old).await;
        killer.await.unwrap();
        running.process.kill();
        drop(running);
        running = Running::start(&home, "north", signer.verifier(), address);
        // The other history of the same size, from whatever it remembers.
        let (cosigned, told) = seen.ask(address, &key, &other, &signer, old).await;
        history = if cosigned {
            other
        } else if told == Some(one.size()) {
            let (again, _) = seen.ask(address, &key, &one, &signer, one.size()).await;
            assert!(again, "it remembers the one, so it cosigns that again");
            let (contradicted, _) = seen.ask(address, &key, &other, &signer, one.size()).await;
            assert!(!contradicted);
            one
        } else {
            panic!(
                "round {round}: neither cosigned nor told a size: {told:?}\n{}",
                running.process.log()
            );
        };
    }
    assert!(seen.0.len() > usize::try_from(KILLS).unwrap());
}

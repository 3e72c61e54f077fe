//! What others' libraries make of the log's files.

use std::collections::BTreeMap;

use delt_client::proto::audit::v1::GetCheckpointRequest;
use delt_tests::hub::TestHub;
use signed_note::{Note, StandardVerifier, Verifier, VerifierList};
use tlog_tiles::checkpoint::Checkpoint;
use tlog_tiles::tile::{Tile, TileHashReader, TileReader};
use tlog_tiles::tlog::{self, HashReader as _, record_hash, stored_hash_index};

use super::web::Web;

/// C2SP's tiles are 2^8 wide.
const HEIGHT: u8 = 8;

type Outcome = Result<(), Box<dyn std::error::Error>>;

/// A checkpoint and the tiles and bundles of its tree.
#[derive(Clone)]
pub(crate) struct Tree {
    note: Vec<u8>,
    size: u64,
    root: tlog::Hash,
    files: BTreeMap<String, Vec<u8>>,
}

fn body(note: &str) -> Checkpoint {
    let note = Note::from_bytes(note.as_bytes()).expect("a note");
    Checkpoint::from_bytes(note.text()).expect("a checkpoint")
}

pub(crate) fn size(note: &str) -> u64 {
    body(note).size()
}

pub(crate) fn root(note: &str) -> [u8; 32] {
    body(note).hash().0
}

/// RFC 6962's hash of a leaf.
pub(crate) fn leaf(data: &[u8]) -> [u8; 32] {
    record_hash(data).0
}

/// Their paths name the height, which C2SP leaves out.
fn path(tile: &Tile) -> String {
    tile.path()
        .replacen("tile/8/data/", "tile/entries/", 1)
        .replacen("tile/8/", "tile/", 1)
}

impl Tree {
    /// Fetches all of it.
    pub(crate) fn read(web: &Web, note: String) -> Self {
        let checkpoint = body(&note);
        let mut tiles = Tile::new_tiles(HEIGHT, 0, checkpoint.size());
        let bundles = tiles.iter().filter(|tile| tile.level() == 0).copied();
        let bundles: Vec<_> = bundles
            .map(|mut tile| {
                tile.set_is_data();
                tile
            })
            .collect();
        tiles.extend(bundles);
        let paths: Vec<_> = tiles.iter().map(path).collect();
        let asked: Vec<_> = paths.iter().map(|path| format!("/log/{path}")).collect();
        let fetched = web.get_all(&asked);
        let files = paths.into_iter().zip(fetched).map(|(path, fetched)| {
            assert_eq!(fetched.status, 200, "{path}");
            (path, fetched.body)
        });
        Self {
            note: note.into_bytes(),
            size: checkpoint.size(),
            root: *checkpoint.hash(),
            files: files.collect(),
        }
    }

    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    pub(crate) fn note(&self) -> &[u8] {
        &self.note
    }

    pub(crate) fn paths(&self) -> Vec<String> {
        self.files.keys().cloned().collect()
    }

    /// The same with one bit of a file changed; none where the file is shorter.
    pub(crate) fn with_flipped(&self, path: &str, at: usize) -> Option<Self> {
        let mut tree = self.clone();
        *tree.files.get_mut(path)?.get_mut(at)? ^= 1;
        Some(tree)
    }

    /// The same with one bit of the checkpoint changed.
    pub(crate) fn with_flipped_note(&self, at: usize) -> Self {
        let mut tree = self.clone();
        tree.note[at] ^= 1;
        tree
    }

    /// The hub signed it, by the key that it publishes.
    pub(crate) fn check_signature(&self, hub: &TestHub) -> Outcome {
        let key = tokio::task::block_in_place(|| {
            let asking = async {
                let reader = hub.system("sundhedsportal").await;
                let request = GetCheckpointRequest::default();
                reader
                    .audit()
                    .checkpoint(request)
                    .await
                    .unwrap()
                    .verifier_key
            };
            tokio::runtime::Handle::current().block_on(asking)
        });
        let verifier = StandardVerifier::new(&key)?;
        let name = verifier.name().to_owned();
        let note = Note::from_bytes(&self.note)?;
        note.verify(&VerifierList::new(vec![Box::new(verifier)]))?;
        let checkpoint = Checkpoint::from_bytes(note.text()).map_err(|_| "no checkpoint")?;
        if checkpoint.origin() != name {
            return Err("another log's checkpoint".into());
        }
        Ok(())
    }

    /// Each leaf of each bundle is in the tree, by a proof made of the tiles and checked without them.
    pub(crate) fn check_every_leaf(&self) -> Outcome {
        let reader = TileHashReader::new(self.size, self.root, self);
        let bundles = self
            .files
            .iter()
            .filter(|(path, _)| path.contains("entries"));
        let leaves: Vec<_> = bundles
            .flat_map(|(_, bundle)| bundle.chunks(34).map(|entry| (&entry[..2], &entry[2..])))
            .collect();
        if leaves.len() as u64 != self.size {
            return Err("leaves are missing".into());
        }
        for (index, (length, data)) in (0..).zip(&leaves) {
            if *length != [0, 32] {
                return Err("an entry of another length".into());
            }
            let stored = reader.read_hashes(&[stored_hash_index(0, index)])?;
            if stored != [record_hash(data)] {
                return Err("another leaf".into());
            }
            let proof = tlog::prove_record(self.size, index, &reader)?;
            tlog::check_record(&proof, self.size, self.root, index, record_hash(data))?;
        }
        // Also the tiles that no proof needed.
        for path in self.files.keys().filter(|path| !path.contains("entries")) {
            let (level, index) = coordinates(path);
            let tile = Tile::new(HEIGHT, level, index, self.width(path), false);
            let data = &self.files[path];
            for (at, hash) in (0..).zip(data.chunks(32)) {
                let stored = stored_hash_index(level * HEIGHT, (index << HEIGHT) + at);
                if reader.read_hashes(&[stored])?[0].0 != hash {
                    return Err(format!("another hash in {}", tile.path()).into());
                }
            }
        }
        Ok(())
    }

    fn width(&self, path: &str) -> u32 {
        u32::try_from(self.files[path].len() / 32).unwrap()
    }

    /// The older tree is the beginning of this one.
    pub(crate) fn check_growth_from(&self, older: &Self) -> Outcome {
        let reader = TileHashReader::new(self.size, self.root, self);
        let proof = tlog::prove_tree(self.size, older.size, &reader)?;
        tlog::check_tree(&proof, self.size, self.root, older.size, older.root)?;
        let forged = tlog::Hash([7; 32]);
        let refused = tlog::check_tree(&proof, self.size, self.root, older.size, forged);
        if refused.is_ok() {
            return Err("it accepts any older tree".into());
        }
        Ok(())
    }
}

/// Level and index of a tile below a million leaves, from its C2SP path.
fn coordinates(path: &str) -> (u8, u64) {
    let mut parts = path.split('/').skip(1);
    let level = parts.next().unwrap().parse().unwrap();
    let index = parts.next().unwrap().trim_end_matches(".p");
    (level, index.parse().unwrap())
}

impl TileReader for Tree {
    fn height(&self) -> u8 {
        HEIGHT
    }

    fn read_tiles(&self, tiles: &[Tile]) -> Result<Vec<Vec<u8>>, tlog::Error> {
        let files = tiles
            .iter()
            .map(|tile| self.files.get(&path(tile)).cloned());
        files
            .map(|file| file.ok_or(tlog::Error::IndexesNotInTree))
            .collect()
    }

    fn save_tiles(&self, _: &[Tile], _: &[Vec<u8>]) {}
}

//! What an operator can make who is not honest and holds the database and every key: logs that are right in themselves, and statements that are signed.

use std::collections::HashMap;

use delt_ledger::citizen::CitizenChain;
use delt_ledger::export::{Content, ExportWriter, Header, Line};
use delt_ledger::merkle::{Appender, TileMap, prove_inclusion};
use delt_ledger::{Chain, ChainKey, ChainSalt, Checkpoint, Entry, PatientStatement, Salt, Signer};

/// What becomes of the look at the patient's record.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Lie {
    /// It is gone, with everything about a patient since.
    EndsBefore,
    /// It is gone. What came after has moved up, and is numbered anew.
    LeftOut,
    /// Somebody else looked.
    Another,
}

/// The log of a complete export, built anew.
pub(crate) fn rebuilt(export: &str, signer: &Signer, told: Lie) -> String {
    let mut lines = export.lines().map(str::as_bytes);
    let mut header = Header::from_line(lines.next().unwrap()).unwrap();
    let mut entries: Vec<_> = lines.map(entry).collect();
    let looks = |(one, _): &(Entry, Salt)| one.operation == "SearchRecord";
    let looked = entries.iter().position(looks).unwrap();
    match told {
        Lie::EndsBefore => {
            let since = entries.split_off(looked).into_iter();
            entries.extend(since.filter(|(one, _)| one.patient.is_none()));
        }
        Lie::LeftOut => drop(entries.remove(looked)),
        Lie::Another => {
            entries[looked].0.actor.person.as_mut().unwrap().id = "WAS-SOMEBODY-ELSE".into();
        }
    }
    let contents = chained(entries, &header.chain_key.unwrap());
    let leaves: Vec<_> = contents.iter().map(|one| one.commitment().leaf()).collect();
    let grown = Appender::new().append(&leaves).unwrap();
    let tiles: TileMap = grown.tiles.into_iter().collect();
    let size = leaves.len() as u64;
    let checkpoint = Checkpoint::new(signer.name(), size, grown.root);
    header.checkpoint = checkpoint.sign(signer).unwrap();
    let mut writer = ExportWriter::begin(Vec::new(), &header).unwrap();
    for (index, content) in (0..).zip(contents) {
        let proof = prove_inclusion(&tiles, index, size).unwrap();
        let line = Line {
            index,
            content,
            proof,
        };
        writer.write(&line).unwrap();
    }
    String::from_utf8(writer.finish().unwrap()).unwrap()
}

/// A statement as of the same checkpoint that leaves the chain's last entry out.
pub(crate) fn understated(chain: &CitizenChain, signer: &Signer) -> String {
    let mut statement = PatientStatement::open(&chain.statement, signer.verifier()).unwrap();
    let salt = statement.salt;
    let (_, told) = chain.entries.split_last().unwrap();
    statement.chain = told.iter().fold(Chain::begin(&salt), |chain, one| {
        chain.with(&salt, &one.leaf_hash)
    });
    statement.sign(signer).unwrap().to_string()
}

fn entry(line: &[u8]) -> (Entry, Salt) {
    match Line::from_line(line).unwrap().content {
        Content::Entry { json, salt } => (Entry::from_json(&json).unwrap(), salt),
        Content::Erased(_) => panic!("nothing has been erased"),
    }
}

/// Every patient's entries numbered from 1, each with the head before it.
fn chained(entries: Vec<(Entry, Salt)>, key: &ChainKey) -> Vec<Content> {
    let mut chains = HashMap::new();
    let content = |(mut entry, salt): (Entry, Salt)| {
        let Some(patient) = entry.patient.clone() else {
            return Content::of_entry(&entry, salt).unwrap();
        };
        let patients = ChainSalt::derive(key, &patient);
        let chain = chains
            .entry(patient)
            .or_insert_with(|| Chain::begin(&patients));
        entry.patient_chain = Some(chain.next_link());
        let content = Content::of_entry(&entry, salt).unwrap();
        *chain = chain.with(&patients, &content.commitment().leaf());
        content
    };
    entries.into_iter().map(content).collect()
}

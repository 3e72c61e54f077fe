//! `delt audit verify --receipt FILE` without an export: the hub is asked for its proof, and its word is not taken for it.

use std::fmt;

use delt_client::{Connection, Kind};
use delt_ledger::export::is_due;
use delt_ledger::merkle::verify_inclusion;
use delt_ledger::{Checkpoint, Hash, SignedReceipt, Verifier};
use delt_proto::audit::v1::{
    GetCheckpointRequest, GetInclusionProofRequest, GetInclusionProofResponse,
};
use serde::Serialize;
use serde_json::json;
use time::format_description::well_known::Rfc3339;

use super::super::arguments::HubArgs;
use super::super::connect::Usually;
use super::super::failure::Failure;
use super::super::{Done, Outcome, Surroundings};

/// Holds the hub to each receipt.
pub(super) async fn run(
    hub: &HubArgs,
    receipts: &[String],
    verifier: &Verifier,
    around: &Surroundings<'_>,
) -> Outcome {
    let session = hub.connect(around, Usually::Auditor).await?;
    // Before the hub is asked: what it then shows is from after this.
    let asked_at = around.now().format(&Rfc3339);
    let asked_at = asked_at.map_err(|_| Failure::new("the clock is out of range"))?;
    let answer = session
        .hub
        .audit()
        .checkpoint(GetCheckpointRequest {})
        .await?;
    let checkpoint = Checkpoint::open(&answer.checkpoint, verifier).map_err(|_| {
        Failure::new("the hub's checkpoint is not signed by the expected key")
            .hint("is it the hub that gave the receipt, and --key the key of its log?")
    })?;
    let asked = Asked {
        hub: session.hub,
        at: asked_at,
        checkpoint,
        note: answer.checkpoint,
    };
    let mut findings = Vec::with_capacity(receipts.len());
    for (position, signed) in receipts.iter().enumerate() {
        findings.push(asked.finding(position, signed, verifier).await?);
    }
    session
        .output
        .answer(|| asked.json(&findings), || asked.text(&findings))?;
    let kept = findings.iter().all(Finding::is_kept);
    Ok(if kept { Done::All } else { Done::NotAll })
}

/// The hub, and what it showed of its log.
struct Asked {
    hub: Connection,
    /// When, by this machine's clock.
    at: String,
    checkpoint: Checkpoint,
    note: String,
}

#[derive(Debug, Serialize)]
struct Finding {
    position: usize,
    /// None where the receipt was not signed by the expected key.
    entry_id: Option<String>,
    promised_by: Option<String>,
    #[serde(flatten)]
    verdict: Verdict,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "verdict", rename_all = "kebab-case")]
enum Verdict {
    /// Proved to stand in the tree of the signed checkpoint.
    Stands {
        index: u64,
    },
    NotSigned,
    /// The time promised is no time.
    Timeless,
    /// The hub shows no proof, and need not yet.
    NotDue,
    /// The hub shows none, and the time has passed.
    Broken {
        evidence: Evidence,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Evidence {
    /// It says that there is no such entry.
    Absent,
    /// What it gives as a proof is none.
    NotProved,
    /// It has other content under the entry's id.
    OtherContent,
}

/// What the hub gave as its proof.
enum Shown {
    Proof { index: u64 },
    None(Evidence),
}

impl Asked {
    async fn finding(
        &self,
        position: usize,
        signed: &str,
        verifier: &Verifier,
    ) -> Result<Finding, Failure> {
        let Ok(receipt) = SignedReceipt::open(signed, verifier) else {
            return Ok(Finding {
                position,
                entry_id: None,
                promised_by: None,
                verdict: Verdict::NotSigned,
            });
        };
        let shown = self.shown(&receipt).await?;
        let verdict = verdict(&shown, is_due(&receipt, &self.at));
        Ok(Finding {
            position,
            entry_id: Some(receipt.entry_id),
            promised_by: Some(receipt.promised_by),
            verdict,
        })
    }

    async fn shown(&self, receipt: &SignedReceipt) -> Result<Shown, Failure> {
        if self.checkpoint.size == 0 {
            return Ok(Shown::None(Evidence::Absent));
        }
        let request = GetInclusionProofRequest {
            entry_id: receipt.entry_id.clone(),
            tree_size: self.checkpoint.size,
            leaf_index: 0,
        };
        match self.hub.audit().inclusion_proof(request).await {
            Ok(proof) => Ok(shown(receipt, &proof, &self.checkpoint)),
            Err(error) if error.kind() == Kind::NotFound => Ok(Shown::None(Evidence::Absent)),
            Err(error) => Err(error.into()),
        }
    }

    fn json(&self, findings: &[Finding]) -> serde_json::Value {
        json!({
            "origin": self.checkpoint.origin,
            "size": self.checkpoint.size,
            "asked_at": self.at,
            "checkpoint": self.note,
            "receipts": findings,
        })
    }

    fn text(&self, findings: &[Finding]) -> String {
        let Checkpoint { origin, size, .. } = &self.checkpoint;
        let mut text = format!("  log         {origin}\n  checkpoint  {size} entries\n");
        text.extend(findings.iter().map(|finding| format!("  {finding}\n")));
        if findings.iter().any(Finding::is_broken) {
            text.push_str(&self.evidence());
        }
        text
    }

    fn evidence(&self) -> String {
        format!(
            "The hub was asked at {} by this machine's clock. Keep as evidence: the receipt as it is, that time, and this\n\
             checkpoint. A complete export with a later entry proves the same without anybody's clock.\n\n{}\n",
            self.at,
            self.note.trim_end()
        )
    }
}

/// Whether what the hub gave proves that the receipt's own leaf stands in the checkpoint's tree.
fn shown(
    receipt: &SignedReceipt,
    proof: &GetInclusionProofResponse,
    checkpoint: &Checkpoint,
) -> Shown {
    if proof.leaf_hash != receipt.leaf_hash.as_bytes()[..] {
        return Shown::None(Evidence::OtherContent);
    }
    let hashes: Result<Vec<Hash>, _> = proof
        .hashes
        .iter()
        .map(|one| Hash::from_slice(one))
        .collect();
    let Checkpoint { size, root, .. } = checkpoint;
    let index = proof.leaf_index;
    let holds = hashes.is_ok_and(|hashes| {
        verify_inclusion(&receipt.leaf_hash, index, *size, &hashes, root).is_ok()
    });
    if holds {
        Shown::Proof { index }
    } else {
        Shown::None(Evidence::NotProved)
    }
}

fn verdict(shown: &Shown, due: Option<bool>) -> Verdict {
    match (shown, due) {
        (Shown::Proof { index }, _) => Verdict::Stands { index: *index },
        // The log signed two contents for one entry: no time makes that right.
        (Shown::None(Evidence::OtherContent), _) => Verdict::Broken {
            evidence: Evidence::OtherContent,
        },
        (Shown::None(evidence), Some(true)) => Verdict::Broken {
            evidence: *evidence,
        },
        (Shown::None(_), Some(false)) => Verdict::NotDue,
        (Shown::None(_), None) => Verdict::Timeless,
    }
}

impl Finding {
    fn is_kept(&self) -> bool {
        matches!(self.verdict, Verdict::Stands { .. })
    }

    fn is_broken(&self) -> bool {
        matches!(self.verdict, Verdict::Broken { .. })
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "receipt {}   ", self.position)?;
        let promised = self.promised_by.as_deref().unwrap_or_default();
        match &self.verdict {
            Verdict::Stands { index } => {
                write!(
                    f,
                    "kept: the entry is proved to stand in the log as number {index}"
                )
            }
            Verdict::NotSigned => f.write_str("REFUSED: not a receipt signed by the expected key"),
            Verdict::Timeless => {
                f.write_str("open: the entry is not shown, and the receipt names no time")
            }
            Verdict::NotDue => write!(
                f,
                "not yet due: the log has until {promised}; ask again then"
            ),
            Verdict::Broken { evidence } => {
                let entry = self.entry_id.as_deref().unwrap_or_default();
                write!(
                    f,
                    "MISBEHAVIOUR: the log promised entry {entry} by {promised}; {evidence}"
                )
            }
        }
    }
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Absent => "the time has passed, and the hub says that its log has no such entry",
            Self::NotProved => "the time has passed, and what the hub gives as its proof is none",
            Self::OtherContent => "the hub has other content under that id",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use delt_ledger::merkle::node_hash;

    const LEAVES: [Hash; 2] = [Hash::from_bytes([1; 32]), Hash::from_bytes([2; 32])];

    fn checkpoint() -> Checkpoint {
        Checkpoint::new("log", 2, node_hash(&LEAVES[0], &LEAVES[1]))
    }

    fn receipt() -> SignedReceipt {
        SignedReceipt {
            origin: "log".into(),
            entry_id: "00000000-0000-4000-8000-000000000000".into(),
            leaf_hash: LEAVES[1],
            recorded_at: "2026-03-01T08:00:00Z".into(),
            promised_by: "2026-03-01T08:01:00Z".into(),
        }
    }

    fn says(change: fn(&mut GetInclusionProofResponse), asked_at: &str) -> Verdict {
        let mut proof = GetInclusionProofResponse {
            leaf_hash: LEAVES[1].as_bytes().to_vec().into(),
            hashes: vec![LEAVES[0].as_bytes().to_vec().into()],
            leaf_index: 1,
            tree_size: 2,
        };
        change(&mut proof);
        let receipt = receipt();
        verdict(
            &shown(&receipt, &proof, &checkpoint()),
            is_due(&receipt, asked_at),
        )
    }

    const BEFORE: &str = "2026-03-01T08:00:30Z";
    const AFTER: &str = "2026-03-01T08:01:00.000001Z";

    #[test]
    fn only_a_proof_of_the_receipts_own_leaf_keeps_the_promise() {
        assert_eq!(says(|_| {}, AFTER), Verdict::Stands { index: 1 });
        assert_eq!(says(|proof| proof.leaf_index = 0, BEFORE), Verdict::NotDue);
        let broken = |evidence| Verdict::Broken { evidence };
        let not_proved = broken(Evidence::NotProved);
        assert_eq!(says(|proof| proof.leaf_index = 0, AFTER), not_proved);
        assert_eq!(says(|proof| proof.hashes.clear(), AFTER), not_proved);
        assert_eq!(
            says(|proof| proof.hashes[0] = vec![9; 32].into(), AFTER),
            not_proved
        );
        let other = broken(Evidence::OtherContent);
        assert_eq!(
            says(|proof| proof.leaf_hash = vec![9; 32].into(), BEFORE),
            other
        );
        assert_eq!(says(|_| {}, "no time"), Verdict::Stands { index: 1 });
        assert_eq!(
            says(|proof| proof.hashes.clear(), "no time"),
            Verdict::Timeless
        );
    }
}

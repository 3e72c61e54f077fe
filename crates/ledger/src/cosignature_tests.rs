use proptest::prelude::*;

use super::*;

const CHECKPOINT: &str =
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";

/// The example of C2SP tlog-cosignature: its message is the one that its signature line carries the time of.
const EXAMPLE_LINE: &str = "\u{2014} witness.example.com/w1 \
    jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==";

fn witness() -> Cosigner {
    Cosigner::from_seed("witness.example.com/w1", &[7; 32]).unwrap()
}

fn log() -> Signer {
    Signer::from_seed("example.com/behind-the-sofa", &[8; 32]).unwrap()
}

fn cosigned(times: &[u64]) -> Note {
    let mut note = Note::sign(CHECKPOINT, &log()).unwrap();
    for time in times {
        note.add(witness().cosign(CHECKPOINT, *time).unwrap())
            .unwrap();
    }
    note
}

#[test]
fn the_message_is_that_of_the_specification() {
    assert_eq!(
        message(1_679_315_147, CHECKPOINT),
        format!("cosignature/v1\ntime 1679315147\n{CHECKPOINT}")
    );
}

#[test]
fn the_examples_line_has_the_examples_form() {
    let line = NoteSignature::parse(EXAMPLE_LINE).unwrap();
    assert_eq!(line.key_id(), [0x8d, 0x66, 0xcf, 0x3f]);
    let time = u64::from_be_bytes(line.signature()[..8].try_into().unwrap());
    assert_eq!((time, line.signature().len()), (1_679_315_147, 72));
}

#[test]
fn a_cosignature_verifies_and_tells_its_time() {
    let note = cosigned(&[1_679_315_147]);
    assert_eq!(witness().verifier().verify(&note), Ok(1_679_315_147));
    let read = Note::parse(&note.to_string()).unwrap();
    assert_eq!(witness().verifier().verify(&read), Ok(1_679_315_147));
    assert_eq!(
        witness().verifier().verify(&cosigned(&[5, 9, 7])),
        Ok(9),
        "the newest counts"
    );
    assert_eq!(
        witness().verifier().verify(&cosigned(&[])),
        Err(CosignatureError::NotCosigned)
    );
}

#[test]
fn a_key_is_of_one_kind() {
    let witness = witness();
    let vkey = witness.verifier().to_string();
    assert_eq!(
        CosignatureVerifier::from_vkey(&vkey),
        Ok(witness.verifier().clone())
    );
    let as_log = crate::Verifier::from_vkey(&vkey);
    assert_eq!(as_log, Err(KeyError::UnsupportedType));
    let log = log().verifier().to_string();
    let as_witness = CosignatureVerifier::from_vkey(&log);
    assert_eq!(as_witness, Err(KeyError::UnsupportedType));
    let signer = Signer::from_seed("witness.example.com/w1", &[7; 32]).unwrap();
    assert_ne!(signer.verifier().key_id(), witness.verifier().key_id());
}

#[test]
fn nothing_but_a_checkpoint_at_a_time_is_cosigned() {
    let witness = witness();
    for text in [
        "delt-receipt/v1\n",
        "",
        "o\n1\n",
        &format!("{CHECKPOINT}\n"),
    ] {
        assert_eq!(
            witness.cosign(text, 1),
            Err(CosignatureError::NotCheckpoint)
        );
    }
    for time in [0, 1 << 63, u64::MAX] {
        assert_eq!(
            witness.cosign(CHECKPOINT, time),
            Err(CosignatureError::Time)
        );
    }
    assert!(!format!("{witness:?}").contains("0707"));
}

#[test]
fn every_flipped_bit_is_found() {
    let signed = cosigned(&[1_679_315_147]).to_string();
    let own = signed.lines().last().unwrap().len();
    let log = signed.lines().rev().nth(1).unwrap().len();
    let text = CHECKPOINT.len() + 1;
    for bit in 0..signed.len() * 8 {
        let byte = bit / 8;
        if (text..=text + log).contains(&byte) {
            continue; // The log's own line is another key's, and not what is verified here.
        }
        let mut bytes = signed.clone().into_bytes();
        bytes[byte] ^= 1 << (bit % 8);
        let accepted = String::from_utf8(bytes).is_ok_and(|note| {
            Note::parse(&note).is_ok_and(|n| witness().verifier().verify(&n).is_ok())
        });
        assert!(!accepted, "bit {bit} of {signed}, own line {own}");
    }
}

proptest! {
    #[test]
    fn verifying_never_panics(text in any::<String>(), bytes in proptest::collection::vec(any::<u8>(), 1..90)) {
        let line = witness().verifier().line(&bytes).unwrap();
        prop_assert!(witness().verifier().verify_line(CHECKPOINT, &line).is_err());
        prop_assert!(witness().verifier().verify_line(&text, &line).is_err());
        let _ = CosignatureVerifier::from_vkey(&text);
        let _ = CosignatureVerifier::from_vkey(&format!("a+00000000+{text}"));
        let _ = witness().cosign(&text, 1);
    }

    #[test]
    fn a_checkpoint_of_any_time_round_trips(time in 1..(1_u64 << 63), size in 0..(1_u64 << 53)) {
        let text = Checkpoint::new("o.example", size, crate::merkle::empty_root()).to_string();
        let line = witness().cosign(&text, time).unwrap();
        let read = NoteSignature::parse(&line.to_string()).unwrap();
        prop_assert_eq!(witness().verifier().verify_line(&text, &read), Ok(time));
    }
}

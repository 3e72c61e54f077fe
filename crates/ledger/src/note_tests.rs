use proptest::prelude::*;

use super::*;
use crate::key::KeyError;

/// The example key and note in the documentation of Go's `golang.org/x/mod/sumdb/note`.
const VKEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const SEED: &str = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
const TEXT: &str = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const SIGNATURE: &str = "\u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=";

fn signed() -> String {
    format!("{TEXT}\n{SIGNATURE}\n")
}

fn signer() -> Signer {
    let key = STANDARD.decode(SEED).unwrap();
    Signer::from_seed("PeterNeumann", key[1..].try_into().unwrap()).unwrap()
}

#[test]
fn the_known_note_verifies() {
    let note = Note::parse(&signed()).unwrap();
    let verifier = Verifier::from_vkey(VKEY).unwrap();
    assert_eq!(note.verify(&verifier), Ok(TEXT));
    assert_eq!(note.to_string(), signed());
    assert_eq!(verifier.to_string(), VKEY);
}

#[test]
fn the_known_key_signs_the_known_note() {
    assert_eq!(signer().verifier().to_string(), VKEY);
    assert_eq!(Note::sign(TEXT, &signer()).unwrap().to_string(), signed());
    assert!(!format!("{:?}", signer()).contains("810a"));
}

#[test]
fn unknown_signatures_are_kept_and_ignored() {
    let mut note = Note::sign(TEXT, &signer()).unwrap();
    let witness = Signer::from_seed("witness.example", &[3; 32]).unwrap();
    let cosignature = Note::sign("other\n", &witness).unwrap().signatures()[0].clone();
    note.add(cosignature.clone()).unwrap();
    let read = Note::parse(&note.to_string()).unwrap();
    assert_eq!(read.signatures()[1], cosignature);
    assert!(read.verify(signer().verifier()).is_ok());
    assert_eq!(
        read.verify(witness.verifier()),
        Err(NoteError::BadSignature)
    );
    let stranger = Signer::from_seed("PeterNeumann", &[4; 32]).unwrap();
    assert_eq!(read.verify(stranger.verifier()), Err(NoteError::NotSigned));
}

#[test]
fn a_bad_signature_by_the_expected_key_refuses_even_beside_a_good_one() {
    let mut note = Note::sign(TEXT, &signer()).unwrap();
    note.add(Note::sign("other\n", &signer()).unwrap().signatures()[0].clone())
        .unwrap();
    assert_eq!(
        note.verify(signer().verifier()),
        Err(NoteError::BadSignature)
    );
}

#[test]
fn malformed_notes_are_refused() {
    let note = signed();
    for broken in [
        String::new(),
        TEXT.to_owned(),
        format!("{TEXT}\n"),
        note.trim_end().to_owned(),
        note.replace('\u{2014}', "-"),
        note.replace("answer", "an\tswer"),
        format!("{note}\n"),
        format!("{TEXT}\n\u{2014} a b\n"),
        format!("{TEXT}\n\u{2014} a+b AAAAAAA=\n"),
        format!("{TEXT}\n\u{2014} a AAAAAA==\n"),
    ] {
        assert!(Note::parse(&broken).is_err(), "{broken:?}");
    }
    assert_eq!(Note::sign("no newline", &signer()), Err(NoteError::Text));
}

#[test]
fn bounds_hold() {
    let line = "\u{2014} a AAAAAAA=\n";
    assert!(Note::parse(&format!("t\n\n{}", line.repeat(100))).is_ok());
    assert_eq!(
        Note::parse(&format!("t\n\n{}", line.repeat(101))),
        Err(NoteError::TooLarge)
    );
    let long = "x".repeat(MAX_NOTE_BYTES) + "\n";
    assert_eq!(Note::parse(&long), Err(NoteError::TooLarge));
    assert_eq!(Note::sign(&long, &signer()), Err(NoteError::TooLarge));
}

#[test]
fn malformed_vkeys_are_refused() {
    for (vkey, error) in [
        ("", KeyError::Malformed),
        ("a+b", KeyError::Malformed),
        (&VKEY.replace("c74f", "c74e"), KeyError::IdMismatch),
        (&VKEY.replace("Peter", "Pet r"), KeyError::Name),
        ("a+00000000+AgAA", KeyError::UnsupportedType),
        ("a+00000000+AQAA", KeyError::Malformed),
    ] {
        assert_eq!(Verifier::from_vkey(vkey), Err(error), "{vkey}");
    }
    assert_eq!(
        Signer::from_seed("a b", &[0; 32]).unwrap_err(),
        KeyError::Name
    );
}

#[test]
fn every_flipped_bit_of_the_known_note_is_found() {
    let verifier = Verifier::from_vkey(VKEY).unwrap();
    for bit in 0..signed().len() * 8 {
        let mut bytes = signed().into_bytes();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let accepted = String::from_utf8(bytes)
            .is_ok_and(|note| Note::parse(&note).is_ok_and(|note| note.verify(&verifier).is_ok()));
        assert!(!accepted, "bit {bit}");
    }
}

proptest! {
    #[test]
    fn parsing_never_panics(note in any::<String>(), tail in any::<String>()) {
        let _ = Note::parse(&note);
        let _ = Note::parse(&format!("{note}\n\n\u{2014} {tail}\n"));
        let _ = Verifier::from_vkey(&format!("{note}+{tail}"));
        let _ = Verifier::from_vkey(&format!("a+00000000+{tail}"));
    }
}

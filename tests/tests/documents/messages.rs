//! MedCom messages from sender to receiver: accepted once, delivered to one, answered, and shared in the record.

use std::time::Duration;

use delt_client::proto::document::v1::AvailabilityStatus;
use delt_client::proto::message::v1::{
    AcknowledgeMessageRequest, GetMessageRequest, GetMessageResponse, ListMessagesRequest,
    MessageState, ReceiveMessagesRequest,
};
use delt_client::{ClientError, Connection};
use delt_formats::Limits;
use delt_formats::oioxml::{ReceiptOutcome, parse_receipt};
use delt_tests::calls::{fetch, fields, is_not_found, refusal, treats};
use delt_tests::entries::{CARDIOLOGY, GP, LONNI, MUNICIPALITY, REGION_M, cpr, read};
use delt_tests::hub::TestHub;
use delt_tests::on_both;
use delt_tests::samples::{
    ADMISSION, CORRECTED_LETTER, CORRESPONDENCE, EHR, INVALID_LETTER, LETTER, changed, entries,
    inbox, message, of, search, send, sent, take,
};
use futures_util::future::join_all;
use tonic::Code;

const XML: &str = "text/xml";

async fn trail(caller: &Connection, id: &str) -> Result<GetMessageResponse, ClientError> {
    let request = GetMessageRequest {
        context: None,
        message_id: id.to_owned(),
    };
    caller.messages().get(request).await
}

/// Takes and acknowledges whatever comes; the ids.
async fn empty(receiver: &Connection) -> Vec<String> {
    let mut inbox = inbox(receiver).await;
    let mut taken = Vec::new();
    while let Some(delivery) = inbox.next().await.expect("the stream holds") {
        taken.push(delivery.message.message_id.clone());
        delivery.ack().await.expect("the lease is good");
    }
    taken
}

/// Whether anything waits for a receiver, whatever it holds already.
async fn waits(receiver: &Connection) -> bool {
    inbox(receiver)
        .await
        .next()
        .await
        .expect("the stream holds")
        .is_some()
}

/// What the sender finds in the standard's own receipt.
async fn receipt(sender: &Connection, id: &str) -> ReceiptOutcome {
    let found = trail(sender, id)
        .await
        .expect("the sender sees the own message");
    let parsed = parse_receipt(&found.standard_receipt, &Limits::MESSAGE);
    parsed
        .expect("a receipt in the message's own standard")
        .outcome
}

on_both! {
    async fn a_discharge_letter_reaches_the_practice_once_and_its_receipt_the_hospital(backend) {
        let hub = TestHub::start(backend).await;
        let (hospital, practice) = (hub.system(EHR).await, hub.system(GP).await);
        let letter = sent(&hospital, LETTER).await;
        assert_eq!(letter.state(), MessageState::Accepted);
        assert_eq!((letter.message_type.as_str(), letter.receiver_gln.as_str()), ("XDIS01", "5790009900405"));

        let delivery = take(&practice).await.expect("the letter waits");
        assert_eq!(delivery.message.message_id, letter.message_id);
        assert_eq!(delivery.content, message(LETTER), "byte by byte");
        assert!(!waits(&practice).await, "leased to one");
        let done = delivery.ack().await.unwrap().message.unwrap();
        assert_eq!(done.state(), MessageState::Acknowledged);
        assert!(!waits(&practice).await, "acknowledged is done");

        assert_eq!(receipt(&hospital, &letter.message_id).await, ReceiptOutcome::Positive);
        let trail = trail(&hospital, &letter.message_id).await.unwrap();
        let events: Vec<_> = trail.events.iter().map(|event| event.event.as_str()).collect();
        assert_eq!(events, ["accepted", "leased", "acknowledged"]);
    }

    async fn an_open_inbox_gets_a_letter_as_it_arrives(backend) {
        let hub = TestHub::start(backend).await;
        let (hospital, practice) = (hub.system(EHR).await, hub.system(GP).await);
        let mut inbox = practice.messages().receive(ReceiveMessagesRequest::default()).await.unwrap();
        let (delivery, letter) = tokio::join!(
            tokio::time::timeout(Duration::from_secs(20), inbox.next()),
            async {
                tokio::time::sleep(Duration::from_millis(300)).await;
                sent(&hospital, LETTER).await
            }
        );
        let delivery = delivery.expect("it comes by itself").unwrap().expect("a letter");
        assert_eq!(delivery.message.message_id, letter.message_id);
    }

    async fn what_was_sent_stands_in_the_record_and_opens_with_the_same_bytes(backend) {
        let hub = TestHub::start(backend).await;
        let letter = sent(&hub.system(EHR).await, LETTER).await;
        treats(&hub, EHR, CARDIOLOGY, cpr(LONNI)).await;
        let doctor = hub.professional("kard", EHR).await;
        let view = search(&doctor, LONNI).await.unwrap();
        let [document] = view.documents.as_slice() else { panic!("{view:?}") };
        let entry = read(document);
        assert_eq!(entry.entry_uuid, letter.entry_uuid);
        assert_eq!(entry.size, Some(message(LETTER).len() as u64));
        assert_eq!(fetch(&doctor, cpr(LONNI), &letter.entry_uuid).await.unwrap(), message(LETTER));
        let citizen = hub.citizen(LONNI).await;
        assert_eq!(fetch(&citizen, cpr(LONNI), &letter.entry_uuid).await.unwrap(), message(LETTER));
        let stranger = hub.professional("gp2", "gp-gudenaadal").await;
        assert!(fetch(&stranger, cpr(LONNI), &letter.entry_uuid).await.is_err());
    }

    async fn a_letter_sent_twice_is_one_letter(backend) {
        let hub = TestHub::start(backend).await;
        let hospital = hub.system(EHR).await;
        let first = sent(&hospital, LETTER).await;
        let again = send(&hospital, message(LETTER), XML).await.unwrap();
        assert!(again.already_accepted);
        assert_eq!(again.message.unwrap().message_id, first.message_id);
        assert_eq!(search(&hub.citizen(LONNI).await, LONNI).await.unwrap().total, 1);
        let practice = hub.system(GP).await;
        let delivery = take(&practice).await.expect("the letter waits");
        assert!(!waits(&practice).await);
        delivery.ack().await.unwrap();
        assert!(send(&hospital, message(LETTER), XML).await.unwrap().already_accepted);
        assert!(!waits(&practice).await);
    }

    async fn the_same_letter_id_with_other_content_is_a_conflict(backend) {
        let hub = TestHub::start(backend).await;
        let hospital = hub.system(EHR).await;
        sent(&hospital, LETTER).await;
        let other = send(&hospital, changed(&message(LETTER), "DI509", "DI501"), XML).await;
        assert_eq!(refusal(&other), (Code::AlreadyExists, "IDENTITY_CONFLICT"));
        let practice = hub.system(GP).await;
        assert_eq!(take(&practice).await.expect("the first letter").content, message(LETTER));
        assert!(!waits(&practice).await);
    }

    async fn a_corrected_letter_supersedes_the_first(backend) {
        let hub = TestHub::start(backend).await;
        let hospital = hub.system(EHR).await;
        let first = sent(&hospital, LETTER).await;
        let second = sent(&hospital, CORRECTED_LETTER).await;
        let view = search(&hub.citizen(LONNI).await, LONNI).await.unwrap();
        let [current] = view.documents.as_slice() else { panic!("{view:?}") };
        assert_eq!(read(current).entry_uuid, second.entry_uuid);
        let old = delt_tests::calls::pointer(&hospital, &first.entry_uuid).await.unwrap().document.unwrap();
        assert_eq!(old.status(), AvailabilityStatus::Superseded);
        assert_eq!(old.replaced_by_entry_uuid, second.entry_uuid);
    }

    async fn an_invalid_letter_is_refused_by_path_and_without_the_patient(backend) {
        let hub = TestHub::start(backend).await;
        let hospital = hub.system(EHR).await;
        let answer = send(&hospital, message(INVALID_LETTER), XML).await;
        assert_eq!(refusal(&answer), (Code::InvalidArgument, "MESSAGE_INVALID"));
        let fields = fields(&answer);
        assert!(fields.iter().any(|field| field.ends_with("VersionCode")), "{fields:?}");
        assert!(fields.iter().any(|field| field.contains("Receiver")), "{fields:?}");
        let told = format!("{:?}", answer.unwrap_err());
        for personal in [LONNI, "Lonni", "Lauridsen", "OTH20261020090"] {
            assert!(!told.contains(personal), "{told}");
        }
        assert!(!waits(&hub.system(GP).await).await);
        let log = entries(&hub, of("SendMessage")).await;
        assert_eq!(log[0].error_code.as_deref(), Some("MESSAGE_INVALID"));
    }

    async fn what_is_no_message_is_refused(backend) {
        let hub = TestHub::start(backend).await;
        let hospital = hub.system(EHR).await;
        let deep = format!("<Emessage>{}", "<a>".repeat(100_000)).into_bytes();
        let bomb = b"<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><Emessage>&b;</Emessage>".to_vec();
        let wrong: [(Vec<u8>, &str); 7] = [
            (Vec::new(), XML),
            (b"hello".to_vec(), XML),
            (message(LETTER)[..2_000].to_vec(), XML),
            (deep, XML),
            (bomb, XML),
            (message(ADMISSION)[..3_000].to_vec(), "application/fhir+json"),
            (message(LETTER), "application/fhir+json"),
        ];
        for (content, mime_type) in wrong {
            let answer = send(&hospital, content, mime_type).await;
            assert_eq!(refusal(&answer).0, Code::InvalidArgument, "{answer:?}");
        }
        let other = send(&hospital, message(LETTER), "application/pdf").await;
        assert_eq!(refusal(&other).0, Code::InvalidArgument);
    }

    async fn a_message_larger_than_the_limit_is_refused(backend) {
        let hub = TestHub::start(backend).await;
        let hospital = hub.system(EHR).await;
        let answer = send(&hospital, vec![b' '; (10 << 20) + 1], XML).await;
        assert_eq!(refusal(&answer).0, Code::ResourceExhausted);
    }

    async fn a_letter_to_an_unknown_receiver_is_not_accepted(backend) {
        let hub = TestHub::start(backend).await;
        let hospital = hub.system(EHR).await;
        // A location number with a right check digit that the directory does not have.
        let unknown = changed(&message(LETTER), "5790009900405", "5790000120000");
        let answer = send(&hospital, unknown, XML).await;
        assert_eq!(refusal(&answer).0, Code::InvalidArgument, "{answer:?}");
        assert!(!fields(&answer).is_empty());
        assert_eq!(search(&hub.citizen(LONNI).await, LONNI).await.unwrap().total, 0);
    }

    async fn a_system_sends_for_its_own_organisations_only(backend) {
        let hub = TestHub::start(backend).await;
        for system in [GP, MUNICIPALITY, REGION_M] {
            let answer = send(&hub.system(system).await, message(LETTER), XML).await;
            assert_eq!(refusal(&answer), (Code::PermissionDenied, "FOREIGN_ORGANISATION"), "{system}");
        }
        assert!(!waits(&hub.system(GP).await).await);
        assert_eq!(entries(&hub, of("SendMessage")).await.len(), 3);
    }

    async fn a_lease_that_lapses_offers_the_letter_again(backend) {
        let hub = TestHub::start_with(backend, &delt_server::profile::SourceAddresses::default(), |config| {
            config.messages.lease_seconds = 5;
        })
        .await;
        sent(&hub.system(EHR).await, LETTER).await;
        let practice = hub.system(GP).await;
        let lost = take(&practice).await.expect("the letter waits");
        assert!(!waits(&practice).await);
        let mut open = practice.messages().receive(ReceiveMessagesRequest::default()).await.unwrap();
        let again = tokio::time::timeout(Duration::from_secs(20), open.next()).await;
        let again = again.expect("offered again").unwrap().expect("the letter");
        assert_eq!((&again.message.message_id, again.message.attempts), (&lost.message.message_id, 2));
        let late = lost.ack().await;
        assert_eq!(refusal(&late), (Code::FailedPrecondition, "STATE_CONFLICT"));
        again.ack().await.unwrap();
    }

    async fn a_refused_letter_tells_the_sender_why(backend) {
        let hub = TestHub::start(backend).await;
        let hospital = hub.system(EHR).await;
        let letter = sent(&hospital, LETTER).await;
        let delivery = take(&hub.system(GP).await).await.expect("the letter waits");
        let refused = delivery.refuse("problem_med_modtagerID", "Ikke vores patient").await.unwrap();
        assert_eq!(refused.message.unwrap().state(), MessageState::Refused);
        let outcome = receipt(&hospital, &letter.message_id).await;
        assert!(matches!(outcome, ReceiptOutcome::Negative { .. }), "{outcome:?}");
        assert!(!waits(&hub.system(GP).await).await);
    }

    async fn receivers_that_compete_get_different_letters(backend) {
        let hub = TestHub::start(backend).await;
        let hospital = hub.system(EHR).await;
        for number in 0..6 {
            let own = changed(&message(LETTER), "EPI20261020001", &format!("EPI2026103{number:04}"));
            send(&hospital, own, XML).await.expect("a letter of its own");
        }
        let receivers = [hub.system(GP).await, hub.system(GP).await, hub.system(GP).await];
        let mut taken = join_all(receivers.iter().map(empty)).await.concat();
        taken.sort();
        taken.dedup();
        assert_eq!(taken.len(), 6);
        let log = entries(&hub, of("AcknowledgeMessage")).await;
        assert_eq!(log.len(), 6, "each is delivered to one");
    }

    async fn the_municipality_gets_the_admission_and_the_correspondence(backend) {
        let hub = TestHub::start(backend).await;
        let (hospital, municipality) = (hub.system(EHR).await, hub.system(MUNICIPALITY).await);
        let admission = sent(&hospital, ADMISSION).await;
        let correspondence = sent(&hospital, CORRESPONDENCE).await;
        assert_eq!(admission.entry_uuid, "", "a notification is no document");
        for (expected, file) in [(&admission, ADMISSION), (&correspondence, CORRESPONDENCE)] {
            let delivery = take(&municipality).await.expect("a message waits");
            assert_eq!(delivery.message.message_id, expected.message_id);
            assert_eq!(delivery.content, message(file));
            delivery.ack().await.unwrap();
            let found = trail(&hospital, &expected.message_id).await.unwrap();
            assert_eq!(found.standard_receipt_mime_type, "application/fhir+json");
            let text = String::from_utf8(found.standard_receipt.to_vec()).unwrap();
            assert!(text.contains("\"ok\""), "{text}");
        }
        let view = search(&hub.citizen(LONNI).await, LONNI).await.unwrap();
        assert_eq!(view.total, 1, "the correspondence is shared");
    }

    async fn only_sender_and_receiver_see_a_message(backend) {
        let hub = TestHub::start(backend).await;
        let letter = sent(&hub.system(EHR).await, LETTER).await;
        for system in [EHR, GP] {
            assert!(trail(&hub.system(system).await, &letter.message_id).await.is_ok(), "{system}");
        }
        for system in [MUNICIPALITY, REGION_M] {
            let other = hub.system(system).await;
            let answer = trail(&other, &letter.message_id).await;
            assert!(is_not_found(&answer), "{system}: {answer:?}");
            let request = AcknowledgeMessageRequest {
                message_id: letter.message_id.clone(),
                lease_token: "0".repeat(32),
                ..AcknowledgeMessageRequest::default()
            };
            assert!(other.messages().acknowledge(request).await.is_err(), "{system}");
            let request = ReceiveMessagesRequest {
                receiver_gln: "5790009900405".to_owned(),
                drain: true,
                ..ReceiveMessagesRequest::default()
            };
            let taken = match other.messages().receive(request).await {
                Ok(mut inbox) => inbox.next().await.map(|delivery| delivery.is_some()),
                Err(error) => Err(error),
            };
            assert_eq!(refusal(&taken).0, Code::PermissionDenied, "{system}");
        }
        let list = ListMessagesRequest { sent: true, ..ListMessagesRequest::default() };
        let own = hub.system(EHR).await.messages().list(list).await.unwrap().messages;
        assert_eq!(own.len(), 1);
        let none = hub.system(MUNICIPALITY).await.messages().list(ListMessagesRequest::default()).await;
        assert!(none.unwrap().messages.is_empty());
    }

    async fn a_message_outlives_the_hub_that_accepted_it(backend) {
        let hub = TestHub::start(backend).await;
        let letter = sent(&hub.system(EHR).await, LETTER).await;
        let hub = hub.restart().await;
        let delivery = take(&hub.system(GP).await).await.expect("the letter still waits");
        assert_eq!(delivery.message.message_id, letter.message_id);
        delivery.ack().await.unwrap();
        let hub = hub.restart().await;
        assert!(!waits(&hub.system(GP).await).await);
        assert_eq!(receipt(&hub.system(EHR).await, &letter.message_id).await, ReceiptOutcome::Positive);
    }
}

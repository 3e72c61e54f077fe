//! A discharge letter (XDIS01) is sent, received under a lease, acknowledged, and found in the record: sent and shared are one.

use std::time::Duration;

use delt_client::{Delivery, Inbox};
use delt_proto::message::v1::{
    GetMessageRequest, Message, MessageState, ReceiveMessagesRequest, SendMessageRequest,
};

use super::cast::{CARDIOLOGIST, GP, HOSPITAL, PRACTICE};
use super::view::{entries, open, search, uuids};
use crate::demo::DemoError;
use crate::demo::fixtures;
use crate::demo::stage::Stage;
use crate::demo::step::Step;

/// The longest wait for a delivery, in seconds.
const PATIENCE: u64 = 15;
const MAX_LEASED: i32 = 100;
/// The positive receipt of the letter's standard.
const RECEIPT: &str = "XCTL03";

pub(in crate::demo) async fn tell(stage: &mut Stage, step: &mut Step) -> Result<(), DemoError> {
    let letter = fixtures::message("XDIS01")?;
    let content = new_letter(&letter, stage.since)?;
    let hospital = stage.system(HOSPITAL).await?;
    let practice = stage.system(PRACTICE).await?;
    let open_inbox = ReceiveMessagesRequest {
        receiver_gln: letter.receiver.gln.clone(),
        max_leased: MAX_LEASED,
        ..Default::default()
    };
    let mut inbox = practice.messages().receive(open_inbox).await?;

    let request = SendMessageRequest {
        context: None,
        content: content.clone().into(),
        mime_type: "text/xml".to_owned(),
    };
    let sent = hospital.messages().send(request.clone()).await?.message;
    let sent = sent.ok_or(DemoError::Missing("the hub answered without the message"))?;
    step.say(format!(
        "Kardiologisk Afdeling ({}) → Lægerne Testby ({}), {} bytes.",
        sent.sender_gln, sent.receiver_gln, sent.size
    ));
    step.check(
        "accepted: valid, and durable at the hub",
        sent.state() == MessageState::Accepted,
    );
    let again = hospital.messages().send(request).await?;
    step.check("sent again, it is the same message", again.already_accepted);

    let delivery = next(&mut inbox, &sent.message_id).await?;
    step.check(
        "the GP's open stream delivers it, byte for byte",
        delivery.content == content,
    );
    delivery.ack().await?;
    receipt(step, &hospital, &sent).await?;
    in_the_record(stage, step, &sent, &content).await?;
    step.fact("bytes", content.len());
    step.fact("entry_uuid", sent.entry_uuid);
    stage.memory.whole += 1;
    Ok(())
}

/// The sample letter under identifiers of its own, as the hospital's next letter has.
fn new_letter(letter: &fixtures::SampleMessage, now: i64) -> Result<Vec<u8>, DemoError> {
    let broken = || DemoError::Fixture(format!("{} is not in the program", letter.file));
    let bytes = letter.bytes().ok_or_else(broken)?;
    // 14 characters, as the sample's are: the seconds of now in thirty years fill eleven digits.
    let number = now / 1_000 % 100_000_000_000;
    let envelope = replace(bytes, &letter.envelope_id, &format!("OTH{number:011}"));
    Ok(replace(
        &envelope,
        &letter.message_id,
        &format!("EPI{number:011}"),
    ))
}

/// Identifiers are ASCII, so that the letter's encoding does not matter.
fn replace(bytes: &[u8], old: &str, new: &str) -> Vec<u8> {
    let (mut out, mut rest) = (Vec::with_capacity(bytes.len()), bytes);
    while let Some((first, tail)) = rest.split_first() {
        if let Some(after) = rest.strip_prefix(old.as_bytes()) {
            out.extend_from_slice(new.as_bytes());
            rest = after;
        } else {
            out.push(*first);
            rest = tail;
        }
    }
    out
}

/// Waits for this message. Others stay leased, and come again when the lease has run out.
async fn next(inbox: &mut Inbox, message_id: &str) -> Result<Delivery, DemoError> {
    let wait = async {
        while let Some(delivery) = inbox.next().await? {
            if delivery.message.message_id == message_id {
                return Ok(delivery);
            }
        }
        Err(DemoError::Missing(
            "the GP's stream ended without the letter",
        ))
    };
    let waited = tokio::time::timeout(Duration::from_secs(PATIENCE), wait).await;
    waited.unwrap_or(Err(DemoError::Late("the letter", PATIENCE)))
}

async fn receipt(
    step: &mut Step,
    hospital: &delt_client::Connection,
    sent: &Message,
) -> Result<(), DemoError> {
    let request = GetMessageRequest {
        context: None,
        message_id: sent.message_id.clone(),
    };
    let trail = hospital.messages().get(request).await?;
    let events: Vec<&str> = trail
        .events
        .iter()
        .map(|event| event.event.as_str())
        .collect();
    step.say(format!("Its way: {}.", events.join(" → ")));
    let state = trail.message.as_ref().map(Message::state);
    step.check(
        "the hospital sees it acknowledged",
        state == Some(MessageState::Acknowledged),
    );
    let receipt = String::from_utf8_lossy(&trail.standard_receipt).into_owned();
    step.check(
        format!("… with the receipt of the letter's standard, {RECEIPT}"),
        receipt.contains(RECEIPT),
    );
    step.fact(
        "receipt",
        if receipt.contains(RECEIPT) {
            RECEIPT
        } else {
            ""
        },
    );
    Ok(())
}

async fn in_the_record(
    stage: &Stage,
    step: &mut Step,
    sent: &Message,
    content: &[u8],
) -> Result<(), DemoError> {
    let patient = stage.patient();
    let doctor = stage.professional(CARDIOLOGIST, HOSPITAL, &[]).await?;
    let seen = entries(&search(&doctor, &patient, None).await?)?;
    step.check(
        "the same letter is an entry of the record",
        uuids(&seen).contains(sent.entry_uuid.as_str()),
    );
    let gp = stage.professional(GP, PRACTICE, &[]).await?;
    let opened = open(&gp, &patient, &sent.entry_uuid, None).await?;
    step.check(
        "opened from the record it is what was sent",
        opened.bytes == content,
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_telling_sends_a_letter_of_its_own() {
        let letter = fixtures::message("XDIS01").unwrap();
        let first = new_letter(&letter, 1_795_411_200_000_000).unwrap();
        let second = new_letter(&letter, 1_795_411_201_000_000).unwrap();
        assert_ne!(first, second);
        assert_eq!(first.len(), letter.bytes().unwrap().len());
        assert!(
            !first
                .windows(14)
                .any(|part| part == letter.message_id.as_bytes())
        );
    }
}

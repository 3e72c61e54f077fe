//! Answered once, in the standard of the message.

use delt_formats::{
    Limits,
    fhir::{self, ResponseCode},
    oioxml::{ReceiptOutcome, RefuseCode, parse_receipt},
};

use super::world::*;
use crate::{
    error::code,
    message::{StandardReceipt, State, operations::GetMessage},
};

async fn receipt(world: &World, message_id: uuid::Uuid) -> StandardReceipt {
    world
        .ask("ehr", GetMessage { message_id })
        .await
        .unwrap()
        .receipt
        .unwrap()
}

#[tokio::test]
async fn an_acknowledged_letter_has_its_xctl03_for_good() {
    let world = World::new().await;
    world.sent(letter(LETTER)).await;
    let delivery = world.take("gp").await.unwrap();
    let first = world.answer("gp", &delivery, None).await.unwrap();
    assert_eq!(
        (first.state, first.acknowledged_at),
        (State::Acknowledged, Some(NOW))
    );
    let kept = receipt(&world, first.message_id).await;
    let read = parse_receipt(&kept.content, &Limits::MESSAGE).unwrap();
    assert_eq!(read.outcome, ReceiptOutcome::Positive);
    assert_eq!(read.original.letter_identifier, "EPI20261020001");
    assert_eq!(read.original.envelope_identifier, "OTH20261020001");

    // Long after the lease, the same word gets the same answer, and another word none.
    world.pass(10 * LEASE);
    assert_eq!(world.answer("gp", &delivery, None).await.unwrap(), first);
    assert_eq!(receipt(&world, first.message_id).await, kept);
    let error = world
        .answer("gp", &delivery, Some(("syntaksfejl", "")))
        .await
        .unwrap_err();
    assert_eq!(error.code(), code::STATE_CONFLICT);
    assert!(world.take("gp").await.is_none());
}

#[tokio::test]
async fn a_refused_letter_has_its_xctl02_with_code_and_text() {
    let world = World::new().await;
    world.sent(letter(LETTER)).await;
    let delivery = world.take("gp").await.unwrap();
    for wrong in ["MSG_BAD_FORMAT", "", "nej"] {
        let error = world
            .answer("gp", &delivery, Some((wrong, "")))
            .await
            .unwrap_err();
        assert_eq!(error.field_violations()[0].field, "refuse_code");
    }
    let refusal = Some(("problem_med_modtagerID", "Patienten er flyttet"));
    let message = world.answer("gp", &delivery, refusal).await.unwrap();
    assert_eq!(message.state, State::Refused);
    let kept = receipt(&world, message.message_id).await;
    let read = parse_receipt(&kept.content, &Limits::MESSAGE).unwrap();
    let ReceiptOutcome::Negative { code, text } = read.outcome else {
        panic!("positive")
    };
    assert_eq!(code, RefuseCode::ReceiverId);
    assert_eq!(text.unwrap().as_str(), "Patienten er flyttet");
    assert!(world.answer("gp", &delivery, None).await.is_err());
}

#[tokio::test]
async fn a_fhir_message_has_its_acknowledgement() {
    let world = World::new().await;
    for (name, refusal, expected) in [
        (ADMISSION, None, ResponseCode::Ok),
        (CARE, Some(("MSG_BAD_FORMAT", "")), ResponseCode::FatalError),
    ] {
        world
            .sent(send(sample(name), "application/fhir+json").unwrap())
            .await;
        let delivery = world.take("kommune").await.unwrap();
        for (code, text) in [
            ("syntaksfejl", ""),
            ("MSG_DUPLICATE_ID", ""),
            ("MSG_BAD_FORMAT", "ord"),
        ] {
            assert!(
                world
                    .answer("kommune", &delivery, Some((code, text)))
                    .await
                    .is_err()
            );
        }
        let message = world.answer("kommune", &delivery, refusal).await.unwrap();
        let kept = receipt(&world, message.message_id).await;
        assert_eq!(kept.mime_type, "application/fhir+json");
        let read = fhir::parse_message(&kept.content, &Limits::MESSAGE).unwrap();
        let response = read.response.unwrap();
        assert_eq!(
            (response.code, response.identifier),
            (expected, message.sender_message_id)
        );
    }
}

#[tokio::test]
async fn another_token_ends_nothing() {
    let world = World::new().await;
    world.sent(letter(LETTER)).await;
    let delivery = world.take("gp").await.unwrap();
    let id = delivery.message.message_id;
    for token in [&[0; 16][..], &[], &[0; 400]] {
        let error = world
            .ask("gp", acknowledge(id, token, None))
            .await
            .unwrap_err();
        assert_eq!(error.code(), code::STATE_CONFLICT);
    }
    world.pass(LEASE);
    assert_eq!(
        world
            .answer("gp", &delivery, None)
            .await
            .unwrap_err()
            .code(),
        code::STATE_CONFLICT
    );
}

//! A source registers many pointers over one stream.

use delt_client::bulk::{Item, LineError, LineOutcome, Options};
use delt_client::proto::document::v1::{DocumentEntry, RelationCode};
use delt_client::{ClientError, Connection};
use delt_tests::calls::{holdings, is_not_found, pointer, record, treats};
use delt_tests::entries::{CARDIOLOGY, EINER, LONNI, REGION_H, by, cpr, note, related, uuids};
use delt_tests::hub::TestHub;
use delt_tests::on_both;
use futures_util::stream;
use tonic::Code;

/// Sends all items over one stream and gives the outcomes in the order in which they came.
async fn register_all(
    source: &Connection,
    entries: Vec<DocumentEntry>,
) -> Result<Vec<LineOutcome>, ClientError> {
    let items = (1..)
        .zip(entries)
        .map(|(line, entry)| -> Item { (line, Ok(entry)) });
    let items: Vec<Item> = items.collect();
    let mut outcomes = source
        .documents()
        .register_all(stream::iter(items), Options::default())
        .await?;
    let mut all = Vec::new();
    while let Some(outcome) = outcomes.next().await? {
        all.push(outcome);
    }
    Ok(all)
}

/// In short: the entry that was registered, or why not.
fn told(outcome: &LineOutcome) -> Result<&str, (Code, &str)> {
    match &outcome.result {
        Ok(registered) => Ok(&registered.entry_uuid),
        Err(LineError::Refused { code, reason, .. }) => Err((*code, reason)),
        Err(other) => panic!("{other}"),
    }
}

on_both! {
    async fn each_item_has_its_outcome_in_the_order_of_the_items(backend) {
        let hub = TestHub::start(backend).await;
        let source = hub.system(REGION_H).await;
        let good = note(REGION_H, LONNI);
        let other = DocumentEntry { title: "Et andet".to_owned(), ..good.clone() };
        let nameless = DocumentEntry { patient: None, ..note(REGION_H, LONNI) };
        let foreign = by(note(REGION_H, LONNI), "990211000016003");
        let unsized_ = DocumentEntry { size: None, ..note(REGION_H, LONNI) };
        let last = note(REGION_H, EINER);
        let sent = [&good, &nameless, &good, &other, &foreign, &unsized_, &last];
        let outcomes = register_all(&source, sent.into_iter().cloned().collect()).await.unwrap();
        let lines: Vec<_> = outcomes.iter().map(|outcome| outcome.line).collect();
        assert_eq!(lines, [1, 2, 3, 4, 5, 6, 7]);
        let told: Vec<_> = outcomes.iter().map(told).collect();
        assert_eq!(told, [
            Ok(good.entry_uuid.as_str()),
            Err((Code::InvalidArgument, "INVALID_ARGUMENT")),
            Ok(good.entry_uuid.as_str()),
            Err((Code::AlreadyExists, "IDENTITY_CONFLICT")),
            Err((Code::PermissionDenied, "FOREIGN_ORGANISATION")),
            Err((Code::InvalidArgument, "INVALID_ARGUMENT")),
            Ok(last.entry_uuid.as_str()),
        ]);
        let repeated: Vec<_> = outcomes.iter().filter_map(|o| o.result.as_ref().ok()).map(|r| r.already_registered).collect();
        assert_eq!(repeated, [false, true, false]);
        let LineError::Refused { violations, .. } = outcomes[3].result.as_ref().unwrap_err() else { panic!() };
        assert_eq!(violations[0].field, "entry.title");
        assert_eq!(holdings(&source, false).await.documents.len(), 2);
    }

    async fn an_item_may_build_on_the_one_before_it(backend) {
        let hub = TestHub::start(backend).await;
        let source = hub.system(REGION_H).await;
        let first = note(REGION_H, LONNI);
        let mut chain = vec![first.clone()];
        for _ in 0..20 {
            let before = chain.last().unwrap().entry_uuid.clone();
            chain.push(related(note(REGION_H, LONNI), RelationCode::Replaces, &before));
        }
        let newest = chain.last().unwrap().entry_uuid.clone();
        let outcomes = register_all(&source, chain).await.unwrap();
        assert!(outcomes.iter().all(|outcome| told(outcome).is_ok()));
        treats(&hub, REGION_H, CARDIOLOGY, cpr(LONNI)).await;
        let view = record(&hub.professional("kard", "ehr-hovedstaden").await, cpr(LONNI)).await;
        assert_eq!(uuids(&view.documents), [newest]);
    }

    async fn five_hundred_items_go_over_one_stream(backend) {
        let hub = TestHub::start(backend).await;
        let source = hub.system(REGION_H).await;
        let entries: Vec<_> = (0..500).map(|at| note(REGION_H, if at % 2 == 0 { LONNI } else { EINER })).collect();
        let expected: Vec<_> = entries.iter().map(|entry| entry.entry_uuid.clone()).collect();
        let outcomes = register_all(&source, entries.clone()).await.unwrap();
        let registered: Vec<_> = outcomes.iter().map(|outcome| told(outcome).unwrap().to_owned()).collect();
        assert_eq!(registered, expected);
        treats(&hub, REGION_H, CARDIOLOGY, cpr(LONNI)).await;
        let view = record(&hub.professional("kard", "ehr-hovedstaden").await, cpr(LONNI)).await;
        assert_eq!((view.total, view.documents.len()), (250, 250));
        let again = register_all(&source, entries).await.unwrap();
        assert!(again.iter().all(|outcome| outcome.result.as_ref().is_ok_and(|registered| registered.already_registered)));
    }

    async fn a_stream_of_a_system_that_is_no_source_registers_nothing(backend) {
        let hub = TestHub::start(backend).await;
        let stranger = hub.system("gp-gudenaadal").await;
        let entry = note(REGION_H, LONNI);
        let outcomes = register_all(&stranger, vec![entry.clone(); 3]).await.unwrap();
        assert!(outcomes.iter().all(|outcome| told(outcome).is_err_and(|(code, _)| code == Code::PermissionDenied)));
        assert!(is_not_found(&pointer(&hub.system(REGION_H).await, &entry.entry_uuid).await));
    }

    async fn a_stream_that_is_cut_keeps_what_it_acknowledged(backend) {
        let hub = TestHub::start(backend).await;
        let source = hub.system(REGION_H).await;
        let entries: Vec<_> = (0..200).map(|_| note(REGION_H, LONNI)).collect();
        let items: Vec<Item> = (1..).zip(entries.iter().cloned()).map(|(line, entry)| (line, Ok(entry))).collect();
        let mut outcomes = source.documents().register_all(stream::iter(items), Options::default()).await.unwrap();
        for entry in &entries[..40] {
            let outcome = outcomes.next().await.unwrap().unwrap();
            assert_eq!(told(&outcome), Ok(entry.entry_uuid.as_str()));
        }
        drop(outcomes);
        for entry in &entries[..40] {
            pointer(&source, &entry.entry_uuid).await.unwrap();
        }
        // Sent again, all of it is there once.
        let again = register_all(&source, entries).await.unwrap();
        assert!(again.iter().all(|outcome| told(outcome).is_ok()));
        let mut page = holdings(&source, false).await;
        assert_eq!(page.documents.len(), 100);
        assert!(!std::mem::take(&mut page.next_page_token).is_empty());
    }
}

//! Access that is taken back ends with the very next call, at every hub of the store, for whoever it concerns and for nobody else.

use std::time::Duration;

use delt_client::Connection;
use delt_client::bulk::{Item, Options};
use delt_client::proto::access::v1::RevokeAccessRequest;
use delt_client::proto::access::v1::access_subject::Subject;
use delt_client::proto::audit::v1::{GetCheckpointRequest, SearchEntriesRequest};
use delt_client::proto::delegation::v1::{DelegateToHelperRequest, Right};
use delt_client::proto::document::v1::ListSourceDocumentsRequest;
use delt_client::proto::message::v1::ReceiveMessagesRequest;
use delt_server::profile::Holder;
use delt_tests::calls::{holdings, operator, refusal, treats};
use delt_tests::entries::{EINER, GP, LONNI, REGION_H, REGION_M, cpr, note};
use delt_tests::hub::{now, sample, test_person, token_at};
use delt_tests::on_both;
use delt_tests::revocations::{Pair, REVOKED, account_of, because, revoke, this};
use delt_tests::samples::{EHR, GP_TESTBY, LETTER, lonni_at_the_hospital, search, sent};
use futures_util::stream;
use prost_types::Timestamp;
use tokio_stream::wrappers::UnboundedReceiverStream;

const PORTAL: &str = "sundhedsportal";

fn cardiologist() -> Holder {
    Holder::Professional(sample("kard"))
}

async fn sees(caller: &Connection) {
    assert!(search(caller, LONNI).await.expect("still let in").total > 0);
}

async fn is_stopped(caller: &Connection) {
    assert_eq!(refusal(&search(caller, LONNI).await), REVOKED);
}

on_both! {
    async fn a_revoked_token_stops_at_the_next_call_and_the_persons_others_go_on(backend) {
        let pair = Pair::start(backend).await;
        lonni_at_the_hospital(&pair.hub).await;
        let stolen = pair.hub.token(&cardiologist(), EHR, &[]);
        let thief = pair.elsewhere(EHR, Some(stolen.clone())).await;
        let other = pair.hub.token(&cardiologist(), EHR, &[]);
        let other = pair.elsewhere(EHR, Some(other)).await;
        // The hub that is asked remembers both tokens as good.
        sees(&thief).await;
        sees(&other).await;
        let revocation = pair.revoke(this(&stolen)).await;
        is_stopped(&thief).await;
        sees(&other).await;
        pair.lift(revocation.revocation_id).await;
        sees(&thief).await;
        pair.stop().await;
    }

    async fn a_revoked_persons_access_ends_whatever_the_token(backend) {
        let pair = Pair::start(backend).await;
        lonni_at_the_hospital(&pair.hub).await;
        let mut lonni = Vec::new();
        for _ in 0..2 {
            let token = pair.hub.token(&Holder::Citizen(test_person(LONNI)), PORTAL, &[]);
            lonni.push(pair.elsewhere(PORTAL, Some(token)).await);
        }
        sees(&lonni[0]).await;
        let revocation = pair.revoke(Subject::Person(cpr(LONNI))).await;
        assert!(revocation.subject.is_none(), "the number is not kept");
        for session in &lonni {
            is_stopped(session).await;
        }
        let einer = pair.hub.citizen(EINER).await;
        search(&einer, EINER).await.expect("nobody else is concerned");
        sees(&pair.hub.professional("kard", EHR).await).await;
        pair.lift(revocation.revocation_id).await;
        sees(&lonni[1]).await;
        pair.stop().await;
    }

    async fn a_revoked_professional_takes_the_helpers_along(backend) {
        let pair = Pair::start(backend).await;
        lonni_at_the_hospital(&pair.hub).await;
        treats(&pair.hub, GP, GP_TESTBY, cpr(LONNI)).await;
        let physician = pair.hub.token(&Holder::Professional(sample("gp")), GP, &[]);
        let physician = pair.elsewhere(GP, Some(physician)).await;
        let delegate = DelegateToHelperRequest {
            helper: sample("sekr").cpr.map(|number| cpr(&number.0)),
            rights: vec![Right::ReadRecord.into()],
            ..DelegateToHelperRequest::default()
        };
        physician.delegations().delegate(delegate).await.unwrap();
        let helper = Holder::Helper { acting: sample("sekr"), responsible: sample("gp") };
        let helper = pair.elsewhere(GP, Some(pair.hub.token(&helper, GP, &[]))).await;
        sees(&physician).await;
        sees(&helper).await;
        let id = sample("gp").authorisation_id.unwrap();
        // However it is written.
        pair.revoke(Subject::AuthorisationId(id.to_lowercase())).await;
        is_stopped(&physician).await;
        is_stopped(&helper).await;
        sees(&pair.hub.professional("kard", EHR).await).await;
        pair.stop().await;
    }

    async fn a_revoked_account_stops_who_has_neither_number_nor_authorisation(backend) {
        let pair = Pair::start(backend).await;
        let token = pair.hub.token(&Holder::Professional(sample("auditor")), "tilsyn", &[]);
        let auditor = pair.elsewhere("tilsyn", Some(token.clone())).await;
        let log = auditor.audit();
        let search = || log.search(SearchEntriesRequest::default());
        search().await.unwrap();
        pair.revoke(account_of(&token)).await;
        assert_eq!(refusal(&search().await), REVOKED);
        pair.stop().await;
    }

    async fn a_revoked_system_is_stopped_with_everybody_in_it(backend) {
        let pair = Pair::start(backend).await;
        lonni_at_the_hospital(&pair.hub).await;
        let source = pair.elsewhere(EHR, None).await;
        let token = pair.hub.token(&cardiologist(), EHR, &[]);
        let doctor = pair.elsewhere(EHR, Some(token)).await;
        holdings(&source, false).await;
        sees(&doctor).await;
        let revocation = pair.revoke(Subject::SystemId(EHR.to_owned())).await;
        let list = source.documents().list(ListSourceDocumentsRequest::default()).await;
        assert_eq!(refusal(&list), REVOKED);
        is_stopped(&doctor).await;
        // The log's proofs need no identity.
        source.audit().checkpoint(GetCheckpointRequest {}).await.unwrap();
        holdings(&pair.hub.system(REGION_M).await, false).await;
        pair.lift(revocation.revocation_id).await;
        sees(&doctor).await;
        pair.stop().await;
    }

    async fn whoever_logs_in_anew_gets_in_where_older_sessions_were_revoked(backend) {
        let pair = Pair::start(backend).await;
        lonni_at_the_hospital(&pair.hub).await;
        let citizen = Holder::Citizen(test_person(LONNI));
        let issued = |minutes: i64| {
            let at = now() - time::Duration::minutes(minutes);
            token_at(&pair.hub.profile, &citizen, PORTAL, &[], at)
        };
        let before = pair.elsewhere(PORTAL, Some(issued(10))).await;
        let after = pair.elsewhere(PORTAL, Some(issued(2))).await;
        sees(&before).await;
        let seconds = (now() - time::Duration::minutes(5)).unix_timestamp();
        let request = RevokeAccessRequest {
            issued_before: Some(Timestamp { seconds, nanos: 0 }),
            ..because(Subject::Person(cpr(LONNI)))
        };
        let operator = operator(&pair.hub).await;
        let revocation = revoke(&operator, request).await.unwrap();
        assert!(revocation.valid_until.is_some(), "such tokens end by themselves");
        is_stopped(&before).await;
        sees(&after).await;
        pair.stop().await;
    }

    async fn an_open_stream_of_registrations_is_cut(backend) {
        let pair = Pair::start(backend).await;
        let source = pair.elsewhere(REGION_H, None).await;
        let (items, receiver) = tokio::sync::mpsc::unbounded_channel::<Item>();
        let receiver = UnboundedReceiverStream::new(receiver);
        let entry = |line: u64| (line, Ok(note(REGION_H, LONNI)));
        items.send(entry(1)).unwrap();
        let mut outcomes = source.documents().register_all(receiver, Options::default()).await.unwrap();
        let first = outcomes.next().await.unwrap().unwrap();
        assert!(first.result.is_ok());
        let revocation = pair.revoke(Subject::SystemId(REGION_H.to_owned())).await;
        for line in 2..10 {
            items.send(entry(line)).unwrap();
        }
        let cut = outcomes.next().await;
        assert_eq!(refusal(&cut), REVOKED);
        drop(items);
        pair.lift(revocation.revocation_id).await;
        let source = pair.elsewhere(REGION_H, None).await;
        assert_eq!(holdings(&source, false).await.documents.len(), 1, "nothing came after");
        pair.stop().await;
    }

    async fn who_waits_at_a_mailbox_gets_no_message_any_more(backend) {
        let pair = Pair::start(backend).await;
        let receiver = pair.elsewhere(GP, None).await;
        let mut waiting = receiver.messages().receive(ReceiveMessagesRequest::default()).await.unwrap();
        pair.revoke(Subject::SystemId(GP.to_owned())).await;
        sent(&pair.hub.system(EHR).await, LETTER).await;
        let next = tokio::time::timeout(Duration::from_mins(1), waiting.next()).await;
        assert_eq!(refusal(&next.expect("it is told when the message is there")), REVOKED);
        pair.stop().await;
    }

    async fn a_stream_that_begins_after_is_refused_as_a_whole(backend) {
        let pair = Pair::start(backend).await;
        pair.revoke(Subject::SystemId(REGION_H.to_owned())).await;
        let source = pair.elsewhere(REGION_H, None).await;
        let items = (1..=200).map(|line| -> Item { (line, Ok(note(REGION_H, LONNI))) });
        let items: Vec<Item> = items.collect();
        let answer = match source.documents().register_all(stream::iter(items), Options::default()).await {
            Ok(mut outcomes) => outcomes.next().await,
            Err(error) => Err(error),
        };
        assert_eq!(refusal(&answer), REVOKED);
        pair.stop().await;
    }
}

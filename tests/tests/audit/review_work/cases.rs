//! The work on a case.

use delt_client::proto::review::v1::{
    ReviewCaseState, ReviewDecision, ReviewEvent, ReviewEventKind,
};
use delt_hub::review::CaseKind;
use delt_ledger::Outcome;
use delt_server::config::Config;
use delt_server::profile::SourceAddresses;
use delt_tests::calls::{fields, is_not_found, refusal};
use delt_tests::entries::{EINER, LONNI};
use delt_tests::glass::{auditor_at, case};
use delt_tests::hub::{TestHub, sample};
use delt_tests::on_both;
use delt_tests::samples::{REGION_MIDTJYLLAND, entries, of};
use tonic::Code;

use super::people::{
    REASON, assign, auditor_as, break_glass, colleague, comment, decide, glass_case, numbered,
    of_glass, take,
};

const STALE: (Code, &str) = (Code::Aborted, "VERSION_STALE");
const CONFLICT: (Code, &str) = (Code::FailedPrecondition, "STATE_CONFLICT");
const SECOND: (Code, &str) = (Code::PermissionDenied, "SECOND_PERSON_REQUIRED");

fn four_eyes(config: &mut Config) {
    config.review.four_eyes = vec![CaseKind::BreakGlass];
}

on_both! {
    async fn a_case_is_taken_given_back_commented_and_decided(backend) {
        let hub = TestHub::start(backend).await;
        break_glass(&hub, sample("reserve")).await;
        let auditor = hub.auditor().await;
        let seen = glass_case(&hub).await;
        assert_eq!((seen.state(), seen.revision), (ReviewCaseState::Open, 0));
        let taken = take(&auditor, &seen).await.unwrap();
        assert_eq!(taken.state(), ReviewCaseState::Assigned);
        let me = taken.assignee.clone();
        assert!(!me.is_empty());
        let free = assign(&auditor, &taken, "", true).await.unwrap();
        assert_eq!((free.state(), free.assignee.as_str()), (ReviewCaseState::Open, ""));
        let given = assign(&auditor, &free, "kollega-9", false).await.unwrap();
        assert_eq!(given.assignee, "kollega-9");
        let theirs = decide(&auditor, &given, ReviewDecision::Justified).await;
        assert_eq!(refusal(&theirs), CONFLICT, "what somebody works on is theirs to decide");
        let mine = take(&auditor, &given).await.unwrap();
        let noted = comment(&auditor, &mine, "Spurgt i afdelingen").await.unwrap();
        let decided = decide(&auditor, &noted, ReviewDecision::Justified).await.unwrap();
        assert_eq!(decided.state(), ReviewCaseState::Closed);
        assert_eq!(decided.decision(), ReviewDecision::Justified);
        assert!(decided.decided_time.is_some());
        for again in [take(&auditor, &decided).await, decide(&auditor, &decided, ReviewDecision::Unjustified).await] {
            assert_eq!(refusal(&again), CONFLICT);
        }
        let last = comment(&auditor, &decided, "Orienteret").await.unwrap();
        let got = case(&auditor, seen.number).await.unwrap();
        assert_eq!(got, last);
        assert_eq!(got.reason, REASON);
        let steps: Vec<_> = got.events.iter().map(|e| (e.revision, e.kind(), e.text.as_str())).collect();
        assert_eq!(steps, [
            (1, ReviewEventKind::Assigned, ""),
            (2, ReviewEventKind::Released, ""),
            (3, ReviewEventKind::Assigned, ""),
            (4, ReviewEventKind::Assigned, ""),
            (5, ReviewEventKind::Commented, "Spurgt i afdelingen"),
            (6, ReviewEventKind::Decided, "Set i vagtplanen"),
            (7, ReviewEventKind::Commented, "Orienteret"),
        ]);
        assert!(got.events.iter().all(|e| e.person_id == me && e.person_name.contains("Hvidtfeldt")));
        assert_eq!(got.events[2].assignee, "kollega-9");
    }

    async fn nobody_acts_on_what_they_have_not_seen_or_without_a_word(backend) {
        let hub = TestHub::start(backend).await;
        break_glass(&hub, sample("reserve")).await;
        let (first, second) = (hub.auditor().await, auditor_as(&hub, colleague()).await);
        let seen = glass_case(&hub).await;
        take(&first, &seen).await.unwrap();
        for late in [
            take(&second, &seen).await,
            comment(&second, &seen, "Jeg ser på den").await,
            decide(&second, &seen, ReviewDecision::Justified).await,
        ] {
            assert_eq!(refusal(&late), STALE);
        }
        let now = glass_case(&hub).await;
        for (text, ok) in [("", false), ("  \n", false), (&"æ".repeat(2_001), false), (&"æ".repeat(2_000), true)] {
            let said = comment(&first, &now, text).await;
            assert_eq!(said.is_ok(), ok);
            if !ok {
                assert_eq!(fields(&said), ["text"]);
            }
        }
        let undecided = decide(&first, &now, ReviewDecision::Unspecified).await;
        assert_eq!(fields(&undecided), ["decision"]);
        let themselves = assign(&first, &glass_case(&hub).await, &now.person_id, false).await;
        assert_eq!(fields(&themselves), ["assignee"], "nobody is given the case about themselves");
    }

    async fn two_pairs_of_eyes_are_those_of_two_persons(backend) {
        let hub = TestHub::start_with(backend, &SourceAddresses::default(), four_eyes).await;
        break_glass(&hub, sample("reserve")).await;
        let first = auditor_as(&hub, numbered(sample("auditor"), EINER)).await;
        let alias = auditor_as(&hub, numbered(colleague(), EINER)).await;
        let second = hub.supervisor().await;
        let seen = glass_case(&hub).await;
        let proposed = decide(&first, &seen, ReviewDecision::Justified).await.unwrap();
        assert_eq!(proposed.state(), ReviewCaseState::Proposed);
        assert_eq!(proposed.decision(), ReviewDecision::Justified);
        assert!(proposed.decided_time.is_none());
        for same in [&first, &alias] {
            let again = decide(same, &proposed, ReviewDecision::Justified).await;
            assert_eq!(refusal(&again), SECOND);
        }
        let countered = decide(&second, &proposed, ReviewDecision::Unjustified).await.unwrap();
        assert_eq!(countered.state(), ReviewCaseState::Proposed);
        let own = decide(&second, &countered, ReviewDecision::Unjustified).await;
        assert_eq!(refusal(&own), SECOND);
        let closed = decide(&first, &countered, ReviewDecision::Unjustified).await.unwrap();
        assert_eq!(closed.state(), ReviewCaseState::Closed);
        assert_eq!(closed.decision(), ReviewDecision::Unjustified);
        let kinds: Vec<_> = closed.events.iter().map(ReviewEvent::kind).collect();
        assert_eq!(kinds, [ReviewEventKind::Proposed, ReviewEventKind::Proposed, ReviewEventKind::Decided]);
        let denied = entries(&hub, of("DecideReviewCase")).await;
        let denied: Vec<_> = denied.iter().filter(|entry| entry.outcome == Outcome::Denied).collect();
        assert_eq!(denied.len(), 3);
        assert!(denied.iter().all(|entry| entry.error_code.as_deref() == Some("SECOND_PERSON_REQUIRED")));
    }

    async fn another_organisations_case_cannot_be_told_from_none(backend) {
        let hub = TestHub::start(backend).await;
        break_glass(&hub, sample("reserve")).await;
        let seen = glass_case(&hub).await;
        let foreign = auditor_at(&hub, REGION_MIDTJYLLAND).await;
        assert!(of_glass(&foreign).await.is_empty());
        for answer in [
            case(&foreign, seen.number).await,
            case(&foreign, 9_999).await,
            take(&foreign, &seen).await,
            comment(&foreign, &seen, "Hvem er det?").await,
            decide(&foreign, &seen, ReviewDecision::Justified).await,
        ] {
            assert!(is_not_found(&answer));
        }
        assert_eq!(glass_case(&hub).await.revision, 0);
        for operation in ["GetReviewCase", "AssignReviewCase", "CommentReviewCase", "DecideReviewCase"] {
            let logged = entries(&hub, of(operation)).await;
            assert!(logged.iter().any(|entry| entry.outcome == Outcome::Denied), "{operation}");
        }
    }

    async fn nobody_reviews_their_own_access_or_record(backend) {
        let hub = TestHub::start(backend).await;
        break_glass(&hub, numbered(sample("reserve"), EINER)).await;
        let seen = glass_case(&hub).await;
        for person in [EINER, LONNI] {
            let concerned = auditor_as(&hub, numbered(colleague(), person)).await;
            assert!(of_glass(&concerned).await.is_empty());
            assert!(is_not_found(&case(&concerned, seen.number).await));
            assert!(is_not_found(&take(&concerned, &seen).await));
            assert!(is_not_found(&decide(&concerned, &seen, ReviewDecision::Justified).await));
        }
        // Another number makes no difference.
        let unconcerned = auditor_as(&hub, numbered(colleague(), "0505159995")).await;
        take(&unconcerned, &seen).await.unwrap();
    }

    async fn everything_that_an_auditor_does_is_in_the_log(backend) {
        let hub = TestHub::start(backend).await;
        break_glass(&hub, sample("reserve")).await;
        let auditor = hub.auditor().await;
        let seen = glass_case(&hub).await;
        let taken = take(&auditor, &seen).await.unwrap();
        let noted = comment(&auditor, &taken, "Lonni er spurgt").await.unwrap();
        decide(&auditor, &noted, ReviewDecision::Inconclusive).await.unwrap();
        for (operation, filter) in [
            ("AssignReviewCase", Some(("assignee", "the caller"))),
            ("CommentReviewCase", None),
            ("DecideReviewCase", Some(("decision", "inconclusive"))),
        ] {
            let logged = entries(&hub, of(operation)).await;
            assert_eq!(logged.len(), 1, "{operation}");
            let entry = &logged[0];
            assert_eq!(entry.outcome, Outcome::Permitted);
            assert_eq!(entry.target.as_deref(), Some(seen.number.to_string().as_str()));
            assert_eq!(entry.patient.as_deref(), Some(seen.patient_key.as_str()));
            if let Some((name, value)) = filter {
                assert_eq!(entry.filters.get(name).map(String::as_str), Some(value));
            }
            let shown = serde_json::to_string(entry).unwrap();
            assert!(!shown.contains("er spurgt"), "what auditors write is not in the log");
        }
        assert!(!entries(&hub, of("ListReviewCases")).await.is_empty());
    }

    async fn of_two_auditors_at_once_one_takes_the_step(backend) {
        let hub = TestHub::start(backend).await;
        break_glass(&hub, sample("reserve")).await;
        let twin = hub.twin().await;
        let token = |person| hub.token(&delt_server::profile::Holder::Professional(person), "tilsyn", &[]);
        let here = hub.connect(hub.running.api, "tilsyn", Some(token(sample("auditor")))).await;
        let there = hub.connect(twin.api, "tilsyn", Some(token(colleague()))).await;
        let mut seen = glass_case(&hub).await;
        for _ in 0..8 {
            let (one, other) = tokio::join!(take(&here, &seen), take(&there, &seen));
            let (won, lost) = if one.is_ok() { (one, other) } else { (other, one) };
            assert_eq!(refusal(&lost), STALE);
            seen = won.unwrap();
        }
        assert_eq!(seen.revision, 8);
        let revisions: Vec<_> = seen.events.iter().map(|event| event.revision).collect();
        assert_eq!(revisions, (1..=8).collect::<Vec<_>>());
        twin.stop().await;
    }
}

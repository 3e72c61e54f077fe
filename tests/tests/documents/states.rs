//! What becomes of a pointer: replaced, appended to, deprecated, withdrawn.

use delt_client::RecordView;
use delt_client::proto::document::v1::{AvailabilityStatus, DocumentEntry, RelationCode};
use delt_client::proto::record::v1::RecordFilter;
use delt_tests::calls::{
    fetch, fields, filtered, found, is_not_found, pointer, record, refusal, register, set_status,
    treats, try_register,
};
use delt_tests::entries::{
    CARDIOLOGY, EINER, LONNI, REGION_H, REGION_M, cpr, nobodys, note, read, related, uuids,
};
use delt_tests::hub::{Backend, TestHub};
use delt_tests::on_both;
use tonic::Code;

/// A hub whose cardiologist treats Lonni.
async fn treated(backend: Backend) -> TestHub {
    let hub = TestHub::start(backend).await;
    treats(&hub, REGION_H, CARDIOLOGY, cpr(LONNI)).await;
    hub
}

/// What the cardiologist sees of Lonni's record, of these states; current entries where none is named.
async fn seen(hub: &TestHub, statuses: &[AvailabilityStatus]) -> RecordView {
    let statuses = statuses.iter().map(|status| i32::from(*status)).collect();
    let filter = RecordFilter {
        statuses,
        ..RecordFilter::default()
    };
    let reader = hub.professional("kard", "ehr-hovedstaden").await;
    found(&reader, filtered(cpr(LONNI), filter)).await
}

const ALL: [AvailabilityStatus; 4] = [
    AvailabilityStatus::Approved,
    AvailabilityStatus::Superseded,
    AvailabilityStatus::Deprecated,
    AvailabilityStatus::Withdrawn,
];

on_both! {
    async fn a_replacement_supersedes_the_old_with_its_addenda_and_transforms(backend) {
        let hub = treated(backend).await;
        let source = hub.system(REGION_H).await;
        let old = note(REGION_H, LONNI);
        let addendum = related(note(REGION_H, LONNI), RelationCode::Appends, &old.entry_uuid);
        let transform = related(note(REGION_H, LONNI), RelationCode::Transforms, &old.entry_uuid);
        let signature = related(note(REGION_H, LONNI), RelationCode::Signs, &old.entry_uuid);
        let bystander = note(REGION_H, LONNI);
        for entry in [&old, &addendum, &transform, &signature, &bystander] {
            assert!(register(&source, entry).await.superseded_entry_uuids.is_empty());
        }
        let new = related(note(REGION_H, LONNI), RelationCode::Replaces, &old.entry_uuid);
        let mut superseded = register(&source, &new).await.superseded_entry_uuids;
        let mut expected = vec![old.entry_uuid.clone(), addendum.entry_uuid, transform.entry_uuid];
        superseded.sort();
        expected.sort();
        assert_eq!(superseded, expected);
        let mut current = uuids(&seen(&hub, &[]).await.documents);
        let mut left = [signature.entry_uuid, bystander.entry_uuid, new.entry_uuid.clone()];
        current.sort();
        left.sort();
        assert_eq!(current, left);
        let history = seen(&hub, &[AvailabilityStatus::Superseded]).await;
        assert_eq!(history.documents.len(), 3);
        let replaced = history.documents.iter().find(|d| read(d).entry_uuid == old.entry_uuid).unwrap();
        assert_eq!((replaced.status(), replaced.replaced_by_entry_uuid.as_str()), (AvailabilityStatus::Superseded, new.entry_uuid.as_str()));
        assert!(replaced.status_time.is_some());
        let mut again = register(&source, &new).await;
        again.superseded_entry_uuids.sort();
        assert!(again.already_registered && again.superseded_entry_uuids == expected, "a retry answers the same");
    }

    async fn what_is_replaced_cannot_be_replaced_again(backend) {
        let hub = treated(backend).await;
        let source = hub.system(REGION_H).await;
        let old = note(REGION_H, LONNI);
        register(&source, &old).await;
        register(&source, &related(note(REGION_H, LONNI), RelationCode::Replaces, &old.entry_uuid)).await;
        let second = related(note(REGION_H, LONNI), RelationCode::Replaces, &old.entry_uuid);
        let refused = try_register(&source, &second).await;
        assert_eq!(refusal(&refused), (Code::FailedPrecondition, "STATE_CONFLICT"));
        assert_eq!(fields(&refused), ["entry.relations[0].target_entry_uuid"]);
        assert!(is_not_found(&pointer(&source, &second.entry_uuid).await), "nothing of it is kept");
    }

    async fn of_two_that_replace_the_same_at_once_one_does(backend) {
        let hub = treated(backend).await;
        let source = hub.system(REGION_H).await;
        let old = note(REGION_H, LONNI);
        register(&source, &old).await;
        let rivals: Vec<_> = (0..6).map(|_| related(note(REGION_H, LONNI), RelationCode::Replaces, &old.entry_uuid)).collect();
        let attempts = rivals.iter().map(|rival| try_register(&source, rival));
        let outcomes = futures_util::future::join_all(attempts).await;
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
        for lost in outcomes.iter().filter(|outcome| outcome.is_err()) {
            assert_eq!(refusal(lost), (Code::FailedPrecondition, "STATE_CONFLICT"));
        }
        assert_eq!(seen(&hub, &[]).await.total, 1);
    }

    async fn a_relation_needs_its_target_and_anothers_patient_is_the_same_as_none(backend) {
        let hub = treated(backend).await;
        let source = hub.system(REGION_H).await;
        let einers = note(REGION_H, EINER);
        register(&source, &einers).await;
        let foreign = note(REGION_M, LONNI);
        register(&hub.system(REGION_M).await, &foreign).await;
        for code in [RelationCode::Replaces, RelationCode::Appends, RelationCode::Transforms, RelationCode::Signs] {
            let mut told = Vec::new();
            for target in [&nobodys(), &einers.entry_uuid, &foreign.entry_uuid] {
                let refused = try_register(&source, &related(note(REGION_H, LONNI), code, target)).await;
                assert_eq!(refusal(&refused), (Code::InvalidArgument, "INVALID_ARGUMENT"));
                told.push(format!("{:?}", refused.unwrap_err()));
            }
            assert!(told.iter().all(|text| *text == told[0]), "{told:?}");
        }
        let entry = note(REGION_H, LONNI);
        let itself = related(entry.clone(), RelationCode::Appends, &entry.entry_uuid);
        assert_eq!(fields(&try_register(&source, &itself).await), ["entry.relations[0].target_entry_uuid"]);
        assert_eq!(uuids(&seen(&hub, &ALL).await.documents), [foreign.entry_uuid]);
    }

    async fn a_deprecated_entry_is_shown_only_when_asked_for(backend) {
        let hub = treated(backend).await;
        let source = hub.system(REGION_H).await;
        let (kept, cancelled) = (note(REGION_H, LONNI), note(REGION_H, LONNI));
        register(&source, &kept).await;
        register(&source, &cancelled).await;
        for _ in 0..2 {
            let changed = set_status(&source, &cancelled.entry_uuid, AvailabilityStatus::Deprecated).await;
            assert_eq!(changed.unwrap(), AvailabilityStatus::Deprecated);
        }
        let current = seen(&hub, &[]).await;
        assert_eq!((uuids(&current.documents), current.total), (vec![kept.entry_uuid], 1));
        let old = seen(&hub, &[AvailabilityStatus::Deprecated]).await;
        assert_eq!(uuids(&old.documents), [cancelled.entry_uuid]);
        assert!(old.documents[0].status_time.is_some());
        assert_eq!(seen(&hub, &ALL).await.total, 2);
    }

    async fn a_withdrawn_entry_is_shown_to_its_source_and_nobody_else(backend) {
        let hub = treated(backend).await;
        let source = hub.system(REGION_H).await;
        let entry = note(REGION_H, LONNI);
        register(&source, &entry).await;
        set_status(&source, &entry.entry_uuid, AvailabilityStatus::Withdrawn).await.unwrap();
        for asked in [&[][..], &[AvailabilityStatus::Withdrawn], &ALL] {
            let view = seen(&hub, asked).await;
            assert_eq!((view.total, view.documents.len(), view.withheld.len()), (0, 0, 0));
        }
        assert_eq!(record(&hub.citizen(LONNI).await, cpr(LONNI)).await.total, 0);
        let reader = hub.professional("kard", "ehr-hovedstaden").await;
        assert!(is_not_found(&fetch(&reader, cpr(LONNI), &entry.entry_uuid).await));
        let own = pointer(&source, &entry.entry_uuid).await.unwrap().document.unwrap();
        assert_eq!(own.status(), AvailabilityStatus::Withdrawn);
    }

    async fn there_is_no_way_back_from_withdrawn(backend) {
        let hub = treated(backend).await;
        let source = hub.system(REGION_H).await;
        let entry = note(REGION_H, LONNI);
        register(&source, &entry).await;
        set_status(&source, &entry.entry_uuid, AvailabilityStatus::Withdrawn).await.unwrap();
        let refused = set_status(&source, &entry.entry_uuid, AvailabilityStatus::Deprecated).await;
        assert_eq!(refusal(&refused), (Code::FailedPrecondition, "STATE_CONFLICT"));
        let refused = set_status(&source, &entry.entry_uuid, AvailabilityStatus::Approved).await;
        assert_eq!((refusal(&refused).0, fields(&refused)), (Code::InvalidArgument, vec!["status".to_owned()]));
        // Registering it once more does not bring it back.
        assert!(register(&source, &entry).await.already_registered);
        assert_eq!(seen(&hub, &ALL).await.total, 0);
        let upon = related(note(REGION_H, LONNI), RelationCode::Appends, &entry.entry_uuid);
        assert_eq!(refusal(&try_register(&source, &upon).await), (Code::FailedPrecondition, "STATE_CONFLICT"));
    }

    async fn another_source_changes_nothing(backend) {
        let hub = treated(backend).await;
        let entry = note(REGION_H, LONNI);
        register(&hub.system(REGION_H).await, &entry).await;
        let stranger = hub.system(REGION_M).await;
        for status in [AvailabilityStatus::Deprecated, AvailabilityStatus::Withdrawn] {
            let refused = set_status(&stranger, &entry.entry_uuid, status).await;
            let missing = set_status(&stranger, &nobodys(), status).await;
            assert!(is_not_found(&refused) && is_not_found(&missing));
        }
        let replacing = DocumentEntry { title: "Overtaget".to_owned(), ..related(note(REGION_M, LONNI), RelationCode::Replaces, &entry.entry_uuid) };
        assert_eq!(refusal(&try_register(&stranger, &replacing).await).0, Code::InvalidArgument);
        assert_eq!(uuids(&seen(&hub, &[]).await.documents), [entry.entry_uuid]);
    }
}

//! Who may take access back, what is asked of such a request, and what it leaves in the log.

use delt_client::proto::access::v1::access_subject::Subject;
use delt_client::proto::access::v1::{
    AccessSubject, LiftRevocationRequest, ListRevocationsRequest, ListRevocationsResponse,
    RevocationKind, RevokeAccessRequest, TokenSubject,
};
use delt_client::proto::audit::v1::EntryFilter;
use delt_client::proto::patient::v1::LinkPatientRequest;
use delt_client::proto::record::v1::SearchRecordRequest;
use delt_client::{ClientError, Connection};
use delt_ledger::Outcome;
use delt_server::profile::Holder;
use delt_tests::calls::{fields, is_not_found, operator, refusal};
use delt_tests::entries::{LONNI, REGION_M, X_ECPR, cpr, number};
use delt_tests::hub::{Backend, TestHub, now, random_uuid, sample};
use delt_tests::on_both;
use delt_tests::revocations::{REVOKED, account_of, because, revoke, this};
use delt_tests::samples::{EHR, entries, lonni_at_the_hospital, of, search};
use prost_types::Timestamp;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection, SqliteConnection};
use tonic::Code;

const CONSOLE: &str = "operator-cli";

fn token(id: &str) -> Subject {
    let issuer = "https://sts.delt.test".to_owned();
    let token_id = id.to_owned();
    Subject::Token(TokenSubject { issuer, token_id })
}

async fn listed(operator: &Connection, request: ListRevocationsRequest) -> ListRevocationsResponse {
    operator
        .revocations()
        .list(request)
        .await
        .expect("the operator may list")
}

async fn problems(operator: &Connection, request: RevokeAccessRequest) -> Vec<String> {
    fields(&revoke(operator, request).await)
}

on_both! {
    async fn nobody_locks_themself_out(backend) {
        let hub = TestHub::start(backend).await;
        let holder = Holder::Professional(sample("operator"));
        let own = hub.token(&holder, CONSOLE, &[]);
        let operator = hub.connect(hub.running.api, CONSOLE, Some(own.clone())).await;
        for subject in [this(&own), account_of(&own), Subject::SystemId(CONSOLE.to_owned())] {
            assert_eq!(problems(&operator, because(subject)).await, ["subject"]);
        }
        // Sessions that are older than this one may go.
        let minute_ago = (now() - time::Duration::minutes(1)).unix_timestamp();
        let older = RevokeAccessRequest {
            issued_before: Some(Timestamp { seconds: minute_ago, nanos: 0 }),
            ..because(account_of(&own))
        };
        revoke(&operator, older).await.unwrap();
        let list = listed(&operator, ListRevocationsRequest::default()).await;
        assert_eq!(list.revocations.len(), 1);
    }

    async fn what_is_wrong_is_said_by_field(backend) {
        let hub = TestHub::start(backend).await;
        let operator = operator(&hub).await;
        let at = |ahead: i64| Some(Timestamp { seconds: now().unix_timestamp() + ahead, nanos: 0 });
        let good = || because(token("a"));
        let wrong = [
            (RevokeAccessRequest { subject: None, ..good() }, "subject"),
            (because(token("")), "subject.token.token_id"),
            (because(token(&"x".repeat(257))), "subject.token.token_id"),
            (because(Subject::SystemId("no-such-system".to_owned())), "subject.system_id"),
            (because(Subject::AuthorisationId("not an id".to_owned())), "subject.authorisation_id"),
            (because(Subject::Person(cpr("12"))), "subject.person.value"),
            (RevokeAccessRequest { reason: " ".to_owned(), ..good() }, "reason"),
            (RevokeAccessRequest { reason: "x".repeat(201), ..good() }, "reason"),
            (RevokeAccessRequest { reason: format!("{LONNI} ringede"), ..good() }, "reason"),
            (RevokeAccessRequest { issued_before: at(-60), ..good() }, "issued_before"),
            (RevokeAccessRequest { issued_before: at(600), ..because(Subject::Person(cpr(LONNI))) }, "issued_before"),
            (RevokeAccessRequest { request_id: "mine".to_owned(), ..good() }, "request_id"),
        ];
        for (request, field) in wrong {
            assert_eq!(problems(&operator, request).await, [field]);
        }
        let nothing = LiftRevocationRequest { context: None, revocation_id: random_uuid().to_string() };
        assert!(is_not_found(&operator.revocations().lift(nothing).await));
    }

    async fn a_retry_is_the_same_revocation_and_another_one_is_not(backend) {
        let hub = TestHub::start(backend).await;
        let operator = operator(&hub).await;
        let request = |id: &str| RevokeAccessRequest { request_id: random_uuid().to_string(), ..because(token(id)) };
        let first = request("a");
        let revoked = revoke(&operator, first.clone()).await.unwrap();
        assert_eq!(revoke(&operator, first.clone()).await.unwrap(), revoked);
        let other = RevokeAccessRequest { request_id: first.request_id, ..request("b") };
        let answer = revoke(&operator, other).await;
        assert_eq!(refusal(&answer), (Code::AlreadyExists, "REQUEST_ID_REUSED"));
        let (revocations, id) = (operator.revocations(), &revoked.revocation_id);
        let lift = || revocations.lift(LiftRevocationRequest { context: None, revocation_id: id.clone() });
        let (once, twice) = (lift().await.unwrap().revocation, lift().await.unwrap().revocation);
        assert_eq!(once, twice);
        assert!(once.unwrap().ended_time.is_some());
    }

    async fn the_list_tells_what_stands_page_by_page(backend) {
        let hub = TestHub::start(backend).await;
        let operator = operator(&hub).await;
        let linked = LinkPatientRequest {
            patient: Some(cpr(LONNI)),
            other: Some(number(X_ECPR, "0203291WQ3")),
            ..LinkPatientRequest::default()
        };
        operator.patients().link(linked).await.unwrap();
        let mut expected = Vec::new();
        for subject in [token("a"), Subject::Person(cpr(LONNI)), Subject::SystemId(REGION_M.to_owned())] {
            expected.push(revoke(&operator, because(subject)).await.unwrap());
        }
        expected.reverse();
        let mut found = Vec::new();
        let mut request = ListRevocationsRequest { page_size: 1, ..ListRevocationsRequest::default() };
        loop {
            let page = listed(&operator, request.clone()).await;
            assert_eq!(page.revocations.len(), 1);
            found.extend(page.revocations);
            if page.next_page_token.is_empty() {
                break;
            }
            request.page_token = page.next_page_token;
        }
        assert_eq!(found, expected);
        assert_eq!(found[0].subject.clone().unwrap().subject, Some(Subject::SystemId(REGION_M.to_owned())));
        assert_eq!((found[1].kind(), &found[1].subject), (RevocationKind::Person, &None));
        // By whichever of the person's numbers.
        for asked in [cpr(LONNI), number(X_ECPR, "0203291WQ3")] {
            let of = AccessSubject { subject: Some(Subject::Person(asked)) };
            let request = ListRevocationsRequest { subject: Some(of), ..ListRevocationsRequest::default() };
            assert_eq!(listed(&operator, request).await.revocations, [found[1].clone()]);
        }
        let lift = LiftRevocationRequest { context: None, revocation_id: found[1].revocation_id.clone() };
        operator.revocations().lift(lift).await.unwrap();
        let standing = listed(&operator, ListRevocationsRequest::default()).await;
        assert_eq!(standing.revocations.len(), 2);
        let all = ListRevocationsRequest { include_ended: true, ..ListRevocationsRequest::default() };
        assert_eq!(listed(&operator, all).await.revocations.len(), 3);
    }

    async fn all_of_it_is_in_the_log(backend) {
        let hub = TestHub::start(backend).await;
        let (_, doctor) = lonni_at_the_hospital(&hub).await;
        let operator = operator(&hub).await;
        let id = sample("kard").authorisation_id.unwrap();
        let revoked = revoke(&operator, because(Subject::AuthorisationId(id.clone()))).await.unwrap();
        assert_eq!(refusal(&search(&doctor, LONNI).await), REVOKED);
        // What cannot be read is answered alike: nothing of the request is looked at.
        let unreadable: Result<_, ClientError> = doctor.record().search(SearchRecordRequest::default()).await;
        assert_eq!(refusal(&unreadable), REVOKED);
        let denied = EntryFilter { outcome: "denied".to_owned(), ..of("SearchRecord") };
        let denied = entries(&hub, denied).await;
        assert_eq!(denied.len(), 2);
        for entry in denied {
            assert_eq!((entry.outcome, entry.error_code.as_deref()), (Outcome::Denied, Some("ACCESS_REVOKED")));
            assert!(entry.disclosed.is_empty() && entry.grounds.is_empty());
            assert_eq!(entry.actor.person.map(|person| person.id), Some(id.clone()));
        }
        let logged = &entries(&hub, of("RevokeAccess")).await[0];
        assert_eq!(logged.target.as_deref(), Some(revoked.revocation_id.as_str()));
        assert_eq!(logged.filters.get("authorisation"), Some(&id));
        assert_eq!(logged.actor.system, CONSOLE);
        let lift = LiftRevocationRequest { context: None, revocation_id: revoked.revocation_id.clone() };
        operator.revocations().lift(lift).await.unwrap();
        let lifted = &entries(&hub, of("LiftRevocation")).await[0];
        assert_eq!(lifted.target.as_deref(), Some(revoked.revocation_id.as_str()));
    }

    async fn the_last_way_in_is_the_database(backend) {
        let hub = TestHub::start(backend).await;
        let (_, doctor) = lonni_at_the_hospital(&hub).await;
        let revoked = revoke(&operator(&hub).await, because(Subject::SystemId(EHR.to_owned()))).await.unwrap();
        assert_eq!(refusal(&search(&doctor, LONNI).await), REVOKED);
        let book = delt_tests::tree::read("docs/OPERATIONS.md");
        let begins = match backend {
            Backend::Sqlite => "UPDATE access_revocation SET ended_at = unixepoch()",
            Backend::Postgres => "UPDATE access_revocation SET ended_at = extract(",
        };
        let statement = book.lines().find(|line| line.starts_with(begins)).expect("OPERATIONS.md says how");
        assert!(statement.contains("created_by = 'operator-cli'") && revoked.created_by == CONSOLE);
        let url = &hub.config().store.url;
        let statement = AssertSqlSafe(statement.to_owned());
        match backend {
            Backend::Sqlite => drop(SqliteConnection::connect(url).await.unwrap().execute(statement).await.unwrap()),
            Backend::Postgres => drop(PgConnection::connect(url).await.unwrap().execute(statement).await.unwrap()),
        }
        assert!(search(&doctor, LONNI).await.unwrap().total > 0);
        let list = listed(&operator(&hub).await, ListRevocationsRequest::default()).await;
        assert_eq!(list.revocations, []);
    }
}

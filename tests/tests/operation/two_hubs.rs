//! What was acknowledged holds for the very next request, on every hub of the database.

use delt_client::Connection;
use delt_client::proto::delegation::v1::{
    DelegateToHelperRequest, EndHelperDelegationRequest, Right,
};
use delt_client::proto::relation::v1::{
    EndRelationRequest, RegisterRelationRequest, RelationKind, TreatmentRelation,
};
use delt_server::profile::Holder;
use delt_server::serve::Running;
use delt_tests::calls::{refusal, treats};
use delt_tests::entries::{CARDIOLOGY, GP, LONNI, REGION_M, cpr};
use delt_tests::hub::{Backend, TestHub, sample, test_person};
use delt_tests::on_both;
use delt_tests::samples::{
    EHR, GP_TESTBY, REGION_MIDTJYLLAND, block_of, consent, documents_of, end_consent,
    register_record, search,
};
use tonic::Code;

const NO_RELATION: (Code, &str) = (Code::PermissionDenied, "NO_TREATMENT_RELATION");
const NO_DELEGATION: (Code, &str) = (Code::PermissionDenied, "DELEGATION_MISSING");
/// The secretary's own number.
const SECRETARY: &str = "0506889996";
/// So often is each thing said and taken back.
const ROUNDS: usize = 20;

/// A hub, and on PostgreSQL a second one on its database.
struct Hubs {
    hub: TestHub,
    twin: Option<Running>,
}

impl Hubs {
    async fn start(backend: Backend) -> Self {
        let hub = TestHub::start(backend).await;
        register_record(&hub, LONNI).await;
        let twin = match backend {
            Backend::Postgres => Some(hub.twin().await),
            Backend::Sqlite => None,
        };
        Self { hub, twin }
    }

    /// Somebody at each of the hubs.
    async fn everywhere(&self, system: &str, holder: Option<Holder>) -> Everywhere {
        let twin = self.twin.as_ref().map(|twin| twin.api);
        let mut connections = Vec::new();
        for api in [Some(self.hub.running.api), twin].into_iter().flatten() {
            let token = holder
                .as_ref()
                .map(|holder| self.hub.token(holder, system, &[]));
            connections.push(self.hub.connect(api, system, token).await);
        }
        Everywhere(connections)
    }

    async fn stop(self) {
        if let Some(twin) = self.twin {
            twin.stop().await;
        }
        self.hub.running.stop().await;
    }
}

/// One caller's connections to the hubs.
struct Everywhere(Vec<Connection>);

impl Everywhere {
    /// Where something is said in this round.
    fn here(&self, round: usize) -> &Connection {
        &self.0[round % self.0.len()]
    }

    /// Where it is asked about: at the other hub, where there is one.
    fn there(&self, round: usize) -> &Connection {
        self.here(round + 1)
    }
}

async fn treat(hospital: &Connection) -> String {
    let relation = TreatmentRelation {
        kind: RelationKind::Admission.into(),
        organisation: CARDIOLOGY.to_owned(),
        ..TreatmentRelation::default()
    };
    let request = RegisterRelationRequest {
        patient: Some(cpr(LONNI)),
        relation: Some(relation),
        ..RegisterRelationRequest::default()
    };
    let registered = hospital.relations().register(request).await.unwrap();
    registered.relation.unwrap().relation_id
}

async fn stop_treating(hospital: &Connection, relation_id: String) {
    let request = EndRelationRequest {
        patient: Some(cpr(LONNI)),
        relation_id,
        ..EndRelationRequest::default()
    };
    hospital.relations().end(request).await.unwrap();
}

async fn delegate(physician: &Connection) -> String {
    let request = DelegateToHelperRequest {
        helper: Some(cpr(SECRETARY)),
        rights: vec![Right::ReadRecord.into()],
        ..DelegateToHelperRequest::default()
    };
    let given = physician.delegations().delegate(request).await.unwrap();
    given.delegation.unwrap().delegation_id
}

async fn end_delegation(physician: &Connection, delegation_id: String) {
    let request = EndHelperDelegationRequest {
        context: None,
        delegation_id,
    };
    physician.delegations().end_helper(request).await.unwrap();
}

async fn total(reader: &Connection) -> u32 {
    search(reader, LONNI).await.unwrap().total
}

on_both! {
    async fn a_block_and_its_end_are_obeyed_by_the_next_query_wherever_it_is_asked(backend) {
        let hubs = Hubs::start(backend).await;
        let citizen = hubs.everywhere("sundhedsportal", Some(Holder::Citizen(test_person(LONNI)))).await;
        let doctor = hubs.everywhere(EHR, Some(Holder::Professional(sample("kard")))).await;
        treat(&hubs.hub.system(EHR).await).await;
        let records = documents_of(LONNI);
        let all = u32::try_from(records.len()).unwrap();
        let blocked = records.iter().filter(|held| held.system == REGION_M).count();
        let rest = all - u32::try_from(blocked).unwrap();
        for round in 0..ROUNDS {
            let id = consent(citizen.here(round), LONNI, block_of(REGION_MIDTJYLLAND)).await;
            assert_eq!(total(doctor.there(round)).await, rest, "round {round}");
            end_consent(citizen.there(round), LONNI, &id).await;
            assert_eq!(total(doctor.here(round)).await, all, "round {round}");
        }
        hubs.stop().await;
    }

    async fn a_relation_and_its_end_are_obeyed_by_the_next_query_wherever_it_is_asked(backend) {
        let hubs = Hubs::start(backend).await;
        let hospital = hubs.everywhere(EHR, None).await;
        let doctor = hubs.everywhere(EHR, Some(Holder::Professional(sample("kard")))).await;
        for round in 0..ROUNDS {
            let relation = treat(hospital.here(round)).await;
            assert!(total(doctor.there(round)).await > 0, "round {round}");
            stop_treating(hospital.there(round), relation).await;
            let after = search(doctor.here(round), LONNI).await;
            assert_eq!(refusal(&after), NO_RELATION, "round {round}");
        }
        hubs.stop().await;
    }

    async fn a_delegation_and_its_end_are_obeyed_by_the_next_query_wherever_it_is_asked(backend) {
        let hubs = Hubs::start(backend).await;
        treats(&hubs.hub, GP, GP_TESTBY, cpr(LONNI)).await;
        let physician = hubs.everywhere(GP, Some(Holder::Professional(sample("gp")))).await;
        let helper = Holder::Helper { acting: sample("sekr"), responsible: sample("gp") };
        let helper = hubs.everywhere(GP, Some(helper)).await;
        for round in 0..ROUNDS {
            let delegation = delegate(physician.here(round)).await;
            assert!(total(helper.there(round)).await > 0, "round {round}");
            end_delegation(physician.there(round), delegation).await;
            let after = search(helper.here(round), LONNI).await;
            assert_eq!(refusal(&after), NO_DELEGATION, "round {round}");
        }
        hubs.stop().await;
    }
}

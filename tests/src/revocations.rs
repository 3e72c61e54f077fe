//! Taking access back: two hubs of one store, and what the operator says to them.

use delt_client::proto::access::v1::{
    AccessSubject, AccountSubject, LiftRevocationRequest, Revocation, RevokeAccessRequest,
    TokenSubject, access_subject::Subject,
};
use delt_client::{ClientError, Connection};
use delt_server::serve::Running;
use serde_json::Value;
use tonic::Code;

use crate::calls::operator;
use crate::hub::{Backend, TestHub};

/// What a revoked caller is answered, whatever was asked.
pub const REVOKED: (Code, &str) = (Code::Unauthenticated, "ACCESS_REVOKED");

/// A hub, and on PostgreSQL a second one on its database: what is said at the one is asked about at the other.
#[derive(Debug)]
pub struct Pair {
    pub hub: TestHub,
    twin: Option<Running>,
}

impl Pair {
    pub async fn start(backend: Backend) -> Self {
        let hub = TestHub::start(backend).await;
        let twin = match backend {
            Backend::Postgres => Some(hub.twin().await),
            Backend::Sqlite => None,
        };
        Self { hub, twin }
    }

    /// Somebody at the other hub, where there is one.
    pub async fn elsewhere(&self, system: &str, token: Option<String>) -> Connection {
        let api = self
            .twin
            .as_ref()
            .map_or(self.hub.running.api, |twin| twin.api);
        self.hub.connect(api, system, token).await
    }

    /// The operator takes access back, here.
    pub async fn revoke(&self, subject: Subject) -> Revocation {
        let revoked = revoke(&operator(&self.hub).await, because(subject)).await;
        revoked.expect("the operator may revoke")
    }

    /// The operator lets in again, here.
    pub async fn lift(&self, revocation_id: String) {
        let request = LiftRevocationRequest {
            context: None,
            revocation_id,
        };
        let lifted = operator(&self.hub).await.revocations().lift(request).await;
        let lifted = lifted.expect("the operator may lift").revocation;
        assert!(lifted.expect("it is told").ended_time.is_some());
    }

    pub async fn stop(self) {
        if let Some(twin) = self.twin {
            twin.stop().await;
        }
        self.hub.running.stop().await;
    }
}

/// A request that names an incident.
pub fn because(subject: Subject) -> RevokeAccessRequest {
    RevokeAccessRequest {
        subject: Some(AccessSubject {
            subject: Some(subject),
        }),
        reason: "Hændelse 4711".to_owned(),
        ..RevokeAccessRequest::default()
    }
}

pub async fn revoke(
    operator: &Connection,
    request: RevokeAccessRequest,
) -> Result<Revocation, ClientError> {
    let answer = operator.revocations().revoke(request).await?;
    Ok(answer.revocation.expect("it is told"))
}

/// The token itself.
pub fn this(token: &str) -> Subject {
    Subject::Token(TokenSubject {
        issuer: claim(token, "iss"),
        token_id: claim(token, "jti"),
    })
}

/// The account that it was given to.
pub fn account_of(token: &str) -> Subject {
    Subject::Account(AccountSubject {
        issuer: claim(token, "iss"),
        subject: claim(token, "sub"),
    })
}

fn claim(token: &str, name: &str) -> String {
    let claims: Value = jsonwebtoken::dangerous::insecure_decode_claims(token).expect("a token");
    claims[name].as_str().expect("a text").to_owned()
}

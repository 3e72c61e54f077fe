//! A connection to a hub.

use std::sync::Arc;
use std::time::Duration;

use tonic::Request;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity};

use crate::audit::AuditLog;
use crate::call::{Caller, Service, Stub};
use crate::consents::Consents;
use crate::delegations::Delegations;
use crate::directory::Directory;
use crate::documents::Documents;
use crate::error::ClientError;
use crate::messages::Messages;
use crate::notifications::Notifications;
use crate::patients::Patients;
use crate::record::Record;
use crate::relations::Relations;
use crate::request_id::RequestIds;
use crate::reviews::Reviews;
use crate::revocations::Revocations;
use crate::settings::Settings;

/// A hub that has gone away without a word is noticed after this and [`KEEP_ALIVE_PATIENCE`].
const KEEP_ALIVE: Duration = Duration::from_secs(30);
const KEEP_ALIVE_PATIENCE: Duration = Duration::from_secs(20);

/// A connection to a hub, over mutual TLS. Cheap to clone; it reconnects by itself.
#[derive(Debug, Clone)]
pub struct Connection {
    channel: Channel,
    caller: Arc<Caller>,
}

impl Connection {
    /// Connects, so that a wrong address or certificate shows at once.
    ///
    /// # Errors
    /// [`ClientError::Settings`] names what cannot be used; [`ClientError::Unreachable`].
    pub async fn connect(settings: Settings) -> Result<Self, ClientError> {
        let channel = endpoint(&settings)?.connect().await?;
        Ok(Self::over(channel, settings))
    }

    /// Connects at the first call, which then waits for it.
    ///
    /// # Errors
    /// [`ClientError::Settings`] names what cannot be used.
    pub fn connect_lazily(settings: Settings) -> Result<Self, ClientError> {
        let channel = endpoint(&settings)?.connect_lazy();
        Ok(Self::over(channel, settings))
    }

    fn over(channel: Channel, settings: Settings) -> Self {
        let caller = Caller {
            token: settings.token,
            ids: RequestIds::new(settings.session),
            timeouts: settings.timeouts,
            retry: settings.retry,
        };
        Self {
            channel,
            caller: Arc::new(caller),
        }
    }

    /// For calls that the SDK has no method for: a generated client over this, with requests from [`Self::signed`].
    pub fn channel(&self) -> Channel {
        self.channel.clone()
    }

    /// A request with the connection's token and an id of its own.
    pub fn signed<Q>(&self, message: Q) -> Result<Request<Q>, ClientError> {
        let mut request = Request::new(message);
        self.caller.sign(&mut request, self.caller.ids.next())?;
        Ok(request)
    }

    /// Pointers to documents, for the system that holds the documents.
    pub fn documents(&self) -> Documents {
        Documents(self.service())
    }

    /// A person's record across all sectors.
    pub fn record(&self) -> Record {
        Record(self.service())
    }

    /// A citizen's blocks and permits.
    pub fn consents(&self) -> Consents {
        Consents(self.service())
    }

    /// Rights to act for somebody else.
    pub fn delegations(&self) -> Delegations {
        Delegations(self.service())
    }

    /// Treatment relations.
    pub fn relations(&self) -> Relations {
        Relations(self.service())
    }

    /// Person numbers that belong together.
    pub fn patients(&self) -> Patients {
        Patients(self.service())
    }

    /// `MedCom` messages.
    pub fn messages(&self) -> Messages {
        Messages(self.service())
    }

    /// The access log.
    pub fn audit(&self) -> AuditLog {
        AuditLog(self.service())
    }

    /// What a citizen is told without asking.
    pub fn notifications(&self) -> Notifications {
        Notifications(self.service())
    }

    /// What somebody must look at afterwards.
    pub fn reviews(&self) -> Reviews {
        Reviews(self.service())
    }

    /// Access that the operator takes back.
    pub fn revocations(&self) -> Revocations {
        Revocations(self.service())
    }

    /// Organisations, systems and receivers.
    pub fn directory(&self) -> Directory {
        Directory(self.service())
    }

    fn service<C: Stub>(&self) -> Service<C> {
        Service {
            stub: C::over(self.channel()),
            caller: Arc::clone(&self.caller),
        }
    }
}

fn endpoint(settings: &Settings) -> Result<Endpoint, ClientError> {
    let unusable = |error: &dyn ToString| ClientError::Settings("the address", error.to_string());
    if !settings.address.starts_with("https://") {
        return Err(unusable(&"it must begin with https://"));
    }
    let endpoint = Endpoint::from_shared(settings.address.clone()).map_err(|e| unusable(&e))?;
    endpoint
        .connect_timeout(settings.timeouts.connect)
        .http2_keep_alive_interval(KEEP_ALIVE)
        .keep_alive_timeout(KEEP_ALIVE_PATIENCE)
        .tcp_nodelay(true)
        .tls_config(tls(settings))
        .map_err(|error| {
            ClientError::Settings("the certificate, its key or the authority", cause(&error))
        })
}

fn tls(settings: &Settings) -> ClientTlsConfig {
    let config = ClientTlsConfig::new()
        .ca_certificate(Certificate::from_pem(&settings.ca_pem))
        .identity(Identity::from_pem(
            &settings.certificate_pem,
            &settings.key_pem,
        ))
        .timeout(settings.timeouts.connect);
    match &settings.server_name {
        Some(name) => config.domain_name(name),
        None => config,
    }
}

fn cause(error: &tonic::transport::Error) -> String {
    use std::error::Error as _;
    error
        .source()
        .map_or_else(|| error.to_string(), ToString::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn settings(address: &str) -> Settings {
        Settings::new(address, "", "", "", Uuid::nil())
    }

    #[test]
    fn nothing_is_sent_in_clear() {
        for address in ["http://127.0.0.1:7443", "127.0.0.1:7443", "", "https://"] {
            let refused = endpoint(&settings(address)).unwrap_err();
            assert!(
                matches!(refused, ClientError::Settings("the address", _)),
                "{address}"
            );
        }
    }

    #[test]
    fn a_missing_certificate_is_named() {
        let refused = endpoint(&settings("https://127.0.0.1:7443")).unwrap_err();
        assert!(refused.to_string().contains("certificate"), "{refused}");
    }
}

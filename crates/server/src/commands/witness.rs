//! `delt witness`

use std::{
    io::Write as _,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::Args;
use delt_hub::{clock::SystemClock, entropy::SystemEntropy};
use delt_ledger::Verifier;
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};

use super::Failure;
use crate::{
    config::{Limits, Telemetry, environment::Environment},
    listen::{ApiPort, serve_plain},
    tasks::{Shutdown, shutdown},
    telemetry::{self, Metrics},
    tls,
    witness::{Folder, LogToWitness, Witness, router},
};

/// Checks that a log only ever grows, and cosigns its checkpoints (C2SP tlog-witness). It sees hashes, never an entry.
///
/// The first start makes the key of the witness in its folder and takes on the logs that are given. The folder is the memory of the witness: keep it,
/// and never run two witnesses with one key.
#[derive(Debug, Args)]
pub(super) struct WitnessCommand {
    /// Where it answers; other than on loopback only with a certificate
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:7450")]
    listen: SocketAddr,
    /// The folder of its key, of what it remembers, and of evidence
    #[arg(long, value_name = "DIR")]
    data_dir: PathBuf,
    /// Its name, such as witness.region.example; needed at the first start
    #[arg(long)]
    name: Option<String>,
    /// The key of a log that it witnesses (C2SP vkey); may be given more than once
    #[arg(long = "log", value_name = "VKEY", value_parser = log, required_unless_present = "show_key")]
    logs: Vec<LogToWitness>,
    /// A log that this witness has never cosigned, and takes on now, though its folder is not new
    #[arg(long, value_name = "ORIGIN")]
    first: Vec<String>,
    /// The private key of the witness, where it lies elsewhere: 32 bytes in hexadecimal or base64
    #[arg(long, value_name = "FILE")]
    witness_key_file: Option<PathBuf>,
    /// The certificate chain for TLS, in PEM
    #[arg(long, value_name = "FILE", requires = "key_file")]
    certificate_file: Option<PathBuf>,
    /// The private key of the certificate, in PEM
    #[arg(long, value_name = "FILE", requires = "certificate_file")]
    key_file: Option<PathBuf>,
    /// Print the public key of the witness, and end
    #[arg(long)]
    show_key: bool,
}

fn log(vkey: &str) -> Result<LogToWitness, String> {
    let verifier = Verifier::from_vkey(vkey).map_err(|error| error.to_string())?;
    Ok(LogToWitness { verifier })
}

impl WitnessCommand {
    pub(super) async fn run(self, environment: &Environment) -> Result<(), Failure> {
        if self.show_key {
            let vkey = Folder::show_key(&self.data_dir)?;
            writeln!(std::io::stdout().lock(), "{vkey}")?;
            return Ok(());
        }
        telemetry::start(&Telemetry::default(), environment.log.as_deref())?;
        let tls = self.tls()?;
        if tls.is_none() && !self.listen.ip().is_loopback() {
            return Err("without --certificate-file a witness listens on loopback only: put a proxy that speaks TLS in front, or give it a certificate".into());
        }
        let witness = Arc::new(self.open()?);
        let listener = TcpListener::bind(self.listen).await?;
        let vkey = witness.verifier_key();
        writeln!(std::io::stdout().lock(), "{vkey}")?;
        tracing::info!(at = %listener.local_addr()?, key = vkey, logs = self.logs.len(), "the witness answers");
        let (stop, stopped) = shutdown();
        let serving = serve(listener, tls, witness, stopped);
        tokio::pin!(serving);
        let (mut interrupt, mut terminate) = (
            signal(SignalKind::interrupt())?,
            signal(SignalKind::terminate())?,
        );
        tokio::select! {
            done = &mut serving => return Ok(done?),
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        stop.request();
        Ok(serving.await?)
    }

    fn open(&self) -> Result<Witness, Failure> {
        let mut folder = Folder::open(&self.data_dir)?;
        let key_file = self.witness_key_file.as_deref();
        let cosigner =
            folder.identity(self.name.as_deref(), key_file, &SystemEntropy::default())?;
        let clock = Arc::new(SystemClock);
        Ok(Witness::open(
            folder,
            cosigner,
            &self.logs,
            &self.first,
            clock,
        )?)
    }

    fn tls(&self) -> Result<Option<Arc<rustls::ServerConfig>>, Failure> {
        let Some((certificate, key)) = self
            .certificate_file
            .as_deref()
            .zip(self.key_file.as_deref())
        else {
            return Ok(None);
        };
        Ok(Some(server_config(certificate, key)?))
    }
}

/// Anybody may ask: there is no authentication beside the log's own signature.
fn server_config(
    certificate: &Path,
    key: &Path,
) -> Result<Arc<rustls::ServerConfig>, tls::TlsError> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])?
        .with_no_client_auth()
        .with_single_cert(
            tls::pem::certificates(certificate)?,
            tls::pem::private_key(key)?,
        )?;
    config.alpn_protocols = vec![tls::ALPN_HTTP11.to_vec()];
    Ok(Arc::new(config))
}

async fn serve(
    listener: TcpListener,
    tls: Option<Arc<rustls::ServerConfig>>,
    witness: Arc<Witness>,
    stop: Shutdown,
) -> std::io::Result<()> {
    let router = router(witness);
    let Some(tls) = tls else {
        return serve_plain(listener, router, stop).await;
    };
    let port = ApiPort {
        router,
        tls,
        limits: Limits::default(),
        metrics: Metrics::new(env!("CARGO_PKG_VERSION")),
    };
    port.serve(listener, stop).await;
    Ok(())
}

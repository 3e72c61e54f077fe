//! Witnesses with an `https` URL: the hub asks whoever has a certificate of `audit.witness_ca_file`, and nobody else.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use delt_ledger::Verifier;
use delt_server::profile::SourceAddresses;
use delt_tests::hub::{Backend, Groundwork, TestHub};
use delt_tests::on_both;
use delt_tests::process::{command, free_address};
use delt_tests::samples::lonni_at_the_hospital;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};

use super::regions::{follow, log_key};
use super::{all_published, check, checkpoint, problems, until, witnesses};

/// An authority, and the certificate for `localhost` that it gave a witness.
struct Authority {
    ca: PathBuf,
    certificate: PathBuf,
    key: PathBuf,
}

impl Authority {
    fn new(folder: &Path, name: &str) -> Self {
        let file = |end: &str| folder.join(format!("{name}.{end}"));
        let pair = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let ca = params.self_signed(&pair).unwrap();
        let issuer = Issuer::new(params, pair);
        let pair = KeyPair::generate().unwrap();
        let leaf = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let leaf = leaf.signed_by(&pair, &issuer).unwrap();
        let made = Self {
            ca: file("ca"),
            certificate: file("pem"),
            key: file("key"),
        };
        std::fs::write(&made.ca, ca.pem()).unwrap();
        std::fs::write(&made.certificate, leaf.pem()).unwrap();
        std::fs::write(&made.key, pair.serialize_pem()).unwrap();
        made
    }
}

/// `delt witness` with a certificate. Killed when dropped.
struct Secured {
    process: Child,
    vkey: String,
    address: SocketAddr,
}

impl Secured {
    /// Started as the guide has it. It prints its public key as it begins to answer.
    fn start(folder: &Path, log: &Verifier, authority: &Authority) -> Self {
        let address = free_address();
        let (listen, log) = (address.to_string(), log.to_string());
        let mut process = command([
            "witness",
            "--listen",
            &listen,
            "--name",
            "witness.north.example",
            "--log",
            &log,
        ]);
        process.arg("--data-dir").arg(folder.join("north"));
        process
            .arg("--certificate-file")
            .arg(&authority.certificate);
        process.arg("--key-file").arg(&authority.key);
        let mut process = process
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("delt can be started");
        let mut vkey = String::new();
        let out = process.stdout.as_mut().expect("it is piped");
        BufReader::new(out)
            .read_line(&mut vkey)
            .expect("it prints its key");
        Self {
            process,
            vkey: vkey.trim().to_owned(),
            address,
        }
    }

    /// The policy: this one.
    fn policy(&self, log: &Verifier) -> String {
        let Self { vkey, address, .. } = self;
        format!(
            "log {log}\nwitness north {vkey} https://localhost:{}\nquorum north\n",
            address.port()
        )
    }
}

impl Drop for Secured {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// A hub that asks one witness, and trusts an authority that may be another than the witness's.
async fn asking(
    backend: Backend,
    folder: &Path,
    trusts: &Authority,
    is: &Authority,
) -> (TestHub, Secured, String) {
    let ground = Groundwork::lay();
    let log = log_key(&ground.profile.config());
    let witness = Secured::start(folder, &log, is);
    let policy = witness.policy(&log);
    let change = |config: &mut delt_server::config::Config| {
        follow(config, &policy);
        config.audit.witness_ca_file = Some(trusts.ca.clone());
    };
    let hub = ground
        .start(backend, &SourceAddresses::default(), change)
        .await;
    (hub, witness, policy)
}

on_both! {
    async fn a_witness_with_a_certificate_of_its_authority_is_asked_over_tls(backend) {
        let folder = tempfile::tempdir().unwrap();
        let known = Authority::new(folder.path(), "known");
        let (hub, witness, policy) = asking(backend, folder.path(), &known, &known).await;
        let (_, doctor) = lonni_at_the_hospital(&hub).await;
        let size = all_published(&doctor).await;
        let answer = checkpoint(&doctor).await;
        let (cosigned, published) = check(&policy, &answer.cosigned_checkpoint);
        assert!(cosigned == 1 && published >= size && size > 0, "{answer:?}");
        // Its port speaks TLS and nothing else.
        let plain = delt_tests::process::get(witness.address, "/readyz");
        assert!(plain.is_err() || plain.is_ok_and(|(status, _)| status != 200));
    }

    async fn a_witness_of_another_authority_hears_nothing_and_nothing_is_published(backend) {
        let folder = tempfile::tempdir().unwrap();
        let (known, other) = (Authority::new(folder.path(), "known"), Authority::new(folder.path(), "other"));
        let (hub, _witness, _) = asking(backend, folder.path(), &known, &other).await;
        let (_, doctor) = lonni_at_the_hospital(&hub).await;
        until(&doctor, "it is not believed to be there", |state| problems(state) == ["unreachable"]).await;
        assert_eq!(witnesses(&doctor).await.cosigned_tree_size, 0);
        // A line that it knows the log, and no checkpoint of it.
        let logs: Vec<_> = std::fs::read_dir(folder.path().join("north/logs")).unwrap().collect();
        let [Ok(only)] = logs.as_slice() else { panic!("{logs:?}") };
        let remembered = std::fs::read_to_string(only.path()).unwrap();
        assert_eq!(remembered.lines().count(), 1, "{remembered}");
    }
}

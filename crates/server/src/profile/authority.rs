//! The profile's certificate authority, and the certificates it issues.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use delt_hub::entropy::{Entropy, random};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, SanType, SerialNumber,
};
use time::{Duration, OffsetDateTime};

use super::folder::Folder;
use super::{ProfileError, SYSTEMS, keys, systems};

pub(super) const CA_CERTIFICATE: &str = "ca.pem";
const CA_KEY: &str = "ca.key";
/// The name of the hub's own certificate, with which it serves and with which it calls the sources.
pub(super) const HUB: &str = "hub";
const FOLDER: &str = "certificates";
/// Certificates outlive the machine they were made on; who may use them is decided by the folder's mode.
const LIFETIME: Duration = Duration::days(3650);
/// The clocks of containers on one machine differ, too.
const BACKDATED: Duration = Duration::hours(1);

pub(super) fn certificate_of(id: &str) -> String {
    format!("{FOLDER}/{id}.pem")
}

pub(super) fn key_of(id: &str) -> String {
    format!("{FOLDER}/{id}.key")
}

/// Makes the authority and the certificates that are not there yet.
///
/// A key is written before its certificate, so a start that was interrupted leaves at most a key without one, which is
/// completed. A certificate without its key was taken apart by somebody, and is refused.
pub(super) fn complete(
    folder: &Folder,
    now: OffsetDateTime,
    entropy: &dyn Entropy,
) -> Result<(), ProfileError> {
    folder.make_dir(FOLDER)?;
    let ids = || SYSTEMS.iter().map(|system| system.id).chain([HUB]);
    // Certificates of an authority that is gone would be refused by everybody, one by one and less clearly.
    if let Some(issued) = ids().map(certificate_of).find(|name| folder.has(name)) {
        require(folder, CA_CERTIFICATE, &issued)?;
    }
    let authority = Authority {
        issuer: root(folder, now, entropy)?,
        now,
        entropy,
    };
    ids().try_for_each(|id| authority.leaf(folder, id))
}

fn require(folder: &Folder, missing: &str, present: &str) -> Result<(), ProfileError> {
    if folder.has(missing) {
        return Ok(());
    }
    let (missing, present) = (folder.file(missing), folder.file(present));
    Err(ProfileError::Incomplete { missing, present })
}

struct Authority<'a> {
    issuer: Issuer<'static, KeyPair>,
    now: OffsetDateTime,
    entropy: &'a dyn Entropy,
}

fn root(
    folder: &Folder,
    now: OffsetDateTime,
    entropy: &dyn Entropy,
) -> Result<Issuer<'static, KeyPair>, ProfileError> {
    let damaged = |error| ProfileError::damaged(&folder.file(CA_CERTIFICATE), error);
    if folder.has(CA_CERTIFICATE) {
        require(folder, CA_KEY, CA_CERTIFICATE)?;
        let pair = keys::pair(folder, CA_KEY)?;
        return Issuer::from_ca_cert_pem(&folder.read(CA_CERTIFICATE)?, pair).map_err(damaged);
    }
    let pair = keys::pair(folder, CA_KEY)?;
    let mut params = params("Delt development authority", now, entropy)?;
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let certificate = params.self_signed(&pair).map_err(damaged)?;
    folder.create(CA_CERTIFICATE, certificate.pem().as_bytes())?;
    Ok(Issuer::new(params, pair))
}

impl Authority<'_> {
    /// A certificate that both serves and calls, as the hub and every source do.
    fn leaf(&self, folder: &Folder, id: &str) -> Result<(), ProfileError> {
        let (certificate, key) = (certificate_of(id), key_of(id));
        if folder.has(&certificate) {
            return require(folder, &key, &certificate);
        }
        let damaged = |error| ProfileError::damaged(&folder.file(&certificate), error);
        let pair = keys::pair(folder, &key)?;
        let mut params = params(id, self.now, self.entropy)?;
        params.subject_alt_names = names(id).map_err(damaged)?;
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![
            ExtendedKeyUsagePurpose::ServerAuth,
            ExtendedKeyUsagePurpose::ClientAuth,
        ];
        params.use_authority_key_identifier_extension = true;
        let issued = params.signed_by(&pair, &self.issuer).map_err(damaged)?;
        folder.create(&certificate, issued.pem().as_bytes())
    }
}

fn params(
    name: &str,
    now: OffsetDateTime,
    entropy: &dyn Entropy,
) -> Result<CertificateParams, ProfileError> {
    let mut params = CertificateParams::default();
    let mut subject = DistinguishedName::new();
    subject.push(DnType::OrganizationName, "Delt, development only");
    subject.push(DnType::CommonName, name);
    params.distinguished_name = subject;
    params.not_before = now - BACKDATED;
    params.not_after = now + LIFETIME;
    let [first, rest @ ..] = random::<16>(entropy).map_err(|_| ProfileError::Entropy)?;
    // A serial number is positive and not zero (RFC 5280 §4.1.2.2).
    let serial: Vec<u8> = std::iter::once(first & 0x7f | 0x40).chain(rest).collect();
    params.serial_number = Some(SerialNumber::from_slice(&serial));
    Ok(params)
}

fn names(id: &str) -> Result<Vec<SanType>, rcgen::Error> {
    let mut names = vec![SanType::DnsName(systems::certificate_name(id).try_into()?)];
    if id == HUB {
        names.push(SanType::DnsName("localhost".try_into()?));
        names.push(SanType::IpAddress(IpAddr::V4(Ipv4Addr::LOCALHOST)));
        names.push(SanType::IpAddress(IpAddr::V6(Ipv6Addr::LOCALHOST)));
    }
    Ok(names)
}

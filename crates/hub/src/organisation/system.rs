//! A registered system: what it is called, how it is recognised, and for whom it may act.

use super::sor;
use delt_policy::{OrganisationId, SystemKind};
use serde::Deserialize;
use serde::de::{Deserializer, Error as _};

/// A system of a party: a record system, a portal, a document source, a message gateway.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct System {
    /// Its id, and the `client_id` of the tokens that its users bring.
    pub id: String,
    pub name: String,
    /// The organisation that answers for it.
    #[serde(deserialize_with = "sor::one")]
    pub organisation: OrganisationId,
    /// What it may be used for. A system without any kind may only be looked up.
    pub kinds: Vec<SystemKind>,
    /// Subject alternative names (DNS or URI) of its client certificates, compared exactly.
    #[serde(default)]
    pub certificate_names: Vec<String>,
    /// SHA-256 of its client certificates' DER bytes, as hexadecimal. A pin decides before any name does.
    #[serde(default, deserialize_with = "thumbprints")]
    pub certificate_sha256: Vec<[u8; 32]>,
    /// The organisations that it may write, send and receive for, with the units below them.
    #[serde(default, deserialize_with = "sor::many")]
    pub organisations: Vec<OrganisationId>,
    /// Where its documents are fetched, if it is a source.
    #[serde(default)]
    pub source: Option<SourceEndpoint>,
    /// How strictly the messages it sends are held against their standard.
    #[serde(default)]
    pub validation: Validation,
    /// The mailboxes it empties.
    #[serde(default)]
    pub receives: Vec<Receiver>,
}

/// What happens to a message that does not follow its standard.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Validation {
    /// It is not looked at.
    Off,
    /// It is passed on, and the sender is told.
    Warn,
    /// It is refused.
    #[default]
    Reject,
}

/// Where and how the hub fetches documents from a source.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceEndpoint {
    /// XDS `sourceId`, an OID.
    pub source_id: String,
    /// XDS `repositoryUniqueId`s, OIDs, each with one source only.
    pub repository_unique_ids: Vec<String>,
    pub address: SourceAddress,
    /// The name that the source's TLS certificate must carry, where it differs from the address.
    #[serde(default)]
    pub server_name: Option<String>,
    /// How long a document may take, in milliseconds.
    #[serde(default = "default_deadline_ms")]
    pub deadline_ms: u64,
}

/// A mailbox for messages.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receiver {
    pub gln: String,
    /// The organisation that the messages are for.
    #[serde(deserialize_with = "sor::one")]
    pub organisation: OrganisationId,
    /// The message types it takes, such as `XDIS01` or `HospitalNotification`.
    pub message_types: Vec<String>,
}

/// How a source is reached. TLS always: a pointer to a document in clear is not accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourceAddress {
    /// `delt.source.v1.DocumentSourceService` at `host:port`.
    Grpc { authority: String },
    /// An HTTPS GET of this template; both placeholders are in it.
    Https { template: String },
}

impl SourceAddress {
    /// Reads `grpc+tls://host:port` or `https://host/path/{repositoryUniqueId}/{uniqueId}`.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(authority) = text.strip_prefix("grpc+tls://") {
            let good = is_host_and_port(authority);
            return good.then(|| Self::Grpc {
                authority: authority.to_owned(),
            });
        }
        let (authority, path) = text.strip_prefix("https://")?.split_once('/')?;
        let good = (is_host(authority) || is_host_and_port(authority))
            && path.bytes().all(|b| b.is_ascii_graphic())
            && path.contains("{repositoryUniqueId}")
            && path.contains("{uniqueId}");
        good.then(|| Self::Https {
            template: text.to_owned(),
        })
    }

    /// The template with both identifiers in place, percent-encoded as path segments; `None` for gRPC.
    pub fn url(&self, repository_unique_id: &str, unique_id: &str) -> Option<String> {
        let Self::Https { template } = self else {
            return None;
        };
        let url = template
            .replace("{repositoryUniqueId}", &path_segment(repository_unique_id))
            .replace("{uniqueId}", &path_segment(unique_id));
        Some(url)
    }
}

impl<'de> Deserialize<'de> for SourceAddress {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| {
            D::Error::custom(
                "an address is grpc+tls://host:port or https://host/…/{repositoryUniqueId}/{uniqueId}",
            )
        })
    }
}

const fn default_deadline_ms() -> u64 {
    5_000
}

fn is_host_and_port(authority: &str) -> bool {
    let Some((host, port)) = authority.rsplit_once(':') else {
        return false;
    };
    let all_digits = port.bytes().all(|b| b.is_ascii_digit());
    is_host(host) && all_digits && port.parse::<u16>().is_ok_and(|port| port != 0)
}

/// A DNS name, an IPv4 address or a bracketed IPv6 address; no user information, no path.
fn is_host(host: &str) -> bool {
    if let Some(address) = host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
    {
        return address.parse::<std::net::Ipv6Addr>().is_ok();
    }
    (1..=253).contains(&host.len())
        && host
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b".-".contains(&b))
}

/// Everything but the unreserved characters of RFC 3986 §2.3, so that an identifier cannot leave its segment.
fn path_segment(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let digits = [byte >> 4, byte & 0xf].map(|d| char::from_digit(u32::from(d), 16));
            out.push('%');
            out.extend(
                digits
                    .into_iter()
                    .flatten()
                    .map(|digit| digit.to_ascii_uppercase()),
            );
        }
    }
    out
}

fn thumbprints<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<[u8; 32]>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    let wrong = || D::Error::custom("a certificate_sha256 is 64 hexadecimal digits");
    texts
        .iter()
        .map(|text| thumbprint(text).ok_or_else(wrong))
        .collect()
}

/// Colons between the bytes, as `openssl x509 -fingerprint` prints them, are fine.
fn thumbprint(text: &str) -> Option<[u8; 32]> {
    let digits: Vec<u8> = text
        .chars()
        .filter(|c| *c != ':')
        .map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok()))
        .collect::<Option<_>>()?;
    let bytes: Vec<u8> = digits.chunks(2).filter_map(pair_to_byte).collect();
    if digits.len() == 64 {
        bytes.try_into().ok()
    } else {
        None
    }
}

fn pair_to_byte(pair: &[u8]) -> Option<u8> {
    match pair {
        [high, low] => Some(high << 4 | low),
        _ => None,
    }
}

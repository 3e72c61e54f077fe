//! What kind of call a path is, as the contract says.

use std::collections::HashMap;

use delt_proto::FILE_DESCRIPTOR_SET;
use prost::Message as _;
use prost_types::{FileDescriptorSet, MethodDescriptorProto, ServiceDescriptorProto};

/// How long a call needs its place, and of which kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Answered at once.
    Brief,
    /// Works until the end of its stream.
    Stream,
    /// Waits most of its time, as for messages that have not come yet.
    Standing,
    /// Whether the hub is well, and the log's proofs: these must be answered when it is full too.
    Open,
}

/// Streams that wait.
const STANDING: [&str; 1] = ["/delt.message.v1.MessageService/ReceiveMessages"];
/// What needs no identity and costs little, by prefix.
const OPEN: [&str; 4] = [
    "/grpc.health.v1.Health/",
    "/delt.audit.v1.AuditLogService/GetCheckpoint",
    "/delt.audit.v1.AuditLogService/GetInclusionProof",
    "/delt.audit.v1.AuditLogService/GetConsistencyProof",
];

/// The streams of the contract; any other path is brief.
#[derive(Debug)]
pub(super) struct Kinds(HashMap<String, Kind>);

impl Kinds {
    /// From the contract's own descriptors, so that a new stream cannot be forgotten here.
    pub(super) fn of_contract() -> Result<Self, prost::DecodeError> {
        let set = FileDescriptorSet::decode(FILE_DESCRIPTOR_SET)?;
        let streams = set.file.iter().flat_map(|file| {
            let services = file.service.iter();
            services.flat_map(move |service| streams(file.package(), service))
        });
        let kind = |path: String| {
            let waits = STANDING.contains(&path.as_str());
            (path, if waits { Kind::Standing } else { Kind::Stream })
        };
        Ok(Self(streams.map(kind).collect()))
    }

    pub(super) fn of(&self, path: &str) -> Kind {
        if OPEN.iter().any(|open| path.starts_with(open)) {
            return Kind::Open;
        }
        self.0.get(path).copied().unwrap_or(Kind::Brief)
    }
}

fn streams<'a>(
    package: &'a str,
    service: &'a ServiceDescriptorProto,
) -> impl Iterator<Item = String> + 'a {
    let is_stream =
        |method: &&MethodDescriptorProto| method.client_streaming() || method.server_streaming();
    let path = move |method: &MethodDescriptorProto| {
        format!("/{package}.{}/{}", service.name(), method.name())
    };
    service.method.iter().filter(is_stream).map(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_those_of_the_contract() {
        let kinds = Kinds::of_contract().unwrap();
        for (path, kind) in [
            (
                "/delt.record.v1.PatientRecordService/SearchRecord",
                Kind::Brief,
            ),
            (
                "/delt.record.v1.PatientRecordService/RetrieveDocument",
                Kind::Stream,
            ),
            (
                "/delt.document.v1.DocumentIndexService/RegisterDocuments",
                Kind::Stream,
            ),
            ("/delt.audit.v1.AuditLogService/ExportEntries", Kind::Stream),
            (
                "/delt.message.v1.MessageService/ReceiveMessages",
                Kind::Standing,
            ),
            ("/delt.audit.v1.AuditLogService/GetCheckpoint", Kind::Open),
            ("/grpc.health.v1.Health/Check", Kind::Open),
            ("/nobody/knows", Kind::Brief),
        ] {
            assert_eq!(kinds.of(path), kind, "{path}");
        }
        assert!(STANDING.iter().all(|path| kinds.0.contains_key(*path)));
    }
}

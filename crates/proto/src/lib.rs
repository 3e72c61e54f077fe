//! The wire contract of Delt, generated from `proto/`. No logic lives here.

pub mod spliced;

macro_rules! areas {
    ($($area:ident = $package:literal),* $(,)?) => {$(
        pub mod $area {
            pub mod v1 {
                tonic::include_proto!($package);
            }
        }
    )*};
}

areas! {
    access = "delt.access.v1",
    audit = "delt.audit.v1",
    common = "delt.common.v1",
    consent = "delt.consent.v1",
    delegation = "delt.delegation.v1",
    directory = "delt.directory.v1",
    document = "delt.document.v1",
    message = "delt.message.v1",
    notification = "delt.notification.v1",
    patient = "delt.patient.v1",
    record = "delt.record.v1",
    relation = "delt.relation.v1",
    review = "delt.review.v1",
    source = "delt.source.v1",
}

/// The encoded `FileDescriptorSet` of all of them, for reflection.
pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/delt.bin"));

//! Samples.

use delt_hub::{
    Error, Released, Result,
    audit::Receipt,
    organisation::Directory,
    review::{
        ReviewSample, Seed,
        operations::{DrawSample, ListSamples, SamplePage},
    },
};
use delt_proto::review::v1;

use super::report::whole_period;
use crate::grpc::wire;

/// Samples of a page: with their entries they are large.
const PAGE_MAX: u32 = 50;

pub(super) fn draw(message: v1::DrawSampleRequest, directory: &Directory) -> Result<DrawSample> {
    let (from, to) = whole_period(message.period.as_ref())?;
    let size = usize::try_from(message.size);
    Ok(DrawSample {
        request_id: wire::request_id(&message.request_id)?,
        organisation: wire::place("organisation", &message.organisation, directory)?,
        from,
        to,
        seed: Seed::parse(&message.seed)?,
        size: size.map_err(|_| Error::invalid("size", "is not 1 to 500"))?,
    })
}

pub(super) fn drawn(sample: &ReviewSample, receipt: &Receipt) -> v1::DrawSampleResponse {
    v1::DrawSampleResponse {
        sample: Some(written(sample)),
        receipt: Some(wire::receipt(receipt)),
    }
}

pub(super) fn list(message: v1::ListSamplesRequest, page_max: u32) -> Result<ListSamples> {
    Ok(ListSamples {
        page_size: wire::page_size(message.page_size, page_max.min(PAGE_MAX))?,
        page_token: wire::bounded("page_token", message.page_token, 512)?,
    })
}

pub(super) fn listed(done: Released<SamplePage>) -> v1::ListSamplesResponse {
    v1::ListSamplesResponse {
        samples: done.value.samples.iter().map(written).collect(),
        next_page_token: done.value.next_page_token,
        receipt: Some(wire::receipt(&done.receipt)),
    }
}

fn written(sample: &ReviewSample) -> v1::ReviewSample {
    v1::ReviewSample {
        sample_id: sample.id.to_string(),
        organisation: sample.organisation.code().to_owned(),
        period: Some(wire::to_period(Some(sample.from), Some(sample.to))),
        seed: sample.seed.as_str().to_owned(),
        size: u32::try_from(sample.size).unwrap_or(u32::MAX),
        tree_size: sample.tree_size,
        root_hash: wire::hash(&sample.root),
        population: sample.population,
        drawn_time: Some(wire::timestamp(sample.drawn_at)),
        drawn_by: sample.drawn_by.clone(),
        entry_ids: sample.entries.iter().map(ToString::to_string).collect(),
        case_numbers: sample.cases.clone(),
        units: sample
            .units
            .iter()
            .map(|unit| unit.code().to_owned())
            .collect(),
    }
}

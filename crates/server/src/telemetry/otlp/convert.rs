//! Families of `/metrics` as OTLP has them.

use opentelemetry_proto::tonic::{
    collector::metrics::v1::ExportMetricsServiceRequest,
    common::v1::{AnyValue, KeyValue, any_value},
    metrics::v1::{
        AggregationTemporality, Gauge, Histogram, HistogramDataPoint, Metric, NumberDataPoint,
        ResourceMetrics, ScopeMetrics, Sum, metric::Data, number_data_point::Value,
    },
    resource::v1::Resource,
};

use super::read::{Family, Sample};

/// From when the counters count, and when they were read; nanoseconds since 1970.
#[derive(Debug, Clone, Copy)]
pub(super) struct Times {
    pub(super) start: u64,
    pub(super) now: u64,
}

pub(super) fn request(
    resource: impl Iterator<Item = (String, String)>,
    families: &[Family],
    times: Times,
) -> ExportMetricsServiceRequest {
    let resource = Resource {
        attributes: resource
            .map(|(key, value)| attribute(&key, &value))
            .collect(),
        ..Resource::default()
    };
    let metrics = families
        .iter()
        .map(|family| metric(family, times))
        .collect();
    ExportMetricsServiceRequest {
        resource_metrics: vec![ResourceMetrics {
            resource: Some(resource),
            scope_metrics: vec![ScopeMetrics {
                metrics,
                ..ScopeMetrics::default()
            }],
            ..ResourceMetrics::default()
        }],
    }
}

fn metric(family: &Family, times: Times) -> Metric {
    let cumulative = AggregationTemporality::Cumulative.into();
    let data = match family.kind.as_str() {
        "histogram" => Data::Histogram(Histogram {
            data_points: distributions(family, times),
            aggregation_temporality: cumulative,
        }),
        "counter" => Data::Sum(Sum {
            data_points: numbers(family, times),
            aggregation_temporality: cumulative,
            is_monotonic: true,
        }),
        _ => Data::Gauge(Gauge {
            data_points: numbers(family, times),
        }),
    };
    Metric {
        name: family.name.clone(),
        description: family.help.clone(),
        // The names carry their units already, as OpenMetrics wants them.
        unit: String::new(),
        data: Some(data),
        ..Metric::default()
    }
}

fn numbers(family: &Family, times: Times) -> Vec<NumberDataPoint> {
    let point = |sample: &Sample| NumberDataPoint {
        attributes: attributes(&sample.labels),
        start_time_unix_nano: times.start,
        time_unix_nano: times.now,
        value: Some(Value::AsDouble(sample.value)),
        ..NumberDataPoint::default()
    };
    family.samples.iter().map(point).collect()
}

/// Lines of one label set stand together: the sum, the count, and the buckets, each with all that is below it.
fn distributions(family: &Family, times: Times) -> Vec<HistogramDataPoint> {
    let mut points: Vec<HistogramDataPoint> = Vec::new();
    let mut below = 0;
    for sample in &family.samples {
        if sample.suffix == "_sum" {
            below = 0;
            points.push(HistogramDataPoint {
                attributes: attributes(&sample.labels),
                start_time_unix_nano: times.start,
                time_unix_nano: times.now,
                sum: Some(sample.value),
                ..HistogramDataPoint::default()
            });
        }
        let Some(point) = points.last_mut() else {
            continue;
        };
        match sample.suffix.as_str() {
            "_count" => point.count = count(sample.value),
            "_bucket" => {
                let all = count(sample.value);
                point.bucket_counts.push(all.saturating_sub(below));
                below = all;
                let bound = sample.labels.iter().find(|(key, _)| key == "le");
                let bound = bound.and_then(|(_, bound)| bound.parse::<f64>().ok());
                point
                    .explicit_bounds
                    .extend(bound.filter(|bound| bound.is_finite()));
            }
            _ => {}
        }
    }
    points
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a count as the text has it; the cast saturates"
)]
const fn count(value: f64) -> u64 {
    value as u64
}

fn attributes(labels: &[(String, String)]) -> Vec<KeyValue> {
    labels
        .iter()
        .map(|(key, value)| attribute(key, value))
        .collect()
}

fn attribute(key: &str, value: &str) -> KeyValue {
    let value = any_value::Value::StringValue(value.to_owned());
    KeyValue {
        key: key.to_owned(),
        value: Some(AnyValue { value: Some(value) }),
        ..KeyValue::default()
    }
}

#[cfg(test)]
mod tests {
    use super::super::read::families;
    use super::*;
    use crate::telemetry::{Metrics, Outcome};

    #[tokio::test(start_paused = true)]
    async fn what_stands_at_metrics_is_what_is_sent() {
        let metrics = Metrics::new("1.2.3");
        for ms in [2, 30, 40_000] {
            let request = metrics.request("SearchRecord");
            tokio::time::sleep(std::time::Duration::from_millis(ms)).await;
            request.end(Outcome::Ok);
        }
        let times = Times { start: 1, now: 2 };
        let request = request(
            std::iter::empty(),
            &families(&metrics.encode().unwrap()),
            times,
        );
        let sent = &request.resource_metrics[0].scope_metrics[0].metrics;
        let named = |name: &str| sent.iter().find(|metric| metric.name == name).unwrap();
        let Some(Data::Histogram(durations)) = &named("delt_request_duration_seconds").data else {
            panic!("no histogram");
        };
        let point = &durations.data_points[0];
        assert_eq!(
            (point.count, point.bucket_counts.len()),
            (3, point.explicit_bounds.len() + 1)
        );
        assert_eq!(point.bucket_counts.iter().sum::<u64>(), 3);
        assert_eq!(point.bucket_counts.last(), Some(&1));
        let Some(Data::Sum(requests)) = &named("delt_requests").data else {
            panic!("no sum");
        };
        assert!(requests.is_monotonic);
        assert_eq!(requests.data_points[0].value, Some(Value::AsDouble(3.0)));
        assert_eq!(requests.data_points[0].attributes.len(), 2);
        assert!(matches!(
            named("delt_requests_in_flight").data,
            Some(Data::Gauge(_))
        ));
    }
}

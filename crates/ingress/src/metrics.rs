//! Counts for `/metrics`, in Prometheus' text form. No label can grow without bound: no tenant stands here.

mod log;
mod relay;

use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use events::Coercion;

pub(crate) use relay::write as write_relay;

use crate::routes::{PLATFORM, Platform, SCIM, Scim};

/// Upper bounds of the duration buckets, in microseconds, with their text in seconds.
const BUCKETS: [(u64, &str); 12] = [
    (100, "0.0001"),
    (250, "0.00025"),
    (500, "0.0005"),
    (1_000, "0.001"),
    (2_500, "0.0025"),
    (5_000, "0.005"),
    (10_000, "0.01"),
    (50_000, "0.05"),
    (250_000, "0.25"),
    (1_000_000, "1"),
    (5_000_000, "5"),
    (30_000_000, "30"),
];

/// Status classes, 1xx to 5xx.
const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/// One row for each endpoint and one, the last, for addresses that are none.
const ROWS: usize = Endpoint::COUNT + 1;

impl Endpoint {
    const SCIM_COUNT: usize = Scim::CustomRemove as usize + 1;
    const COUNT: usize = Self::SCIM_COUNT + Platform::RelayRepublish as usize + 1;

    const fn index(self) -> usize {
        match self {
            Self::Scim(endpoint) => endpoint as usize,
            Self::Platform(endpoint) => Self::SCIM_COUNT + endpoint as usize,
        }
    }
}

/// What a request was for, as it is counted.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Endpoint {
    Scim(Scim),
    Platform(Platform),
}

/// The counters. Clones share them.
#[derive(Clone, Default)]
pub struct Metrics(Arc<Counters>);

struct Counters {
    rows: [Row; ROWS],
    coercions: [AtomicU64; Coercion::ALL.len()],
    log: OnceLock<Box<dyn Fn() -> Option<store::log::Metrics> + Send + Sync>>,
}

/// What is counted for one endpoint.
#[derive(Debug, Default)]
struct Row {
    classes: [AtomicU64; CLASSES.len()],
    /// Not cumulative; slower ones are in `classes` only.
    buckets: [AtomicU64; BUCKETS.len()],
    sum_us: AtomicU64,
}

impl Default for Counters {
    fn default() -> Self {
        let (rows, coercions) =
            (std::array::from_fn(|_| Row::default()), std::array::from_fn(|_| AtomicU64::new(0)));
        Self { rows, coercions, log: OnceLock::new() }
    }
}

impl Metrics {
    /// Counts an answer.
    pub(crate) fn count_request(&self, endpoint: Option<Endpoint>, status: u16, took: Duration) {
        let Some(row) = self.0.rows.get(endpoint.map_or(Endpoint::COUNT, Endpoint::index)) else {
            return;
        };
        let took_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        if let Some(class) = row.classes.get(usize::from(status / 100).wrapping_sub(1)) {
            class.fetch_add(1, Ordering::Relaxed);
        }
        let bucket = BUCKETS.iter().position(|(bound_us, _)| took_us <= *bound_us);
        if let Some(bucket) = bucket.and_then(|at| row.buckets.get(at)) {
            bucket.fetch_add(1, Ordering::Relaxed);
        }
        row.sum_us.fetch_add(took_us, Ordering::Relaxed);
    }

    /// Counts what a call needed to be understood.
    pub(crate) fn count_coercions(&self, needed: &[Coercion]) {
        let counts = Coercion::ALL.iter().zip(&self.0.coercions);
        for (_, count) in counts.filter(|(coercion, _)| needed.contains(coercion)) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Shows the log's own counts too, as long as it is there. Said once.
    pub fn watch_log(&self, log: impl Fn() -> Option<store::log::Metrics> + Send + Sync + 'static) {
        let _second_is_ignored = self.0.log.set(Box::new(log));
    }

    /// All of it as Prometheus reads it. Endpoints that nobody asked yet are left out.
    pub fn render(&self) -> String {
        let mut text = String::new();
        text.push_str("# HELP rollcall_http_requests_total Answered requests.\n");
        text.push_str("# TYPE rollcall_http_requests_total counter\n");
        self.each_row(|row, labels| row.write_classes(&mut text, labels));
        text.push_str("# HELP rollcall_http_request_duration_seconds Time to the answer's head.\n");
        text.push_str("# TYPE rollcall_http_request_duration_seconds histogram\n");
        self.each_row(|row, labels| row.write_durations(&mut text, labels));
        self.write_coercions(&mut text);
        if let Some(counts) = self.0.log.get().and_then(|read| read()) {
            log::write(&mut text, &counts);
        }
        text
    }

    fn write_coercions(&self, text: &mut String) {
        let name = "rollcall_coercions_total";
        text.push_str(
            "# HELP rollcall_coercions_total Calls that were understood by a tolerance.\n",
        );
        text.push_str("# TYPE rollcall_coercions_total counter\n");
        for (coercion, count) in Coercion::ALL.iter().zip(&self.0.coercions) {
            let count = count.load(Ordering::Relaxed);
            if count > 0 {
                line(text, name, &format!("code=\"{}\"", coercion.name()), count);
            }
        }
    }

    /// One call for each endpoint; the template of its first address is its name.
    fn each_row(&self, mut write: impl FnMut(&Row, &str)) {
        let scim = SCIM.iter().flat_map(|route| {
            route.1.iter().map(|(verb, endpoint)| (route.0, *verb, Endpoint::Scim(*endpoint)))
        });
        let platform = PLATFORM.iter().flat_map(|route| {
            route.1.iter().map(|(verb, endpoint)| (route.0, *verb, Endpoint::Platform(*endpoint)))
        });
        let mut written = [false; ROWS];
        for (template, verb, endpoint) in scim.chain(platform) {
            let index = endpoint.index();
            let (Some(row), Some(written)) = (self.0.rows.get(index), written.get_mut(index))
            else {
                continue;
            };
            if !std::mem::replace(written, true) {
                write(row, &format!("route=\"{template}\",method=\"{}\"", verb.as_str()));
            }
        }
        if let Some(row) = self.0.rows.last() {
            write(row, "route=\"none\",method=\"none\"");
        }
    }
}

impl Row {
    fn count(&self) -> u64 {
        self.classes.iter().map(|class| class.load(Ordering::Relaxed)).sum()
    }

    fn write_classes(&self, text: &mut String, labels: &str) {
        for (class, count) in CLASSES.iter().zip(&self.classes) {
            let count = count.load(Ordering::Relaxed);
            if count > 0 {
                line(
                    text,
                    "rollcall_http_requests_total",
                    &format!("{labels},status=\"{class}\""),
                    count,
                );
            }
        }
    }

    fn write_durations(&self, text: &mut String, labels: &str) {
        let count = self.count();
        if count == 0 {
            return;
        }
        let mut below = 0;
        for ((_, bound), bucket) in BUCKETS.iter().zip(&self.buckets) {
            below += bucket.load(Ordering::Relaxed);
            let labels = format!("{labels},le=\"{bound}\"");
            line(text, "rollcall_http_request_duration_seconds_bucket", &labels, below);
        }
        let all = format!("{labels},le=\"+Inf\"");
        line(text, "rollcall_http_request_duration_seconds_bucket", &all, count);
        let sum = Duration::from_micros(self.sum_us.load(Ordering::Relaxed)).as_secs_f64();
        line(text, "rollcall_http_request_duration_seconds_sum", labels, sum);
        line(text, "rollcall_http_request_duration_seconds_count", labels, count);
    }
}

/// One sample with its name, type and help.
pub(crate) fn sample(
    text: &mut String,
    (name, kind, help): (&str, &str, &str),
    value: impl std::fmt::Display,
) {
    let written = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
    debug_assert!(written.is_ok(), "a String takes everything");
    line(text, name, "", value);
}

/// One sample of a family that was named before.
fn line(text: &mut String, name: &str, labels: &str, value: impl std::fmt::Display) {
    let written = if labels.is_empty() {
        writeln!(text, "{name} {value}")
    } else {
        writeln!(text, "{name}{{{labels}}} {value}")
    };
    debug_assert!(written.is_ok(), "a String takes everything");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_endpoint_has_its_row() {
        let scim = SCIM.iter().flat_map(|route| route.1).map(|(_, e)| Endpoint::Scim(*e).index());
        let platform =
            PLATFORM.iter().flat_map(|route| route.1).map(|(_, e)| Endpoint::Platform(*e).index());
        let rows: std::collections::BTreeSet<usize> = scim.chain(platform).collect();
        assert!(rows.into_iter().eq(0..Endpoint::COUNT));
    }

    #[test]
    fn requests_are_counted_by_route_class_and_duration() {
        let metrics = Metrics::default();
        metrics.count_request(Some(Endpoint::Scim(Scim::UserShow)), 200, Duration::from_micros(90));
        metrics.count_request(Some(Endpoint::Scim(Scim::UserShow)), 404, Duration::from_millis(2));
        metrics.count_request(Some(Endpoint::Scim(Scim::UserShow)), 499, Duration::from_secs(60));
        metrics.count_request(None, 404, Duration::ZERO);
        let text = metrics.render();
        let row = r#"route="/Users/{id}",method="GET""#;
        for expected in [
            format!(r#"rollcall_http_requests_total{{{row},status="2xx"}} 1"#),
            format!(r#"rollcall_http_requests_total{{{row},status="4xx"}} 2"#),
            format!(r#"rollcall_http_request_duration_seconds_bucket{{{row},le="0.0001"}} 1"#),
            format!(r#"rollcall_http_request_duration_seconds_bucket{{{row},le="0.001"}} 1"#),
            format!(r#"rollcall_http_request_duration_seconds_bucket{{{row},le="0.0025"}} 2"#),
            format!(r#"rollcall_http_request_duration_seconds_bucket{{{row},le="+Inf"}} 3"#),
            format!("rollcall_http_request_duration_seconds_sum{{{row}}} 60.00209"),
            format!("rollcall_http_request_duration_seconds_count{{{row}}} 3"),
            r#"rollcall_http_requests_total{route="none",method="none",status="4xx"} 1"#.to_owned(),
        ] {
            assert!(text.lines().any(|line| line == expected), "{expected}\n{text}");
        }
        assert!(!text.contains("/Groups"), "nobody asked for groups");
    }
}

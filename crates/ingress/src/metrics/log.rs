//! The log's own counts: what its committer has done.

use std::time::Duration;

use store::log::{BATCH_BOUNDS, Metrics};

use super::{line, sample};

/// Writes them at the end of `text`.
pub(super) fn write(text: &mut String, log: &Metrics) {
    let counters = [
        ("rollcall_log_commits_total", "Batches made durable.", log.commits),
        ("rollcall_log_syncs_total", "fdatasyncs that made them so.", log.syncs),
        ("rollcall_log_events_total", "Events made durable.", log.events),
        ("rollcall_log_frames_total", "Frames made durable.", log.frames),
        ("rollcall_log_envelope_bytes_total", "Envelope bytes made durable.", log.bytes),
    ];
    for (name, help, value) in counters {
        sample(text, (name, "counter", help), value);
    }
    let help = "Time spent in fdatasync.";
    sample(text, ("rollcall_log_sync_seconds_total", "counter", help), seconds(log.total_sync));
    let help = "Tries to seal a generation that failed and are made again.";
    sample(text, ("rollcall_log_seal_failures_total", "counter", help), log.seal_failures);
    let gauges = [
        ("rollcall_log_last_sync_seconds", "The last fdatasync.", seconds(log.last_sync)),
        (
            "rollcall_log_queued_txns",
            "Calls between permit and acknowledgement.",
            count(log.queued_txns),
        ),
        (
            "rollcall_log_queued_bytes",
            "Envelope bytes waiting to be written.",
            count(log.queued_bytes),
        ),
        (
            "rollcall_log_has_space",
            "Whether disk space is reserved ahead.",
            count(log.has_space.into()),
        ),
        ("rollcall_log_segments", "Sealed segments.", count(log.segments)),
        (
            "rollcall_log_last_seal_seconds",
            "The last sealing of a generation.",
            seconds(log.last_seal),
        ),
    ];
    for (name, help, value) in gauges {
        sample(text, (name, "gauge", help), value);
    }
    write_batches(text, log);
}

/// The sizes of batches, in events.
fn write_batches(text: &mut String, log: &Metrics) {
    let name = "rollcall_log_batch_events";
    text.push_str("# HELP rollcall_log_batch_events Events of a batch.\n");
    text.push_str("# TYPE rollcall_log_batch_events histogram\n");
    let mut below = 0;
    let bounds = BATCH_BOUNDS.iter().map(ToString::to_string).chain(["+Inf".to_owned()]);
    for (bound, batches) in bounds.zip(log.batch_sizes) {
        below += batches;
        line(text, &format!("{name}_bucket"), &format!("le=\"{bound}\""), below);
    }
    line(text, &format!("{name}_sum"), "", log.events);
    line(text, &format!("{name}_count"), "", log.commits);
}

const fn seconds(time: Duration) -> f64 {
    time.as_secs_f64()
}

#[expect(clippy::cast_precision_loss, reason = "Prometheus' values are floats")]
const fn count(number: usize) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use events::Position;

    #[test]
    fn the_committers_counts_are_written() {
        let log = Metrics {
            commits: 3,
            syncs: 3,
            events: 10,
            frames: 11,
            bytes: 2_000,
            batch_sizes: [1, 0, 0, 2, 0, 0, 0, 0, 0, 0],
            last_sync: Duration::from_micros(1_500),
            total_sync: Duration::from_millis(4),
            queued_txns: 2,
            queued_bytes: 300,
            durable: Position(11),
            has_space: true,
            sealed_through: Position(8),
            segments: 2,
            last_seal: Duration::from_millis(250),
            seal_failures: 7,
        };
        let mut text = String::new();
        write(&mut text, &log);
        for expected in [
            "# TYPE rollcall_log_commits_total counter",
            "rollcall_log_commits_total 3",
            "rollcall_log_sync_seconds_total 0.004",
            "rollcall_log_last_sync_seconds 0.0015",
            "rollcall_log_queued_txns 2",
            "rollcall_log_has_space 1",
            "rollcall_log_segments 2",
            "rollcall_log_last_seal_seconds 0.25",
            "rollcall_log_seal_failures_total 7",
            "rollcall_log_batch_events_bucket{le=\"1\"} 1",
            "rollcall_log_batch_events_bucket{le=\"8\"} 3",
            "rollcall_log_batch_events_bucket{le=\"+Inf\"} 3",
            "rollcall_log_batch_events_sum 10",
        ] {
            assert!(text.lines().any(|line| line == expected), "{expected}\n{text}");
        }
    }
}

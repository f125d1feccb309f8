//! The relay's counts: how far the events are in Kafka.

use events::{Position, Timestamp};

use super::{line, sample};
use crate::{RelayState, RelayStatus};

const STATES: [RelayState; 5] = [
    RelayState::Starting,
    RelayState::Relaying,
    RelayState::Waiting,
    RelayState::Halted,
    RelayState::Ended,
];

/// Writes them at the end of `text`. Without a place yet, nothing is said of the lag.
pub(crate) fn write(text: &mut String, relay: &RelayStatus, durable: Position, now: Timestamp) {
    text.push_str("# HELP rollcall_relay_state What the relay to Kafka does.\n");
    text.push_str("# TYPE rollcall_relay_state gauge\n");
    for state in STATES {
        let labels = format!("state=\"{}\"", state.name());
        line(text, "rollcall_relay_state", &labels, u8::from(state == relay.state));
    }
    let counters = [
        ("rollcall_relay_events_total", "Events committed to Kafka.", relay.events),
        ("rollcall_relay_transactions_total", "Transactions committed.", relay.transactions),
        ("rollcall_relay_troubles_total", "Sessions with Kafka that ended.", relay.troubles),
    ];
    for (name, help, value) in counters {
        sample(text, (name, "counter", help), value);
    }
    let help = "How long the last transaction took.";
    let last = std::time::Duration::from_micros(relay.last_commit_us).as_secs_f64();
    sample(text, ("rollcall_relay_last_commit_seconds", "gauge", help), last);
    if let Some(position) = relay.position {
        let help = "Durable frames of the log that are not in Kafka yet.";
        let behind = durable.0.saturating_sub(position.0);
        sample(text, ("rollcall_relay_lag_frames", "gauge", help), behind);
        let help = "Age of the oldest event that is waiting for Kafka.";
        let age_ms = relay.oldest_at.map_or(0, |at| now.0.saturating_sub(at.0).max(0));
        let age = std::time::Duration::from_millis(age_ms.unsigned_abs()).as_secs_f64();
        sample(text, ("rollcall_relay_lag_seconds", "gauge", help), age);
    }
}

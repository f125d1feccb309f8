//! What became of the records of one transaction: counted, so that a commit never waits inside librdkafka
//! (its `commit_transaction` polls for 100 ms when anything is outstanding).

use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};
use rdkafka::error::RDKafkaErrorCode;

use crate::failure::{Class, class};

/// How often it is looked whether to stop.
const SLICE: Duration = Duration::from_millis(200);

/// The counts of the transaction in progress.
#[derive(Debug, Default)]
pub(crate) struct Deliveries {
    counts: Mutex<Counts>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Counts {
    outstanding: usize,
    failed: Option<Failed>,
}

/// The first record that failed for a reason of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Failed {
    /// Its number among the events of the transaction.
    pub(crate) event: usize,
    pub(crate) code: RDKafkaErrorCode,
}

impl Deliveries {
    /// A new transaction.
    pub(crate) fn begin(&self) {
        *self.counts.lock() = Counts::default();
    }

    /// One more record is under way.
    pub(crate) fn sent(&self) {
        self.counts.lock().outstanding += 1;
    }

    /// One record has come to its end.
    pub(crate) fn ended(&self, event: usize, error: Option<RDKafkaErrorCode>) {
        let mut counts = self.counts.lock();
        counts.outstanding = counts.outstanding.saturating_sub(1);
        if let Some(code) = error {
            let is_first = counts.failed.is_none_or(|failed| class(failed.code) == Class::Purged);
            if is_first {
                counts.failed = Some(Failed { event, code });
            }
        }
        if counts.outstanding == 0 || counts.failed.is_some() {
            self.changed.notify_all();
        }
    }

    /// Waits until all are delivered: `Err(None)` when that takes too long, or when told to stop.
    pub(crate) fn wait(
        &self,
        within: Duration,
        is_stopped: &dyn Fn() -> bool,
    ) -> Result<(), Option<Failed>> {
        let until = Instant::now() + within;
        let mut counts = self.counts.lock();
        loop {
            if let Some(failed) = counts.failed {
                return Err(Some(failed));
            }
            if counts.outstanding == 0 {
                return Ok(());
            }
            if Instant::now() >= until || is_stopped() {
                return Err(None);
            }
            let _looked_at_again = self.changed.wait_for(&mut counts, SLICE);
        }
    }
}

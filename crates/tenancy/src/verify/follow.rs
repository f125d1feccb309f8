//! Folding anew up to where memory stood, and what differs then.

use events::{Envelope, Seq};

use crate::Fold;
use crate::resident::State;

/// Differences named for one fold.
const DIFFERENCES_MAX: usize = 5;

/// A fold in memory, as text.
pub(super) struct Snapshot {
    pub(super) seq: Seq,
    pub(super) lines: Vec<String>,
}

/// A stream folded anew, beside what it is compared with.
pub(super) trait Follow: Send {
    fn apply(&mut self, envelope: &Envelope);
    fn differences(&self) -> Vec<String>;
}

pub(super) struct Anew<S> {
    expected: Snapshot,
    state: S,
    views: Vec<(Snapshot, Box<dyn Fold>)>,
}

impl<S: State> Anew<S> {
    pub(super) fn new(
        expected: Snapshot,
        expected_views: Vec<Snapshot>,
        views: Vec<Box<dyn Fold>>,
    ) -> Self {
        let views = expected_views.into_iter().zip(views).collect();
        Self { expected, state: S::default(), views }
    }
}

impl<S: State> Follow for Anew<S> {
    fn apply(&mut self, envelope: &Envelope) {
        if envelope.seq <= self.expected.seq {
            self.state.apply(envelope);
        }
        for (expected, view) in &mut self.views {
            if envelope.seq <= expected.seq {
                view.apply(envelope);
            }
        }
    }

    fn differences(&self) -> Vec<String> {
        let mut faults = differences(&self.expected.lines, &self.state.dump());
        for (expected, view) in &self.views {
            faults.extend(differences(&expected.lines, &view.dump()));
        }
        faults
    }
}

/// The first lines that differ.
fn differences(memory: &[String], log: &[String]) -> Vec<String> {
    let length = memory.len().max(log.len());
    let pairs = (0..length).map(|at| (memory.get(at), log.get(at)));
    let differing = pairs.filter(|(memory, log)| memory != log).take(DIFFERENCES_MAX);
    differing.map(|(memory, log)| format!("memory has {memory:?}, the log gives {log:?}")).collect()
}

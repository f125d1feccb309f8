//! Where the process stands between start and stop, as `/readyz` tells it. Decides nothing itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

/// The stages of a process's life.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Phase {
    /// Recovering; answers nothing yet.
    Starting = 0,
    /// Answers.
    Serving = 1,
    /// Finishes what it has, wants nothing new.
    Draining = 2,
}

/// The stage, shared between `server`, which sets it, and `/readyz`, which tells it.
#[derive(Clone, Debug, Default)]
pub struct Health(Arc<AtomicU8>);

impl Health {
    /// Begins another stage.
    pub fn set(&self, phase: Phase) {
        self.0.store(phase as u8, Ordering::Release);
    }

    /// The stage now.
    pub fn phase(&self) -> Phase {
        match self.0.load(Ordering::Acquire) {
            0 => Phase::Starting,
            1 => Phase::Serving,
            _ => Phase::Draining,
        }
    }
}

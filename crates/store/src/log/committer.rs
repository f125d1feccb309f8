//! The one thread that writes: takes what is queued, makes it durable in one sync, then tells everyone.
//! Stops for good at the first thing that goes wrong: a second try after a failed sync can succeed with the data gone.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

use super::Failure;
use super::shared::{Batch, Shared, Work};

/// How often an idle committer looks after its medium.
const TEND_EVERY: Duration = Duration::from_secs(1);
/// How many times the watchdog looks within the silence it allows.
const LOOKS: u32 = 30;

/// Where batches become durable.
pub(super) trait Medium: Send + 'static {
    /// Makes a whole batch durable, or says why that isn't certain. It isn't used again after an error.
    fn write(&mut self, batch: &Batch) -> Result<(), String>;

    /// Sees to the space for what may come; false: nothing more should be decided. Called after each batch and once a second.
    fn tend(&mut self) -> bool;

    /// Nothing will be written any more.
    fn end(&mut self) {}
}

/// Starts the committer and its watchdog.
pub(super) fn start<M: Medium>(
    medium: M,
    shared: &Arc<Shared>,
    silence_max: Duration,
) -> std::io::Result<JoinHandle<()>> {
    let watched = Arc::clone(shared);
    Builder::new().name("log-watchdog".into()).spawn(move || watch(&watched, silence_max))?;
    let shared = Arc::clone(shared);
    Builder::new().name("log-committer".into()).spawn(move || run(medium, &shared))
}

fn run<M: Medium>(medium: M, shared: &Shared) {
    let outcome = catch_unwind(AssertUnwindSafe(|| commit_all(medium, shared)));
    match outcome {
        Ok(Ok(())) => shared.finish(),
        Ok(Err(failure)) => shared.fail(failure),
        Err(panic) => shared.fail(Failure::Io { reason: panic_text(&*panic) }),
    }
}

fn commit_all<M: Medium>(mut medium: M, shared: &Shared) -> Result<(), Failure> {
    loop {
        match shared.next_work(TEND_EVERY) {
            Work::Batch(batch) => {
                medium.write(&batch).map_err(|reason| Failure::Io { reason })?;
                shared.publish(batch)?;
            }
            Work::Nothing => {}
            Work::Closed => {
                medium.end();
                return Ok(());
            }
        }
        shared.gate.set_space(medium.tend());
    }
}

/// Ends the log when nothing becomes durable for too long though something is queued. Does no IO, or it would hang as well.
fn watch(shared: &Shared, silence_max: Duration) {
    let mut progress = (shared.durable(), Instant::now());
    while !shared.wait_for_end(silence_max / LOOKS) {
        let durable = shared.durable();
        if durable != progress.0 || durable == shared.appended() {
            progress = (durable, Instant::now());
        }
        let silent = progress.1.elapsed();
        if silent >= silence_max {
            shared.fail(Failure::Stuck { silent_s: silent.as_secs() });
        }
    }
}

/// What a panic said.
pub(super) fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("a panic without words").to_owned()
}

#[cfg(test)]
mod tests;

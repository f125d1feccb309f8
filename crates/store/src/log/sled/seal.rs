//! The thread that turns closed generations into segments, strictly in order, and makes the next generation before it is needed.
//! What can't be done is tried again: a generation is dropped only when its segment is there for good.

use std::any::Any;
use std::collections::VecDeque;
use std::fs;
use std::io::{self, BufWriter};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

use events::Position;
use parking_lot::Mutex;

use super::super::committer::panic_text;
use super::super::history::{History, file_of};
use super::super::segment::{self, Facts, Sealed};
use super::super::shared::Shared;
use super::disk::{Active, Filled};
use super::generation::Generation;
use super::space::Space;
use crate::home::{self, Steady};
use crate::torture;

/// How long to wait before the next try to seal.
const TRY_EVERY: Duration = Duration::from_secs(1);
/// Closed generations that wait at most before no other one is made.
const WAITING_MAX: usize = 2;
/// Events that are forgotten under one lock.
const FORGET_SLICE: usize = 512;
const WRITE_BUFFER_BYTES: usize = 1 << 20;

/// The committer's end.
#[derive(Debug)]
pub(super) struct Sealer {
    jobs: Sender<Job>,
    common: Arc<Common>,
}

/// A generation that is written to no more.
#[derive(Debug)]
pub(super) struct Closed {
    pub(super) generation: Generation,
    /// Its first frame's position.
    pub(super) first: Position,
    /// One past its last frame.
    pub(super) end: Position,
    /// sled, if this process has written it.
    pub(super) tree: Option<::sled::Tree>,
}

/// Where generations and segments are made, and how.
#[derive(Debug, Clone)]
pub(super) struct Site {
    pub(super) dir: PathBuf,
    pub(super) incarnation: u32,
    pub(super) cache_bytes: u64,
    pub(super) reserve_bytes: u64,
    pub(super) free_floor_bytes: u64,
}

#[derive(Debug)]
enum Job {
    Prepare(u32),
    Seal(Closed),
    Drop(Generation),
}

#[derive(Debug)]
struct Common {
    site: Site,
    ready: Mutex<Option<Active>>,
    is_preparing: AtomicBool,
    waiting: AtomicUsize,
}

impl Sealer {
    /// Starts the thread; it ends when the sealer is dropped.
    pub(super) fn start(
        site: Site,
        history: Arc<History>,
        shared: Arc<Shared>,
    ) -> io::Result<(Self, JoinHandle<()>)> {
        let (jobs, queue) = channel();
        let (ready, is_preparing, waiting) = Default::default();
        let common = Arc::new(Common { site, ready, is_preparing, waiting });
        let sealing = Sealing { common: Arc::clone(&common), history, shared };
        let thread = Builder::new().name("log-sealer".into()).spawn(move || sealing.run(&queue))?;
        Ok((Self { jobs, common }, thread))
    }

    /// Makes a generation, here and now.
    pub(super) fn make(&self, number: u32) -> io::Result<Active> {
        self.common.make(number)
    }

    /// Lets the next generation be made, unless that is being done, or too many wait to be sealed.
    pub(super) fn prepare(&self, number: u32) {
        let common = &self.common;
        let waits = common.waiting.load(Ordering::Acquire) >= WAITING_MAX;
        if !waits
            && common.ready.lock().is_none()
            && !common.is_preparing.swap(true, Ordering::AcqRel)
        {
            self.send(Job::Prepare(number));
        }
    }

    /// The next generation, if it is made.
    pub(super) fn take_ready(&self) -> Option<Active> {
        self.common.ready.lock().take()
    }

    /// Takes a closed generation to be sealed. In order.
    pub(super) fn seal(&self, closed: Closed) {
        self.common.waiting.fetch_add(1, Ordering::AcqRel);
        self.send(Job::Seal(closed));
    }

    /// Takes a generation that holds nothing that isn't in a segment.
    pub(super) fn drop_generation(&self, generation: Generation) {
        self.send(Job::Drop(generation));
    }

    fn send(&self, job: Job) {
        if self.jobs.send(job).is_err() {
            tracing::error!("the thread that seals has ended");
        }
    }
}

impl Common {
    fn make(&self, number: u32) -> io::Result<Active> {
        guarded(|| self.try_to_make(number))
    }

    fn try_to_make(&self, number: u32) -> io::Result<Active> {
        let generation = Generation::of(&self.site.dir, number);
        let tree = generation.make(self.site.cache_bytes).map_err(io::Error::other)?;
        let file = generation.open_file()?;
        let Site { reserve_bytes, free_floor_bytes, .. } = self.site;
        let mut space = Space::new(generation.open_file()?, reserve_bytes, free_floor_bytes);
        if !space.secure() {
            drop(tree);
            generation.remove()?;
            return Err(io::ErrorKind::StorageFull.into());
        }
        file.sync_all()?;
        torture::point("rotate.prepared");
        let (blobs, filled) = (generation.blobs(), Filled::default());
        Ok(Active { generation, tree, file, space, blobs, filled })
    }
}

/// The thread's own.
struct Sealing {
    common: Arc<Common>,
    history: Arc<History>,
    shared: Arc<Shared>,
}

impl Sealing {
    fn run(&self, queue: &Receiver<Job>) {
        let mut closed: VecDeque<Closed> = VecDeque::new();
        let mut try_again_at: Option<Instant> = None;
        loop {
            let wait = match (closed.is_empty(), try_again_at) {
                (true, _) => None,
                (false, None) => Some(Duration::ZERO),
                (false, Some(at)) => Some(at.saturating_duration_since(Instant::now())),
            };
            let job = match wait {
                None => queue.recv().map_err(|_| RecvTimeoutError::Disconnected),
                Some(wait) => queue.recv_timeout(wait),
            };
            match job {
                Ok(Job::Prepare(number)) => self.prepare(number),
                Ok(Job::Seal(generation)) => closed.push_back(generation),
                Ok(Job::Drop(generation)) => drop_quietly(&generation),
                Err(RecvTimeoutError::Disconnected) => return,
                Err(RecvTimeoutError::Timeout) => try_again_at = self.seal_next(&mut closed),
            }
        }
    }

    fn prepare(&self, number: u32) {
        match self.common.make(number) {
            Ok(active) => *self.common.ready.lock() = Some(active),
            Err(error) => {
                tracing::warn!(%error, number, "the next generation can't be made yet");
                std::thread::sleep(TRY_EVERY);
            }
        }
        self.common.is_preparing.store(false, Ordering::Release);
    }

    /// Seals the oldest; when to try again if that fails.
    fn seal_next(&self, closed: &mut VecDeque<Closed>) -> Option<Instant> {
        let oldest = closed.front()?;
        if let Err(error) = self.seal(oldest) {
            self.shared.counters.sealing_failed();
            tracing::warn!(%error, number = oldest.generation.number, "a generation can't be sealed yet");
            return Some(Instant::now() + TRY_EVERY);
        }
        let Closed { generation, end, tree, .. } = closed.pop_front()?;
        self.common.waiting.fetch_sub(1, Ordering::AcqRel);
        self.forget(end);
        close(&generation, tree);
        None
    }

    fn seal(&self, closed: &Closed) -> io::Result<()> {
        let began = Instant::now();
        torture::point("seal.begun");
        let dir = &self.common.site.dir;
        let events = self.shared.recent.read().between(closed.first, closed.end);
        let mut heads = self.history.heads();
        let number = closed.generation.number;
        let facts =
            Facts { log: self.history.log(), incarnation: self.common.site.incarnation, number };
        let path = file_of(dir, number);
        let unfinished = path.with_extension("tmp");
        let sealed = write(&unfinished, facts, &events, &mut heads)?;
        torture::point("seal.synced");
        fs::rename(&unfinished, &path)?;
        torture::point("seal.renamed");
        home::sync(dir)?;
        self.history.add(sealed, heads);
        self.shared.counters.sealed(began.elapsed());
        torture::point("seal.published");
        Ok(())
    }

    /// Lets memory go, a little at a time: whoever appends or reads wants the lock too.
    fn forget(&self, end: Position) {
        while !self.shared.recent.write().forget(end, FORGET_SLICE).is_empty() {}
    }
}

/// sled panics on some errors of the system; this thread has others to seal.
fn guarded<T>(work: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    let panicked = |panic: Box<dyn Any + Send>| {
        Err(io::Error::other(format!("sled panicked: {}", panic_text(&*panic))))
    };
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(panicked)
}

/// Writes a segment under a name that isn't its own yet; durable when this returns.
fn write(
    path: &std::path::Path,
    facts: Facts,
    events: &[super::super::recent::Kept],
    heads: &mut segment::Heads,
) -> io::Result<Sealed> {
    let mut out = BufWriter::with_capacity(WRITE_BUFFER_BYTES, Steady::create(path)?);
    let sealed = segment::write(&mut out, facts, events, heads)?;
    let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    torture::point("seal.written");
    file.finish()?;
    Ok(sealed)
}

/// Lets sled go, and its directory with it.
fn close(generation: &Generation, tree: Option<::sled::Tree>) {
    let closed = guarded(|| {
        drop(tree);
        Ok(())
    });
    if let Err(error) = closed {
        tracing::warn!(%error, number = generation.number, "a sealed generation was not closed well");
    }
    drop_quietly(generation);
}

/// What stays behind is dropped by the next start.
fn drop_quietly(generation: &Generation) {
    torture::point("drop.begun");
    if let Err(error) = generation.remove() {
        tracing::warn!(%error, number = generation.number, "a sealed generation could not be removed");
    }
    torture::point("drop.removed");
}

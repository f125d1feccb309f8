//! Where log lines wait for stderr. Request lines are written together, many a call; any other line is written at once,
//! with all before it. What a kill -9 takes is request lines of the last tenth of a second, never a reason for an end.

use std::io::{self, Write};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use parking_lot::Mutex;
use tracing::Metadata;
use tracing_subscriber::fmt::MakeWriter;

/// Lines of this target may wait.
const PATIENT: &str = "ingress::access";
/// How long at most.
const WAIT: Duration = Duration::from_millis(100);
/// How many bytes at most.
const WAITING_BYTES_MAX: usize = 64 * 1024;

/// The lines that wait. Clones share them.
#[derive(Clone, Default)]
pub(super) struct Lines(Arc<Mutex<Vec<u8>>>);

/// One line in the making.
pub(super) struct Line<'a> {
    lines: &'a Lines,
    at_once: bool,
}

impl Lines {
    /// Writes what waits from time to time, from a thread of its own.
    pub(super) fn tend(&self) -> io::Result<()> {
        let lines = self.clone();
        let tend = move || {
            loop {
                thread::sleep(WAIT);
                flush(&mut lines.0.lock());
            }
        };
        thread::Builder::new().name("log-lines".to_owned()).spawn(tend).map(drop)
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Line<'a>;

    fn make_writer(&'a self) -> Line<'a> {
        Line { lines: self, at_once: true }
    }

    fn make_writer_for(&'a self, of: &Metadata<'_>) -> Line<'a> {
        Line { lines: self, at_once: of.target() != PATIENT }
    }
}

impl Write for Line<'_> {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        let mut waiting = self.lines.0.lock();
        waiting.extend_from_slice(text);
        if self.at_once || waiting.len() > WAITING_BYTES_MAX {
            flush(&mut waiting);
        }
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        flush(&mut self.lines.0.lock());
        Ok(())
    }
}

/// A stderr that nobody reads any more is no reason to stop.
fn flush(waiting: &mut Vec<u8>) {
    if !waiting.is_empty() {
        let _nobody_reads = io::stderr().lock().write_all(waiting);
        waiting.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn request_lines_wait_and_any_other_takes_them_along() {
        let lines = Lines::default();
        let waiting = |lines: &Lines| lines.0.lock().len();
        Line { lines: &lines, at_once: false }.write_all(b"one\n").unwrap();
        assert_eq!(waiting(&lines), 4);
        Line { lines: &lines, at_once: true }.write_all(b"two\n").unwrap();
        assert_eq!(waiting(&lines), 0);
        Line { lines: &lines, at_once: false }.write_all(&vec![b'\n'; WAITING_BYTES_MAX]).unwrap();
        assert_eq!(waiting(&lines), WAITING_BYTES_MAX);
        Line { lines: &lines, at_once: false }.write_all(b"\n").unwrap();
        assert_eq!(waiting(&lines), 0);
    }
}

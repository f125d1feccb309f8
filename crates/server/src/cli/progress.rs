//! How far a long command is: a line that is written over on a terminal, one JSON object a line elsewhere. On stderr.

use std::io::{self, IsTerminal, Write};

use serde_json::json;

/// So many of so many.
pub(super) struct Progress {
    what: &'static str,
    done: usize,
    of: usize,
    is_terminal: bool,
}

impl Progress {
    /// None yet.
    pub(super) fn new(what: &'static str, of: usize) -> Self {
        Self { what, done: 0, of, is_terminal: io::stderr().is_terminal() }
    }

    /// One more.
    pub(super) fn step(&mut self) {
        self.at(self.done + 1, self.of);
    }

    /// So many by now.
    pub(super) fn at(&mut self, done: usize, of: usize) {
        (self.done, self.of) = (done, of);
        let mut err = io::stderr();
        // Nobody is left to tell when stderr is closed.
        drop(if self.is_terminal {
            let end = if done == of { "\n" } else { "" };
            write!(err, "\r{done} of {of} {}{end}", self.what)
        } else {
            writeln!(err, "{}", json!({ "step": self.what, "done": done, "of": of }))
        });
    }
}

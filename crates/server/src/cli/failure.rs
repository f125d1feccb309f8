//! A command that failed: what, why and what to do next, with its exit code.

use std::fmt;
use std::io;

use crate::Exit;

/// Why a command didn't do what it was asked for.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    what: String,
    why: Option<String>,
    next: Option<String>,
}

impl Failure {
    pub(crate) fn new(exit: Exit, what: impl Into<String>) -> Self {
        Self { exit, what: what.into(), why: None, next: None }
    }

    pub(crate) fn why(self, why: impl fmt::Display) -> Self {
        Self { why: Some(why.to_string()), ..self }
    }

    pub(crate) fn next(self, next: impl Into<String>) -> Self {
        Self { next: Some(next.into()), ..self }
    }

    /// Nothing to say: it has been said, or nobody listens.
    pub(crate) const fn silent(exit: Exit) -> Self {
        Self { exit, what: String::new(), why: None, next: None }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.what.is_empty() {
            return Ok(());
        }
        write!(f, "error: {}", self.what)?;
        if let Some(why) = &self.why {
            write!(f, "\n  why:  {why}")?;
        }
        if let Some(next) = &self.next {
            write!(f, "\n  next: {next}")?;
        }
        writeln!(f)
    }
}

impl From<io::Error> for Failure {
    /// Errors of stdout: everything else is mapped where it happens.
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            // The reader of stdout is gone (`rollcall … | head`): that is no error.
            Self::silent(Exit::Ok)
        } else {
            Self::new(Exit::Negative, "the output can't be written").why(error)
        }
    }
}

//! The exit codes of `rollcall`: what a script, a supervisor or an operator may rely on.

use std::process::ExitCode;

/// How a run of `rollcall` ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Exit {
    /// What was asked for was done.
    Ok = 0,
    /// It was done and the answer is no: a check failed, or the server refused.
    Negative = 1,
    /// The command line or the configuration is wrong, or the data directory is in use or of a later release.
    Usage = 2,
    /// The data directory is damaged. A restart doesn't help: don't.
    Integrity = 3,
    /// The credential is missing, unknown or revoked.
    Auth = 4,
    /// What was named doesn't exist.
    NotFound = 5,
    /// The server can't be reached, or it can't take the call now.
    Unreachable = 6,
    /// The server says: too many calls.
    RateLimited = 7,
    /// Writing the log failed; what was acknowledged is safe. A restart recovers.
    LogIo = 10,
    /// The log made no progress; what was acknowledged is safe. A restart recovers.
    LogStuck = 11,
    /// Interrupted from the keyboard.
    Interrupt = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

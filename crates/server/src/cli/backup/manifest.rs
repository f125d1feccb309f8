//! `manifest.json` of a backup: what belongs to it. Written last, so that a backup that was cut off is the one before.

use events::LogId;
use serde::{Deserialize, Serialize};

use super::target::Target;
use crate::Exit;
use crate::cli::Failure;

pub(in super::super) const FORMAT: u32 = 1;
const FILE: &str = "manifest.json";

/// A backup.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in super::super) struct Manifest {
    pub(in super::super) format: u32,
    /// Whose log it is.
    pub(in super::super) log: String,
    pub(in super::super) incarnation: u32,
    /// When it was made.
    pub(in super::super) at: String,
    /// The fingerprint of the master key that the gateway had.
    pub(in super::super) master_key: String,
    /// Sealed, in order.
    pub(in super::super) segments: Vec<Part>,
    /// What was not sealed yet.
    pub(in super::super) unsealed: Option<Part>,
}

/// A file of a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in super::super) struct Part {
    pub(in super::super) file: String,
    pub(in super::super) first: u64,
    pub(in super::super) end: u64,
    pub(in super::super) events: u32,
    pub(in super::super) bytes: u64,
    pub(in super::super) sha256: String,
}

impl Manifest {
    /// That of a target, if a backup is there.
    pub(in super::super) fn read(target: &Target) -> Result<Option<Self>, Failure> {
        let Some(bytes) = target.get(FILE)? else { return Ok(None) };
        let refused = || Failure::new(Exit::Negative, "the target's manifest.json can't be read");
        let manifest: Self =
            serde_json::from_slice(&bytes).map_err(|error| refused().why(error))?;
        if manifest.format > FORMAT {
            let why =
                format!("it is of format {}; this release knows up to {FORMAT}", manifest.format);
            return Err(refused().why(why));
        }
        Ok(Some(manifest))
    }

    pub(in super::super) fn write(&self, target: &Target) -> Result<(), Failure> {
        let text = serde_json::to_vec_pretty(self)
            .map_err(|error| Failure::new(Exit::Negative, "no manifest").why(error))?;
        target.put_bytes(FILE, &text)
    }

    /// What is there of this log; another one's backup is no place for it.
    pub(in super::super) fn for_log(&self, log: LogId) -> Result<&[Part], Failure> {
        if self.log == log.to_string() {
            return Ok(&self.segments);
        }
        Err(Failure::new(Exit::Negative, "the target holds the backup of another log")
            .why(format!("it is of log {}, the gateway's is {log}", self.log))
            .next("give --to a place of its own"))
    }

    /// Everything that belongs to it, in order.
    pub(in super::super) fn parts(&self) -> impl Iterator<Item = &Part> {
        self.segments.iter().chain(&self.unsealed)
    }

    /// Files, bytes, events.
    pub(in super::super) fn totals(&self) -> (usize, u64, u64) {
        let bytes = self.parts().map(|part| part.bytes).sum();
        let events = self.parts().map(|part| u64::from(part.events)).sum();
        (self.parts().count(), bytes, events)
    }

    /// One past the last position in it.
    pub(in super::super) fn end(&self) -> u64 {
        self.parts().last().map_or(0, |part| part.end)
    }
}

impl Part {
    pub(in super::super) const fn is(&self, first: u64, end: u64, bytes: u64) -> bool {
        self.first == first && self.end == end && self.bytes == bytes
    }
}

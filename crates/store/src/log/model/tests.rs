//! The model keeps what every log keeps, and has the faults it promises.

use std::sync::Arc;

use events::{LogId, Position, Seq};
use uuid::Uuid;

use super::super::conformance::{Subject, append, commit, conforms, read_all, run};
use super::super::support::{envelope, tenant};
use super::super::{Append, Failure, Log, Reason, State};
use super::{Fault, ModelLog};

/// A model that outlives its closing.
#[derive(Default)]
struct Reopened(Option<Arc<ModelLog>>);

impl Subject for Reopened {
    fn open(&mut self) -> Arc<dyn Log> {
        let next = self.0.take().map_or_else(model, |before| before.crash(0));
        let log = Arc::new(next);
        self.0 = Some(Arc::clone(&log));
        log
    }
}

conforms!(Reopened::default());

fn model() -> ModelLog {
    ModelLog::new(LogId::new(Uuid::from_u128(7)))
}

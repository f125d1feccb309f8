//! The time as an argument: the one place below `server` that may ask what time it is.

use events::Timestamp;

/// Says what time it is. Tests bring their own.
pub trait Clock: Send + Sync + 'static {
    /// Now, in milliseconds.
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp(jiff::Timestamp::now().as_millisecond())
    }
}

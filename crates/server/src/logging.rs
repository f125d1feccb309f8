//! Log lines on stderr, and the last word of a panic: nothing ends silently.

mod lines;

use std::panic;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt;
use tracing_subscriber::util::SubscriberInitExt;

use self::lines::Lines;
use crate::config::{LogFormat, Logging};

/// Sends log lines of this process to stderr, and panics of any thread into the log.
///
/// # Errors
/// Text that says what of the filter isn't understood.
pub(crate) fn init(logging: &Logging) -> Result<(), String> {
    let filter = EnvFilter::try_new(&logging.filter)
        .map_err(|error| format!("logging.filter {:?}: {error}", logging.filter))?;
    let waiting = Lines::default();
    waiting.tend().map_err(|error| error.to_string())?;
    let lines = fmt().with_env_filter(filter).with_writer(waiting);
    let done = match logging.format {
        LogFormat::Json => lines
            .json()
            .flatten_event(true)
            .with_current_span(false)
            .with_span_list(false)
            .finish()
            .try_init(),
        LogFormat::Text => lines.with_ansi(false).finish().try_init(),
    };
    done.map_err(|error| error.to_string())?;
    log_panics();
    Ok(())
}

fn log_panics() {
    panic::set_hook(Box::new(|panic| {
        let thread = std::thread::current();
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let message = panic.payload_as_str().unwrap_or("no message");
        tracing::error!(
            thread = thread.name().unwrap_or("unnamed"),
            place,
            message_of_panic = message,
            backtrace = %std::backtrace::Backtrace::capture(),
            "a thread panicked; this is a defect of Rollcall"
        );
    }));
}

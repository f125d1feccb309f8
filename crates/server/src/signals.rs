//! SIGINT and SIGTERM as calls of a function, on a thread of their own.

use std::io;
use std::thread;

use tokio::signal::unix::{SignalKind, signal};

/// Calls `act` at the first SIGINT.
///
/// # Errors
/// When the system gives no thread or no signal.
pub(crate) fn on_interrupt(act: impl FnOnce() + Send + 'static) -> io::Result<()> {
    listen(vec![SignalKind::interrupt()], vec![Box::new(act)])
}

/// Calls `first` at the first SIGINT or SIGTERM and `second` at the next.
///
/// # Errors
/// When the system gives no thread or no signal.
pub(crate) fn on_stop(
    first: impl FnOnce() + Send + 'static,
    second: impl FnOnce() + Send + 'static,
) -> io::Result<()> {
    let kinds = vec![SignalKind::interrupt(), SignalKind::terminate()];
    listen(kinds, vec![Box::new(first), Box::new(second)])
}

type Act = Box<dyn FnOnce() + Send>;

fn listen(kinds: Vec<SignalKind>, acts: Vec<Act>) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    // Registered before this returns: no signal is lost in between.
    let mut signals = {
        let _entered = runtime.enter();
        kinds.into_iter().map(signal).collect::<io::Result<Vec<_>>>()?
    };
    thread::Builder::new().name("signals".to_owned()).spawn(move || {
        for act in acts {
            runtime.block_on(std::future::poll_fn(|context| {
                let mut any = signals.iter_mut().map(|signal| signal.poll_recv(context));
                if any.any(|polled| polled.is_ready()) {
                    std::task::Poll::Ready(())
                } else {
                    std::task::Poll::Pending
                }
            }));
            act();
        }
    })?;
    Ok(())
}

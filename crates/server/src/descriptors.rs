//! File descriptors: as many as the system lets this process have, and some that connections don't get. Opens nothing.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Kept for the log's files, the operator's port and what libraries open.
const OWN: u64 = 192;
/// However few there are, so many connections are taken.
const CONNECTIONS_MIN: usize = 16;

/// Raises this process's limit to what it may have; how many connections that leaves, `wanted` at most.
///
/// A gateway without descriptors can't open the next generation of its log, so connections must not use them up.
pub(crate) fn connections(wanted: usize) -> usize {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let raised = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
    let limit = if raised.is_ok() { maximum } else { current };
    let connections = within(wanted, limit);
    if connections < wanted {
        tracing::warn!(connections, wanted, "the limit of open files allows fewer connections");
    }
    connections
}

/// `limit`: `None` is no limit.
fn within(wanted: usize, limit: Option<u64>) -> usize {
    let Some(limit) = limit else { return wanted };
    let left = usize::try_from(limit.saturating_sub(OWN)).unwrap_or(usize::MAX);
    wanted.min(left.max(CONNECTIONS_MIN))
}

#[cfg(test)]
mod tests {
    use super::within;

    #[test]
    fn connections_leave_descriptors_for_the_log() {
        let check = |wanted, limit, expected| assert_eq!(within(wanted, limit), expected);
        check(20_000, None, 20_000);
        check(20_000, Some(65_536), 20_000);
        check(20_000, Some(1_024), 832);
        check(20_000, Some(100), 16);
        check(10, Some(1_024), 10);
    }
}

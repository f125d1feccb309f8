//! The `rollcall` binary: the command line of [`server::cli`], and nothing else.

use std::process::ExitCode;

/// A request makes and drops hundreds of small values; see `docs/PERFORMANCE.md` for what this saves.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    server::cli::run().into()
}

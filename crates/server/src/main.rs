//! The `rollcall` binary: the command line of [`server::cli`], and nothing else.

use std::process::ExitCode;

fn main() -> ExitCode {
    server::cli::run().into()
}

//! What a request costs against the least that it could cost.
//!
//! `bench run` starts the gateway and the floors as processes of their own, asks them for the same work in
//! turn, and takes ratios of their CPU time inside one run: wall times on shared machines swing tenfold.

mod client;
mod compare;
mod cost;
mod disk;
mod figures;
mod floor;
mod gateway;
mod log;
mod people;
mod replay;
mod report;
mod scenario;
mod stream;
mod target;
mod world;

use std::io::{self, Write};
use std::path::PathBuf;

use clap::{Parser, ValueEnum};

use crate::figures::{FULL, QUICK};
use crate::report::Report;

#[derive(Parser)]
enum Arguments {
    /// Serves one of the floors; the run starts them by itself.
    Floor {
        #[arg(long)]
        kind: floor::Kind,
        #[arg(long)]
        dir: PathBuf,
    },
    /// Counts the instructions of hot paths with callgrind; fails when one is over its limit.
    Cost,
    /// Runs one hot path so many times; `cost` starts it under callgrind.
    Path {
        #[arg(long)]
        path: cost::Path,
        #[arg(long)]
        count: usize,
    },
    /// Measures the memory of resident users in this process; `run` starts it by itself.
    Memory {
        #[arg(long)]
        users: usize,
    },
    /// Measures and prints the tables.
    Run {
        /// Smaller slices and populations: under three minutes.
        #[arg(long)]
        quick: bool,
        /// Only these parts.
        #[arg(long, value_delimiter = ',')]
        only: Vec<Part>,
    },
}

/// A part of the run.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// P1–P4.
    Floors,
    /// P5.
    Growth,
    /// P6.
    Members,
    /// P7.
    Tenants,
    /// Writers beside scans.
    Scans,
    /// P8–P11.
    Alone,
    /// P11, tenants.
    Idle,
    /// P12.
    Start,
    /// P15.
    Disk,
    /// Sealing and a backup beside writers.
    Upkeep,
    /// Ten million events into snapshots: five minutes, so only when it is asked for.
    Rebuild,
}

/// What is measured when nothing is asked for.
const PARTS: &[Part] = &[
    Part::Floors,
    Part::Growth,
    Part::Members,
    Part::Tenants,
    Part::Scans,
    Part::Alone,
    Part::Idle,
    Part::Start,
    Part::Disk,
    Part::Upkeep,
];

const WORKERS: usize = 2;

/// What the gateway's binary uses.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> io::Result<()> {
    match Arguments::parse() {
        Arguments::Floor { kind, dir } => {
            actix_web::rt::System::new().block_on(floor::serve(kind, dir, WORKERS))
        }
        Arguments::Cost => {
            let (report, within) = cost::check()?;
            io::stdout().lock().write_all(report.as_bytes())?;
            if within { Ok(()) } else { Err(io::Error::other("a path is over its limit")) }
        }
        Arguments::Path { path, count } => cost::run(path, count),
        Arguments::Memory { users } => {
            let bytes = replay::memory(users, 1_000);
            writeln!(io::stdout().lock(), "{bytes}")
        }
        Arguments::Run { quick, only } => {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(WORKERS)
                .enable_all()
                .build()?;
            let report = runtime.block_on(run(quick, &only))?;
            io::stdout().lock().write_all(report.as_bytes())
        }
    }
}

async fn run(quick: bool, only: &[Part]) -> io::Result<String> {
    let scale = if quick { QUICK } else { FULL };
    let rollcall = std::env::current_exe()?.with_file_name("rollcall");
    let mut report = Report::default();
    let parts = if only.is_empty() { PARTS } else { only };
    for part in parts {
        match part {
            Part::Floors => figures::against_floors(&rollcall, scale, &mut report).await?,
            Part::Growth => figures::growth(&rollcall, scale, &mut report).await?,
            Part::Members => figures::members(&rollcall, scale, &mut report).await?,
            Part::Tenants => figures::tenants(&rollcall, scale, &mut report).await?,
            Part::Scans => figures::scans(&rollcall, scale, &mut report).await?,
            Part::Alone => figures::alone(scale, &mut report).await?,
            Part::Idle => figures::idle(&rollcall, &mut report)?,
            Part::Start => figures::start(&rollcall, scale, &mut report).await?,
            Part::Disk => figures::disk(&mut report).await?,
            Part::Upkeep => figures::upkeep(&rollcall, scale, &mut report).await?,
            Part::Rebuild => figures::rebuild(&rollcall, scale, &mut report).await?,
        }
    }
    Ok(report.render())
}

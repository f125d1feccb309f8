//! `rollcall rebuild`: makes all snapshots of a data directory anew, from the log alone.

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Instant;

use events::{LogId, TenantId};
use ingress::{Clock, Ids, SystemClock};
use serde_json::json;
use store::log::Log;
use store::snapshots::Snapshots;
use tenancy::Tenancy;

use super::Failure;
use super::output::{Format, write_json};
use super::progress::Progress;
use crate::Exit;

#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// The data directory. No gateway may be running on it.
    #[arg(long, env = "ROLLCALL_DATA", value_name = "DIR", hide_env_values = true)]
    data: PathBuf,
    /// How the result is written.
    #[arg(short, long, value_enum, default_value_t)]
    output: Format,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let begun = Instant::now();
    let failed =
        |why: String| Failure::new(Exit::Negative, "the snapshots can't be rebuilt").why(why);
    let ids = Ids::random().map_err(|error| failed(error.to_string()))?;
    let options = store::Options::new(LogId::new(ids.next(SystemClock.now())));
    let log = store::open(&args.data, &options).map_err(|error| failed(error.to_string()))?;
    let log: Arc<dyn Log> = Arc::new(log);
    let snapshots =
        Snapshots::open(&args.data, &*log).map_err(|error| failed(error.to_string()))?;
    snapshots.remove_all();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let opened = Tenancy::open(Arc::clone(&log), vec![projector::fold], Some(Arc::new(snapshots)));
    let tenancy = runtime.block_on(opened).map_err(|error| failed(error.to_string()))?;
    let rebuilt = rebuild(&tenancy);
    log.close();
    let (tenants, events) = rebuilt.map_err(|error| failed(error.to_string()))?;
    let seconds = begun.elapsed().as_secs_f64();
    let mut out = io::stdout();
    match args.output {
        Format::Table => {
            writeln!(out, "{events} events of {tenants} tenants were folded in {seconds:.1} s")?;
        }
        Format::Json => {
            write_json(
                &mut out,
                &json!({ "events": events, "tenants": tenants, "seconds": seconds }),
            )?;
        }
    }
    Ok(())
}

/// Tenants and events, by as many threads as there are cores.
fn rebuild(tenancy: &Tenancy) -> Result<(usize, u64), tenancy::Error> {
    let streams: Vec<TenantId> = tenancy.stream_ids();
    let (next, progress) =
        (AtomicUsize::new(0), Mutex::new(Progress::new("tenants", streams.len())));
    let work = || -> Result<u64, tenancy::Error> {
        let mut events = 0;
        while let Some(id) = streams.get(next.fetch_add(1, Ordering::Relaxed)) {
            events += tenancy.rebuild(id)?.0;
            progress.lock().map(|mut progress| progress.step()).unwrap_or_default();
        }
        Ok(events)
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let events = thread::scope(|scope| {
        let all: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let done =
            all.into_iter().map(|thread| thread.join().unwrap_or(Err(tenancy::Error::Failed)));
        done.sum::<Result<u64, _>>()
    })?;
    Ok((streams.len(), events))
}

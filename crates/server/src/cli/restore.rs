//! `rollcall restore`: a data directory from a backup, in another incarnation, with the event that says so.

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;

use events::{Actor, KeyId, LogId, Timestamp, TxnId};
use ingress::{Clock, Ids, SystemClock};
use serde_json::json;
use store::archive;
use tenancy::{Call, PlatformCommand, Tenancy};

use super::backup::local;
use super::backup::manifest::Manifest;
use super::backup::target::Target;
use super::output::write_json;
use super::progress::Progress;
use super::verify::failure;
use super::{Failure, Format};
use crate::{Exit, issue};

#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// Where the backup is: a directory, or `s3://BUCKET/PREFIX` as for `rollcall backup`.
    #[arg(long, value_name = "TARGET")]
    from: String,
    /// The data directory to make. It must be empty or absent.
    #[arg(long, env = "ROLLCALL_DATA", value_name = "DIR", hide_env_values = true)]
    data: PathBuf,
    /// How the result is written.
    #[arg(short, long, value_enum, default_value_t)]
    output: Format,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let target = Target::parse(&args.from)?;
    let manifest = Manifest::read(&target)?.ok_or_else(|| {
        Failure::new(Exit::NotFound, format!("there is no backup at {}", args.from))
    })?;
    let log: LogId = manifest
        .log
        .parse()
        .map_err(|_| Failure::new(Exit::Integrity, "the manifest names no log"))?;
    let incarnation = next_incarnation(manifest.incarnation);
    let scratch = tempfile::tempdir().map_err(local)?;
    let mut files = Vec::new();
    for (at, part) in manifest.parts().enumerate() {
        files.push(target.fetch(&part.file, scratch.path().join(at.to_string()))?);
    }
    let mut progress = Progress::new("files", files.len());
    let restored = archive::restore(&args.data, (log, incarnation), &files, &mut |done, of| {
        progress.at(done, of)
    });
    let report = restored.map_err(failure)?;
    note(args, &manifest, incarnation)?;
    write(args, &manifest, (report.events, incarnation))
}

/// Never one that was there: two restores of one backup are two histories. It is the second in which it is done.
fn next_incarnation(before: u32) -> u32 {
    let seconds = u32::try_from(SystemClock.now().0 / 1_000).unwrap_or(u32::MAX);
    seconds.max(before.saturating_add(1))
}

/// The first event of the new incarnation. The operator's key was in the directory that is gone: the first start makes another.
fn note(args: &Args, manifest: &Manifest, incarnation: u32) -> Result<(), Failure> {
    let failed = |why: String| Failure::new(Exit::Negative, "the restore can't be noted").why(why);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let ids = Ids::random().map_err(|error| failed(error.to_string()))?;
    let now = SystemClock.now();
    let options = store::Options::new(LogId::new(ids.next(now)));
    let log = store::open(&args.data, &options).map_err(|error| failed(error.to_string()))?;
    let log: Arc<dyn store::log::Log> = Arc::new(log);
    let noted = runtime.block_on(async {
        let tenancy = Tenancy::open(Arc::clone(&log), Vec::new(), None).await;
        let tenancy = tenancy.map_err(|error| error.to_string())?;
        let backup_at = time(&manifest.at).unwrap_or(now);
        let mut commands =
            vec![PlatformCommand::NoteRestore { log: log.id(), incarnation, backup_at }];
        let keys = tenancy.keys().await.map_err(|error| error.to_string())?;
        let operators =
            keys.iter().filter(|it| it.revoked_at.is_none() && it.name == issue::OPERATOR);
        let operators: Vec<KeyId> = operators.map(|it| it.id).collect();
        commands.extend(operators.into_iter().map(|key| PlatformCommand::RevokeKey { key }));
        for command in commands {
            let txn = TxnId::new(ids.next(now));
            let call = Call { txn, at: now, actor: Actor::system(), connection: None };
            tenancy.administer(call, command).await.map_err(|error| error.to_string())?;
        }
        Ok(())
    });
    log.close();
    noted.map_err(failed)
}

fn time(text: &str) -> Option<Timestamp> {
    let at: jiff::Timestamp = text.parse().ok()?;
    Some(Timestamp(at.as_millisecond()))
}

fn write(
    args: &Args,
    manifest: &Manifest,
    (events, incarnation): (u64, u32),
) -> Result<(), Failure> {
    let (data, key) = (args.data.display(), &manifest.master_key);
    let mut out = io::stdout();
    match args.output {
        Format::Table => writeln!(
            out,
            "{data} holds {events} events, as of {}, in incarnation {incarnation}\n\
             start it with the master key {key}: as {data}/master.key, or by --master-key-file",
            manifest.at,
        )?,
        Format::Json => write_json(
            &mut out,
            &json!({ "data": data.to_string(), "events": events, "at": manifest.at, "incarnation": incarnation, "master_key": key }),
        )?,
    }
    Ok(())
}

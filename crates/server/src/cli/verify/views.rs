//! `rollcall verify --offline DIR --views`: whether what is saved beside the log is what the log gives. Works on a copy, whose segments are
//! links: a start would change the directory.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use events::LogId;
use ingress::{Clock, Ids, SystemClock};
use store::log::Log;
use store::snapshots::Snapshots;
use tenancy::Tenancy;

/// The first lines that differ; none: all is the same. `Err`: it can't be said.
pub(super) fn differences(dir: &Path) -> Result<Vec<String>, String> {
    let beside = dir.parent().filter(|parent| !parent.as_os_str().is_empty());
    let copy = tempfile::Builder::new()
        .prefix(".rollcall-verify-")
        .tempdir_in(beside.unwrap_or_else(|| Path::new(".")))
        .map_err(|error| format!("a copy can't be made beside the directory: {error}"))?;
    let copied = copy_dir(dir, copy.path());
    copied.map_err(|error| format!("the directory can't be copied: {error}"))?;
    let ids = Ids::random().map_err(|error| error.to_string())?;
    let options = store::Options::new(LogId::new(ids.next(SystemClock.now())));
    let log = store::open(copy.path(), &options).map_err(|error| error.to_string())?;
    let log: Arc<dyn Log> = Arc::new(log);
    let snapshots = Snapshots::open(copy.path(), &*log).map_err(|error| error.to_string())?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let compared = runtime.map_err(|error| error.to_string())?.block_on(async {
        let folds = vec![projector::fold as tenancy::FoldFactory];
        let tenancy = Tenancy::open(Arc::clone(&log), folds, Some(Arc::new(snapshots))).await;
        let tenancy = tenancy.map_err(|error| error.to_string())?;
        tenancy.load_all().await.map_err(|error| error.to_string())?;
        Ok(tenancy.verify().await.err().unwrap_or_default())
    });
    log.close();
    compared
}

/// Segments and snapshots are never changed in place: links do. Everything else is copied.
fn copy_dir(from: &Path, to: &Path) -> io::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if entry.file_type()?.is_dir() {
            fs::create_dir(&target)?;
            copy_dir(&source, &target)?;
        } else if name == "LOCK"
            || (name.starts_with("seg-") && fs::hard_link(&source, &target).is_ok())
        {
            continue;
        } else {
            fs::copy(&source, &target)?;
        }
    }
    Ok(())
}

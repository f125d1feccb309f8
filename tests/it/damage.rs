//! Bit rot under the tenants, and over HTTP in `rot.rs`: one wrong bit, or a file cut short, anywhere in the log and its snapshots. Everything that was acknowledged is served as it was,
//! or the fault is reported; never a wrong answer. `ROLLCALL_DAMAGE_ROUNDS` sets how often, `ROLLCALL_DAMAGE_SEED` plays it again.

use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use events::{
    Actor, ConnectionId, KeyId, KeyRole, LogId, Profile, Seq, TenantId, TenantSettings, Timestamp,
    TxnId,
};
use ingress::secret::{Kind, Secret};
use store::log::Log;
use store::snapshots::Snapshots;
use store::{OpenError, Options};
use tenancy::{Call, CommitError, Fact, PlatformCommand, SnapshotEvery, Tenancy};
use uuid::Uuid;

use crate::simulation::commands::command;
use crate::simulation::dice::Dice;

const TENANTS: [&str; 3] = ["acme", "globex", "initech"];
const COMMANDS: u32 = 900;
const ROUNDS: u64 = 150;
const CUT_SHORT: u64 = 4;

/// What every tenant looks like, and how many events it has.
type Seen = Vec<(Vec<String>, usize)>;

#[test]
fn what_is_damaged_is_reported_or_does_not_matter() {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().unwrap());
    let rounds = number("ROLLCALL_DAMAGE_ROUNDS");
    let seed = number("ROLLCALL_DAMAGE_SEED").unwrap_or_else(|| RandomState::new().hash_one(0));
    let mut dice = Dice::new(seed);
    let (whole, key) = (tempfile::tempdir().unwrap(), Secret::mint(Kind::Key).unwrap());
    fill(whole.path(), &key, &mut dice);
    let copy = copied(whole.path());
    let expected = look(copy.path(), key.reveal()).unwrap();
    assert!(expected.iter().all(|(_, events)| *events > 30));
    let (mut reported, mut harmless) = (0, 0);
    for round in 0..rounds.unwrap_or(ROUNDS) {
        let copy = copied(whole.path());
        let what = damage(copy.path(), &mut dice);
        match look(copy.path(), key.reveal()) {
            Ok(seen) => {
                assert_eq!(seen, expected, "seed {seed}, round {round}: {what}");
                harmless += 1;
            }
            Err(_) => reported += 1,
        }
    }
    println!("{reported} reported, {harmless} without harm");
    assert!(reported > 0 && harmless > 0, "{reported} reported, {harmless} without harm");
}

/// Opens a directory and reads all of it: every tenant as its directory is and as its history is.
fn look(dir: &Path, key: &str) -> Result<Seen, String> {
    let log = match store::open(dir, &options()) {
        Ok(log) => Arc::new(log),
        Err(error @ OpenError::Integrity { .. }) => {
            assert_eq!(error.exit_code(), 3);
            return Err(error.to_string());
        }
        Err(error) => return Err(error.to_string()),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let seen = runtime.block_on(async {
        let said = |error: tenancy::Error| error.to_string();
        let snapshots = Arc::new(Snapshots::open(dir, &*log).unwrap());
        let tenancy = Tenancy::open(log.clone(), vec![projector::fold], Some(snapshots)).await;
        let tenancy = tenancy.map_err(said)?;
        let key = tenancy.authenticate_key(key).await.map_err(said)?;
        let key = key.unwrap();
        let mut seen = Seen::new();
        for id in TENANTS {
            let tenant = tenancy.tenant(&key, id).await.map_err(said)?;
            let tenant = tenant.unwrap();
            let lines = tenancy.read(&tenant, |it| (it.dump(), Fact::Head)).await.map_err(said)?;
            let limit = store::log::Limit { events: usize::MAX, bytes: usize::MAX };
            let events = tenancy.events(&tenant, Seq(0), limit).await.map_err(said)?;
            seen.push((lines, events.len()));
        }
        tenancy.verify().await.map_err(|faults| faults.join("\n"))?;
        Ok(seen)
    });
    log.close();
    seen
}

/// A history over several segments, a generation, and snapshots of different ages.
fn fill(dir: &Path, key: &Secret, dice: &mut Dice) {
    let log = Arc::new(store::open(dir, &options()).unwrap());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let snapshots = Arc::new(Snapshots::open(dir, &*log).unwrap());
        let tenancy = Tenancy::open(log.clone(), vec![projector::fold], Some(snapshots)).await;
        let tenancy = tenancy.unwrap();
        let (id, name, role) = (KeyId::new(Uuid::from_u128(7)), "ci".to_owned(), KeyRole::Owner);
        let issue = PlatformCommand::IssueKey { key: id, name, role, hash: key.hash() };
        tenancy.administer(call(0), issue).await.unwrap();
        for tenant in TENANTS {
            let (name, profile) = (tenant.to_owned(), Profile::Lenient);
            let settings = TenantSettings { name, ..TenantSettings::of(profile) };
            let tenant = TenantId::parse(tenant).unwrap();
            let create = PlatformCommand::CreateTenant { tenant, settings };
            tenancy.administer(call(0), create).await.unwrap();
        }
        let key = tenancy.authenticate_key(key.reveal()).await.unwrap().unwrap();
        for number in 1..=COMMANDS {
            let id = TENANTS[number as usize % TENANTS.len()];
            let tenant = tenancy.tenant(&key, id).await.unwrap().unwrap();
            let done = tenancy.commit(&tenant, call(number), command(dice), |_, _| ()).await;
            assert!(matches!(done, Ok(()) | Err(CommitError::Rejected(_))), "{done:?}");
            if number == COMMANDS / 2 {
                tenancy.project_all().unwrap();
                let patience = Duration::from_secs(2);
                let every = SnapshotEvery { tenant_events: 1, platform_events: 1, patience };
                assert_eq!(tenancy.save_snapshots(every).unwrap(), 1 + TENANTS.len());
            }
        }
    });
    log.close();
}

fn call(number: u32) -> Call {
    let connection = Some(ConnectionId::default_connection());
    let txn = TxnId::new(Uuid::from_u128(number.into()));
    let at = Timestamp(1_790_000_000_000 + i64::from(number));
    Call { txn, at, actor: Actor::system(), connection }
}

fn options() -> Options {
    Options {
        cache_bytes: 4 << 20,
        generation_bytes: 24 << 10,
        free_floor_bytes: 0,
        ..Options::new(LogId::new(Uuid::from_u128(1)))
    }
}

/// One wrong bit, or a file cut short; says where.
pub(crate) fn damage(dir: &Path, dice: &mut Dice) -> String {
    let files: Vec<PathBuf> =
        files(dir).into_iter().filter(|file| fs::metadata(file).unwrap().len() > 0).collect();
    let file = &files[usize::try_from(dice.roll(files.len() as u64)).unwrap()];
    let mut bytes = fs::read(file).unwrap();
    // sled's file is long and mostly empty: what has been written to it stands in front.
    let used = bytes.iter().rposition(|byte| *byte != 0).map_or(1, |last| last as u64 + 1);
    let at = usize::try_from(dice.roll(used)).unwrap();
    let what = if dice.roll(CUT_SHORT) == 0 {
        bytes.truncate(at);
        "cut short at"
    } else {
        bytes[at] ^= 1 << dice.roll(8);
        "a wrong bit at"
    };
    fs::write(file, bytes).unwrap();
    format!("{} {what} {at}", file.strip_prefix(dir).unwrap().display())
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files.extend(self::files(&path)) } else { files.push(path) }
    }
    files.sort();
    files
}

fn copied(dir: &Path) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    for file in files(dir) {
        let to = copy.path().join(file.strip_prefix(dir).unwrap());
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(file, to).unwrap();
    }
    copy
}

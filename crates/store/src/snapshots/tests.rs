//! What is written is read; what isn't what was written is removed and never read.

use std::sync::Arc;

use super::*;
use crate::log::model::ModelLog;

const VERSION: u32 = 3;

fn acme() -> TenantId {
    TenantId::parse("acme").unwrap()
}

fn log(id: u128) -> Arc<ModelLog> {
    Arc::new(ModelLog::new(LogId::new(uuid::Uuid::from_u128(id))))
}

/// Small ones, an empty one, and one that is larger than a block.
fn records() -> Vec<Vec<u8>> {
    let mut records: Vec<Vec<u8>> = (0..100).map(|n| vec![n; n.into()]).collect();
    records.push(vec![7; 3 << 20]);
    records.push(b"last".to_vec());
    records
}

fn read(snapshots: &Snapshots, durable: u64) -> Option<(Seq, Vec<Vec<u8>>)> {
    let mut records = Vec::new();
    let mut take = |record: Bytes| {
        records.push(record.to_vec());
        Ok(())
    };
    let seq = snapshots.read(&acme(), (Seq(durable), VERSION), &mut take)?;
    Some((seq, records))
}

fn names(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir.join(DIRECTORY)).unwrap();
    entries.map(|it| it.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn the_newest_is_read_by_this_process_and_the_next() {
    let (dir, log) = (tempfile::tempdir().unwrap(), log(1));
    let snapshots = Snapshots::open(dir.path(), &*log).unwrap();
    assert_eq!(read(&snapshots, 9), None);
    snapshots.save(&acme(), (Seq(5), VERSION), std::iter::empty()).unwrap();
    snapshots.save(&acme(), (Seq(7), VERSION), records().into_iter()).unwrap();
    fs::write(dir.path().join(DIRECTORY).join("acme.tmp"), "cut off").unwrap();
    for snapshots in [snapshots, Snapshots::open(dir.path(), &*log).unwrap()] {
        assert_eq!(read(&snapshots, 7), Some((Seq(7), records())));
        assert_eq!(snapshots.newest(&acme()).unwrap().seq, Seq(7));
    }
    assert_eq!(names(dir.path()), ["acme.00000000000000000007"]);
}

#[test]
fn one_that_does_not_belong_here_is_removed() {
    let check = |log_id: u128, durable: u64, version: u32, refuse: bool| {
        let dir = tempfile::tempdir().unwrap();
        let written = Snapshots::open(dir.path(), &*log(1)).unwrap();
        written.save(&acme(), (Seq(7), VERSION), records().into_iter()).unwrap();
        let snapshots = Snapshots::open(dir.path(), &*log(log_id)).unwrap();
        let mut take = |_| if refuse { Err("not this one".into()) } else { Ok(()) };
        assert_eq!(snapshots.read(&acme(), (Seq(durable), version), &mut take), None);
        assert_eq!((snapshots.newest(&acme()), names(dir.path()).len()), (None, 0));
    };
    check(2, 7, VERSION, false);
    check(1, 6, VERSION, false);
    check(1, 7, VERSION + 1, false);
    check(1, 7, VERSION, true);
}

#[test]
fn no_wrong_or_missing_byte_is_read() {
    let (dir, log) = (tempfile::tempdir().unwrap(), log(1));
    let small = || (0..20).map(|n| vec![n; 9]);
    let snapshots = Snapshots::open(dir.path(), &*log).unwrap();
    let path = dir.path().join(DIRECTORY).join(name_of(&acme(), Seq(7)));
    snapshots.save(&acme(), (Seq(7), VERSION), small()).unwrap();
    let whole = fs::read(&path).unwrap();
    let flipped = (0..whole.len()).map(|at| {
        let mut bytes = whole.clone();
        bytes[at] ^= 1 << (at % 8);
        bytes
    });
    let cut = (0..whole.len()).map(|length| whole[..length].to_vec());
    let longer = std::iter::once([&whole[..], &[0]].concat());
    for bytes in flipped.chain(cut).chain(longer) {
        fs::write(&path, bytes).unwrap();
        let snapshots = Snapshots::open(dir.path(), &*log).unwrap();
        assert_eq!(read(&snapshots, 9), None);
        assert!(!path.exists());
    }
}

/// A difference means a new format.
#[test]
fn bytes_are_those_of_the_golden_file() {
    let header = Header {
        log: LogId::new(uuid::Uuid::from_u128(1)),
        incarnation: 2,
        records: VERSION,
        stream: acme(),
        seq: Seq(7),
    };
    let mut bytes = Vec::new();
    format::write(&mut bytes, &header, [b"one".to_vec(), b"two".to_vec()].into_iter()).unwrap();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/snapshot-1.bin");
    if std::env::var_os("ROLLCALL_WRITE_GOLDEN").is_some() {
        fs::write(&path, &bytes).unwrap();
    }
    assert_eq!(fs::read(&path).unwrap(), bytes, "{}", path.display());
}

//! A recorded life, and what a power cut at one of its moments leaves.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use crate::life::Ledger;

const SECTOR_BYTES: usize = 512;
/// Where acknowledgements are written.
const SAID: &str = "acknowledged";

/// Chance that comes out the same for the same seed: `SplitMix64` (Steele, Lea, Flood 2014).
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `sides`.
    pub(crate) const fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        #[expect(clippy::cast_possible_truncation, reason = "it is below `sides`")]
        let number = ((mixed ^ (mixed >> 31)) % sides as u64) as usize;
        number
    }
}

/// Which file, whatever it is called.
type Inode = usize;

/// What happened to the files, in order. Paths begin below the root.
pub(crate) struct Trace(Vec<Step>);

enum Step {
    Made(PathBuf),
    Emptied(PathBuf),
    Written(PathBuf, u64, Vec<u8>),
    Cut(PathBuf, u64),
    Synced(PathBuf),
    Renamed(PathBuf, PathBuf),
    Removed(PathBuf),
    Directory(PathBuf),
    Acknowledged(String, u64),
}

/// A change of a file's bytes.
#[derive(Clone)]
enum Change {
    Bytes(u64, Vec<u8>),
    Length(u64),
}

/// A change of a directory's names.
#[derive(Clone)]
struct Naming {
    /// The names' new meanings; `None`: gone.
    names: Vec<(PathBuf, Option<Inode>)>,
}

#[derive(Default)]
struct Disk {
    files: Vec<Vec<u8>>,
    unsynced: Vec<Vec<Change>>,
    /// As the process sees it.
    names: HashMap<PathBuf, Inode>,
    /// As it is on the disk.
    durable: BTreeMap<PathBuf, Inode>,
    /// By directory, in order.
    namings: BTreeMap<PathBuf, Vec<Naming>>,
    directories: Vec<PathBuf>,
    ledger: Ledger,
}

impl Trace {
    pub(crate) fn read(file: &Path, root: &Path) -> Self {
        let bytes = fs::read(file).unwrap();
        let (mut rest, mut steps) = (&bytes[..], Vec::new());
        while let Some((what, path, offset, data)) = next(&mut rest) {
            let below = |path: &[u8]| {
                let path = Path::new(std::str::from_utf8(path).unwrap());
                path.strip_prefix(root).unwrap().to_owned()
            };
            let path_below = below(path);
            if path_below == Path::new(SAID) {
                steps.extend(said(data));
                continue;
            }
            steps.push(match what {
                b'o' if offset == 0 => Step::Made(path_below),
                b'o' => Step::Emptied(path_below),
                b'w' => Step::Written(path_below, offset, data.to_vec()),
                b't' => Step::Cut(path_below, offset),
                b's' => Step::Synced(path_below),
                b'r' => Step::Renamed(path_below, below(data)),
                b'u' => Step::Removed(path_below),
                b'm' => Step::Directory(path_below),
                other => panic!("record {other}"),
            });
        }
        Self(steps)
    }

    pub(crate) fn acknowledged(&self) -> usize {
        self.0.iter().filter(|step| matches!(step, Step::Acknowledged(..))).count()
    }

    /// Makes the files as a cut at some moment leaves them; what was acknowledged by then.
    pub(crate) fn cut(&self, dice: &mut Dice, image: &Path) -> Ledger {
        let mut disk = Disk::default();
        let end = self.moment(dice);
        self.0.iter().take(end).for_each(|step| disk.take(step));
        disk.lose(dice);
        disk.write(image);
        disk.ledger
    }
}

impl Trace {
    /// Any moment, or every other time one in which names change: those are few, and what is lost then is lost for good.
    fn moment(&self, dice: &mut Dice) -> usize {
        let is_naming = |step: &Step| matches!(step, Step::Renamed(..) | Step::Removed(_));
        let steps = self.0.iter().enumerate().filter(|(_, step)| is_naming(step));
        let namings: Vec<usize> = steps.map(|(at, _)| at).collect();
        match namings.len() {
            count if count > 0 && dice.roll(2) == 0 => namings[dice.roll(count)] + dice.roll(4),
            _ => dice.roll(self.0.len() + 1),
        }
    }
}

/// The next record; the last may be cut off.
fn next<'a>(rest: &mut &'a [u8]) -> Option<(u8, &'a [u8], u64, &'a [u8])> {
    let (head, body) = rest.split_at_checked(17)?;
    let number = |at: usize| u32::from_le_bytes(head[at..at + 4].try_into().unwrap()) as usize;
    let offset = u64::from_le_bytes(head[9..].try_into().unwrap());
    let (path, body) = body.split_at_checked(number(1))?;
    let (data, body) = body.split_at_checked(number(5))?;
    *rest = body;
    Some((head[0], path, offset, data))
}

fn said(line: &[u8]) -> Option<Step> {
    let line = std::str::from_utf8(line).unwrap().trim_end();
    let (tenant, seq) = line.split_once(' ')?;
    Some(Step::Acknowledged(tenant.to_owned(), seq.parse().unwrap()))
}

impl Disk {
    fn take(&mut self, step: &Step) {
        match step {
            Step::Made(path) => {
                self.files.push(Vec::new());
                self.unsynced.push(Vec::new());
                self.name(vec![(path.clone(), Some(self.files.len() - 1))]);
            }
            Step::Emptied(path) => self.change(path, Change::Length(0)),
            Step::Cut(path, length) => self.change(path, Change::Length(*length)),
            Step::Written(path, offset, data) => {
                self.change(path, Change::Bytes(*offset, data.clone()));
            }
            Step::Synced(path) => self.sync(path),
            Step::Renamed(from, to) => {
                let inode = self.names.get(from).copied();
                self.name(vec![(from.clone(), None), (to.clone(), inode)]);
            }
            Step::Removed(path) if self.names.contains_key(path) => {
                self.name(vec![(path.clone(), None)]);
            }
            // An empty directory that comes back does no harm.
            Step::Removed(_) => {}
            Step::Directory(path) => self.directories.push(path.clone()),
            Step::Acknowledged(tenant, seq) => drop(self.ledger.insert(tenant.clone(), *seq)),
        }
    }

    fn change(&mut self, path: &Path, change: Change) {
        let inode = self.names[path];
        self.unsynced[inode].push(change);
    }

    fn name(&mut self, names: Vec<(PathBuf, Option<Inode>)>) {
        for (path, inode) in &names {
            match inode {
                Some(inode) => drop(self.names.insert(path.clone(), *inode)),
                None => drop(self.names.remove(path)),
            }
        }
        let directory = names.last().unwrap().0.parent().unwrap().to_owned();
        self.namings.entry(directory).or_default().push(Naming { names });
    }

    fn sync(&mut self, path: &Path) {
        match self.names.get(path).copied() {
            Some(inode) => {
                let changes = std::mem::take(&mut self.unsynced[inode]);
                changes.into_iter().for_each(|change| apply(&mut self.files[inode], change));
            }
            None => {
                let namings = self.namings.remove(path).unwrap_or_default();
                namings.into_iter().for_each(|naming| self.settle(naming));
            }
        }
    }

    fn settle(&mut self, naming: Naming) {
        for (path, inode) in naming.names {
            match inode {
                Some(inode) => drop(self.durable.insert(path, inode)),
                None => drop(self.durable.remove(&path)),
            }
        }
    }

    /// What was not synced is lost, torn, or there after all.
    fn lose(&mut self, dice: &mut Dice) {
        for namings in std::mem::take(&mut self.namings).into_values() {
            let kept = dice.roll(namings.len() + 1);
            namings.into_iter().take(kept).for_each(|naming| self.settle(naming));
        }
        let unsynced = std::mem::take(&mut self.unsynced);
        for (file, changes) in self.files.iter_mut().zip(unsynced) {
            for change in changes {
                match (change, dice.roll(3)) {
                    (_, 0) => {}
                    (Change::Bytes(offset, data), 1) => tear(file, offset, &data, dice),
                    (change, _) => apply(file, change),
                }
            }
        }
    }

    fn write(&self, image: &Path) {
        for directory in &self.directories {
            fs::create_dir_all(image.join(directory)).unwrap();
        }
        for (path, inode) in &self.durable {
            let path = image.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            let file = fs::File::create(&path).unwrap();
            // Holes stay holes: sled's file is long and mostly empty.
            for (at, chunk) in (0..).zip(self.files[*inode].chunks(1 << 16)) {
                if chunk.iter().any(|byte| *byte != 0) {
                    file.write_all_at(chunk, at << 16).unwrap();
                }
            }
            file.set_len(self.files[*inode].len() as u64).unwrap();
        }
    }
}

fn apply(file: &mut Vec<u8>, change: Change) {
    match change {
        Change::Length(length) => file.resize(usize::try_from(length).unwrap(), 0),
        Change::Bytes(offset, data) => put(file, usize::try_from(offset).unwrap(), &data),
    }
}

/// Each sector by itself.
fn tear(file: &mut Vec<u8>, offset: u64, data: &[u8], dice: &mut Dice) {
    let mut at = usize::try_from(offset).unwrap();
    let mut rest = data;
    while !rest.is_empty() {
        let sector = (SECTOR_BYTES - at % SECTOR_BYTES).min(rest.len());
        let (bytes, after) = rest.split_at(sector);
        if dice.roll(2) == 0 {
            put(file, at, bytes);
        }
        at += sector;
        rest = after;
    }
}

fn put(file: &mut Vec<u8>, at: usize, bytes: &[u8]) {
    let end = at + bytes.len();
    if file.len() < end {
        file.resize(end, 0);
    }
    file[at..end].copy_from_slice(bytes);
}

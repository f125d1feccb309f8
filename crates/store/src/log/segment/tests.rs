//! What is written is read, by position and by tenant; what is damaged is never taken for something else.

use std::collections::BTreeMap;

use bytes::Bytes;
use events::{LogId, Position, Seq, TenantId};
use proptest::prelude::*;
use uuid::Uuid;

use super::super::recent::{Kept, Page};
use super::super::support::{envelope, tenant};
use super::super::{Limit, Logged, ReadError, frame};
use super::*;

/// As release 0.1 wrote it. It must be read for ever.
const GOLDEN: &[u8] = include_bytes!("../../../golden/segment-1.bin");
const ALL: Limit = Limit { events: usize::MAX, bytes: usize::MAX };
const NAMES: [&str; 4] = ["acme", "globex", "initech", "umbrella"];

const fn facts(number: u32) -> Facts {
    let log = LogId::new(Uuid::from_u128(0x0192_8c5a_7b3e_7d44_9f10_a1b2_c3d4_e5f6));
    Facts { log, incarnation: 3, number }
}

/// Events – whose, how large – behind what the log holds, in batches of three.
fn kept(from: Position, heads: &Heads, events: &[(usize, usize)]) -> Vec<Kept> {
    let mut seqs: BTreeMap<TenantId, u64> =
        heads.iter().map(|(tenant, head)| (tenant.clone(), head.seq.0)).collect();
    let mut at = from;
    let mut kept = Vec::new();
    for (name, bytes) in events {
        let tenant = tenant(NAMES[*name]);
        let seq = seqs.entry(tenant.clone()).or_default();
        *seq += 1;
        let envelope = envelope(&tenant, *seq, *bytes);
        let next = Position(at.0 + frame::count(envelope.len()) as u64);
        let logged = Logged { position: at, next, envelope };
        kept.push(Kept { tenant, seq: Seq(*seq), logged, epoch: 5, batch_last: Position(0) });
        at = next;
    }
    for batch in kept.chunks_mut(3) {
        let last = batch.last().map_or(0, |event| event.logged.next.0 - 1);
        batch.iter_mut().for_each(|event| event.batch_last = Position(last));
    }
    kept
}

fn written(number: u32, events: &[Kept], heads: &mut Heads) -> Bytes {
    let mut out = Vec::new();
    let sealed = write(&mut out, facts(number), events, heads).unwrap();
    assert_eq!(sealed.bytes, out.len() as u64);
    out.into()
}

fn opened(bytes: &Bytes) -> Result<Segment, ReadError> {
    Segment::open(Source::Memory(bytes.clone()), facts(0).log)
}

fn by_position(segment: &Segment, from: Position, limit: Limit) -> Result<Vec<Logged>, ReadError> {
    let mut page = Page::new(limit);
    segment.read(from, &mut page)?;
    Ok(page.into_events())
}

fn by_tenant(
    segment: &Segment,
    tenant: &TenantId,
    between: (Seq, Seq),
    limit: Limit,
) -> Result<Vec<Logged>, ReadError> {
    let mut page = Page::new(limit);
    if let Some(run) = segment.run(tenant)? {
        segment.read_run(&run, between, &mut page)?;
    }
    Ok(page.into_events())
}

fn logged<'a>(events: impl IntoIterator<Item = &'a Kept>) -> Vec<Logged> {
    events.into_iter().map(|event| event.logged.clone()).collect()
}

/// The events of the golden file.
fn golden() -> (Vec<Kept>, Heads) {
    let head = |seq| Head { seq: Seq(seq), segment: 4 };
    let heads = Heads::from([(tenant("acme"), head(7)), (tenant("umbrella"), head(9))]);
    (kept(Position(1_000), &heads, &[(0, 20), (1, 0), (0, 30), (2, 66_000), (1, 10)]), heads)
}

#[test]
fn golden_bytes_are_read_and_are_still_written() {
    let (events, mut heads) = golden();
    let bytes = written(6, &events, &mut heads);
    if std::env::var_os("ROLLCALL_WRITE_GOLDEN").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/golden/segment-1.bin");
        std::fs::write(path, &bytes).unwrap();
    }
    let segment = opened(&Bytes::from_static(GOLDEN)).unwrap();
    segment.verify().unwrap();
    assert_eq!(segment.facts(), facts(6));
    let (first, end) = (Position(1_000), Position(1_006));
    let sealed = Sealed { number: 6, first, end, events: 5, bytes: GOLDEN.len() as u64 };
    assert_eq!(segment.sealed(), sealed);
    assert_eq!(by_position(&segment, first, ALL).unwrap(), logged(&events));
    assert_eq!(segment.heads().unwrap(), heads);
    let previous =
        |name| segment.run(&tenant(name)).unwrap().map(|run| (run.first.0, run.previous));
    assert_eq!(previous("acme"), Some((8, Some(4))));
    assert_eq!(previous("globex"), Some((1, None)));
    assert_eq!(previous("umbrella"), None);
    let head = |name| heads.get(&tenant(name)).map(|head| (head.seq.0, head.segment));
    assert_eq!((head("acme"), head("umbrella")), (Some((9, 6)), Some((9, 4))));
    assert!(bytes == GOLDEN, "it is written otherwise now");
}

#[test]
fn nothing_and_what_no_offset_can_name_is_not_written() {
    let refused = write(&mut Vec::new(), facts(0), &[], &mut Heads::new());
    assert_eq!(refused.unwrap_err().kind(), std::io::ErrorKind::InvalidInput);
}

/// One bit, anywhere: no read gives anything but the right answer or an error, and `verify` sees it.
#[test]
fn a_wrong_bit_is_never_taken_for_something_else() {
    let events = kept(Position(0), &Heads::new(), &[(0, 10), (1, 10), (0, 10)]);
    let whole = written(0, &events, &mut Heads::new());
    for bit in 0..whole.len() * 8 {
        let mut damaged = whole.to_vec();
        damaged[bit / 8] ^= 1 << (bit % 8);
        check_damaged(&damaged.into(), &events, &format!("bit {bit}"));
    }
    for length in 0..whole.len() {
        check_damaged(&whole.slice(..length), &events, &format!("{length} bytes"));
    }
    check_damaged(&[&whole[..], &[0]].concat().into(), &events, "a byte more");
}

fn check_damaged(bytes: &Bytes, events: &[Kept], what: &str) {
    let Ok(segment) = opened(bytes) else { return };
    assert!(segment.verify().is_err(), "{what} is not seen");
    if let Ok(read) = by_position(&segment, Position(0), ALL) {
        assert_eq!(read, logged(events), "{what}");
    }
    for name in NAMES {
        let tenant = tenant(name);
        if let Ok(read) = by_tenant(&segment, &tenant, (Seq(0), Seq(u64::MAX)), ALL) {
            let expected = events.iter().filter(|event| event.tenant == tenant);
            assert_eq!(read, logged(expected), "{what}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn what_is_written_is_read(
        sizes in prop::collection::vec((0..4_usize, prop_oneof![9 => 0..300_usize, 1 => 60_000..140_000_usize]), 1..60),
        from in 0..60_usize,
        events_max in 1..20_usize,
        bytes_max in 1..200_000_usize,
    ) {
        let mut heads = Heads::new();
        let events = kept(Position(7), &heads, &sizes);
        let bytes = written(2, &events, &mut heads);
        let segment = opened(&bytes).unwrap();
        prop_assert_eq!(segment.verify(), Ok(()));
        let limit = Limit { events: events_max, bytes: bytes_max };
        let page = |of: &[&Kept]| {
            let mut page = Page::new(limit);
            let _full = of.iter().all(|event| page.push(event.logged.clone()));
            page.into_events()
        };
        let start = from % events.len();
        let expected: Vec<&Kept> = events[start..].iter().collect();
        let read = by_position(&segment, events[start].logged.position, limit).unwrap();
        prop_assert_eq!(read, page(&expected));
        for name in NAMES {
            let tenant = tenant(name);
            let own: Vec<&Kept> = events.iter().filter(|event| event.tenant == tenant).collect();
            for (after, until) in [(0, u64::MAX), (from as u64 / 4, u64::MAX), (1, 3), (2, 2), (u64::MAX - 1, u64::MAX)] {
                let between = (Seq(after), Seq(until));
                let wanted: Vec<&Kept> = own.iter().copied().filter(|event| event.seq > between.0 && event.seq < between.1).collect();
                prop_assert_eq!(by_tenant(&segment, &tenant, between, limit).unwrap(), page(&wanted));
            }
            prop_assert_eq!(heads.get(&tenant).map(|head| head.seq), own.last().map(|event| event.seq));
        }
        // A later part of an event is no place to begin at.
        for event in events.iter().filter(|event| event.logged.next.0 > event.logged.position.0 + 1) {
            let inside = Position(event.logged.position.0 + 1);
            prop_assert_eq!(by_position(&segment, inside, limit), Err(ReadError::NoEventHere { position: inside }));
        }
    }
}

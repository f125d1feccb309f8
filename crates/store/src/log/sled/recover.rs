//! What a start makes of the frames that lie in unsealed generations: whole batches without a hole are the truth.
//! A last batch that lacks frames was never acknowledged and is given up; anything else that is wrong is an error. Reads nothing itself.

use bytes::{Bytes, BytesMut};
use events::{Position, wire};

use super::super::Logged;
use super::super::numbering::Heads;
use super::super::recent::{Kept, Recent};
use super::generation::Generation;
use super::open::OpenError;
use super::raw::Found;

/// What a start found.
#[derive(Debug)]
pub(super) struct Recovered {
    /// Every event that is not sealed.
    pub(super) recent: Recent,
    /// The generations that they are of, in order: to be sealed.
    pub(super) unsealed: Vec<Unsealed>,
    /// Generations that hold nothing: to be dropped.
    pub(super) empty: Vec<Generation>,
}

/// A generation with events that are in no segment.
#[derive(Debug)]
pub(super) struct Unsealed {
    pub(super) generation: Generation,
    /// Its first event's position.
    pub(super) first: Position,
    /// One past its last frame.
    pub(super) end: Position,
}

/// Puts together what was found in each generation – in order of their numbers – behind `start`, where the segments end.
/// `heads` are the tenants' last numbers there; afterwards, those at the end.
pub(super) fn recover(
    generations: Vec<(Generation, Vec<Found>)>,
    start: Position,
    heads: &mut Heads,
) -> Result<Recovered, OpenError> {
    let mut recent = Recent::starting_at(start);
    let (mut unsealed, mut empty) = (Vec::new(), Vec::new());
    let begun: Vec<Option<Begun>> = generations.iter().map(|(_, found)| begun(found)).collect();
    for (place, (generation, mut found)) in generations.into_iter().enumerate() {
        let first = recent.next();
        // The next generation was begun where this one was found to end, whatever else lies in this one's file.
        let later = begun.iter().skip(place + 1).flatten().next();
        found.retain(|frame| {
            frame.position >= first && later.is_none_or(|begun| frame.position < begun.at)
        });
        take_batches(&found, &mut recent, heads)?;
        let end = recent.next();
        if let Some(begun) = later.filter(|begun| begun.at > end && begun.is_certain) {
            let reason = format!("the next frame that was found is {}", begun.at);
            return Err(damaged(end, reason));
        }
        if first < end {
            unsealed.push(Unsealed { generation, first, end });
        } else {
            empty.push(generation);
        }
    }
    Ok(Recovered { recent, unsealed, empty })
}

/// Where a generation seems to begin.
struct Begun {
    at: Position,
    /// Frames say where their batch ends, not where it began. Of a torn first batch the end may be all that reached the disk, and
    /// looks like a whole one: only a second batch proves that the first was finished.
    is_certain: bool,
}

/// Where a generation begins, if that can be said: not of one whose only batch lacks frames behind its first.
fn begun(found: &[Found]) -> Option<Begun> {
    let first = found.first()?;
    let is_certain = found.iter().any(|frame| frame.batch_last != first.batch_last);
    let is_torn = !is_certain && whole_batch(found, first.position).is_none();
    (!is_torn).then_some(Begun { at: first.position, is_certain })
}

/// Takes batch after batch. Ends where frames end, or at a last batch that is not whole.
fn take_batches(found: &[Found], recent: &mut Recent, heads: &mut Heads) -> Result<(), OpenError> {
    let (mut rest, mut epoch) = (found, 0);
    while let Some(batch) = whole_batch(rest, recent.next()) {
        epoch = batch.first().map_or(epoch, |frame| frame.epoch);
        take_events(batch, recent, heads)?;
        rest = rest.get(batch.len()..).unwrap_or_default();
    }
    // Frames of an earlier start's torn batch may lie on behind what a later one wrote in their place.
    let mut others = rest.iter().filter(|frame| frame.epoch >= epoch);
    let Some(torn) = others.next() else { return Ok(()) };
    if others.all(|frame| frame.batch_last == torn.batch_last) {
        tracing::warn!(position = %recent.next(), "the last batch is not whole: it is given up");
        return Ok(());
    }
    let expected = (recent.next().0..).map(Position);
    let missing = expected.zip(rest.iter().map(Some).chain(std::iter::repeat(None)));
    let missing = missing.into_iter().find(|(at, frame)| frame.is_none_or(|it| it.position != *at));
    let position = missing.map_or_else(|| recent.next(), |(at, _)| at);
    Err(damaged(position, "the frame is missing, and later ones are there".into()))
}

/// The frames of the batch that begins at a position, if all are there.
fn whole_batch(found: &[Found], at: Position) -> Option<&[Found]> {
    let first = found.first().filter(|frame| frame.position == at)?;
    let length = usize::try_from(first.batch_last.0.checked_sub(at.0)?.checked_add(1)?).ok()?;
    let batch = found.get(..length)?;
    let is_of_batch = |(place, frame): (u64, &Found)| {
        frame.position.0 == at.0 + place
            && frame.batch_last == first.batch_last
            && frame.epoch == first.epoch
    };
    (0..).zip(batch).all(is_of_batch).then_some(batch)
}

fn take_events(batch: &[Found], recent: &mut Recent, heads: &mut Heads) -> Result<(), OpenError> {
    let mut rest = batch;
    while let Some(first) = rest.first() {
        let at = first.position;
        let parts = rest.get(..usize::from(first.parts));
        let parts =
            parts.ok_or_else(|| damaged(at, "its event goes on in another batch".into()))?;
        if !(0..).zip(parts).all(|(part, frame)| frame.part == part && frame.parts == first.parts) {
            return Err(damaged(at, "the parts of its event do not fit together".into()));
        }
        let next = Position(at.0 + parts.len() as u64);
        let envelope = match parts {
            [only] => only.bytes.clone(),
            parts => joined(parts),
        };
        let peeked = wire::peek(&envelope).map_err(|error| damaged(at, error.to_string()))?;
        let tenant = peeked.tenant_id().map_err(|error| damaged(at, error.to_string()))?;
        let seq = peeked.seq;
        let advanced = heads.advance(&tenant, seq);
        advanced.map_err(|refused| damaged(at, refused.to_string()))?;
        let (epoch, batch_last) = (first.epoch, first.batch_last);
        let logged = Logged { position: at, next, envelope };
        recent.push(Kept { tenant, seq, logged, epoch, batch_last });
        rest = rest.get(parts.len()..).unwrap_or_default();
    }
    Ok(())
}

fn joined(parts: &[Found]) -> Bytes {
    let mut envelope = BytesMut::with_capacity(parts.iter().map(|part| part.bytes.len()).sum());
    parts.iter().for_each(|part| envelope.extend_from_slice(&part.bytes));
    envelope.freeze()
}

const fn damaged(position: Position, reason: String) -> OpenError {
    OpenError::Integrity { position: Some(position), reason }
}

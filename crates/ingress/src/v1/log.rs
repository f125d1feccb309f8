//! `/v1/log`: the log's files, for backups, and whether they are what was written. For operators: only a key of role owner may read
//! what lies here.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::web::block;
use bytes::Bytes;
use futures_util::stream;
use serde_json::{Value, json};
use store::log::{Log, ReadError, Sealed};

use super::key::Key;
use crate::answer::{Answer, Body};
use crate::error::Error;
use crate::exchange::Exchange;

/// Bytes of a segment that are read at once. A backup of 13 MB takes 9 ms of CPU with this, 18 ms with an eighth of it: what costs is
/// the way from the thread that reads to the one that sends.
const PIECE_BYTES: usize = 1 << 20;

/// GET `/v1/log`: which log, and its sealed segments in order.
pub(crate) fn show(exchange: &Exchange<'_>, by: &Key) -> Result<Answer, Error> {
    by.owner()?;
    let log = &exchange.state.log;
    let segments: Vec<Value> = log.sealed().iter().map(shown).collect();
    Answer::json(
        StatusCode::OK,
        &json!({
            "log": log.id().to_string(),
            "incarnation": log.incarnation(),
            "at": exchange.now.to_string(),
            "durable": log.durable().0,
            "segments": segments,
            "master_key": exchange.state.keys.fingerprint(),
        }),
    )
}

/// GET `/v1/log/segments/{number}`: the file, byte by byte.
pub(crate) async fn segment(exchange: &Exchange<'_>, by: &Key) -> Result<Answer, Error> {
    by.owner()?;
    let number = number(exchange)?;
    let log = Arc::clone(&exchange.state.log);
    let first = piece(Arc::clone(&log), number, 0).await?;
    let first = first.ok_or_else(|| exchange.no_such("segment"))?;
    let pieces = stream::unfold((Some(first), 0), move |(next, at)| {
        let log = Arc::clone(&log);
        async move {
            let piece = next.filter(|piece| !piece.is_empty())?;
            let at = at + piece.len() as u64;
            Some(match self::piece(log, number, at).await {
                Ok(following) => (Ok(piece), (following, at)),
                Err(error) => (Err(error), (None, at)),
            })
        }
    });
    Ok(Answer::new(StatusCode::OK, Body::Pieces(Box::pin(pieces))))
}

/// GET `/v1/log/unsealed`: what is durable and in no segment yet, as a segment; 204 when there is nothing.
pub(crate) async fn unsealed(exchange: &Exchange<'_>, by: &Key) -> Result<Answer, Error> {
    by.owner()?;
    let log = Arc::clone(&exchange.state.log);
    let bytes = block(move || log.unsealed()).await.map_err(|_| Error::Failed)?;
    Ok(match bytes.map_err(tenancy::Error::from)? {
        Some(bytes) => Answer::ok(bytes.into()),
        None => Answer::done(),
    })
}

/// POST `/v1/log/segments/{number}/verify`: reads all of it. `fault` says what is wrong first, `null`: nothing.
pub(crate) async fn verify_segment(exchange: &Exchange<'_>, by: &Key) -> Result<Answer, Error> {
    by.owner()?;
    let (log, number) = (Arc::clone(&exchange.state.log), number(exchange)?);
    let verified = block(move || log.verify_segment(number)).await.map_err(|_| Error::Failed)?;
    let fault = match verified {
        Ok(true) => None,
        Ok(false) => return Err(exchange.no_such("segment")),
        Err(fault @ (ReadError::Integrity { .. } | ReadError::NoEventHere { .. })) => {
            Some(fault.to_string())
        }
        Err(error @ ReadError::Io { .. }) => return Err(tenancy::Error::from(error).into()),
    };
    Answer::json(StatusCode::OK, &json!({ "fault": fault }))
}

/// POST `/v1/log/views/verify`: folds the whole log anew and compares it with what is in memory. `faults` are the differences; they may
/// name people.
pub(crate) async fn verify_views(exchange: &Exchange<'_>, by: &Key) -> Result<Answer, Error> {
    by.owner()?;
    let faults = exchange.state.tenancy.verify().await.err().unwrap_or_default();
    Answer::json(StatusCode::OK, &json!({ "faults": faults }))
}

async fn piece(log: Arc<dyn Log>, number: u32, at: u64) -> Result<Option<Bytes>, Error> {
    let read = block(move || log.segment_bytes(number, at, PIECE_BYTES)).await;
    Ok(read.map_err(|_| Error::Failed)?.map_err(tenancy::Error::from)?)
}

fn number(exchange: &Exchange<'_>) -> Result<u32, Error> {
    exchange.parameter(0).parse().map_err(|_| exchange.no_such("segment"))
}

fn shown(segment: &Sealed) -> Value {
    let Sealed { number, first, end, events, bytes } = segment;
    json!({ "number": number, "first": first.0, "end": end.0, "events": events, "bytes": bytes })
}

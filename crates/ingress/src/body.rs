//! Reads a body: its type, its size and its pace are limited (design §6). Parses nothing.

use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::header::{self, HeaderMap};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use tokio::time::{Instant, timeout_at};

use crate::{Limits, error::Error, media};

/// Over this span a body must keep its pace.
const PACE_SPAN_S: u64 = 10;

/// Reads a whole body of at most `bytes_max`.
///
/// # Errors
/// 415 for a type that isn't read, 413 for one byte too many, 408 for a slow one, 400 for one that breaks off.
pub(crate) async fn read(
    payload: &mut Payload,
    headers: &HeaderMap,
    bytes_max: usize,
    limits: &Limits,
) -> Result<Bytes, Error> {
    let mut body = Whole::Nothing;
    each_chunk(payload, headers, (bytes_max, limits), |chunk| {
        body = std::mem::replace(&mut body, Whole::Nothing).and(chunk);
        Ok(())
    })
    .await?;
    Ok(body.into_bytes())
}

/// Gives a body of at most `bytes_max` chunk by chunk.
///
/// # Errors
/// As of [`read`], and what `take` says.
pub(crate) async fn each_chunk(
    payload: &mut Payload,
    headers: &HeaderMap,
    (bytes_max, limits): (usize, &Limits),
    mut take: impl FnMut(Bytes) -> Result<(), Error>,
) -> Result<(), Error> {
    if !media::is_readable(headers) {
        return Err(Error::UnreadableType);
    }
    if announced(headers).is_some_and(|bytes| bytes > bytes_max) {
        return Err(Error::BodyTooLarge { bytes_max });
    }
    let (mut bytes, mut pace) = (0, Pace::begin(limits.body_bytes_per_s_min));
    while let Some(chunk) = pace.next(payload).await? {
        bytes += chunk.len();
        if bytes > bytes_max {
            return Err(Error::BodyTooLarge { bytes_max });
        }
        take(chunk)?;
    }
    Ok(())
}

fn announced(headers: &HeaderMap) -> Option<usize> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// What came so far. One chunk, as nearly always, is never copied.
enum Whole {
    Nothing,
    One(Bytes),
    Many(BytesMut),
}

impl Whole {
    fn and(self, chunk: Bytes) -> Self {
        let mut chunks = match self {
            Self::Nothing => return Self::One(chunk),
            Self::One(first) => BytesMut::from(first),
            Self::Many(chunks) => chunks,
        };
        chunks.extend_from_slice(&chunk);
        Self::Many(chunks)
    }

    fn into_bytes(self) -> Bytes {
        match self {
            Self::Nothing => Bytes::new(),
            Self::One(chunk) => chunk,
            Self::Many(chunks) => chunks.freeze(),
        }
    }
}

/// Counts what comes in spans of ten seconds: a span that brings too little and doesn't end the body cuts it off.
struct Pace {
    bytes_per_s_min: usize,
    span_bytes: usize,
    span_end: Instant,
}

impl Pace {
    fn begin(bytes_per_s_min: usize) -> Self {
        let span_end = Instant::now() + Duration::from_secs(PACE_SPAN_S);
        Self { bytes_per_s_min, span_bytes: 0, span_end }
    }

    async fn next(&mut self, payload: &mut Payload) -> Result<Option<Bytes>, Error> {
        loop {
            match timeout_at(self.span_end, payload.next()).await {
                Ok(None) => return Ok(None),
                Ok(Some(Err(_))) => return Err(Error::BodyBroken),
                Ok(Some(Ok(chunk))) => {
                    self.span_bytes += chunk.len();
                    return Ok(Some(chunk));
                }
                Err(_) if self.is_slow() => {
                    let bytes_per_s_min = self.bytes_per_s_min;
                    return Err(Error::BodyTooSlow { bytes_per_s_min });
                }
                Err(_) => *self = Self::begin(self.bytes_per_s_min),
            }
        }
    }

    fn is_slow(&self) -> bool {
        let span_s = usize::try_from(PACE_SPAN_S).unwrap_or(usize::MAX);
        self.span_bytes < self.bytes_per_s_min.saturating_mul(span_s)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_http::BoxedPayloadStream;
    use actix_web::error::PayloadError;
    use futures_util::stream;

    /// Reads chunks that each come after a pause, in seconds.
    async fn check(chunks: &[(u64, usize)], ends: bool, bytes_max: usize) -> Result<usize, Error> {
        let steps = chunks.to_vec();
        let whole = stream::iter(steps).then(|(pause_s, bytes)| async move {
            tokio::time::sleep(Duration::from_secs(pause_s)).await;
            Ok::<_, PayloadError>(Bytes::from(vec![b'x'; bytes]))
        });
        let rest = stream::iter((!ends).then_some(Err(PayloadError::Incomplete(None))));
        let whole: BoxedPayloadStream = Box::pin(whole.chain(rest));
        let mut payload = Payload::from(whole);
        let limits = Limits { body_bytes_per_s_min: 10, ..Limits::default() };
        read(&mut payload, &HeaderMap::new(), bytes_max, &limits).await.map(|body| body.len())
    }

    #[tokio::test(start_paused = true)]
    async fn size_and_pace_are_limited() {
        assert_eq!(check(&[], true, 10).await, Ok(0));
        assert_eq!(check(&[(0, 10)], true, 10).await, Ok(10));
        assert_eq!(check(&[(0, 6), (0, 4)], true, 10).await, Ok(10));
        let too_large = Err(Error::BodyTooLarge { bytes_max: 10 });
        assert_eq!(check(&[(0, 11)], true, 10).await, too_large);
        assert_eq!(check(&[(0, 6), (0, 5)], true, 10).await, too_large);
        assert_eq!(check(&[(0, 6)], false, 10).await, Err(Error::BodyBroken));
        let too_slow = Err(Error::BodyTooSlow { bytes_per_s_min: 10 });
        assert_eq!(check(&[(9, 1)], true, 1000).await, Ok(1));
        assert_eq!(check(&[(11, 1)], true, 1000).await, too_slow);
        assert_eq!(check(&[(1, 100), (10, 100), (10, 1)], true, 1000).await, Ok(201));
        assert_eq!(check(&[(1, 100), (10, 99), (10, 1)], true, 1000).await, too_slow);
    }

    #[actix_web::test]
    async fn what_is_announced_too_large_or_of_another_type_is_not_read() {
        let refused = |name: header::HeaderName, value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(name, value.parse().unwrap());
            async move { read(&mut Payload::None, &headers, 10, &Limits::default()).await }
        };
        let too_large = Err(Error::BodyTooLarge { bytes_max: 10 });
        assert_eq!(refused(header::CONTENT_LENGTH, "11").await, too_large);
        assert_eq!(refused(header::CONTENT_TYPE, "text/csv").await, Err(Error::UnreadableType));
    }
}

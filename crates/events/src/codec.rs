//! The blob of an event: compressed (zstd level 1 with a built-in dictionary), not sealed yet.
//!
//! The dictionary is part of the format and is kept for ever: a new one is a new codec. It is made
//! from synthetic data by `examples/train_dictionary.rs`.

use std::cell::RefCell;
use std::io;
use std::sync::LazyLock;

use bytes::Bytes;
use zstd::bulk::{Compressor, Decompressor};
use zstd::dict::{DecoderDictionary, EncoderDictionary};
use zstd::zstd_safe::CParameter;

use crate::proto;
use crate::wire::{DecodeError, Fields};

/// The largest payload that a blob may hold, in bytes before compression.
pub(crate) const RAW_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Payloads shorter than this, in bytes, are not worth a try.
const COMPRESSED_BYTES_MIN: usize = 48;

const LEVEL: i32 = 1;
const DICTIONARY_1: &[u8] = include_bytes!("../dict/v1.dict");

/// Puts an encoded payload into a blob.
pub(crate) fn pack(raw: Bytes) -> proto::Blob {
    match compress(&raw) {
        Some(smaller) => blob(proto::Codec::ZstdDict1, smaller, raw.len()),
        None => plain(raw),
    }
}

/// Puts an encoded payload into a blob as it is.
pub(crate) fn plain(raw: Bytes) -> proto::Blob {
    let raw_length = raw.len();
    blob(proto::Codec::None, raw, raw_length)
}

fn blob(codec: proto::Codec, bytes: Bytes, raw_length: usize) -> proto::Blob {
    let raw_length = u32::try_from(raw_length).unwrap_or(u32::MAX);
    proto::Blob { codec: codec.into(), seal: proto::Seal::None.into(), raw_length, bytes }
}

/// A blob as it lies in a record.
pub(crate) struct Blob<'a> {
    codec: i32,
    seal: i32,
    raw_length: usize,
    bytes: &'a [u8],
}

impl<'a> Blob<'a> {
    /// Reads `rollcall.events.v1.Blob`.
    pub(crate) fn read(message: &'a [u8]) -> Result<Self, DecodeError> {
        let mut blob = Self { codec: 0, seal: 0, raw_length: 0, bytes: &[] };
        for field in Fields::of(message) {
            let (tag, value) = field?;
            match tag {
                1 => blob.codec = value.code("codec")?,
                2 => blob.seal = value.code("seal")?,
                3 => blob.raw_length = value.number("length of the blob")?,
                4 => blob.bytes = value.bytes("blob")?,
                _ => {}
            }
        }
        Ok(blob)
    }
}

/// Takes the encoded payload out of a blob and gives it to `read`.
pub(crate) fn unpack<T>(
    blob: Blob<'_>,
    read: impl FnOnce(&[u8]) -> Result<T, DecodeError>,
) -> Result<T, DecodeError> {
    let Blob { codec, seal, raw_length, bytes } = blob;
    if seal != i32::from(proto::Seal::None) {
        return Err(DecodeError::UnknownSeal { number: seal });
    }
    if raw_length > RAW_BYTES_MAX {
        return Err(DecodeError::TooLarge { bytes: raw_length });
    }
    let read = |raw: &[u8]| match raw.len() == raw_length {
        true => read(raw),
        false => Err(DecodeError::Invalid("length of the blob")),
    };
    match proto::Codec::try_from(codec) {
        Ok(proto::Codec::None) => read(bytes),
        Ok(proto::Codec::ZstdDict1) => decompress(bytes, raw_length, read),
        Ok(proto::Codec::Unspecified) | Err(_) => Err(DecodeError::UnknownCodec { number: codec }),
    }
}

/// The frame, if it is smaller than what went in.
fn compress(raw: &[u8]) -> Option<Bytes> {
    if raw.len() < COMPRESSED_BYTES_MIN {
        return None;
    }
    COMPRESSOR.with_borrow_mut(|slot| {
        let compressor = ready(slot, compressor).ok()?;
        // One byte less than what went in: a frame that doesn't fit is of no use.
        let mut frame = Vec::with_capacity(raw.len() - 1);
        compressor.compress_to_buffer(raw, &mut frame).ok()?;
        frame.shrink_to_fit();
        Some(Bytes::from(frame))
    })
}

fn decompress<T>(
    frame: &[u8],
    raw_length: usize,
    read: impl FnOnce(&[u8]) -> Result<T, DecodeError>,
) -> Result<T, DecodeError> {
    UNPACKER.with_borrow_mut(|slot| {
        let unpacker = ready(slot, Unpacker::new).map_err(DecodeError::Decompress)?;
        unpacker.unpack(frame, raw_length, read)
    })
}

static ENCODER: LazyLock<EncoderDictionary<'static>> =
    LazyLock::new(|| EncoderDictionary::copy(DICTIONARY_1, LEVEL));
static DECODER: LazyLock<DecoderDictionary<'static>> =
    LazyLock::new(|| DecoderDictionary::copy(DICTIONARY_1));

thread_local! {
    // A context costs more to make than a payload to compress, so each thread keeps its own.
    static COMPRESSOR: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
    static UNPACKER: RefCell<Option<Unpacker>> = const { RefCell::new(None) };
}

fn ready<T>(slot: &mut Option<T>, make: fn() -> io::Result<T>) -> io::Result<&mut T> {
    match slot {
        Some(made) => Ok(made),
        None => Ok(slot.insert(make()?)),
    }
}

/// Length and integrity are the blob's and the frame's business, so zstd's own fields stay out.
fn compressor() -> io::Result<Compressor<'static>> {
    let mut compressor = Compressor::with_prepared_dictionary(&ENCODER)?;
    compressor.set_parameter(CParameter::ContentSizeFlag(false))?;
    compressor.set_parameter(CParameter::ChecksumFlag(false))?;
    compressor.set_parameter(CParameter::DictIdFlag(false))?;
    Ok(compressor)
}

/// Decompresses one payload after the other into the same room.
struct Unpacker {
    decompressor: Decompressor<'static>,
    room: Vec<u8>,
}

/// Room that is kept for the next payload, in bytes.
const ROOM_BYTES_MAX: usize = 64 * 1024;

impl Unpacker {
    fn new() -> io::Result<Self> {
        let decompressor = Decompressor::with_prepared_dictionary(&DECODER)?;
        Ok(Self { decompressor, room: Vec::new() })
    }

    fn unpack<T>(
        &mut self,
        frame: &[u8],
        raw_length: usize,
        read: impl FnOnce(&[u8]) -> Result<T, DecodeError>,
    ) -> Result<T, DecodeError> {
        if self.room.len() < raw_length {
            self.room.resize(raw_length, 0);
        }
        // Not a byte more: a frame that grows beyond its length is none of ours.
        let (room, _) = self.room.split_at_mut(raw_length);
        let length = self.decompressor.decompress_to_buffer(frame, room);
        let payload = match length {
            Ok(length) => read(room.get(..length).unwrap_or_default()),
            Err(error) => Err(DecodeError::Decompress(error)),
        };
        if self.room.len() > ROOM_BYTES_MAX {
            self.room = Vec::new();
        }
        payload
    }
}

#[cfg(test)]
mod tests {
    use prost::Message;
    use sha2::{Digest, Sha256};

    use super::*;

    #[test]
    fn the_dictionary_is_the_one_that_records_were_written_with() {
        let sha: String = Sha256::digest(DICTIONARY_1).iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(sha, "4a29afc4a878ac4e1d1807a1837327c70bba2f9e359bf37dca5a652c17960d94");
        let id = zstd::zstd_safe::get_dict_id_from_dict(DICTIONARY_1).map(u32::from);
        assert_eq!(id, Some(989_809_707));
    }

    #[test]
    fn what_is_packed_comes_back() {
        // The shorter behind the longer: nothing of one is left in the room of the next.
        for (length, fill) in
            [0, 1, 47, 48, 1000, 600, 100_000, RAW_BYTES_MAX, 300].into_iter().zip(b'a'..)
        {
            let raw = Bytes::from(vec![fill; length]);
            let blob = pack(raw.clone());
            assert!(blob.bytes.len() <= length, "{length}");
            assert_eq!(unpacked(&blob).unwrap(), raw, "{length}");
        }
    }

    #[test]
    fn a_frame_that_grows_beyond_its_length_is_cut_short() {
        let mut blob = pack(Bytes::from(vec![0; RAW_BYTES_MAX]));
        blob.raw_length = 10;
        assert!(matches!(unpacked(&blob), Err(DecodeError::Decompress(_))));
    }

    fn unpacked(blob: &proto::Blob) -> Result<Vec<u8>, DecodeError> {
        let message = blob.encode_to_vec();
        unpack(Blob::read(&message)?, |raw| Ok(raw.to_vec()))
    }
}

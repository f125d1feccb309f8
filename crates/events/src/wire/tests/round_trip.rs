//! What is written is what is read, and no bytes make reading panic.

use proptest::prelude::*;

use super::arbitrary::envelope;
use super::samples::samples;
use crate::wire::{EVENT_BYTES_MAX, TooLarge, check_size, decode, encode, peek};
use crate::{Event, json};

proptest! {
    #[test]
    fn decoding_undoes_encoding(envelope in envelope()) {
        let record = encode(&envelope);
        let peeked = peek(&record).unwrap();
        prop_assert_eq!(peeked.tenant, envelope.tenant.as_str());
        prop_assert_eq!(peeked.seq, envelope.seq);
        prop_assert_eq!(peeked.txn_index, envelope.txn_index);
        prop_assert_eq!(peeked.txn_size, envelope.txn_size);
        prop_assert_eq!(decode(&record).unwrap(), envelope);
    }

    #[test]
    fn no_bytes_make_reading_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        drop(peek(&bytes));
        drop(decode(&bytes));
    }

    #[test]
    fn a_damaged_record_makes_no_panic(envelope in envelope(), at in any::<usize>(), bit in 0..8) {
        let mut record = encode(&envelope).to_vec();
        let at = at % record.len();
        record[at] ^= 1_u8 << bit;
        drop(peek(&record));
        drop(decode(&record));
        record.truncate(at);
        drop(decode(&record));
    }
}

#[test]
fn the_size_counted_is_that_of_the_json_form() {
    for mut envelope in samples() {
        let Event::UserUpdated { state, .. } = &mut envelope.event else { continue };
        let fill = |n: usize| format!(r#"{{"x":"{}"}}"#, "x".repeat(n)).into_bytes().into();
        state.resource = fill(0);
        let rest = json::render(&envelope).to_string().len();
        let check = |state_bytes: usize, expected| {
            let mut envelope = envelope.clone();
            if let Event::UserUpdated { state, .. } = &mut envelope.event {
                state.resource = fill(state_bytes);
            }
            assert_eq!(check_size(&envelope), expected);
        };
        let room = EVENT_BYTES_MAX - rest;
        check(room, Ok(()));
        check(room + 1, Err(TooLarge { bytes: EVENT_BYTES_MAX + 1 }));
        return;
    }
    panic!("no sample of user.updated");
}

#[test]
fn small_payloads_stay_as_they_are_and_people_get_smaller() {
    let lengths: Vec<_> = samples()
        .iter()
        .map(|it| {
            (it.event.kind().name(), super::super::payload(&it.event).len(), encode(it).len())
        })
        .collect();
    for (name, payload, record) in lengths {
        let most = if name.starts_with("user.") { payload / 2 + 140 } else { payload + 160 };
        assert!(record <= most, "{name}: {record} bytes for a payload of {payload}");
    }
}

//! Fields come out as they went in, and what is no field is refused.

use proptest::collection::vec;
use proptest::prelude::*;
use prost::encoding::{bytes, encode_varint, fixed32, fixed64, int32, string, uint64};

use crate::wire::fields::{Fields, Value};

#[derive(Clone, Debug)]
enum Given {
    Number(u64),
    Bytes(Vec<u8>),
    Four(u32),
    Eight(u64),
}

proptest! {
    #[test]
    fn fields_come_out_as_they_went_in(given in vec((1..2000_u32, given()), 0..20)) {
        let mut message = Vec::new();
        for (tag, value) in &given {
            match value {
                Given::Number(it) => uint64::encode(*tag, it, &mut message),
                Given::Bytes(it) => bytes::encode(*tag, it, &mut message),
                Given::Four(it) => fixed32::encode(*tag, it, &mut message),
                Given::Eight(it) => fixed64::encode(*tag, it, &mut message),
            }
        }
        let mut fields = Fields::of(&message);
        for (tag, value) in &given {
            let (found, holds) = fields.next().unwrap().unwrap();
            prop_assert_eq!(found, *tag);
            let same = match (value, holds) {
                (Given::Number(a), Value::Number(b)) => *a == b,
                (Given::Bytes(a), Value::Bytes(b)) => *a == b,
                (Given::Four(_) | Given::Eight(_), Value::Fixed) => true,
                (_, Value::Number(_) | Value::Bytes(_) | Value::Fixed) => false,
            };
            prop_assert!(same, "{:?}", value);
        }
        prop_assert!(fields.next().is_none());
    }
}

fn given() -> impl Strategy<Value = Given> {
    prop_oneof![
        any::<u64>().prop_map(Given::Number),
        (0..300_u64).prop_map(Given::Number),
        vec(any::<u8>(), 0..300).prop_map(Given::Bytes),
        any::<u32>().prop_map(Given::Four),
        any::<u64>().prop_map(Given::Eight),
    ]
}

#[test]
fn what_is_no_field_ends_the_message() {
    check("a length beyond the end", |it| it.extend([0x0a, 2, b'x']), "the record's length of");
    check("no end of a number", |it| it.extend([0x08, 0x80]), "not a protobuf record");
    check("no number of a field", |it| it.extend([0, 0]), "the record's number of a field");
    check(
        "a number beyond all",
        |it| it.extend([0x80, 0x80, 0x80, 0x80, 0x10, 0]),
        "the record's number of a field",
    );
    check("no wire type", |it| it.extend([0x0f, 1]), "the record's wire type");
    check("a group", |it| it.extend([0x0b, 0x0c]), "the record's wire type");
    check("half of a fixed number", |it| it.extend([0x0d, 1, 2]), "the record's length of");
}

fn check(what: &str, end: fn(&mut Vec<u8>), expected: &str) {
    let mut message = Vec::new();
    string::encode(1, &"good".to_owned(), &mut message);
    end(&mut message);
    let mut fields = Fields::of(&message);
    assert!(fields.next().unwrap().is_ok(), "{what}");
    let Err(error) = fields.next().unwrap() else { panic!("{what} is a field") };
    let error = error.to_string();
    assert!(error.starts_with(expected), "{what}: {error}");
    assert!(fields.next().is_none(), "{what}");
}

#[test]
fn a_value_is_what_it_is_asked_for_or_refused_by_name() {
    let refused = |what: &str, answer: Result<(), crate::wire::DecodeError>| {
        assert_eq!(answer.unwrap_err().to_string(), "the record's it is not valid", "{what}");
    };
    let (number, text) = (Value::Number(300), Value::Bytes(b"abc"));
    assert_eq!((number.number::<u32>("it").unwrap(), text.text("it").unwrap()), (300, "abc"));
    assert_eq!(Value::Number(u64::MAX).signed("it").unwrap(), -1);
    refused("a number as text", number.text("it").map(drop));
    refused("text as a number", text.number::<u64>("it").map(drop));
    refused("a number that doesn't fit", number.number::<u8>("it").map(drop));
    refused("a code that doesn't fit", Value::Number(1 << 40).code("it").map(drop));
    refused("text that is none", Value::Bytes(&[0xff]).text("it").map(drop));
    refused("fixed as bytes", Value::Fixed.bytes("it").map(drop));
}

#[test]
fn codes_are_read_packed_and_one_by_one() {
    let (mut packed, mut single) = (Vec::new(), Vec::new());
    for code in [1, 300, -4] {
        encode_varint(i64::from(code).cast_unsigned(), &mut packed);
        int32::encode(14, &code, &mut single);
    }
    assert_eq!(Value::Bytes(&packed).codes("it").unwrap(), [1, 300, -4]);
    let fields = Fields::of(&single).map(|field| field.unwrap().1.codes("it").unwrap());
    assert_eq!(fields.collect::<Vec<_>>().concat(), [1, 300, -4]);
}

//! Records from versions to come and from writers that are wrong: refused by name, or read with
//! what is unknown left out.

use bytes::Bytes;
use prost::Message;

use super::samples::samples;
use crate::wire::{DecodeError, decode, encode};
use crate::{Coercion, EventType, Flags, proto};

#[test]
fn a_record_that_cannot_be_read_says_why() {
    check(|it| it.format = 2, "a record of format 2: this version reads up to format 1");
    check(|it| it.format = 0, "a record of format 0: this version reads up to format 1");
    check(|it| it.r#type = 35, "event type 35 is not known to this version");
    check(|it| it.r#type = 0, "event type 0 is not known to this version");
    check(|it| it.seq = 0, "the record has no seq");
    check(|it| it.txn_index = 3, "the record's place in its call is not valid");
    check(|it| it.tenant = "Acme".to_owned(), "the record's tenant is not valid");
    check(|it| it.subject = Bytes::new(), "the record's subject is not valid");
    check(|it| it.subject_kind = 1, "the record's kind of subject is not valid");
    check(|it| it.txn = Bytes::from_static(b"1"), "the record's txn is not valid");
    check(|it| it.actor = None, "the record has no actor");
    check(|it| it.blob = None, "the record has no blob");
    check(|it| blob(it).codec = 9, "codec 9 is not known to this version");
    check(|it| blob(it).seal = 2, "seal 2 is not known to this version");
    check(|it| blob(it).raw_length -= 1, "the payload can't be decompressed");
    check(|it| blob(it).raw_length += 1, "the record's length of the blob is not valid");
    check(|it| blob(it).raw_length = 5 << 20, "the payload has 5242880 bytes");
    check(|it| it.blob = Some(empty()), "the record has no payload");
}

#[test]
fn codes_and_bits_to_come_are_no_obstacle() {
    let read = changed(|it| {
        it.coercions = vec![1, 99, -4, 19];
        it.flags = 1 << 31 | 1;
    })
    .unwrap();
    assert_eq!(read.coercions, [Coercion::BooleanFromText, Coercion::AliasUnderstood]);
    assert_eq!(read.flags, Flags(1 << 31 | 1));
}

#[test]
fn fields_to_come_are_passed_over() {
    let sample = user_created();
    let mut record = encode(&sample).to_vec();
    prost::encoding::string::encode(77, &"from the future".to_owned(), &mut record);
    assert_eq!(decode(&record).unwrap(), sample);
}

#[test]
fn numbers_of_the_contract_are_those_of_the_types() {
    for kind in EventType::ALL {
        let name = proto::EventType::try_from(kind as i32).unwrap().as_str_name();
        let expected = format!("EVENT_TYPE_{}", kind.name().replace('.', "_").to_uppercase());
        assert_eq!(name, expected);
    }
    for coercion in Coercion::ALL {
        let name = proto::Coercion::try_from(coercion as i32).unwrap().as_str_name();
        assert_eq!(name, format!("COERCION_{}", coercion.name().to_uppercase()));
    }
}

fn check(change: fn(&mut proto::Envelope), expected: &str) {
    let error = changed(change).expect_err(expected).to_string();
    assert!(error.starts_with(expected), "{error:?} is not {expected:?}");
}

fn changed(change: fn(&mut proto::Envelope)) -> Result<crate::Envelope, DecodeError> {
    let mut record = proto::Envelope::decode(encode(&user_created())).unwrap();
    change(&mut record);
    decode(&record.encode_to_vec())
}

fn user_created() -> crate::Envelope {
    samples().into_iter().find(|it| it.event.kind() == EventType::UserCreated).unwrap()
}

fn blob(record: &mut proto::Envelope) -> &mut proto::Blob {
    record.blob.as_mut().unwrap()
}

fn empty() -> proto::Blob {
    crate::codec::pack(Bytes::new())
}

//! The contract in `proto/` goes on from what was released: on the wire, in protobuf's JSON form, and by numbers that are used once.
//!
//! `proto/released/*.binpb` are the descriptor sets of releases; `ROLLCALL_WRITE_GOLDEN=1` writes this release's if it is missing.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{env, fs};

use prost::Message;
use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto,
    FileDescriptorSet,
};

const FILES: [&str; 4] = ["envelope", "event_type", "events", "state"];

#[test]
fn the_contract_goes_on_from_every_release() {
    let current = current();
    let path = root().join(format!("released/{}.binpb", env!("CARGO_PKG_VERSION")));
    if env::var_os("ROLLCALL_WRITE_GOLDEN").is_some() && !path.exists() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, current.encode_to_vec()).unwrap();
    }
    let mut releases = 0;
    for file in fs::read_dir(root().join("released")).unwrap() {
        let bytes = fs::read(file.unwrap().path()).unwrap();
        let released = FileDescriptorSet::decode(&*bytes).unwrap();
        assert_eq!(differences(&released, &current), Vec::<String>::new());
        releases += 1;
    }
    assert!(releases > 0);
}

#[test]
fn whatever_breaks_the_contract_is_found() {
    let released = current();
    let check = |what: &str, breaks: fn(&mut DescriptorProto), expected: &str| {
        let mut changed = released.clone();
        breaks(message(&mut changed, "Envelope"));
        assert_eq!(differences(&released, &changed), [expected], "{what}");
    };
    check(
        "a number for something else",
        |it| it.field[1].r#type = Some(Type::String as i32),
        "Envelope.seq: another type",
    );
    check(
        "a name",
        |it| it.field[1].name = Some("number".to_owned()),
        "Envelope.seq: is now number",
    );
    check(
        "a label",
        |it| it.field[1].label = Some(Label::Repeated as i32),
        "Envelope.seq: another label",
    );
    check(
        "gone",
        |it| drop(it.field.remove(1)),
        "Envelope.seq: gone, and 2 and its name are not reserved",
    );
    let mut later = released.clone();
    message(&mut later, "Envelope").field.remove(1);
    let reserved = prost_types::descriptor_proto::ReservedRange { start: Some(2), end: Some(3) };
    message(&mut later, "Envelope").reserved_range.push(reserved);
    message(&mut later, "Envelope").reserved_name.push("seq".to_owned());
    assert_eq!(differences(&released, &later), Vec::<String>::new(), "reserved in due form");
    assert_eq!(differences(&later, &released), ["Envelope.seq: 2 was something else"]);
}

/// What of `released` isn't kept in `current`.
fn differences(released: &FileDescriptorSet, current: &FileDescriptorSet) -> Vec<String> {
    let mut found = Vec::new();
    let (messages, enums) = (messages(current), enums(current));
    for (name, old) in self::messages(released) {
        match messages.get(&name) {
            Some(new) => compare_messages(&name, old, new, &mut found),
            None => found.push(format!("{name}: gone")),
        }
    }
    for (name, old) in self::enums(released) {
        match enums.get(&name) {
            Some(new) => compare_enums(&name, old, new, &mut found),
            None => found.push(format!("{name}: gone")),
        }
    }
    found
}

fn compare_messages(
    name: &str,
    old: &DescriptorProto,
    new: &DescriptorProto,
    found: &mut Vec<String>,
) {
    for field in &old.field {
        let is_reserved =
            new.reserved_range.iter().any(|it| (it.start()..it.end()).contains(&field.number()))
                && new.reserved_name.iter().any(|it| it == field.name());
        let path = format!("{name}.{}", field.name());
        match new.field.iter().find(|it| it.number() == field.number()) {
            Some(now) => found.extend(compare_fields(&path, field, now)),
            None if is_reserved => {}
            None => found.push(format!(
                "{path}: gone, and {} and its name are not reserved",
                field.number()
            )),
        }
    }
    for range in &old.reserved_range {
        let again = new.field.iter().find(|it| (range.start()..range.end()).contains(&it.number()));
        found.extend(
            again.map(|it| format!("{name}.{}: {} was something else", it.name(), it.number())),
        );
    }
}

fn compare_fields(
    path: &str,
    old: &FieldDescriptorProto,
    new: &FieldDescriptorProto,
) -> Option<String> {
    let wire = |it: &FieldDescriptorProto| (it.r#type, it.type_name.clone());
    if old.name() != new.name() {
        Some(format!("{path}: is now {}", new.name()))
    } else if wire(old) != wire(new) {
        Some(format!("{path}: another type"))
    } else if old.label() != new.label() || old.proto3_optional() != new.proto3_optional() {
        Some(format!("{path}: another label"))
    } else {
        None
    }
}

fn compare_enums(
    name: &str,
    old: &EnumDescriptorProto,
    new: &EnumDescriptorProto,
    found: &mut Vec<String>,
) {
    for value in &old.value {
        let kept =
            new.value.iter().any(|it| (it.number(), it.name()) == (value.number(), value.name()));
        let is_reserved =
            new.reserved_range.iter().any(|it| (it.start()..=it.end()).contains(&value.number()))
                && new.reserved_name.iter().any(|it| it == value.name());
        if !kept && !is_reserved {
            found.push(format!("{name}.{}: gone, renamed or renumbered", value.name()));
        }
    }
}

fn messages(set: &FileDescriptorSet) -> BTreeMap<String, &DescriptorProto> {
    set.file.iter().flat_map(|it| &it.message_type).map(|it| (it.name().to_owned(), it)).collect()
}

fn enums(set: &FileDescriptorSet) -> BTreeMap<String, &EnumDescriptorProto> {
    set.file.iter().flat_map(|it| &it.enum_type).map(|it| (it.name().to_owned(), it)).collect()
}

fn message<'a>(set: &'a mut FileDescriptorSet, name: &str) -> &'a mut DescriptorProto {
    let all = set.file.iter_mut().flat_map(|it: &mut FileDescriptorProto| &mut it.message_type);
    all.into_iter().find(|it| it.name() == name).unwrap()
}

fn current() -> FileDescriptorSet {
    let files = FILES.map(|name| format!("rollcall/events/v1/{name}.proto"));
    protox::compile(files, [root()]).unwrap()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../proto")
}

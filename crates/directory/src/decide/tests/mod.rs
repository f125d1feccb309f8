//! Given events, when a command, then these events or this rejection: every test is data for [`check`].

mod groups;
mod invariants;
mod large;
mod members;
mod pending;
mod queries;
mod rules;
mod sequences;
mod users;

use std::sync::LazyLock;

use events::{
    Actor, Coercion, Envelope, Event, Flags, GroupId, Member, Seq, TenantId, Timestamp, TxnId,
    UserId,
};
use scim::schema::{group as group_type, user as user_type};
use scim::{Draft, Patch, Profile, ResourceType};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{group, user};
use crate::{Command, Directory, Expected, Rejection, Rules, decide};

const ADA: UserId = UserId::new(Uuid::from_u128(0xA1));
const BOB: UserId = UserId::new(Uuid::from_u128(0xA2));
const EVE: UserId = UserId::new(Uuid::from_u128(0xA3));
const STAFF: GroupId = GroupId::new(Uuid::from_u128(0xB1));
const TEAM: GroupId = GroupId::new(Uuid::from_u128(0xB2));
const CREW: GroupId = GroupId::new(Uuid::from_u128(0xB3));

static LENIENT: LazyLock<Rules> = LazyLock::new(Rules::default);
static STRICT: LazyLock<Rules> =
    LazyLock::new(|| Rules { profile: Profile::STRICT, ..Rules::default() });

/// The test of most rules: in the lenient profile.
fn check(given: &[Event], command: Command, expected: Result<Vec<Event>, Rejection>) {
    check_in(&LENIENT, given, command, expected);
}

/// Applies `given`, decides `command`; then what it made is applied, the invariants hold, and the same PUT or PATCH
/// again changes nothing.
fn check_in(
    rules: &Rules,
    given: &[Event],
    command: Command,
    expected: Result<Vec<Event>, Rejection>,
) {
    let mut directory = directory(given);
    let decided = decide(&directory, command.clone(), rules).map(|decision| decision.events);
    assert_eq!(decided, expected, "{command:?}");
    apply(&mut directory, &decided.unwrap_or_default());
    invariants::check(&directory);
    if expected.is_ok() && is_repeatable(&command) {
        assert_eq!(decide(&directory, command, rules).map(|again| again.events), Ok(vec![]));
    }
}

/// Which tolerances a command needs, in the lenient profile.
fn check_coercions(given: &[Event], command: Command, expected: &[Coercion]) {
    let decision = decide(&directory(given), command.clone(), &LENIENT).unwrap();
    assert_eq!(decision.coercions, expected, "{command:?}");
}

fn is_repeatable(command: &Command) -> bool {
    let (Command::ReplaceUser { expected, .. }
    | Command::PatchUser { expected, .. }
    | Command::ReplaceGroup { expected, .. }
    | Command::PatchGroup { expected, .. }) = command
    else {
        return false;
    };
    *expected == Expected::Whatever
}

fn directory(events: &[Event]) -> Directory {
    let mut directory = Directory::default();
    apply(&mut directory, events);
    invariants::check(&directory);
    directory
}

/// Each event a second after the one before.
fn apply(directory: &mut Directory, events: &[Event]) {
    for event in events {
        directory.apply(&envelope(directory.seq().next(), event.clone()));
    }
}

fn envelope(seq: Seq, event: Event) -> Envelope {
    Envelope {
        tenant: TenantId::parse("acme").unwrap(),
        seq,
        txn: TxnId::new(Uuid::from_u128(1)),
        txn_index: 0,
        txn_size: 1,
        at: Timestamp(i64::try_from(seq.0).unwrap() * 1_000),
        actor: Actor::system(),
        connection: None,
        coercions: Vec::new(),
        flags: Flags::default(),
        event,
    }
}

fn draft(body: Value, of: &ResourceType, profile: Profile) -> Draft {
    scim::resource::read(body, of, profile).unwrap()
}

fn operations(operations: Value, of: &ResourceType, profile: Profile) -> Patch {
    let body = json!({"schemas": [scim::schema::PATCH_URN], "Operations": operations});
    Patch::parse(body, of, profile).unwrap()
}

fn user_body(mut attributes: Value) -> Draft {
    attributes["schemas"] = json!([scim::schema::USER_URN, scim::schema::ENTERPRISE_URN]);
    draft(attributes, user_type(), Profile::LENIENT)
}

fn group_body(mut attributes: Value) -> Draft {
    attributes["schemas"] = json!([scim::schema::GROUP_URN]);
    draft(attributes, group_type(), Profile::LENIENT)
}

// Commands.

fn create_user(id: UserId, attributes: Value) -> Command {
    Command::CreateUser { id, draft: user_body(attributes) }
}

fn put_user(id: UserId, attributes: Value) -> Command {
    let expected = Expected::Whatever;
    Command::ReplaceUser { id, expected, draft: user_body(attributes) }
}

fn patch_user(id: UserId, ops: Value) -> Command {
    let patch = operations(ops, user_type(), Profile::LENIENT);
    Command::PatchUser { id, expected: Expected::Whatever, patch }
}

fn delete_user(id: UserId) -> Command {
    Command::DeleteUser { id, expected: Expected::Whatever }
}

fn create_group(id: GroupId, attributes: Value) -> Command {
    Command::CreateGroup { id, draft: group_body(attributes) }
}

fn put_group(id: GroupId, attributes: Value) -> Command {
    let expected = Expected::Whatever;
    Command::ReplaceGroup { id, expected, draft: group_body(attributes) }
}

fn patch_group(id: GroupId, ops: Value) -> Command {
    let patch = operations(ops, group_type(), Profile::LENIENT);
    Command::PatchGroup { id, expected: Expected::Whatever, patch }
}

fn delete_group(id: GroupId) -> Command {
    Command::DeleteGroup { id, expected: Expected::Whatever }
}

// Events.

fn user_state(id: UserId, attributes: Value) -> events::UserState {
    let draft = user_body(attributes);
    let resource = scim::resource::create(draft, &id.to_string(), user_type()).unwrap();
    user::state(&resource, &LENIENT).unwrap()
}

fn group_state(id: GroupId, attributes: Value) -> events::GroupState {
    let draft = group_body(attributes);
    let resource = scim::resource::create(draft, &id.to_string(), group_type()).unwrap();
    group::state(&resource, &LENIENT).unwrap()
}

fn user_created(id: UserId, attributes: Value) -> Event {
    Event::UserCreated { user: id, state: user_state(id, attributes) }
}

/// `attributes` are those after the change; `previous` says what was changed and from what.
fn user_updated(id: UserId, attributes: Value, previous: Value) -> Event {
    let (changed, previous) = changes(previous);
    Event::UserUpdated { user: id, state: user_state(id, attributes), changed, previous }
}

fn user_deactivated(id: UserId, attributes: Value, previous: Value) -> Event {
    let (changed, previous) = changes(previous);
    Event::UserDeactivated { user: id, state: user_state(id, attributes), changed, previous }
}

fn user_reactivated(id: UserId, attributes: Value, previous: Value) -> Event {
    let (changed, previous) = changes(previous);
    Event::UserReactivated { user: id, state: user_state(id, attributes), changed, previous }
}

fn user_deleted(id: UserId, attributes: Value, left: &[GroupId]) -> Event {
    let previous = user_state(id, attributes).resource.to_vec().into();
    Event::UserDeleted { user: id, left: left.to_vec(), previous }
}

fn group_created(id: GroupId, attributes: Value) -> Event {
    Event::GroupCreated { group: id, state: group_state(id, attributes) }
}

fn group_updated(id: GroupId, attributes: Value, previous: Value) -> Event {
    let (changed, previous) = changes(previous);
    Event::GroupUpdated { group: id, state: group_state(id, attributes), changed, previous }
}

fn group_deleted(id: GroupId, attributes: Value) -> Event {
    Event::GroupDeleted {
        group: id,
        previous: group_state(id, attributes).resource.to_vec().into(),
    }
}

fn changes(previous: Value) -> (Vec<String>, bytes::Bytes) {
    let changed = previous.as_object().unwrap().keys().cloned().collect();
    (changed, previous.to_string().into())
}

fn added(group: GroupId, members: &[Member]) -> Event {
    joined(group, members, &[], &[])
}

fn pending_added(group: GroupId, names: &[&str]) -> Event {
    joined(group, &[], names, &[])
}

fn joined(group: GroupId, members: &[Member], pending: &[&str], bound: &[&str]) -> Event {
    let mut members = members.to_vec();
    members.sort();
    Event::GroupMembersAdded { group, members, pending: texts(pending), bound: texts(bound) }
}

fn removed(group: GroupId, members: &[Member]) -> Event {
    left(group, members, &[])
}

fn left(group: GroupId, members: &[Member], pending: &[&str]) -> Event {
    Event::GroupMembersRemoved { group, members: members.to_vec(), pending: texts(pending) }
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

/// A reference to a member in a body.
fn value(id: impl ToString) -> Value {
    json!({"value": id.to_string()})
}

/// The numbers are a contract between the two crates.
#[test]
fn every_tolerance_has_its_code() {
    for coercion in scim::Coercion::ALL {
        let code = Coercion::from_code(coercion.code());
        assert_eq!(code.map(|code| format!("{code:?}")), Some(format!("{coercion:?}")));
    }
}

//! Any sequence of commands: the live state is the replayed one, the invariants hold, and what is repeated is silent.

use std::sync::Arc;

use events::{Envelope, ResourceId};
use proptest::prelude::*;
use scim::schema::{Added, ENTERPRISE_URN, Types};
use serde_json::json;

use super::*;
use crate::CustomChange;
use crate::saved::Restore;

/// A command before its target is known: numbers pick among what is there.
#[derive(Clone, Debug)]
enum Step {
    CreateUser(Value),
    PutUser(usize, Value),
    PatchUser(usize, Value),
    DeleteUser(usize),
    CreateGroup(Value, Vec<Named>),
    PutGroup(usize, Value, Option<Vec<Named>>),
    PatchGroup(usize, Vec<(Change, Vec<Named>)>),
    DeleteGroup(usize),
    CreateBadge(Value),
    PutBadge(usize, Value),
    DeleteBadge(usize),
}

#[derive(Clone, Copy, Debug)]
enum Change {
    Add,
    Remove,
    RemoveAll,
    RemoveUsers,
    Replace,
}

/// How a member is named.
#[derive(Clone, Debug)]
enum Named {
    User(usize),
    Group(usize),
    Text(String),
}

/// The live directory, its log, and who is there.
#[derive(Default)]
struct World {
    directory: Directory,
    log: Vec<Envelope>,
    users: Vec<UserId>,
    groups: Vec<GroupId>,
    badges: Vec<ResourceId>,
    minted: u128,
}

const BADGE: &str = "urn:example:params:scim:schemas:2.0:Badge";

/// The tenant has badges, each number once; users may have lockers and groups codes, each once as well.
static TYPES: LazyLock<Arc<Types>> = LazyLock::new(|| {
    let number = json!({"name": "number", "type": "integer", "uniqueness": "server"});
    let schema = json!({"id": BADGE, "attributes": [number, {"name": "title"}]});
    let locker = json!({"id": scim::schema::USER_URN, "attributes": [{"name": "locker", "uniqueness": "server"}]});
    let code = json!({"id": scim::schema::GROUP_URN, "attributes": [{"name": "code", "uniqueness": "server"}]});
    let badges = Added::read(&schema, "Badge", false).unwrap();
    let badges = Added { defines: Some(("/Badges".to_owned(), String::new())), ..badges };
    let lockers = Added::read(&locker, "User", false).unwrap();
    let codes = Added::read(&code, "Group", false).unwrap();
    Arc::new(Types::with([&badges, &lockers, &codes]).unwrap())
});

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn the_live_state_is_the_replayed_state(
        strict in prop::bool::weighted(0.2),
        unique in any::<bool>(),
        steps in prop::collection::vec(step(), 1..40),
    ) {
        let profile = if strict { Profile::STRICT } else { Profile::LENIENT };
        let rules = Rules { profile, unique_group_names: unique, types: Arc::clone(&TYPES) };
        let mut world = World::default();
        for step in steps {
            let command = world.command(&step);
            world.run(&command, &rules);
        }
        let mut replayed = Directory::default();
        world.log.iter().for_each(|envelope| replayed.apply(envelope));
        prop_assert_eq!(replayed.dump(), world.directory.dump());
        check_saved(&world);
    }
}

/// What was saved half-way and read back goes on as if nothing had been.
fn check_saved(world: &World) {
    let (before, after) = world.log.split_at(world.log.len() / 2);
    let mut directory = Directory::default();
    before.iter().for_each(|envelope| directory.apply(envelope));
    let frozen = directory.freeze();
    after.iter().for_each(|envelope| directory.apply(envelope));
    let mut restore = Restore::default();
    frozen.records().for_each(|record| restore.take(record.into()).unwrap());
    let mut restored = restore.finish().unwrap();
    assert_eq!(restored.seq(), frozen.seq());
    invariants::check(&restored);
    after.iter().for_each(|envelope| restored.apply(envelope));
    invariants::check(&restored);
    assert_eq!(restored.dump(), directory.dump());
}

impl World {
    fn run(&mut self, command: &Command, rules: &Rules) {
        let Ok(decision) = decide(&self.directory, command.clone(), rules) else { return };
        for event in decision.events {
            let envelope = envelope(self.directory.seq().next(), event);
            self.directory.apply(&envelope);
            self.log.push(envelope);
        }
        invariants::check(&self.directory);
        self.users.retain(|id| self.directory.user(*id).is_some());
        self.groups.retain(|id| self.directory.group(*id).is_some());
        self.badges.retain(|id| self.directory.custom("Badge", *id).is_some());
        if let Command::Custom { id, change: CustomChange::Create(_), .. } = command {
            self.badges.push(*id);
        }
        if let Command::CreateUser { id, .. } = command {
            self.users.push(*id);
        }
        if let Command::CreateGroup { id, .. } = command {
            self.groups.push(*id);
        }
        if is_repeatable(command) && self.names_are_clear() {
            // A name that was pending may by now mean the group itself or one above it.
            match decide(&self.directory, command.clone(), rules) {
                Ok(again) => assert_eq!(again.events, [], "again: {command:?}"),
                Err(Rejection::MemberCycle { .. }) => {}
                Err(rejection) => panic!("again: {command:?}: {rejection}"),
            }
        }
    }

    /// No two have one externalId, so that what a name means doesn't depend on who else is a member.
    fn names_are_clear(&self) -> bool {
        let Directory { users, groups, .. } = &self.directory;
        let holders = |id: &&str| users.by_external_id(id).len() + groups.by_external_id(id).len();
        NAMES.iter().all(|name| holders(name) <= 1)
    }

    fn command(&mut self, step: &Step) -> Command {
        match step {
            Step::CreateUser(attributes) => {
                let id = UserId::new(self.mint());
                Command::CreateUser { id, draft: locker_body(attributes) }
            }
            Step::PutUser(at, attributes) => {
                let (id, expected) = (self.user(*at), Expected::Whatever);
                Command::ReplaceUser { id, expected, draft: locker_body(attributes) }
            }
            Step::PatchUser(at, attributes) => {
                patch_user(self.user(*at), json!([{"op": "replace", "value": attributes}]))
            }
            Step::DeleteUser(at) => delete_user(self.user(*at)),
            Step::CreateGroup(attributes, members) => {
                let body = self.with_members(attributes, Some(members));
                let id = GroupId::new(self.mint());
                Command::CreateGroup { id, draft: code_body(body) }
            }
            Step::PutGroup(at, attributes, members) => {
                let (id, expected) = (self.group(*at), Expected::Whatever);
                let body = self.with_members(attributes, members.as_ref());
                Command::ReplaceGroup { id, expected, draft: code_body(body) }
            }
            Step::PatchGroup(at, changes) => {
                let ops = changes.iter().map(|(change, members)| self.operation(*change, members));
                patch_group(self.group(*at), ops.collect())
            }
            Step::DeleteGroup(at) => delete_group(self.group(*at)),
            Step::CreateBadge(badge) => {
                let id = ResourceId::new(self.mint());
                custom(id, CustomChange::Create(badge_body(badge)))
            }
            Step::PutBadge(at, badge) => custom(
                self.badge(*at),
                CustomChange::Replace(Expected::Whatever, badge_body(badge)),
            ),
            Step::DeleteBadge(at) => {
                custom(self.badge(*at), CustomChange::Delete(Expected::Whatever))
            }
        }
    }

    fn badge(&self, at: usize) -> ResourceId {
        pick(&self.badges, at).unwrap_or(ResourceId::new(Uuid::nil()))
    }

    fn with_members(&self, attributes: &Value, members: Option<&Vec<Named>>) -> Value {
        let mut body = attributes.clone();
        if let Some(members) = members {
            body["members"] = self.references(members);
        }
        body
    }

    fn operation(&self, change: Change, members: &[Named]) -> Value {
        let members = self.references(members);
        match change {
            Change::Add => json!({"op": "add", "path": "members", "value": members}),
            Change::Remove => json!({"op": "remove", "path": "members", "value": members}),
            Change::RemoveAll => json!({"op": "remove", "path": "members"}),
            Change::RemoveUsers => json!({"op": "remove", "path": "members[type eq \"User\"]"}),
            Change::Replace => json!({"op": "replace", "path": "members", "value": members}),
        }
    }

    fn references(&self, members: &[Named]) -> Value {
        let name = |named: &Named| match named {
            Named::User(at) => value(self.user(*at)),
            Named::Group(at) => value(self.group(*at)),
            Named::Text(text) => value(text),
        };
        members.iter().map(name).collect()
    }

    fn user(&self, at: usize) -> UserId {
        pick(&self.users, at).unwrap_or(ADA)
    }

    fn group(&self, at: usize) -> GroupId {
        pick(&self.groups, at).unwrap_or(STAFF)
    }

    fn mint(&mut self) -> Uuid {
        self.minted += 1;
        Uuid::from_u128(0x1000 + self.minted)
    }
}

fn custom(id: ResourceId, change: CustomChange) -> Command {
    Command::Custom { of: "Badge".to_owned(), id, change }
}

fn badge_body(badge: &Value) -> Draft {
    draft(badge.clone(), TYPES.named("Badge").unwrap(), Profile::LENIENT)
}

fn locker_body(user: &Value) -> Draft {
    let mut user = user.clone();
    user["schemas"] = json!([scim::schema::USER_URN, ENTERPRISE_URN]);
    draft(user, TYPES.user(), Profile::LENIENT)
}

fn code_body(mut group: Value) -> Draft {
    group["schemas"] = json!([scim::schema::GROUP_URN]);
    draft(group, TYPES.group(), Profile::LENIENT)
}

fn pick<T: Copy>(from: &[T], at: usize) -> Option<T> {
    from.get(at.checked_rem(from.len())?).copied()
}

fn step() -> impl Strategy<Value = Step> {
    let at = any::<usize>;
    let changes = prop::collection::vec((change(), named()), 1..4);
    prop_oneof![
        4 => user().prop_map(Step::CreateUser),
        3 => (at(), user()).prop_map(|(at, user)| Step::PutUser(at, user)),
        3 => (at(), user()).prop_map(|(at, user)| Step::PatchUser(at, user)),
        2 => at().prop_map(Step::DeleteUser),
        4 => (group(), named()).prop_map(|(group, named)| Step::CreateGroup(group, named)),
        3 => (at(), group(), prop::option::of(named())).prop_map(|(at, g, n)| Step::PutGroup(at, g, n)),
        6 => (at(), changes).prop_map(|(at, changes)| Step::PatchGroup(at, changes)),
        1 => at().prop_map(Step::DeleteGroup),
        2 => badge().prop_map(Step::CreateBadge),
        2 => (at(), badge()).prop_map(|(at, badge)| Step::PutBadge(at, badge)),
        1 => at().prop_map(Step::DeleteBadge),
    ]
}

/// Few names, so that they meet: of users and groups, as userNames and as externalIds.
const NAMES: [&str; 12] =
    ["ada", "ADA", "bob", "eve", "x1", "x2", "X2", "x3", "x4", "x5", "x6", "x7"];

fn name() -> impl Strategy<Value = String> {
    prop::sample::select(&NAMES[..]).prop_map_into()
}

fn user() -> impl Strategy<Value = Value> {
    let number = prop::option::of(0..3_u8);
    (name(), prop::option::of(name()), prop::option::of(any::<bool>()), 0..3_usize, number)
        .prop_map(|(user_name, external_id, active, emails, number)| {
            let mut user = json!({"userName": user_name});
            external_id.into_iter().for_each(|id| user["externalId"] = id.into());
            active.into_iter().for_each(|active| user["active"] = active.into());
            let email = |n: usize| json!({"value": format!("{}@x.org", n % 2), "type": "work"});
            let all: Vec<Value> = (0..emails).map(email).collect();
            if !all.is_empty() {
                user["emails"] = all.into();
            }
            if let Some(number) = number {
                user["locker"] = format!("L{number}").into();
                user[ENTERPRISE_URN] = json!({"employeeNumber": number.to_string()});
            }
            user
        })
}

fn badge() -> impl Strategy<Value = Value> {
    (0..4, prop::option::of(name())).prop_map(|(number, external_id)| {
        json!({"schemas": [BADGE], "number": number, "externalId": external_id})
    })
}

fn group() -> impl Strategy<Value = Value> {
    let code = prop::option::of(0..3_u8);
    (name(), prop::option::of(name()), code).prop_map(|(display_name, external_id, code)| {
        let mut group = json!({"displayName": display_name});
        code.into_iter().for_each(|code| group["code"] = format!("C{code}").into());
        external_id.into_iter().for_each(|id| group["externalId"] = id.into());
        group
    })
}

fn named() -> impl Strategy<Value = Vec<Named>> {
    let one = prop_oneof![
        4 => any::<usize>().prop_map(Named::User),
        2 => any::<usize>().prop_map(Named::Group),
        3 => name().prop_map(Named::Text),
    ];
    prop::collection::vec(one, 0..5)
}

fn change() -> impl Strategy<Value = Change> {
    prop::sample::select(vec![
        Change::Add,
        Change::Add,
        Change::Add,
        Change::Remove,
        Change::RemoveAll,
        Change::RemoveUsers,
        Change::Replace,
    ])
}

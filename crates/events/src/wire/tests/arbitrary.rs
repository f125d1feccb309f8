//! Any envelope that could ever be written.

use std::sync::Arc;

use bytes::Bytes;
use proptest::collection::{btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use uuid::Uuid;

use crate::{
    Actor, ActorKind, Coercion, ConnectionId, Email, Endpoint, Envelope, Event, Flags, GroupId,
    GroupState, KeyId, KeyRole, LogId, Member, PatchAnswer, Profile, ResourceId, ResourceState,
    Seq, Switches, TenantId, TenantSchema, TenantSettings, Timestamp, TokenFacts, TokenId, TxnId,
    UserId, UserState,
};

pub(super) fn envelope() -> impl Strategy<Value = Envelope> {
    let place = (1..u64::MAX, any::<u32>(), 1..u32::MAX);
    let who = (actor(), option::of(text().prop_map(|it| ConnectionId::new(&it))));
    let coercions = btree_set(prop::sample::select(Coercion::ALL.to_vec()), 0..4);
    let marks = (coercions, any::<u32>());
    (stream(), place, any::<i64>(), id(), who, marks, event()).prop_map(
        |(tenant, (seq, index, size), at, txn, (actor, connection), marks, event)| Envelope {
            tenant,
            seq: Seq(seq),
            txn: TxnId::new(txn),
            txn_index: index % size,
            txn_size: size,
            at: Timestamp(at),
            actor,
            connection,
            coercions: marks.0.into_iter().collect(),
            flags: Flags(marks.1),
            event,
        },
    )
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![platform(), user(), group(), resource()]
}

fn platform() -> impl Strategy<Value = Event> {
    let settings = (text(), profile(), switches(), any::<bool>()).prop_map(
        |(name, profile, switches, unique)| TenantSettings {
            name,
            profile,
            switches,
            unique_group_names: unique,
        },
    );
    let facts = (tenant(), text(), text(), any::<[u8; 32]>(), text(), option::of(any::<i64>()));
    let facts = facts.prop_map(|(tenant, connection, name, hash, hint, expires)| TokenFacts {
        tenant,
        connection: ConnectionId::new(&connection),
        name,
        hash,
        hint,
        expires_at: expires.map(Timestamp),
    });
    let role = prop_oneof![Just(KeyRole::Owner), Just(KeyRole::Reader)];
    (0..12, tenant(), settings, id(), facts, (text(), role, any::<[u8; 32]>())).prop_map(
        |(kind, tenant, settings, id, facts, (name, role, hash))| match kind {
            0 => Event::TenantCreated { tenant, settings },
            1 => Event::TenantUpdated { tenant, settings },
            2 => Event::TenantSuspended { tenant },
            3 => Event::TenantResumed { tenant },
            4 => Event::TenantDeleted { tenant },
            5 => Event::TokenIssued { token: TokenId::new(id), facts },
            6 => Event::TokenRevoked { token: TokenId::new(id), tenant },
            7 => Event::KeyIssued { key: KeyId::new(id), name, role, hash },
            8 => Event::KeyRevoked { key: KeyId::new(id) },
            9 => {
                let (extends, required, document) = (name.clone(), true, name.clone().into());
                let defines = Some(Endpoint { path: name.clone(), description: name.clone() });
                let schema = TenantSchema { extends, required, defines, document };
                Event::SchemaPut { tenant, urn: name, schema }
            }
            10 => Event::SchemaDeleted { tenant, urn: name },
            _ => {
                Event::LogRestored { log: LogId::new(id), incarnation: 7, backup_at: Timestamp(9) }
            }
        },
    )
}

fn user() -> impl Strategy<Value = Event> {
    let email = (text(), option::of(text()), any::<bool>())
        .prop_map(|(value, kind, primary)| Email { value, kind, primary });
    let more = (vec(email, 0..3), option::of(text()), option::of(text()), vec(text(), 0..3));
    let state = (stored(), text(), option::of(text()), any::<bool>(), more).prop_map(
        |(resource, user_name, external_id, active, more)| {
            let (emails, employee_number, manager, unique_keys) = more;
            UserState {
                resource,
                user_name,
                external_id,
                active,
                emails,
                employee_number,
                manager,
                unique_keys,
            }
        },
    );
    let left = vec(id().prop_map(GroupId::new), 0..4);
    (0..5, id(), state, vec(text(), 0..4), json(), left).prop_map(
        |(kind, id, state, changed, previous, left)| {
            let user = UserId::new(id);
            match kind {
                0 => Event::UserCreated { user, state },
                1 => Event::UserUpdated { user, state, changed, previous },
                2 => Event::UserDeactivated { user, state, changed, previous },
                3 => Event::UserReactivated { user, state, changed, previous },
                _ => Event::UserDeleted { user, left, previous },
            }
        },
    )
}

fn resource() -> impl Strategy<Value = Event> {
    let state = (text(), stored(), option::of(text()), vec(text(), 0..3)).prop_map(
        |(resource_type, resource, external_id, unique_keys)| ResourceState {
            resource_type,
            resource,
            external_id,
            unique_keys,
        },
    );
    (0..3, id().prop_map(ResourceId::new), state, vec(text(), 0..4), json()).prop_map(
        |(kind, id, state, changed, previous)| match kind {
            0 => Event::ResourceCreated { id, state },
            1 => Event::ResourceUpdated { id, state, changed, previous },
            _ => Event::ResourceDeleted { id, resource_type: state.resource_type, previous },
        },
    )
}

fn group() -> impl Strategy<Value = Event> {
    let unique_keys = vec(text(), 0..3);
    let state = (stored(), text(), option::of(text()), unique_keys).prop_map(
        |(resource, display_name, external_id, unique_keys)| GroupState {
            resource,
            display_name,
            external_id,
            unique_keys,
        },
    );
    let member = (any::<bool>(), id()).prop_map(|(user, id)| match user {
        true => Member::User(UserId::new(id)),
        false => Member::Group(GroupId::new(id)),
    });
    let names = (vec(text(), 0..3), vec(text(), 0..3), vec(text(), 0..3));
    (0..5, id(), state, json(), vec(member, 0..50), names).prop_map(
        |(kind, id, state, previous, members, (changed, pending, bound))| {
            let group = GroupId::new(id);
            match kind {
                0 => Event::GroupCreated { group, state },
                1 => Event::GroupUpdated { group, state, changed, previous },
                2 => Event::GroupDeleted { group, previous },
                3 => Event::GroupMembersAdded { group, members, pending, bound },
                _ => Event::GroupMembersRemoved { group, members, pending },
            }
        },
    )
}

fn actor() -> impl Strategy<Value = Actor> {
    let kind = prop_oneof![Just(ActorKind::System), Just(ActorKind::Token), Just(ActorKind::Key)];
    let id = prop_oneof![
        Just(String::new()),
        id().prop_map(|it| it.to_string()),
        id().prop_map(|it| it.simple().to_string()),
        id().prop_map(|it| it.to_string().to_uppercase()),
        text(),
    ];
    (kind, id).prop_map(|(kind, id)| Actor { kind, id })
}

fn profile() -> impl Strategy<Value = Profile> {
    proptest::sample::select(&Profile::ALL[..])
}

fn switches() -> impl Strategy<Value = Switches> {
    (any::<[bool; 5]>(), proptest::sample::select(&PatchAnswer::ALL[..])).prop_map(
        |([put, attributes, schemas, members, targets], patch_answer)| Switches {
            put_keeps_absent: put,
            unknown_attributes_ignored: attributes,
            schemas_repaired: schemas,
            unknown_members_pending: members,
            absent_targets_accepted: targets,
            patch_answer,
        },
    )
}

fn stream() -> impl Strategy<Value = TenantId> {
    prop_oneof![Just(TenantId::platform()), tenant()]
}

fn tenant() -> impl Strategy<Value = TenantId> {
    "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?".prop_map(|it| TenantId::parse(&it).unwrap())
}

fn id() -> impl Strategy<Value = Uuid> {
    any::<u128>().prop_map(Uuid::from_u128)
}

fn text() -> impl Strategy<Value = String> {
    "\\PC{0,12}"
}

fn stored() -> impl Strategy<Value = Arc<[u8]>> {
    json().prop_map(|bytes| Arc::from(&bytes[..]))
}

/// Bytes that compress well, badly and not at all; the wire doesn't look into them.
fn json() -> impl Strategy<Value = Bytes> {
    let repeated = ("\\PC{0,20}", 0..200_usize).prop_map(|(it, n)| it.repeat(n));
    prop_oneof![repeated.prop_map(Bytes::from), vec(any::<u8>(), 0..600).prop_map(Bytes::from)]
}

//! One envelope of every type, always the same: what the golden files hold.

use std::sync::Arc;

use bytes::Bytes;
use uuid::Uuid;

use crate::{
    Actor, ActorKind, Coercion, ConnectionId, Email, Endpoint, Envelope, Event, Flags, GroupId,
    GroupState, KeyId, KeyRole, LogId, Member, Profile, ResourceId, ResourceState, Seq, TenantId,
    TenantSchema, TenantSettings, Timestamp, TokenFacts, TokenId, TxnId, UserId, UserState,
};

/// In order of type number.
pub(super) fn samples() -> Vec<Envelope> {
    let platform = [
        Event::TenantCreated { tenant: acme(), settings: settings(Profile::Lenient) },
        Event::TenantUpdated { tenant: acme(), settings: settings(Profile::Strict) },
        Event::TenantSuspended { tenant: acme() },
        Event::TenantResumed { tenant: acme() },
        Event::TenantDeleted { tenant: acme() },
        Event::TokenIssued { token: TokenId::new(id(1)), facts: facts() },
        Event::TokenRevoked { token: TokenId::new(id(1)), tenant: acme() },
        Event::KeyIssued {
            key: KeyId::new(id(2)),
            name: "ci".to_owned(),
            role: KeyRole::Owner,
            hash: [7; 32],
        },
        Event::KeyRevoked { key: KeyId::new(id(2)) },
    ];
    let directory = [users(), groups()].concat();
    let defined = resources().into_iter().map(|event| (acme(), event));
    let platform = platform.into_iter().map(|event| (TenantId::platform(), event));
    let directory = directory.into_iter().map(|event| (acme(), event));
    let backup_at = Timestamp(1_789_999_000_000);
    let urn = "urn:example:params:scim:schemas:2.0:Badge".to_owned();
    let document = format!(r#"{{"id":"{urn}","name":"Badge","attributes":[{{"name":"number"}}]}}"#);
    let schema = TenantSchema {
        extends: "Badge".to_owned(),
        required: true,
        defines: Some(Endpoint { path: "/Badges".to_owned(), description: "Keys".to_owned() }),
        document: document.into(),
    };
    let later = [
        Event::LogRestored { log: LogId::new(id(8)), incarnation: 2, backup_at },
        Event::SchemaPut { tenant: acme(), urn: urn.clone(), schema },
        Event::SchemaDeleted { tenant: acme(), urn },
    ];
    let later = later.into_iter().map(|event| (TenantId::platform(), event));
    let events = platform.chain(directory).chain(later).chain(defined).zip(1..);
    let mut samples: Vec<Envelope> =
        events.map(|((tenant, event), seq)| at(tenant, seq, event)).collect();
    samples.sort_by_key(|it| it.event.kind() as i32);
    samples
}

fn resources() -> Vec<Event> {
    let badge = ResourceId::new(id(9));
    let state = ResourceState {
        resource_type: "Badge".to_owned(),
        resource: Arc::from(&br#"{"schemas":["urn:example:params:scim:schemas:2.0:Badge"],"id":"01920000-0000-7000-8000-000000000009","number":7}"#[..]),
        external_id: Some("b-7".to_owned()),
        unique_keys: vec!["number=7".to_owned()],
    };
    let previous = Bytes::from_static(br#"{"number":6}"#);
    let changed = vec!["number".to_owned()];
    vec![
        Event::ResourceCreated { id: badge, state: state.clone() },
        Event::ResourceUpdated { id: badge, state: state.clone(), changed, previous },
        Event::ResourceDeleted {
            id: badge,
            resource_type: state.resource_type,
            previous: Bytes::copy_from_slice(&state.resource),
        },
    ]
}

fn users() -> Vec<Event> {
    let user = UserId::new(id(3));
    let previous = Bytes::from_static(br#"{"title":null,"name.givenName":"Augusta"}"#);
    let changed = vec!["title".to_owned(), "name.givenName".to_owned()];
    let active = Bytes::from_static(br#"{"active":false}"#);
    let inactive = Bytes::from_static(br#"{"active":true}"#);
    vec![
        Event::UserCreated { user, state: state(true) },
        Event::UserUpdated { user, state: state(true), changed, previous },
        Event::UserDeactivated {
            user,
            state: state(false),
            changed: vec!["active".to_owned()],
            previous: inactive,
        },
        Event::UserReactivated {
            user,
            state: state(true),
            changed: vec!["active".to_owned()],
            previous: active,
        },
        Event::UserDeleted {
            user,
            left: vec![GroupId::new(id(4)), GroupId::new(id(5))],
            previous: Bytes::copy_from_slice(&state(true).resource),
        },
    ]
}

fn groups() -> Vec<Event> {
    let group = GroupId::new(id(4));
    let state = GroupState {
        resource: format!(
            r#"{{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"id":"{group}","externalId":"g-1","displayName":"Engineering"}}"#
        )
        .into_bytes()
        .into(),
        display_name: "Engineering".to_owned(),
        external_id: Some("g-1".to_owned()),
        unique_keys: Vec::new(),
    };
    let members = vec![Member::User(UserId::new(id(3))), Member::Group(GroupId::new(id(5)))];
    let previous = Bytes::from_static(br#"{"displayName":"Engineers"}"#);
    let changed = vec!["displayName".to_owned()];
    vec![
        Event::GroupCreated { group, state: state.clone() },
        Event::GroupUpdated { group, state: state.clone(), changed, previous },
        Event::GroupDeleted { group, previous: Bytes::copy_from_slice(&state.resource) },
        Event::GroupMembersAdded {
            group,
            members: members.clone(),
            pending: vec!["bob@example.com".to_owned()],
            bound: vec!["ada@example.com".to_owned()],
        },
        Event::GroupMembersRemoved { group, members, pending: vec!["bob@example.com".to_owned()] },
    ]
}

fn at(tenant: TenantId, seq: u64, event: Event) -> Envelope {
    let scim = !tenant.is_platform();
    Envelope {
        tenant,
        seq: Seq(seq),
        txn: TxnId::new(id(9)),
        txn_index: 1,
        txn_size: 3,
        at: Timestamp(1_790_000_000_000),
        actor: if scim {
            Actor { kind: ActorKind::Token, id: id(1).to_string() }
        } else {
            Actor::system()
        },
        connection: scim.then(ConnectionId::default_connection),
        coercions: if scim {
            vec![Coercion::BooleanFromText, Coercion::AliasUnderstood]
        } else {
            Vec::new()
        },
        flags: Flags(0),
        event,
    }
}

fn state(active: bool) -> UserState {
    let user = UserId::new(id(3));
    let resource = format!(
        r#"{{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],"id":"{user}","externalId":"00u1a2b3","userName":"ada@example.com","name":{{"familyName":"Lovelace","givenName":"Ada"}},"displayName":"Ada Lovelace","title":"Engineer","active":{active},"emails":[{{"value":"ada@example.com","type":"work","primary":true}},{{"value":"ada@example.org"}}],"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{{"employeeNumber":"0042","manager":{{"value":"m-1"}}}}}}"#
    );
    UserState {
        resource: resource.into_bytes().into(),
        user_name: "ada@example.com".to_owned(),
        external_id: Some("00u1a2b3".to_owned()),
        active,
        emails: vec![
            Email {
                value: "ada@example.com".to_owned(),
                kind: Some("work".to_owned()),
                primary: true,
            },
            Email { value: "ada@example.org".to_owned(), kind: None, primary: false },
        ],
        employee_number: Some("0042".to_owned()),
        manager: Some("m-1".to_owned()),
        unique_keys: Vec::new(),
    }
}

fn settings(profile: Profile) -> TenantSettings {
    TenantSettings { name: "Acme, Inc.".to_owned(), ..TenantSettings::of(profile) }
}

fn facts() -> TokenFacts {
    TokenFacts {
        tenant: acme(),
        connection: ConnectionId::default_connection(),
        name: "Entra".to_owned(),
        hash: [5; 32],
        hint: "x7Qz".to_owned(),
        expires_at: Some(Timestamp(1_800_000_000_000)),
    }
}

fn acme() -> TenantId {
    TenantId::parse("acme").unwrap()
}

fn id(n: u128) -> Uuid {
    Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0000 + n)
}

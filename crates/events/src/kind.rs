//! What an event is, without looking into it: its type's name, its subject, its changed paths.

use uuid::Uuid;

use crate::{Event, EventType, ResourceKind};

/// The id of what an event is about, as it lies in memory.
pub(crate) enum Subject<'a> {
    Uuid(Uuid),
    Text(&'a str),
}

impl Event {
    /// The event's type.
    pub const fn kind(&self) -> EventType {
        match self {
            Self::TenantCreated { .. } => EventType::TenantCreated,
            Self::TenantUpdated { .. } => EventType::TenantUpdated,
            Self::TenantSuspended { .. } => EventType::TenantSuspended,
            Self::TenantResumed { .. } => EventType::TenantResumed,
            Self::TenantDeleted { .. } => EventType::TenantDeleted,
            Self::TokenIssued { .. } => EventType::TokenIssued,
            Self::TokenRevoked { .. } => EventType::TokenRevoked,
            Self::KeyIssued { .. } => EventType::KeyIssued,
            Self::KeyRevoked { .. } => EventType::KeyRevoked,
            Self::LogRestored { .. } => EventType::LogRestored,
            Self::SchemaPut { .. } => EventType::SchemaPut,
            Self::SchemaDeleted { .. } => EventType::SchemaDeleted,
            Self::UserCreated { .. } => EventType::UserCreated,
            Self::UserUpdated { .. } => EventType::UserUpdated,
            Self::UserDeactivated { .. } => EventType::UserDeactivated,
            Self::UserReactivated { .. } => EventType::UserReactivated,
            Self::UserDeleted { .. } => EventType::UserDeleted,
            Self::GroupCreated { .. } => EventType::GroupCreated,
            Self::GroupUpdated { .. } => EventType::GroupUpdated,
            Self::GroupDeleted { .. } => EventType::GroupDeleted,
            Self::GroupMembersAdded { .. } => EventType::GroupMembersAdded,
            Self::GroupMembersRemoved { .. } => EventType::GroupMembersRemoved,
            Self::ResourceCreated { .. } => EventType::ResourceCreated,
            Self::ResourceUpdated { .. } => EventType::ResourceUpdated,
            Self::ResourceDeleted { .. } => EventType::ResourceDeleted,
        }
    }

    /// What the event is about: kind and id as text.
    pub fn subject(&self) -> (ResourceKind, String) {
        let id = match self.subject_id() {
            Subject::Uuid(id) => id.hyphenated().to_string(),
            Subject::Text(id) => id.to_owned(),
        };
        (self.kind().subject(), id)
    }

    /// Paths of the schema attributes that changed; empty for events that aren't changes.
    pub fn changed(&self) -> &[String] {
        match self {
            Self::UserUpdated { changed, .. }
            | Self::UserDeactivated { changed, .. }
            | Self::UserReactivated { changed, .. }
            | Self::GroupUpdated { changed, .. }
            | Self::ResourceUpdated { changed, .. } => changed,
            Self::TenantCreated { .. }
            | Self::TenantUpdated { .. }
            | Self::TenantSuspended { .. }
            | Self::TenantResumed { .. }
            | Self::TenantDeleted { .. }
            | Self::TokenIssued { .. }
            | Self::TokenRevoked { .. }
            | Self::KeyIssued { .. }
            | Self::KeyRevoked { .. }
            | Self::LogRestored { .. }
            | Self::SchemaPut { .. }
            | Self::SchemaDeleted { .. }
            | Self::UserCreated { .. }
            | Self::UserDeleted { .. }
            | Self::GroupCreated { .. }
            | Self::GroupDeleted { .. }
            | Self::GroupMembersAdded { .. }
            | Self::GroupMembersRemoved { .. }
            | Self::ResourceCreated { .. }
            | Self::ResourceDeleted { .. } => &[],
        }
    }

    pub(crate) fn subject_id(&self) -> Subject<'_> {
        match self {
            Self::TenantCreated { tenant, .. }
            | Self::TenantUpdated { tenant, .. }
            | Self::TenantSuspended { tenant }
            | Self::TenantResumed { tenant }
            | Self::TenantDeleted { tenant } => Subject::Text(tenant.as_str()),
            Self::TokenIssued { token, .. } | Self::TokenRevoked { token, .. } => {
                Subject::Uuid(token.uuid())
            }
            Self::KeyIssued { key, .. } | Self::KeyRevoked { key } => Subject::Uuid(key.uuid()),
            Self::LogRestored { log, .. } => Subject::Uuid(log.uuid()),
            Self::SchemaPut { urn, .. } | Self::SchemaDeleted { urn, .. } => Subject::Text(urn),
            Self::UserCreated { user, .. }
            | Self::UserUpdated { user, .. }
            | Self::UserDeactivated { user, .. }
            | Self::UserReactivated { user, .. }
            | Self::UserDeleted { user, .. } => Subject::Uuid(user.uuid()),
            Self::GroupCreated { group, .. }
            | Self::GroupUpdated { group, .. }
            | Self::GroupDeleted { group, .. }
            | Self::GroupMembersAdded { group, .. }
            | Self::GroupMembersRemoved { group, .. } => Subject::Uuid(group.uuid()),
            Self::ResourceCreated { id, .. }
            | Self::ResourceUpdated { id, .. }
            | Self::ResourceDeleted { id, .. } => Subject::Uuid(id.uuid()),
        }
    }
}

impl EventType {
    /// Every type, in order of number.
    pub const ALL: [Self; 25] = [
        Self::TenantCreated,
        Self::TenantUpdated,
        Self::TenantSuspended,
        Self::TenantResumed,
        Self::TenantDeleted,
        Self::TokenIssued,
        Self::TokenRevoked,
        Self::KeyIssued,
        Self::KeyRevoked,
        Self::LogRestored,
        Self::SchemaPut,
        Self::SchemaDeleted,
        Self::UserCreated,
        Self::UserUpdated,
        Self::UserDeactivated,
        Self::UserReactivated,
        Self::UserDeleted,
        Self::GroupCreated,
        Self::GroupUpdated,
        Self::GroupDeleted,
        Self::GroupMembersAdded,
        Self::GroupMembersRemoved,
        Self::ResourceCreated,
        Self::ResourceUpdated,
        Self::ResourceDeleted,
    ];

    /// The type's name at every door: `user.created`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::TenantCreated => "tenant.created",
            Self::TenantUpdated => "tenant.updated",
            Self::TenantSuspended => "tenant.suspended",
            Self::TenantResumed => "tenant.resumed",
            Self::TenantDeleted => "tenant.deleted",
            Self::TokenIssued => "token.issued",
            Self::TokenRevoked => "token.revoked",
            Self::KeyIssued => "key.issued",
            Self::KeyRevoked => "key.revoked",
            Self::LogRestored => "log.restored",
            Self::SchemaPut => "schema.put",
            Self::SchemaDeleted => "schema.deleted",
            Self::UserCreated => "user.created",
            Self::UserUpdated => "user.updated",
            Self::UserDeactivated => "user.deactivated",
            Self::UserReactivated => "user.reactivated",
            Self::UserDeleted => "user.deleted",
            Self::GroupCreated => "group.created",
            Self::GroupUpdated => "group.updated",
            Self::GroupDeleted => "group.deleted",
            Self::GroupMembersAdded => "group.members_added",
            Self::GroupMembersRemoved => "group.members_removed",
            Self::ResourceCreated => "resource.created",
            Self::ResourceUpdated => "resource.updated",
            Self::ResourceDeleted => "resource.deleted",
        }
    }

    /// What events of this type are about.
    pub const fn subject(self) -> ResourceKind {
        match self {
            Self::TenantCreated
            | Self::TenantUpdated
            | Self::TenantSuspended
            | Self::TenantResumed
            | Self::TenantDeleted => ResourceKind::Tenant,
            Self::TokenIssued | Self::TokenRevoked => ResourceKind::Token,
            Self::KeyIssued | Self::KeyRevoked => ResourceKind::Key,
            Self::LogRestored => ResourceKind::Log,
            Self::SchemaPut | Self::SchemaDeleted => ResourceKind::Schema,
            Self::UserCreated
            | Self::UserUpdated
            | Self::UserDeactivated
            | Self::UserReactivated
            | Self::UserDeleted => ResourceKind::User,
            Self::GroupCreated
            | Self::GroupUpdated
            | Self::GroupDeleted
            | Self::GroupMembersAdded
            | Self::GroupMembersRemoved => ResourceKind::Group,
            Self::ResourceCreated | Self::ResourceUpdated | Self::ResourceDeleted => {
                ResourceKind::Resource
            }
        }
    }

    pub(crate) fn from_number(number: i32) -> Option<Self> {
        Self::ALL.into_iter().find(|known| *known as i32 == number)
    }
}

impl ResourceKind {
    /// The kind's name at every door: `user`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tenant => "tenant",
            Self::Token => "token",
            Self::Key => "key",
            Self::User => "user",
            Self::Group => "group",
            Self::Log => "log",
            Self::Schema => "schema",
            Self::Resource => "resource",
        }
    }
}

//! Record → envelope. Checks all that encoding promises; knows every format there ever was.

use uuid::Uuid;

use super::DecodeError::{Invalid, Missing};
use super::fields::Fields;
use super::parts::Parts;
use super::record::Record;
use super::{DecodeError, Peeked};
use crate::upcast::upcast;
use crate::{
    Actor, ActorKind, ConnectionId, Envelope, Event, EventType, GroupId, KeyId, ResourceId,
    TenantId, Timestamp, TokenId, TxnId, UserId, codec, proto,
};

/// Reads the record of an event. Coercion codes that this version doesn't know are left out.
///
/// # Errors
/// [`DecodeError`] when the bytes are no record, or one that this version can't read.
pub fn decode(bytes: &[u8]) -> Result<Envelope, DecodeError> {
    let record = upcast(Record::read(bytes)?)?;
    let tenant = tenant_id(record.number.tenant)?;
    envelope(record, tenant)
}

/// The same, of a record that must be that tenant's.
///
/// # Errors
/// As for [`decode`]; [`DecodeError::OtherTenant`].
pub fn decode_of(tenant: &TenantId, bytes: &[u8]) -> Result<Envelope, DecodeError> {
    let record = upcast(Record::read(bytes)?)?;
    if record.number.tenant != tenant.as_str() {
        return Err(DecodeError::OtherTenant);
    }
    envelope(record, tenant.clone())
}

fn envelope(record: Record<'_>, tenant: TenantId) -> Result<Envelope, DecodeError> {
    record.number.check_numbers()?;
    let Peeked { tenant: _, seq, txn_index, txn_size } = record.number;
    let kind = EventType::from_number(record.kind)
        .ok_or(DecodeError::UnknownType { number: record.kind })?;
    if record.subject_kind != kind.subject() as i32 {
        return Err(Invalid("kind of subject"));
    }
    let (subject, changed) = (record.subject, record.changed);
    let event = codec::unpack(record.blob.ok_or(Missing("blob"))?, |payload| {
        event(kind, Parts { subject, changed, payload })
    })?;
    Ok(Envelope {
        tenant,
        seq,
        txn: TxnId::new(uuid(record.txn, "txn")?),
        txn_index,
        txn_size,
        at: Timestamp(record.at_ms),
        actor: actor(record.actor.ok_or(Missing("actor"))?)?,
        connection: record.connection.map(ConnectionId::new),
        coercions: record.coercions,
        flags: record.flags,
        event,
    })
}

fn event(kind: EventType, of: Parts<'_>) -> Result<Event, DecodeError> {
    use EventType as T;
    Ok(match kind {
        T::TenantCreated => Event::TenantCreated { tenant: of.tenant()?, settings: of.settings()? },
        T::TenantUpdated => Event::TenantUpdated { tenant: of.tenant()?, settings: of.settings()? },
        T::TenantSuspended => Event::TenantSuspended { tenant: of.tenant()? },
        T::TenantResumed => Event::TenantResumed { tenant: of.tenant()? },
        T::TenantDeleted => Event::TenantDeleted { tenant: of.tenant()? },
        T::TokenIssued => Event::TokenIssued { token: of.id(TokenId::new)?, facts: of.token()? },
        T::TokenRevoked => {
            Event::TokenRevoked { token: of.id(TokenId::new)?, tenant: of.token_tenant()? }
        }
        T::KeyIssued => of.key_issued()?,
        T::KeyRevoked => Event::KeyRevoked { key: of.id(KeyId::new)? },
        T::LogRestored => of.log_restored()?,
        T::SchemaPut => of.schema_put()?,
        T::SchemaDeleted => of.schema_deleted()?,
        T::UserCreated => {
            Event::UserCreated { user: of.id(UserId::new)?, state: of.user_change()?.0 }
        }
        T::UserUpdated => {
            let user = of.id(UserId::new)?;
            let (state, changed, previous) = of.user_change()?;
            Event::UserUpdated { user, state, changed, previous }
        }
        T::UserDeactivated => {
            let user = of.id(UserId::new)?;
            let (state, changed, previous) = of.user_change()?;
            Event::UserDeactivated { user, state, changed, previous }
        }
        T::UserReactivated => {
            let user = of.id(UserId::new)?;
            let (state, changed, previous) = of.user_change()?;
            Event::UserReactivated { user, state, changed, previous }
        }
        T::UserDeleted => of.user_deleted()?,
        T::GroupCreated => {
            Event::GroupCreated { group: of.id(GroupId::new)?, state: of.group_change()?.0 }
        }
        T::GroupUpdated => {
            let group = of.id(GroupId::new)?;
            let (state, changed, previous) = of.group_change()?;
            Event::GroupUpdated { group, state, changed, previous }
        }
        T::GroupDeleted => {
            Event::GroupDeleted { group: of.id(GroupId::new)?, previous: of.group_change()?.2 }
        }
        T::GroupMembersAdded => of.members_added()?,
        T::GroupMembersRemoved => of.members_removed()?,
        T::ResourceCreated => {
            Event::ResourceCreated { id: of.id(ResourceId::new)?, state: of.resource()?.0 }
        }
        T::ResourceUpdated => of.resource_updated()?,
        T::ResourceDeleted => of.resource_deleted()?,
    })
}

pub(super) fn tenant_id(text: &str) -> Result<TenantId, DecodeError> {
    TenantId::from_stored(text).map_err(|_| Invalid("tenant"))
}

pub(super) fn uuid(bytes: &[u8], what: &'static str) -> Result<Uuid, DecodeError> {
    Uuid::from_slice(bytes).map_err(|_| Invalid(what))
}

fn actor(fields: Fields<'_>) -> Result<Actor, DecodeError> {
    let (mut kind, mut id) = (0, String::new());
    for field in fields {
        let (tag, value) = field?;
        match tag {
            1 => kind = value.code("kind of actor")?,
            2 => id = uuid(value.bytes("actor")?, "actor")?.hyphenated().to_string(),
            3 => id = value.text("actor")?.to_owned(),
            _ => {}
        }
    }
    let kind = match proto::ActorKind::try_from(kind) {
        Ok(proto::ActorKind::System) => ActorKind::System,
        Ok(proto::ActorKind::Token) => ActorKind::Token,
        Ok(proto::ActorKind::Key) => ActorKind::Key,
        Ok(proto::ActorKind::Unspecified) | Err(_) => return Err(Invalid("kind of actor")),
    };
    Ok(Actor { kind, id })
}

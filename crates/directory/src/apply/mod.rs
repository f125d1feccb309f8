//! What an event does to a directory. What is logged is true, so nothing here can fail; the same code serves live
//! writes, loading, replay and comparison. No `_` arm: a new event must be placed here.

mod custom;
mod group;
mod members;
mod user;

use events::{Envelope, Event, Seq, Timestamp};

use crate::Directory;

/// Number and time of the event at hand: the version and `lastModified` of all that it changes.
#[derive(Clone, Copy)]
struct Stamp {
    seq: Seq,
    at: Timestamp,
}

impl Directory {
    /// Folds one event of the tenant's history in. Events come in order of `seq`.
    pub fn apply(&mut self, envelope: &Envelope) {
        let stamp = Stamp { seq: envelope.seq, at: envelope.at };
        self.seq = stamp.seq;
        self.at = stamp.at;
        match &envelope.event {
            Event::UserCreated { user, state } => user::create(self, stamp, *user, state),
            Event::UserUpdated { user, state, changed: _, previous: _ }
            | Event::UserDeactivated { user, state, changed: _, previous: _ }
            | Event::UserReactivated { user, state, changed: _, previous: _ } => {
                user::change(self, stamp, *user, state);
            }
            Event::UserDeleted { user, left: _, previous: _ } => user::delete(self, stamp, *user),
            Event::GroupCreated { group, state } => group::create(self, stamp, *group, state),
            Event::GroupUpdated { group, state, changed: _, previous: _ } => {
                group::change(self, stamp, *group, state);
            }
            Event::GroupDeleted { group, previous: _ } => group::delete(self, stamp, *group),
            Event::GroupMembersAdded { group, members, pending, bound } => {
                members::remove_pending(self, stamp, *group, bound);
                members::add(self, stamp, *group, members);
                members::add_pending(self, stamp, *group, pending);
            }
            Event::GroupMembersRemoved { group, members, pending } => {
                members::remove(self, stamp, *group, members);
                members::remove_pending(self, stamp, *group, pending);
            }
            Event::ResourceCreated { id, state } => custom::create(self, stamp, *id, state),
            Event::ResourceUpdated { id, state, changed: _, previous: _ } => {
                custom::change(self, stamp, *id, state);
            }
            Event::ResourceDeleted { id, resource_type, previous: _ } => {
                self.customs.remove(resource_type, *id);
            }
            // Of the platform's own stream: they say nothing about users and groups.
            Event::TenantCreated { .. }
            | Event::TenantUpdated { .. }
            | Event::TenantSuspended { .. }
            | Event::TenantResumed { .. }
            | Event::TenantDeleted { .. }
            | Event::TokenIssued { .. }
            | Event::TokenRevoked { .. }
            | Event::KeyIssued { .. }
            | Event::KeyRevoked { .. }
            | Event::SchemaPut { .. }
            | Event::SchemaDeleted { .. }
            | Event::LogRestored { .. } => {}
        }
    }
}

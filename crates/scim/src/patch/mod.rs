//! PATCH (RFC 7644 §3.5.2): a request is read once, against the schemas, and applied wholly or not at all.
//!
//! Membership of groups is kept apart: it is changed by whoever holds the members, from [`Patch::members`].
//!
//! Entry: [`Patch::parse`], [`Patch::apply`].

mod apply;
mod change;
mod elements;
mod members;
mod plan;
mod request;
mod undo;
mod values;

#[cfg(test)]
mod tests;

use serde_json::{Map, Value};

use self::{change::Change, undo::Undo};
use crate::{
    Coercion, Coercions, Error, Profile,
    filter::Filter,
    incoming::Listed,
    resource::{self, MemberRef},
    schema::ResourceType,
};

/// A PATCH request, read: every path resolved, every value canonical, nothing left to refuse but what depends on the
/// resource.
#[derive(Clone, PartialEq, Debug)]
pub struct Patch {
    changes: Vec<Change>,
    members: Vec<MemberOp>,
    coercions: Coercions,
    profile: Profile,
    deactivates: bool,
}

/// An operation on the members of a group.
#[derive(Clone, PartialEq, Debug)]
pub enum MemberOp {
    /// Add these.
    Add(Vec<MemberRef>),
    /// Remove these.
    Remove(Vec<MemberRef>),
    /// Remove everybody.
    RemoveAll,
    /// Remove those that match: over the sub-attributes of one element of `members`, as [`Filter::resolve_within`] reads
    /// it, which was tried already.
    RemoveWhere(Filter),
    /// These and nobody else.
    Replace(Vec<MemberRef>),
}

impl Patch {
    /// Reads a request. 400 with the type that RFC 7644 §3.5.2 names, and the operation's place in the text.
    ///
    /// Outside strict a request that also deactivates the user loses only the parts that are refused
    /// ([`Coercion::DeactivationWon`]).
    pub fn parse(body: Value, of: &ResourceType, profile: Profile) -> Result<Self, Error> {
        Self::with_lists(body, of, profile, (Vec::new(), Coercions::default()))
    }

    /// The same, where lists of members were taken out of the body before.
    pub(crate) fn with_lists(
        body: Value,
        of: &ResourceType,
        profile: Profile,
        (lists, coercions): (Vec<Listed>, Coercions),
    ) -> Result<Self, Error> {
        let mut plan = plan::Plan::new(of, profile);
        plan.coercions = coercions;
        let operations = request::read(body, profile, &mut plan.coercions)?;
        let mut lists = lists.into_iter().peekable();
        for (at, operation) in operations.into_iter().enumerate() {
            let listed = lists.next_if(|listed| listed.operation == at);
            plan.operation(at, operation, listed);
        }
        plan.finish()
    }

    /// Changes the attributes of a canonical resource, in order, and leaves it canonical. If an operation is refused the
    /// resource stays as it is; outside strict a request that deactivates goes on without that operation.
    ///
    /// The resource may hold `id`: an `id` in a value must then be equal.
    pub fn apply(
        &self,
        resource: &mut Map<String, Value>,
        of: &ResourceType,
        coercions: &mut Coercions,
    ) -> Result<(), Error> {
        let mut undo = Undo::default();
        let mut applied = *coercions;
        let mut in_order = true;
        for change in &self.changes {
            undo.save(change, resource);
            in_order &= change.keeps_order(resource);
            let outcome = change.apply(resource, self.profile, &mut applied);
            match outcome.map_err(|error| in_operation(change.at, error)) {
                Ok(()) => (),
                Err(_) if self.goes_on() => applied.insert(Coercion::DeactivationWon),
                Err(error) => {
                    undo.restore(resource);
                    return Err(error);
                }
            }
        }
        if !in_order {
            resource::arrange(resource, of);
        }
        *coercions = applied;
        Ok(())
    }

    /// Operations on `members`, in order; none for users.
    pub fn members(&self) -> &[MemberOp] {
        &self.members
    }

    /// True if the request leaves `active` false.
    pub const fn deactivates(&self) -> bool {
        self.deactivates
    }

    /// The tolerances applied while reading.
    pub const fn coercions(&self) -> &Coercions {
        &self.coercions
    }

    const fn goes_on(&self) -> bool {
        self.deactivates && !self.profile.strict
    }
}

pub(crate) fn in_operation(at: usize, error: Error) -> Error {
    Error { detail: format!("Operations[{at}]: {}", error.detail), ..error }
}

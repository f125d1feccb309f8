//! A group's body as it comes in: each element of a list of members is read and let go, so that a hundred thousand of them are never in
//! memory as JSON. What lies around them is read like any other body, and so is a list that isn't recognised here.
//!
//! Entry: [`Incoming`].

mod scanner;
#[cfg(test)]
mod tests;

use std::fmt;

use self::scanner::{Form, Scanner};
use crate::{Draft, Error, MemberRef, Patch, Profile, ResourceType, json, resource};

/// A body, chunk by chunk, that becomes a `T`.
pub struct Incoming<T> {
    scanner: Scanner,
    finish: fn(Scanner, &ResourceType) -> Result<T, Error>,
}

/// A list of members that was read element by element. What is left of the body has an empty list in its place.
#[derive(Debug)]
pub(crate) struct Listed {
    /// The operation of a PATCH whose value it is (part of), from 0.
    pub(crate) operation: usize,
    /// It stands within the value, under the key `members`: the operation must have no path.
    pub(crate) is_within: bool,
    /// How many elements there were, also such that name nobody.
    pub(crate) count: usize,
    /// Those that they name.
    pub(crate) members: Vec<MemberRef>,
}

impl Incoming<Draft> {
    /// The body of a POST or PUT.
    pub fn group(profile: Profile) -> Self {
        Self { scanner: Scanner::new(Form::Group, profile), finish: draft }
    }
}

impl Incoming<Patch> {
    /// The body of a PATCH.
    pub fn patch(profile: Profile) -> Self {
        Self { scanner: Scanner::new(Form::Patch, profile), finish: patch }
    }
}

impl<T> Incoming<T> {
    /// Takes the next bytes.
    ///
    /// # Errors
    /// 400 for an element that is no member, and for a list that is none.
    pub fn take(&mut self, chunk: &[u8]) -> Result<(), Error> {
        self.scanner.take(chunk)
    }

    /// How many bytes are still to be read as JSON.
    pub const fn left(&self) -> usize {
        self.scanner.rest.len()
    }

    /// The whole, after the last bytes; `of` is the group's type.
    ///
    /// # Errors
    /// As of [`resource::read`] or [`Patch::parse`].
    pub fn finish(self, of: &ResourceType) -> Result<T, Error> {
        (self.finish)(self.scanner, of)
    }
}

impl<T> fmt::Debug for Incoming<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Incoming").field("scanner", &self.scanner).finish_non_exhaustive()
    }
}

impl Listed {
    /// Whom the list names; `None`: its elements name nobody, which is no list.
    pub(crate) fn named(self) -> Option<Vec<MemberRef>> {
        (self.count == 0 || !self.members.is_empty()).then_some(self.members)
    }
}

fn draft(scanner: Scanner, of: &ResourceType) -> Result<Draft, Error> {
    let mut draft = resource::read(json::parse(&scanner.rest)?, of, scanner.profile)?;
    draft.coercions.extend(scanner.coercions.iter());
    // An empty list was read like any other.
    if let Some(listed) = scanner.lists.into_iter().find(|listed| listed.count > 0) {
        draft.members = listed.named();
    }
    Ok(draft)
}

fn patch(scanner: Scanner, of: &ResourceType) -> Result<Patch, Error> {
    let body = json::parse(&scanner.rest)?;
    Patch::with_lists(body, of, scanner.profile, (scanner.lists, scanner.coercions))
}

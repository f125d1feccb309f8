//! Ids in text: only as they are written in `id`, so that one text names one resource.

use std::str::FromStr;

use events::{GroupId, UserId};

/// Length of a hyphenated UUID.
const ID_BYTES: usize = 36;

/// The text as a user's id.
pub(crate) fn user(text: &str) -> Option<UserId> {
    parse(text)
}

/// The text as a group's id.
pub(crate) fn group(text: &str) -> Option<GroupId> {
    parse(text)
}

fn parse<T: FromStr>(text: &str) -> Option<T> {
    if text.len() == ID_BYTES { text.parse().ok() } else { None }
}

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
    let canonical = text.len() == ID_BYTES && !text.bytes().any(|byte| byte.is_ascii_uppercase());
    if canonical { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::user;

    #[test]
    fn an_id_is_read_as_it_is_written_only() {
        let id = "01890a5d-ac96-774b-bcce-b302099a8057";
        assert_eq!(user(id).map(|id| id.to_string()).as_deref(), Some(id));
        for other in ["", "ada", &id.to_uppercase(), &id.replace('-', ""), &format!("{{{id}}}")] {
            assert_eq!(user(other), None, "{other}");
        }
    }
}

//! What members are called: the displayName of a user or a group, and nothing else that isn't meant to be shown.

use std::borrow::Cow;
use std::sync::Arc;

use events::Member;
use serde::Deserialize;

use crate::Directory;
use crate::store::user::User;

impl Directory {
    pub(crate) fn display_name(&self, member: &Member) -> Option<Arc<str>> {
        match member {
            Member::User(id) => self.user_by_id(*id)?.1.display(),
            Member::Group(id) => Some(self.group_by_id(*id)?.1.facts.display.clone()),
        }
    }
}

impl User {
    /// What others show it as. Read from the resource once, when it is first asked for.
    pub(crate) fn display(&self) -> Option<Arc<str>> {
        self.facts.display.get_or_init(|| read_name(&self.facts.resource)).clone()
    }
}

fn read_name(resource: &[u8]) -> Option<Arc<str>> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Names<'a> {
        #[serde(borrow)]
        display_name: Option<Cow<'a, str>>,
    }
    let Names { display_name } = serde_json::from_slice(resource).ok()?;
    display_name.map(Into::into)
}

#[cfg(test)]
mod tests {
    use super::read_name;

    #[test]
    fn a_user_is_called_by_its_display_name_and_nothing_else() {
        let check = |resource: &str, expected: Option<&str>| {
            assert_eq!(read_name(resource.as_bytes()).as_deref(), expected);
        };
        check(r#"{"userName":"ada","displayName":"Ada \"L\"","x":[1]}"#, Some("Ada \"L\""));
        check(r#"{"name":{"displayName":"no"},"userName":"ada"}"#, None);
        check("{}", None);
    }
}

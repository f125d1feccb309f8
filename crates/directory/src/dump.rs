//! The whole state as text, to compare two folds of one log line by line.

use std::fmt::{Display, Write};

use crate::Directory;
use crate::store::custom::Custom;
use crate::store::group::Group;
use crate::store::slots::Slot;
use crate::store::user::User;

impl Directory {
    /// One line for the fold's place, each user, group, other resource and pending name; the same for the same history.
    pub fn dump(&self) -> Vec<String> {
        let mut lines = vec![format!("seq {} at {}", self.seq, self.at)];
        lines.extend(self.users.slots().from(0).map(|(_, user)| self.user_line(user)));
        lines.extend(self.groups.slots().from(0).map(|(_, group)| self.group_line(group)));
        for (name, of) in self.customs.types() {
            lines.extend(of.slots().from(0).map(|(_, custom)| custom_line(name, custom)));
        }
        lines.extend(
            self.pending.iter().map(|(name, groups)| {
                format!("pending {name:?} groups [{}]", self.group_ids(groups))
            }),
        );
        lines
    }

    fn user_line(&self, user: &User) -> String {
        let User { id, version, born, created, modified, facts, groups } = user;
        format!(
            "user {id} version {version} born {born} created {created} modified {modified} active {} key {:?} \
             externalId {:?} emails {:?} employeeNumber {:?} manager {:?} unique {:?} groups [{}] resource {}",
            facts.active,
            facts.name_key,
            facts.external_id,
            facts.emails,
            facts.employee_number,
            facts.manager,
            facts.unique_keys,
            self.group_ids(groups),
            String::from_utf8_lossy(&facts.resource),
        )
    }

    fn group_line(&self, group: &Group) -> String {
        let Group { id, version, born, created, modified, facts, members, pending, parents } =
            group;
        format!(
            "group {id} version {version} born {born} created {created} modified {modified} name {:?} \
             externalId {:?} unique {:?} members [{}] pending {pending:?} parents [{}] resource {}",
            facts.display,
            facts.external_id,
            facts.unique_keys,
            list(members.iter().map(|member| member.id())),
            self.group_ids(parents),
            String::from_utf8_lossy(&facts.resource),
        )
    }

    fn group_ids<'a>(&self, slots: impl IntoIterator<Item = &'a Slot>) -> String {
        list(slots.into_iter().filter_map(|slot| self.groups.slots().get(*slot)).map(|g| g.id))
    }
}

fn custom_line(name: &str, custom: &Custom) -> String {
    let Custom { id, version, born, created, modified, facts } = custom;
    format!(
        "{name} {id} version {version} born {born} created {created} modified {modified} externalId {:?} unique {:?} resource {}",
        facts.external_id,
        facts.unique_keys,
        String::from_utf8_lossy(&facts.resource),
    )
}

fn list(items: impl Iterator<Item = impl Display>) -> String {
    let mut text = String::new();
    for item in items {
        let space = if text.is_empty() { "" } else { " " };
        // Writing to a String can't fail.
        let _ = write!(text, "{space}{item}");
    }
    text
}

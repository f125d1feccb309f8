//! Names of members that are not known yet, and the groups that wait for them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use scim::key::user_name_key;

use super::slots::Slot;

/// Pending name → groups. A name may turn out to be a userName or an externalId, so it is found by both.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    /// By the name as given.
    names: BTreeMap<Arc<str>, BTreeSet<Slot>>,
    /// The names as given, by what their key would be as userNames.
    keys: BTreeMap<Box<str>, BTreeSet<Arc<str>>>,
}

impl Pending {
    /// A group waits for a name.
    pub(crate) fn insert(&mut self, name: &Arc<str>, group: Slot) {
        self.names.entry(name.clone()).or_default().insert(group);
        self.keys.entry(user_name_key(name).into()).or_default().insert(name.clone());
    }

    /// A group no longer waits for a name.
    pub(crate) fn remove(&mut self, name: &str, group: Slot) {
        let Some(groups) = self.names.get_mut(name) else { return };
        groups.remove(&group);
        if !groups.is_empty() {
            return;
        }
        self.names.remove(name);
        let key = user_name_key(name);
        if let Some(names) = self.keys.get_mut(&*key) {
            names.remove(name);
            if names.is_empty() {
                self.keys.remove(&*key);
            }
        }
    }

    /// Whether nobody waits: the usual case.
    pub(crate) fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The groups that wait for exactly that name.
    pub(crate) fn named(&self, name: &str) -> Option<(&Arc<str>, &BTreeSet<Slot>)> {
        self.names.get_key_value(name)
    }

    /// The names that are the same userName, with the groups that wait for them.
    pub(crate) fn keyed(&self, key: &str) -> impl Iterator<Item = (&Arc<str>, &BTreeSet<Slot>)> {
        let names = self.keys.get(key).into_iter().flatten();
        names.filter_map(|name| self.names.get_key_value(name))
    }

    /// Everything, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Arc<str>, &BTreeSet<Slot>)> {
        self.names.iter()
    }
}

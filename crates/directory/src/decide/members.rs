//! The rules of membership: a request's operations against the running set, and the net delta as events.

use std::collections::BTreeMap;
use std::sync::Arc;

use events::{GroupId, Member};
use scim::key::user_name_key;
use scim::{Coercion, Coercions, Filter, MemberRef, Profile};

use super::cycle;
use super::delta::Delta;
use super::resolve::{Named, resolve};
use super::selection::Selection;
use crate::limits::{MEMBER_NAME_BYTES_MAX, PENDING_GROUPS_MAX, USER_GROUPS_MAX};
use crate::store::group::Group;
use crate::store::slots::Slot;
use crate::{Directory, Rejection};

/// A group's members while the operations of one request are applied in order: what it has, and what differs.
pub(super) struct Running<'a> {
    directory: &'a Directory,
    profile: Profile,
    /// None: it is being created.
    group: Option<(Slot, &'a Group)>,
    /// What it has doesn't count any more.
    cleared: bool,
    /// Whether those that were touched are in it now.
    members: BTreeMap<Member, bool>,
    pending: BTreeMap<Arc<str>, bool>,
}

impl<'a> Running<'a> {
    /// Nobody.
    pub(super) const fn of_new(directory: &'a Directory, profile: Profile) -> Self {
        Self {
            directory,
            profile,
            group: None,
            cleared: false,
            members: BTreeMap::new(),
            pending: BTreeMap::new(),
        }
    }

    /// The members of a group as they are.
    pub(super) const fn of(
        directory: &'a Directory,
        slot: Slot,
        group: &'a Group,
        profile: Profile,
    ) -> Self {
        let mut running = Self::of_new(directory, profile);
        running.group = Some((slot, group));
        running
    }

    /// These join. Who isn't known yet is kept pending; in strict that is refused.
    pub(super) fn add(
        &mut self,
        members: &[MemberRef],
        coercions: &mut Coercions,
    ) -> Result<(), Rejection> {
        for named in members {
            match self.resolve(named) {
                Named::ById(member) => {
                    self.members.insert(member, true);
                }
                Named::ByOtherName(member) => {
                    coercions.insert(Coercion::MemberByOtherName);
                    self.members.insert(member, true);
                }
                Named::Unclear(all) => self.add_unclear(&named.value, &all, coercions)?,
                Named::Nobody => self.wait_for(&named.value, coercions)?,
            }
        }
        Ok(())
    }

    /// These leave; a pending name is withdrawn. Who isn't in it needn't leave.
    pub(super) fn remove(
        &mut self,
        members: &[MemberRef],
        coercions: &mut Coercions,
    ) -> Result<(), Rejection> {
        for named in members {
            let left = match self.resolve(named) {
                Named::ById(member) => self.leave(member),
                Named::ByOtherName(member) => {
                    coercions.insert(Coercion::MemberByOtherName);
                    self.leave(member)
                }
                Named::Unclear(all) => self.remove_unclear(&named.value, &all, coercions)?,
                Named::Nobody => false,
            };
            let withdrawn = self.withdraw(&named.value);
            if !left && !withdrawn {
                coercions.insert(Coercion::RemovedNothing);
            }
        }
        Ok(())
    }

    /// Everyone leaves.
    pub(super) fn clear(&mut self) {
        self.cleared = true;
        self.members.clear();
        self.pending.clear();
    }

    /// These and nobody else.
    pub(super) fn replace(
        &mut self,
        members: &[MemberRef],
        coercions: &mut Coercions,
    ) -> Result<(), Rejection> {
        self.clear();
        self.add(members, coercions)
    }

    /// Those leave that a filter over `value`, `type`, `display` and `$ref` selects.
    pub(super) fn remove_where(
        &mut self,
        filter: &Filter,
        coercions: &mut Coercions,
    ) -> Result<(), Rejection> {
        let selection = Selection::new(self.directory, filter)?;
        let leaving: Vec<Member> = self.now().filter(|m| selection.has_member(m)).collect();
        let withdrawn = self.pending_now().filter(|name| selection.has_pending(name));
        let withdrawn: Vec<Arc<str>> = withdrawn.cloned().collect();
        if leaving.is_empty() && withdrawn.is_empty() {
            coercions.insert(Coercion::RemovedNothing);
        }
        self.members.extend(leaving.into_iter().map(|member| (member, false)));
        self.pending.extend(withdrawn.into_iter().map(|name| (name, false)));
        Ok(())
    }

    /// What it comes to, if the rules allow it.
    pub(super) fn finish(self) -> Result<Delta, Rejection> {
        let has = |member: &Member| self.group.is_some_and(|(_, g)| g.members.contains(member));
        let waits = |name: &Arc<str>| self.group.is_some_and(|(_, g)| g.pending.contains(name));
        let joins = self.members.iter().filter(|(member, now)| **now && !has(member));
        let new_names = self.pending.iter().filter(|(name, now)| **now && !waits(name));
        let delta = Delta {
            added: joins.map(|(member, _)| *member).collect(),
            removed: self.leaving(),
            pending_added: new_names.map(|(name, _)| name.to_string()).collect(),
            pending_removed: self.withdrawn(),
        };
        delta.check_size()?;
        self.check_groups(&delta.added)?;
        self.check_cycles(&delta.added)?;
        self.check_pending(&delta.pending_added)?;
        Ok(delta)
    }

    /// Several have the name. Those of them who are members stay, and so does the name if it is pending: a list that
    /// is sent again changes nothing. When none is, it waits until it is clear who is meant.
    fn add_unclear(
        &mut self,
        name: &str,
        all: &[Member],
        coercions: &mut Coercions,
    ) -> Result<(), Rejection> {
        let Some((_, group)) = self.group else { return self.wait_for(name, coercions) };
        let present = || all.iter().filter(|member| group.members.contains(member));
        self.members.extend(present().map(|member| (*member, true)));
        if present().next().is_none() || group.pending.contains(name) {
            self.wait_for(name, coercions)?;
        }
        Ok(())
    }

    /// Several have the name: the one who is a member leaves.
    fn remove_unclear(
        &mut self,
        name: &str,
        all: &[Member],
        coercions: &mut Coercions,
    ) -> Result<bool, Rejection> {
        let present: Vec<Member> = all.iter().copied().filter(|member| self.has(*member)).collect();
        match present[..] {
            [] => Ok(false),
            [only] => {
                coercions.insert(Coercion::MemberByOtherName);
                Ok(self.leave(only))
            }
            [_, _, ..] => Err(Rejection::UnknownMember { value: name.to_owned() }),
        }
    }

    /// Keeps a name pending that nobody has, or that several have.
    fn wait_for(&mut self, name: &str, coercions: &mut Coercions) -> Result<(), Rejection> {
        if !self.profile.unknown_members_pending || name.len() > MEMBER_NAME_BYTES_MAX {
            return Err(Rejection::UnknownMember { value: name.to_owned() });
        }
        coercions.insert(Coercion::MemberPending);
        self.pending.insert(name.into(), true);
        Ok(())
    }

    fn resolve(&self, named: &MemberRef) -> Named {
        resolve(self.directory, named, self.group.map(|(slot, _)| slot), self.profile)
    }

    /// Whether a member is in it now.
    fn has(&self, member: Member) -> bool {
        match self.members.get(&member) {
            Some(now) => *now,
            None => !self.cleared && self.group.is_some_and(|(_, g)| g.members.contains(&member)),
        }
    }

    /// One member leaves; `false` when it wasn't there.
    fn leave(&mut self, member: Member) -> bool {
        let was = self.has(member);
        if was {
            self.members.insert(member, false);
        }
        was
    }

    /// One pending name is withdrawn; `false` when it wasn't there.
    fn withdraw(&mut self, name: &str) -> bool {
        let was = match self.pending.get(name) {
            Some(now) => *now,
            None => !self.cleared && self.group.is_some_and(|(_, g)| g.pending.contains(name)),
        };
        if was {
            self.pending.insert(name.into(), false);
        }
        was
    }

    /// Who is in it now.
    fn now(&self) -> impl Iterator<Item = Member> {
        let before = self.group.filter(|_| !self.cleared).map(|(_, group)| &group.members);
        let kept = before.into_iter().flat_map(|members| members.iter());
        let touched = self.members.iter().filter(|(_, now)| **now).map(|(member, _)| *member);
        kept.filter(|member| !self.members.contains_key(member)).chain(touched)
    }

    /// Which names are pending in it now.
    fn pending_now(&self) -> impl Iterator<Item = &Arc<str>> {
        let before = self.group.filter(|_| !self.cleared).map(|(_, group)| &group.pending);
        let kept = before.into_iter().flatten().filter(|name| !self.pending.contains_key(*name));
        kept.chain(self.pending.iter().filter(|(_, now)| **now).map(|(name, _)| name))
    }

    fn leaving(&self) -> Vec<Member> {
        let Some((_, group)) = self.group else { return Vec::new() };
        if self.cleared {
            let stays = |member: &Member| self.members.get(member) == Some(&true);
            return group.members.iter().filter(|member| !stays(member)).collect();
        }
        let leaves = |(member, now): (&Member, &bool)| {
            (!*now && group.members.contains(member)).then_some(*member)
        };
        self.members.iter().filter_map(leaves).collect()
    }

    fn withdrawn(&self) -> Vec<String> {
        let Some((_, group)) = self.group else { return Vec::new() };
        let stays = |name: &Arc<str>| match self.pending.get(name) {
            Some(now) => *now,
            None => !self.cleared,
        };
        group.pending.iter().filter(|name| !stays(name)).map(|name| name.to_string()).collect()
    }

    /// A user is in so many groups that the event of its deletion can name them.
    fn check_groups(&self, added: &[Member]) -> Result<(), Rejection> {
        let limit = USER_GROUPS_MAX;
        let users = added.iter().filter_map(|member| match member {
            Member::User(user) => self.directory.user_by_id(*user),
            Member::Group(_) => None,
        });
        match users.map(|(_, user)| user).find(|user| user.groups.len() >= limit) {
            Some(user) => Err(Rejection::TooManyGroups { user: user.id, limit }),
            None => Ok(()),
        }
    }

    /// A group that joins may not be this one, nor have it as a member.
    fn check_cycles(&self, added: &[Member]) -> Result<(), Rejection> {
        let Some((slot, _)) = self.group else { return Ok(()) };
        let mut joining = added.iter().filter_map(|member| match member {
            Member::Group(group) => Some(*group),
            Member::User(_) => None,
        });
        let Some(first) = joining.next() else { return Ok(()) };
        let above = cycle::above(self.directory, slot);
        let closes = |group: &GroupId| {
            self.directory.groups.by_id(*group).is_some_and(|slot| above.contains(&slot))
        };
        match std::iter::once(first).chain(joining).find(closes) {
            Some(group) => Err(Rejection::MemberCycle { group }),
            None => Ok(()),
        }
    }

    /// So many groups wait for one name that its arrival still fits one txn.
    fn check_pending(&self, added: &[String]) -> Result<(), Rejection> {
        let mut waiting: BTreeMap<String, usize> = BTreeMap::new();
        for name in added {
            let count = waiting.entry(user_name_key(name)).or_insert_with_key(|key| {
                self.directory.pending.keyed(key).map(|(_, groups)| groups.len()).sum()
            });
            *count += 1;
            if *count > PENDING_GROUPS_MAX {
                let limit = PENDING_GROUPS_MAX;
                return Err(Rejection::TooManyPending { name: name.clone(), limit });
            }
        }
        Ok(())
    }
}

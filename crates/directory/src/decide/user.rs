//! The rules of users.

use bytes::Bytes;
use events::{Email, Event, GroupId, Member, UserId, UserState};
use scim::key::user_name_key;
use scim::resource::Stored;
use scim::schema::ENTERPRISE_URN;
use scim::{Coercion, Coercions, Draft, Error, Patch, ResourceType, ScimType};
use serde_json::{Map, Value};

use super::bind::{Arrival, bind};
use super::resource::{self, Change, change, text};
use super::{Made, check_version};
use crate::store::slots::Slot;
use crate::store::user::User;
use crate::{Directory, Expected, Rejection, Rules};

/// POST.
pub(super) fn create(
    directory: &Directory,
    id: UserId,
    draft: Draft,
    rules: &Rules,
) -> Result<Made, Rejection> {
    if directory.users.by_id(id).is_some() {
        let detail = "the id of a new user is in use: send the request again";
        return Err(Error::new(409, Some(ScimType::Uniqueness), detail).into());
    }
    let coercions = draft.coercions;
    let resource = scim::resource::create(draft, &id.to_string(), rules.types.user())?;
    let state = state(&resource, rules)?;
    let key = user_name_key(&state.user_name);
    if let Some(by) = taken(directory, &key, None) {
        return Err(Rejection::UserNameTaken { by });
    }
    check_unique(directory, &state, None)?;
    let mut made = Made::new(coercions);
    let arrival = Arrival {
        member: Member::User(id),
        name_key: Some(&key),
        external_id: state.external_id.as_deref(),
        members: &[],
    };
    let joined = bind(directory, &arrival);
    made.events.push(Event::UserCreated { user: id, state });
    made.events.extend(joined);
    Ok(made)
}

/// The user that a command is about, at the version that it expects.
pub(super) fn find<'a>(
    directory: &'a Directory,
    id: UserId,
    expected: &Expected,
    rules: &'a Rules,
) -> Result<Found<'a>, Rejection> {
    let (slot, user) = directory.user_by_id(id).ok_or(Rejection::NoSuchUser(id))?;
    check_version(expected, user.version)?;
    Ok(Found { directory, slot, user, rules })
}

/// A user that a command is about.
pub(super) struct Found<'a> {
    directory: &'a Directory,
    slot: Slot,
    user: &'a User,
    rules: &'a Rules,
}

impl Found<'_> {
    /// PUT.
    pub(super) fn replace(self, draft: Draft) -> Result<Made, Rejection> {
        let active = draft.attributes.get("active");
        let wins = !self.rules.profile.strict && active == Some(&Value::Bool(false));
        let mut coercions = draft.coercions;
        let old = Stored::new(&self.user.facts.resource)?;
        // A body without what every user has is no user: there is no valid part of it that could win.
        let new = scim::resource::replace(
            &old,
            draft,
            self.rules.types.user(),
            self.rules.profile,
            &mut coercions,
        )?;
        self.settle(&old, Ok(new), wins, coercions)
    }

    /// PATCH.
    pub(super) fn patch(self, patch: &Patch) -> Result<Made, Rejection> {
        let wins = !self.rules.profile.strict && patch.deactivates();
        let mut coercions = *patch.coercions();
        let old = Stored::new(&self.user.facts.resource)?;
        let mut new = old.whole()?;
        let applied = patch.apply(&mut new, self.rules.types.user(), &mut coercions);
        self.settle(&old, applied.map(|()| new), wins, coercions)
    }

    /// DELETE: the user leaves its groups.
    pub(super) fn delete(self) -> Made {
        let group = |slot: &Slot| self.directory.groups.slots().get(*slot).map(|group| group.id);
        let left: Vec<GroupId> = self.user.groups.iter().filter_map(group).collect();
        let previous = Bytes::copy_from_slice(&self.user.facts.resource);
        let event = Event::UserDeleted { user: self.user.id, left, previous };
        Made { events: vec![event], coercions: Coercions::default() }
    }

    /// From what the request makes of the user to events.
    fn settle(
        &self,
        old: &Stored<'_>,
        new: Result<Map<String, Value>, Error>,
        wins: bool,
        mut coercions: Coercions,
    ) -> Result<Made, Rejection> {
        let (new, state) = self.accept(old, new, wins, &mut coercions)?;
        let mut made = Made::new(coercions);
        let Some(change) = change(old, &state.resource, self.rules.types.user())? else {
            return Ok(made);
        };
        let name_key = new_name_key(old, &new);
        let facts = &self.user.facts;
        let arrival = Arrival {
            member: Member::User(self.user.id),
            name_key: name_key.as_deref(),
            external_id: state
                .external_id
                .as_deref()
                .filter(|id| facts.external_id.as_deref() != Some(*id)),
            members: &[],
        };
        let joined = bind(self.directory, &arrival);
        made.events.push(self.updated(state, change));
        made.events.extend(joined);
        Ok(made)
    }

    /// What the request makes of the user, if the rules allow it. When it deactivates the user and something else in
    /// it is refused, the deactivation wins (`idp-traffic.md` §9.13): with the old userName, else on its own.
    fn accept(
        &self,
        old: &Stored<'_>,
        new: Result<Map<String, Value>, Error>,
        wins: bool,
        coercions: &mut Coercions,
    ) -> Result<(Map<String, Value>, UserState), Rejection> {
        let (mut new, refused) = match new {
            Ok(new) => match self.check(old, &new) {
                Ok(state) => return Ok((new, state)),
                Err(rejection) => (Some(new), rejection),
            },
            Err(error) => (None, error.into()),
        };
        if !wins {
            return Err(refused);
        }
        coercions.insert(Coercion::DeactivationWon);
        if let Some(new) = &mut new {
            keep(old, new, "userName", self.rules.types.user());
        }
        let named = new.and_then(|new| Some((self.check(old, &new).ok()?, new)));
        let (state, new) = match named {
            Some(allowed) => allowed,
            None => {
                let mut new = old.whole()?;
                new.insert("active".to_owned(), Value::Bool(false));
                (self.check(old, &new)?, new)
            }
        };
        Ok((new, state))
    }

    fn check(&self, old: &Stored<'_>, new: &Map<String, Value>) -> Result<UserState, Rejection> {
        scim::resource::check_required(new, self.rules.types.user())?;
        let key = new_name_key(old, new);
        let taken = key.and_then(|key| taken(self.directory, &key, Some(self.slot)));
        match taken {
            Some(by) => Err(Rejection::UserNameTaken { by }),
            None => {
                let state = state(new, self.rules)?;
                check_unique(self.directory, &state, Some(self.slot))?;
                Ok(state)
            }
        }
    }

    /// The type of event follows `active`.
    fn updated(&self, state: UserState, Change { changed, previous }: Change) -> Event {
        let user = self.user.id;
        match (self.user.facts.active, state.active) {
            (true, false) => Event::UserDeactivated { user, state, changed, previous },
            (false, true) => Event::UserReactivated { user, state, changed, previous },
            (true, true) | (false, false) => Event::UserUpdated { user, state, changed, previous },
        }
    }
}

/// Key of a userName that isn't what it was.
fn new_name_key(old: &Stored<'_>, new: &Map<String, Value>) -> Option<String> {
    let name = text(new, "userName")?;
    let known = old.value("userName");
    (known.as_ref().and_then(Value::as_str) != Some(name)).then(|| user_name_key(name))
}

/// Another user of that userName.
fn taken(directory: &Directory, key: &str, but: Option<Slot>) -> Option<UserId> {
    let mut others = directory.users.by_name_key(key).iter().filter(|slot| Some(**slot) != but);
    directory.users.slots().get(*others.next()?).map(|user| user.id)
}

/// Err if another user has a value that is to be unique.
fn check_unique(
    directory: &Directory,
    state: &UserState,
    but: Option<Slot>,
) -> Result<(), Rejection> {
    let users = &directory.users;
    let find = |key: &str| users.by_unique_key(key);
    match resource::taken(&state.unique_keys, but, users.slots(), find) {
        Some((attribute, other)) => Err(Rejection::ValueTaken { attribute, by: other.id }),
        None => Ok(()),
    }
}

/// Puts an attribute back as it was.
fn keep(old: &Stored<'_>, new: &mut Map<String, Value>, attribute: &str, of: &ResourceType) {
    if let Some(value) = old.value(attribute) {
        new.insert(attribute.to_owned(), value);
        scim::resource::arrange(new, of);
    }
}

/// What the event says of the resource.
pub(super) fn state(resource: &Map<String, Value>, rules: &Rules) -> Result<UserState, Error> {
    let enterprise = resource.get(ENTERPRISE_URN).and_then(Value::as_object);
    let manager = enterprise.and_then(|e| e.get("manager")).and_then(|m| m.get("value"));
    let emails = resource.get("emails").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    Ok(UserState {
        resource: scim::resource::to_bytes(resource)?.into(),
        user_name: text(resource, "userName").unwrap_or_default().to_owned(),
        external_id: text(resource, "externalId").map(str::to_owned),
        active: resource.get("active").and_then(Value::as_bool).unwrap_or(true),
        emails: emails.iter().filter_map(email).collect(),
        employee_number: enterprise.and_then(|e| text(e, "employeeNumber")).map(str::to_owned),
        manager: manager.and_then(Value::as_str).map(str::to_owned),
        unique_keys: scim::resource::unique_keys(resource, rules.types.user()),
    })
}

fn email(element: &Value) -> Option<Email> {
    let element = element.as_object()?;
    Some(Email {
        value: text(element, "value")?.to_owned(),
        kind: text(element, "type").map(str::to_owned),
        primary: element.get("primary").and_then(Value::as_bool).unwrap_or(false),
    })
}

//! The rules of resources of a tenant's own types: what the schema says, and unique values.

use bytes::Bytes;
use events::{Event, ResourceId, ResourceState};
use scim::resource::Stored;
use scim::{Coercions, Draft, Error, Patch, ResourceType, ScimType};
use serde_json::{Map, Value};

use super::resource::{Change, change, taken, text};
use super::{Made, check_version};
use crate::store::custom::Custom;
use crate::store::slots::Slot;
use crate::{CustomChange, Directory, Expected, Rejection, Rules};

/// Any command about one.
pub(super) fn decide(
    directory: &Directory,
    at: (&str, ResourceId),
    change: CustomChange,
    rules: &Rules,
) -> Result<Made, Rejection> {
    match change {
        CustomChange::Create(draft) => create(directory, at, draft, rules),
        CustomChange::Replace(expected, draft) => {
            find(directory, at, &expected, rules)?.replace(draft)
        }
        CustomChange::Patch(expected, patch) => {
            find(directory, at, &expected, rules)?.patch(&patch)
        }
        CustomChange::Delete(expected) => Ok(find(directory, at, &expected, rules)?.delete()),
    }
}

/// POST.
fn create(
    directory: &Directory,
    (name, id): (&str, ResourceId),
    draft: Draft,
    rules: &Rules,
) -> Result<Made, Rejection> {
    let of = rules.types.named(name).ok_or(Rejection::NoSuchResource(id))?;
    if directory.customs.of(name).is_some_and(|of| of.by_id(id).is_some()) {
        let detail = "the id of a new resource is in use: send the request again";
        return Err(Error::new(409, Some(ScimType::Uniqueness), detail).into());
    }
    let coercions = draft.coercions;
    let resource = scim::resource::create(draft, &id.to_string(), of)?;
    let state = state(&resource, of)?;
    check_unique(directory, &state, None)?;
    let mut made = Made::new(coercions);
    made.events.push(Event::ResourceCreated { id, state });
    Ok(made)
}

/// The resource that a command is about, at the version that it expects.
fn find<'a>(
    directory: &'a Directory,
    (name, id): (&str, ResourceId),
    expected: &Expected,
    rules: &'a Rules,
) -> Result<Found<'a>, Rejection> {
    let absent = || Rejection::NoSuchResource(id);
    let of = rules.types.named(name).ok_or_else(absent)?;
    let found = directory.customs.of(name).and_then(|of| of.get(id));
    let (slot, custom) = found.ok_or_else(absent)?;
    check_version(expected, custom.version)?;
    Ok(Found { directory, slot, custom, of, rules })
}

/// A resource that a command is about.
struct Found<'a> {
    directory: &'a Directory,
    slot: Slot,
    custom: &'a Custom,
    of: &'a ResourceType,
    rules: &'a Rules,
}

impl Found<'_> {
    /// PUT.
    fn replace(self, draft: Draft) -> Result<Made, Rejection> {
        let mut coercions = draft.coercions;
        let old = Stored::new(&self.custom.facts.resource)?;
        let new =
            scim::resource::replace(&old, draft, self.of, self.rules.profile, &mut coercions)?;
        self.settle(&old, &new, coercions)
    }

    /// PATCH.
    fn patch(self, patch: &Patch) -> Result<Made, Rejection> {
        let mut coercions = *patch.coercions();
        let old = Stored::new(&self.custom.facts.resource)?;
        let mut new = old.whole()?;
        patch.apply(&mut new, self.of, &mut coercions)?;
        scim::resource::check_required(&new, self.of)?;
        self.settle(&old, &new, coercions)
    }

    /// DELETE.
    fn delete(self) -> Made {
        let previous = Bytes::copy_from_slice(&self.custom.facts.resource);
        let (id, resource_type) = (self.custom.id, self.of.name.clone());
        let event = Event::ResourceDeleted { id, resource_type, previous };
        Made { events: vec![event], coercions: Coercions::default() }
    }

    fn settle(
        &self,
        old: &Stored<'_>,
        new: &Map<String, Value>,
        coercions: Coercions,
    ) -> Result<Made, Rejection> {
        let state = state(new, self.of)?;
        let mut made = Made::new(coercions);
        if let Some(Change { changed, previous }) = change(old, &state.resource, self.of)? {
            check_unique(self.directory, &state, Some(self.slot))?;
            let id = self.custom.id;
            made.events.push(Event::ResourceUpdated { id, state, changed, previous });
        }
        Ok(made)
    }
}

/// Err if another resource of the type has a value that is to be unique.
fn check_unique(
    directory: &Directory,
    state: &ResourceState,
    but: Option<Slot>,
) -> Result<(), Rejection> {
    let Some(of) = directory.customs.of(&state.resource_type) else { return Ok(()) };
    match taken(&state.unique_keys, but, of.slots(), |key| of.by_unique_key(key)) {
        Some((attribute, other)) => Err(Rejection::ResourceValueTaken { attribute, by: other.id }),
        None => Ok(()),
    }
}

/// What the event says of the resource.
fn state(resource: &Map<String, Value>, of: &ResourceType) -> Result<ResourceState, Error> {
    Ok(ResourceState {
        resource_type: of.name.clone(),
        resource: scim::resource::to_bytes(resource)?.into(),
        external_id: text(resource, "externalId").map(str::to_owned),
        unique_keys: scim::resource::unique_keys(resource, of),
    })
}

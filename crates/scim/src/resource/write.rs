//! Drafts → resources: a new one, or one in the place of an old one; and its bytes.
//! Ids are arguments; versions, times and membership are not here.

use serde_json::{Map, Value};

use super::{
    Draft, EXTERNAL_ID, ID, SCHEMAS, Stored, arrange, arrange::place, is_active, is_membership,
    value::At,
};
use crate::{
    Coercion, Coercions, Error, Profile,
    limits::RESOURCE_BYTES_MAX,
    schema::{Attribute, Mutability, ResourceType},
};

/// A new resource: the draft with its `id` behind `schemas`, and `active` true if the draft doesn't say
/// (`idp-traffic` rule 1). 400 `invalidValue` if a required attribute is missing.
pub fn create(draft: Draft, id: &str, of: &ResourceType) -> Result<Map<String, Value>, Error> {
    let mut resource = with_id(draft, id);
    if let Some(active) = of.schema.attributes.iter().find(|attribute| is_active(attribute))
        && !resource.contains_key(&active.name)
    {
        place(&mut resource, of, active.name.clone(), Value::Bool(true));
    }
    check_required(&resource, of)?;
    Ok(resource)
}

/// PUT over `old`: what the draft doesn't name is cleared.
///
/// But `active` stays as it is, and so does `externalId` outside strict, and whatever the draft doesn't name if the profile says
/// so. 400 `mutability` if an immutable attribute would change, `invalidValue` if a required one is missing.
pub fn replace(
    old: &Stored<'_>,
    mut draft: Draft,
    of: &ResourceType,
    profile: Profile,
    coercions: &mut Coercions,
) -> Result<Map<String, Value>, Error> {
    let id = old.value(ID);
    let id = id.as_ref().and_then(Value::as_str).unwrap_or_default();
    let cleared = std::mem::take(&mut draft.cleared);
    let mut resource = with_id(draft, id);
    if profile.put_keeps_absent {
        keep_absent(old, &cleared, &mut resource, of, coercions);
    } else if !profile.strict && !cleared.iter().any(|path| path == EXTERNAL_ID) {
        keep(EXTERNAL_ID, old, &mut resource, of, coercions);
    }
    if let Some(active) = of.schema.attributes.iter().find(|attribute| is_active(attribute)) {
        keep(&active.name, old, &mut resource, of, coercions);
    }
    keep_immutable(old, &mut resource, of)?;
    check_required(&resource, of)?;
    Ok(resource)
}

/// Err if an attribute is missing that a resource can't be without (400 `invalidValue`).
pub fn check_required(resource: &Map<String, Value>, of: &ResourceType) -> Result<(), Error> {
    check_required_in(resource, &of.schema.attributes, &|name| At::Top(name))?;
    for extension in &of.extensions {
        let urn = &extension.schema.id;
        match resource.get(urn) {
            Some(Value::Object(object)) => {
                let at = |name| At::In(urn, name);
                check_required_in(object, &extension.schema.attributes, &at)?;
            }
            None if extension.required => return Err(missing(At::Top(urn))),
            Some(_) | None => {}
        }
    }
    Ok(())
}

/// The bytes of a resource as they are stored. 413 naming the largest attribute if there are more than
/// [`RESOURCE_BYTES_MAX`].
pub fn to_bytes(resource: &Map<String, Value>) -> Result<Vec<u8>, Error> {
    let bytes = serde_json::to_vec(resource).map_err(|error| {
        Error::new(500, None, format!("the resource can't be written as JSON: {error}"))
    })?;
    if bytes.len() <= RESOURCE_BYTES_MAX {
        return Ok(bytes);
    }
    let size = |value: &Value| serde_json::to_vec(value).map_or(0, |bytes| bytes.len());
    let sizes = resource.iter().map(|(name, value)| (size(value), name));
    let (largest_bytes, largest) = sizes.max().map_or((0, ""), |(size, name)| (size, name));
    Err(Error::new(
        413,
        None,
        format!(
            "the resource is {} bytes long, the limit is {RESOURCE_BYTES_MAX}; \
             its largest attribute is {largest} with {largest_bytes} bytes",
            bytes.len()
        ),
    ))
}

/// The draft's attributes with the `id` behind `schemas`.
fn with_id(draft: Draft, id: &str) -> Map<String, Value> {
    let mut resource = draft.attributes;
    let behind = usize::from(resource.contains_key(SCHEMAS));
    resource.shift_insert(behind, ID.to_owned(), id.into());
    resource
}

fn keep(
    name: &str,
    old: &Stored<'_>,
    resource: &mut Map<String, Value>,
    of: &ResourceType,
    coercions: &mut Coercions,
) {
    if !resource.contains_key(name)
        && let Some(value) = old.value(name)
    {
        place(resource, of, name.to_owned(), value);
        coercions.insert(Coercion::AbsentKept);
    }
}

/// What isn't named stays, attribute by attribute; of an extension too.
fn keep_absent(
    old: &Stored<'_>,
    cleared: &[String],
    resource: &mut Map<String, Value>,
    of: &ResourceType,
    coercions: &mut Coercions,
) {
    let is_cleared = |path: At<'_>| {
        let path = path.to_string();
        cleared.contains(&path)
    };
    let core = of.schema.attributes.iter().filter(|attribute| !is_membership(of, attribute));
    let core = core.map(|attribute| attribute.name.as_str());
    let mut kept = Vec::new();
    for name in std::iter::once(EXTERNAL_ID).chain(core) {
        if !resource.contains_key(name)
            && !is_cleared(At::Top(name))
            && let Some(value) = old.value(name)
        {
            kept.push((name, value));
        }
    }
    for schema in of.extensions.iter().map(|extension| &extension.schema) {
        let urn = schema.id.as_str();
        let Some(Value::Object(mut before)) = old.value(urn).filter(|_| !is_cleared(At::Top(urn)))
        else {
            continue;
        };
        let after = resource.get(urn).and_then(Value::as_object);
        before.retain(|name, _| {
            !is_cleared(At::In(urn, name)) && !after.is_some_and(|after| after.contains_key(name))
        });
        if !before.is_empty() {
            before.extend(after.cloned().unwrap_or_default());
            kept.push((urn, Value::Object(before)));
        }
    }
    for (name, value) in kept {
        coercions.insert(Coercion::AbsentKept);
        resource.insert(name.to_owned(), value);
    }
    arrange(resource, of);
}

/// An immutable attribute that is set keeps its value (RFC 7644 §3.5.1).
fn keep_immutable(
    old: &Stored<'_>,
    resource: &mut Map<String, Value>,
    of: &ResourceType,
) -> Result<(), Error> {
    let core = of.schema.attributes.iter().filter(|attribute| !is_membership(of, attribute));
    let before = |name: &str| old.value(name);
    let mut is_changed = keep_immutable_in(&before, resource, core, &|name| At::Top(name))?;
    for schema in of.extensions.iter().map(|extension| &extension.schema) {
        if schema.attributes.iter().all(|one| one.mutability != Mutability::Immutable) {
            continue;
        }
        let Some(Value::Object(before)) = old.value(&schema.id) else { continue };
        let before = |name: &str| before.get(name).cloned();
        let mut after = match resource.get_mut(&schema.id) {
            Some(Value::Object(after)) => std::mem::take(after),
            Some(_) | None => Map::new(),
        };
        let at = |name| At::In(&schema.id, name);
        is_changed |= keep_immutable_in(&before, &mut after, schema.attributes.iter(), &at)?;
        if !after.is_empty() {
            resource.insert(schema.id.clone(), Value::Object(after));
        }
    }
    if is_changed {
        arrange(resource, of);
    }
    Ok(())
}

/// True if a value was put back.
fn keep_immutable_in<'a>(
    old: &dyn Fn(&str) -> Option<Value>,
    new: &mut Map<String, Value>,
    attributes: impl Iterator<Item = &'a Attribute>,
    at: &dyn Fn(&'a str) -> At<'a>,
) -> Result<bool, Error> {
    let mut is_changed = false;
    for attribute in attributes.filter(|one| one.mutability == Mutability::Immutable) {
        match (old(&attribute.name), new.get(&attribute.name)) {
            (Some(old), Some(new)) if old != *new => {
                return Err(Error::mutability(format!(
                    "{}: is immutable and set; send the value it has, or leave it out",
                    at(&attribute.name)
                )));
            }
            (Some(old), None) => {
                new.insert(attribute.name.clone(), old);
                is_changed = true;
            }
            (Some(_) | None, Some(_)) | (None, None) => {}
        }
    }
    Ok(is_changed)
}

fn check_required_in<'a>(
    object: &Map<String, Value>,
    attributes: &'a [Attribute],
    at: &dyn Fn(&'a str) -> At<'a>,
) -> Result<(), Error> {
    let lacking = attributes
        .iter()
        .find(|one| one.required && !one.is_ignored() && !object.contains_key(&one.name));
    lacking.map_or(Ok(()), |attribute| Err(missing(at(&attribute.name))))
}

fn missing(at: At<'_>) -> Error {
    Error::invalid_value(format!("{at}: is required and missing"))
}

//! Which attributes an answer shows (RFC 7644 §3.9). Names are resolved once, when the request is read; those that no
//! schema has are ignored, as the RFC asks.

use serde_json::{Map, Value};

use crate::{
    Error,
    limits::PROJECTION_BYTES_MAX,
    schema::{Attribute, Found, Named, ResourceType, Returned, common},
};

/// Which attributes an answer shows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Projection {
    choice: Choice,
    /// Shown whatever was asked for.
    always: Vec<Item>,
    /// Shown only when asked for, and nobody did.
    hidden: Vec<Item>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Choice {
    Default,
    Only(Vec<Item>),
    Without(Vec<Item>),
}

/// One entry of a list, in the schema's case.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Item {
    /// The key at the top: an attribute, or the URN of an extension.
    key: String,
    /// The attribute in the extension.
    attribute: Option<String>,
    /// The sub-attribute.
    sub: Option<String>,
}

impl Projection {
    /// From the parameters `attributes` and `excludedAttributes`: names separated by commas, blank is absent. If both are
    /// given, `attributes` counts. 400 `invalidValue` for a list longer than [`PROJECTION_BYTES_MAX`].
    pub fn parse(
        attributes: Option<&str>,
        excluded: Option<&str>,
        of: &ResourceType,
    ) -> Result<Self, Error> {
        let choice = match (list("attributes", attributes)?, list("excludedAttributes", excluded)?)
        {
            (Some(names), _) => Choice::Only(items(names, of)),
            (None, Some(names)) => Choice::Without(items(names, of)),
            (None, None) => Choice::Default,
        };
        let on_request = returned(of, Returned::Request);
        // Whoever names a whole names its parts; what is shown on request only must be named itself.
        let named = |item: &Item| match &choice {
            Choice::Only(items) => items.contains(item),
            Choice::Default | Choice::Without(_) => false,
        };
        let hidden = on_request.into_iter().filter(|item| !named(item)).collect();
        let always = returned(of, Returned::Always);
        Ok(Self { choice, always, hidden })
    }

    /// True if answers are shown as they are stored.
    pub fn is_default(&self) -> bool {
        self.choice == Choice::Default && self.hidden.is_empty()
    }

    /// True if the attribute of that name at the top, or a part of it, is shown: what isn't need not be loaded.
    pub fn wants(&self, attribute: &str) -> bool {
        let is_named = |item: &Item| item.key.eq_ignore_ascii_case(attribute);
        let is_whole = |item: &Item| is_named(item) && item.is_whole();
        if self.always.iter().any(is_named) {
            return true;
        }
        match &self.choice {
            Choice::Default => !self.hidden.iter().any(is_whole),
            Choice::Only(items) => items.iter().any(is_named) && !self.hidden.iter().any(is_whole),
            Choice::Without(items) => {
                !items.iter().any(is_whole) && !self.hidden.iter().any(is_whole)
            }
        }
    }

    /// Takes away what isn't shown. `resource` is canonical, with what was computed for reading put in.
    pub fn apply(&self, resource: &mut Map<String, Value>) {
        resource.retain(|key, value| {
            if !self.wants(key) {
                return false;
            }
            if of(&self.always, key).any(Item::is_whole) {
                return true;
            }
            let is_left = match &self.choice {
                Choice::Default => true,
                Choice::Only(items) => keep_only(
                    &of(items, key).chain(of(&self.always, key)).collect::<Vec<_>>(),
                    value,
                ),
                Choice::Without(items) if of(items, key).any(Item::is_whole) => {
                    keep_only(&of(&self.always, key).collect::<Vec<_>>(), value)
                }
                Choice::Without(items) => {
                    let mut unwanted = of(items, key).filter(|item| !self.always.contains(item));
                    unwanted.all(|item| drop_one(item, value))
                }
            };
            is_left && of(&self.hidden, key).all(|item| drop_one(item, value))
        });
    }
}

impl Item {
    fn top(attribute: &Attribute) -> Self {
        Self { key: attribute.name.clone(), attribute: None, sub: None }
    }

    fn found(found: &Found<'_>) -> Self {
        let (key, attribute) = match found.extension {
            None => (found.attribute.name.clone(), None),
            Some(schema) => (schema.id.clone(), Some(found.attribute.name.clone())),
        };
        Self { key, attribute, sub: found.sub.map(|sub| sub.name.clone()) }
    }

    fn is_whole(&self) -> bool {
        self.attribute.is_none() && self.sub.is_none()
    }
}

/// The items about one key.
fn of<'a>(items: &'a [Item], key: &'a str) -> impl Iterator<Item = &'a Item> {
    items.iter().filter(move |item| item.key == key)
}

/// Attributes at every level that are shown at those times: at the top, in extensions, and under both.
fn returned(of: &ResourceType, when: Returned) -> Vec<Item> {
    let core = common().iter().chain(&of.schema.attributes).map(|attribute| (None, attribute));
    let extensions = of.extensions.iter().map(|extension| &extension.schema);
    let in_extensions = extensions.flat_map(|schema| {
        schema.attributes.iter().map(move |attribute| (Some(schema), attribute))
    });
    let mut items = Vec::new();
    for (extension, attribute) in core.chain(in_extensions) {
        let found = Found { extension, attribute, sub: None };
        if attribute.returned == when {
            items.push(Item::found(&found));
        }
        let subs = attribute.sub_attributes.iter().filter(|sub| sub.returned == when);
        items.extend(subs.map(|sub| Item::found(&Found { sub: Some(sub), ..found })));
    }
    items
}

/// The names of a list; None if there is none.
fn list<'t>(parameter: &str, text: Option<&'t str>) -> Result<Option<Vec<&'t str>>, Error> {
    let Some(text) = text.filter(|text| !text.trim().is_empty()) else { return Ok(None) };
    if text.len() > PROJECTION_BYTES_MAX {
        let detail = format!(
            "{parameter}: {} bytes long, at most {PROJECTION_BYTES_MAX} are taken; name fewer attributes",
            text.len()
        );
        return Err(Error::invalid_value(detail));
    }
    Ok(Some(text.split(',').map(str::trim).filter(|name| !name.is_empty()).collect()))
}

/// What the names mean. The core URN alone is every core attribute.
fn items(names: Vec<&str>, of: &ResourceType) -> Vec<Item> {
    let mut items = Vec::with_capacity(names.len());
    for name in names {
        match of.find_key(name) {
            None => {}
            Some(Named::Core) => items.extend(of.schema.attributes.iter().map(Item::top)),
            Some(Named::Extension(schema)) => {
                items.push(Item { key: schema.id.clone(), attribute: None, sub: None });
            }
            Some(Named::Attribute(found)) if found.leaf().returned == Returned::Never => {}
            Some(Named::Attribute(found)) => items.push(Item::found(&found)),
        }
    }
    items
}

/// Keeps the parts that `items` name; false if none is there.
fn keep_only(items: &[&Item], value: &mut Value) -> bool {
    if items.iter().any(|item| item.is_whole()) {
        return true;
    }
    if items.iter().all(|item| item.attribute.is_none()) {
        return keep_subs(items, value);
    }
    let Value::Object(extension) = value else { return false };
    extension.retain(|name, value| {
        let of_it: Vec<&Item> =
            items.iter().filter(|item| item.attribute.as_ref() == Some(name)).copied().collect();
        !of_it.is_empty()
            && (of_it.iter().any(|item| item.sub.is_none()) || keep_subs(&of_it, value))
    });
    !extension.is_empty()
}

fn keep_subs(items: &[&Item], value: &mut Value) -> bool {
    retain_subs(value, &|name| items.iter().any(|item| item.sub.as_deref() == Some(name)))
}

/// Drops the part that `item` names; false if nothing is left.
fn drop_one(item: &Item, value: &mut Value) -> bool {
    match (&item.attribute, &item.sub) {
        (None, None) => false,
        (None, Some(sub)) => retain_subs(value, &|name| name != sub),
        (Some(attribute), sub) => {
            let Value::Object(extension) = value else { return true };
            let is_left = match (extension.get_mut(attribute), sub) {
                (None, _) => true,
                (Some(_), None) => false,
                (Some(value), Some(sub)) => retain_subs(value, &|name| name != sub),
            };
            if !is_left {
                extension.shift_remove(attribute);
            }
            !extension.is_empty()
        }
    }
}

/// Keeps those sub-attributes of an object, or of each element of an array; false if nothing is left.
fn retain_subs(value: &mut Value, is_kept: &dyn Fn(&str) -> bool) -> bool {
    match value {
        Value::Object(object) => {
            object.retain(|name, _| is_kept(name));
            !object.is_empty()
        }
        Value::Array(elements) => {
            elements.retain_mut(|element| retain_subs(element, is_kept));
            !elements.is_empty()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
    }
}

#[cfg(test)]
mod tests;

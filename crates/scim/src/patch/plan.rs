//! Operations → changes: which attributes an operation is about, by its path or by the keys of its value.
//! What is refused is kept until all was read, because a deactivation outlives it.

use serde_json::{Map, Value};

use super::{
    MemberOp, Patch,
    change::{Act, Change, Slot, Target},
    in_operation,
    request::{Given, Operation, Verb},
    values::Subject,
};
use crate::{
    Coercion, Coercions, Error, Found, Profile,
    filter::Filter,
    incoming::Listed,
    path::Path,
    resource::{At, Reader, is_membership},
    schema::{Attribute, Kind, Mutability, Named, ResourceType, Schema},
};

/// What has been read of a request so far.
pub(super) struct Plan<'a> {
    pub(super) of: &'a ResourceType,
    pub(super) profile: Profile,
    pub(super) coercions: Coercions,
    pub(super) changes: Vec<Change>,
    pub(super) members: Vec<MemberOp>,
    /// The operation that is being read.
    pub(super) at: usize,
    /// What the last value of `active` says.
    pub(super) deactivates: bool,
    refused: Option<Error>,
}

impl<'a> Plan<'a> {
    pub(super) fn new(of: &'a ResourceType, profile: Profile) -> Self {
        Self {
            of,
            profile,
            coercions: Coercions::default(),
            changes: Vec::new(),
            members: Vec::new(),
            at: 0,
            deactivates: false,
            refused: None,
        }
    }

    /// Reads one operation; `listed` is the list of members in its value, if it was read before.
    pub(super) fn operation(&mut self, at: usize, operation: Operation, listed: Option<Listed>) {
        self.at = at;
        self.attempt(|plan| {
            let Some(verb) = operation.verb else {
                return Err(Error::invalid_syntax("op: must be add, remove or replace"));
            };
            match (operation.path, listed) {
                (Given::Junk, _) => Err(Error::invalid_path("path: must be a string")),
                (Given::Path(_), Some(listed)) if listed.is_within => {
                    Err(Error::invalid_syntax("path: must stand before a value with members"))
                }
                (Given::Path(_), Some(listed)) => plan.listed(verb, listed),
                (Given::Path(path), None) => plan.path(verb, &path, operation.value),
                (Given::Nothing, _) if verb == Verb::Remove => {
                    Err(Error::no_target("path: remove needs one"))
                }
                (Given::Nothing, listed) => plan.bare(verb, operation.value, listed),
            }
        });
    }

    /// The request, unless something was refused and nothing forgives it.
    pub(super) fn finish(mut self) -> Result<Patch, Error> {
        if let Some(error) = self.refused {
            if !self.deactivates || self.profile.strict {
                return Err(error);
            }
            self.coercions.insert(Coercion::DeactivationWon);
        }
        Ok(Patch {
            changes: self.changes,
            members: self.members,
            coercions: self.coercions,
            profile: self.profile,
            deactivates: self.deactivates,
        })
    }

    /// Does one thing that may be refused without harm to the others.
    fn attempt(&mut self, attempt: impl FnOnce(&mut Self) -> Result<(), Error>) {
        let before = self.coercions;
        if let Err(error) = attempt(self) {
            self.coercions = before;
            let error = in_operation(self.at, error);
            self.refused.get_or_insert(error);
        }
    }

    fn path(&mut self, verb: Verb, text: &str, value: Option<Value>) -> Result<(), Error> {
        let text = text.trim();
        if text.contains('[') {
            return self.value_path(verb, text, value);
        }
        match self.of.find_key(text) {
            Some(Named::Core) if verb == Verb::Remove => {
                Err(Error::no_target("path: names all attributes; name those to be removed"))
            }
            Some(Named::Core) => self.bare(verb, value, None),
            Some(Named::Extension(schema)) => self.extension(verb, schema, value),
            Some(Named::Attribute(found)) => {
                self.note_alias(text, &found);
                self.named(verb, &found, None, value)
            }
            None => self.unknown(&Path::parse(text)?),
        }
    }

    fn value_path(&mut self, verb: Verb, text: &str, value: Option<Value>) -> Result<(), Error> {
        let path = Path::parse(text)?;
        let Some(mut found) = self.of.find(&path.attribute) else { return self.unknown(&path) };
        self.note_alias(text.split('[').next().unwrap_or_default(), &found);
        if let Some(name) = &path.sub {
            found.sub = found.attribute.sub(name).or_else(|| self.display(found.attribute, name));
            if found.sub.is_none() {
                return self.unknown(&path);
            }
        }
        self.named(verb, &found, path.filter.as_ref(), value)
    }

    /// `displayName` of an element is its `display` (Entra's roles).
    fn display<'s>(&mut self, attribute: &'s Attribute, name: &str) -> Option<&'s Attribute> {
        let display = attribute.sub("display").filter(|_| name.eq_ignore_ascii_case("displayName"));
        if display.is_some() {
            self.coercions.insert(Coercion::AliasUnderstood);
        }
        display
    }

    /// An attribute of an extension without its URN, or behind a dot (`…:User.manager`).
    fn note_alias(&mut self, text: &str, found: &Found<'_>) {
        let is_written_out = |schema: &Schema| {
            text.as_bytes().get(schema.id.len()).is_some_and(|separator| *separator == b':')
        };
        let names = found.extension.or_else(|| text.contains(':').then_some(&self.of.schema));
        if !names.is_none_or(is_written_out) {
            self.coercions.insert(Coercion::AliasUnderstood);
        }
    }

    /// A custom attribute always comes with a URN (Entra); without one it is a mistake.
    fn unknown(&mut self, path: &Path) -> Result<(), Error> {
        if path.attribute.urn.is_some() && self.profile.unknown_attributes_ignored {
            self.coercions.insert(Coercion::UnknownAttributeIgnored);
            return Ok(());
        }
        Err(Error::invalid_path("path: names no attribute of this resource type"))
    }

    /// No path: each key of the value names an attribute.
    fn bare(
        &mut self,
        verb: Verb,
        value: Option<Value>,
        mut listed: Option<Listed>,
    ) -> Result<(), Error> {
        let Some(Value::Object(object)) = value.map(|value| self.out_of_list(value)) else {
            let detail = "value: must be an object of attributes where there is no path";
            return Err(Error::invalid_syntax(detail));
        };
        for (key, value) in object {
            let is_listed = key.eq_ignore_ascii_case("members");
            if let Some(listed) = listed.take_if(|_| is_listed) {
                self.attempt(|plan| plan.listed(verb, listed));
                continue;
            }
            match self.of.find_key(&key) {
                Some(Named::Core) => {
                    self.attempt(|plan| plan.section(verb, &plan.of.schema, value));
                }
                Some(Named::Extension(schema)) => {
                    self.attempt(|plan| plan.extension(verb, schema, Some(value)));
                }
                Some(Named::Attribute(found)) => {
                    self.attempt(|plan| plan.key(verb, &key, &found, value));
                }
                None => self.attempt(|plan| plan.odd_key(verb, &key, value)),
            }
        }
        Ok(())
    }

    fn extension(
        &mut self,
        verb: Verb,
        schema: &Schema,
        value: Option<Value>,
    ) -> Result<(), Error> {
        match (verb, value) {
            (Verb::Remove, _) | (_, Some(Value::Null)) => self.clear_extension(verb, schema),
            (_, Some(Value::String(text))) if text.is_empty() && !self.profile.strict => {
                self.coercions.insert(Coercion::EmptyTextCleared);
                self.clear_extension(verb, schema)
            }
            (_, Some(value)) => self.section(verb, schema, value),
            (_, None) => Err(not_an_object()),
        }
    }

    fn clear_extension(&mut self, verb: Verb, schema: &Schema) -> Result<(), Error> {
        let keeps = |attribute: &Attribute| {
            attribute.required || attribute.mutability == Mutability::Immutable
        };
        let required = self.of.extensions.iter().any(|one| one.required && one.schema == *schema);
        if required || schema.attributes.iter().any(keeps) {
            return Err(Error::mutability(format!("{}: can't be removed", schema.id)));
        }
        self.push(verb, Target::Extension(schema.id.clone()), Act::Clear);
        Ok(())
    }

    /// The attributes of one schema, nested under its URN.
    fn section(&mut self, verb: Verb, schema: &Schema, value: Value) -> Result<(), Error> {
        let Value::Object(object) = value else { return Err(not_an_object()) };
        for (key, value) in object {
            let key = format!("{}:{key}", schema.id);
            self.attempt(|plan| match plan.of.find_key(&key) {
                Some(Named::Attribute(found)) => plan.attribute(verb, &found, value),
                Some(Named::Core | Named::Extension(_)) | None => plan.ignore(&key),
            });
        }
        Ok(())
    }

    fn key(&mut self, verb: Verb, key: &str, found: &Found<'_>, value: Value) -> Result<(), Error> {
        if key.contains([':', '.']) {
            self.coercions.insert(Coercion::FlattenedKey);
        }
        self.note_alias(key, found);
        self.attribute(verb, found, value)
    }

    /// An attribute in a value: what the server owns is left out, as in POST.
    fn attribute(&mut self, verb: Verb, found: &Found<'_>, value: Value) -> Result<(), Error> {
        let is_common = found.extension.is_none();
        match (found.attribute.name.as_str(), value) {
            ("id", Value::String(id)) if is_common => {
                self.push(verb, Target::Id(id), Act::Clear);
                Ok(())
            }
            ("schemas", _) if is_common => Ok(()),
            (_, _) if found.attribute.is_ignored() || found.leaf().is_ignored() => Ok(()),
            (_, value) => self.named(verb, found, None, Some(value)),
        }
    }

    /// `emails[type eq "work"].value` as a key; else a name that no schema has.
    fn odd_key(&mut self, verb: Verb, key: &str, value: Value) -> Result<(), Error> {
        if !key.contains('[') || self.profile.strict {
            return self.ignore(key);
        }
        self.coercions.insert(Coercion::FlattenedKey);
        self.value_path(verb, key, Some(value))
    }

    fn ignore(&mut self, key: &str) -> Result<(), Error> {
        let mut reader = Reader { profile: self.profile, coercions: &mut self.coercions };
        reader.unknown(At::Top(key))
    }

    /// An attribute that is named by path, or by a key that isn't ignored.
    fn named(
        &mut self,
        verb: Verb,
        found: &Found<'_>,
        filter: Option<&Filter>,
        value: Option<Value>,
    ) -> Result<(), Error> {
        let attribute = found.attribute;
        if attribute.is_dropped() || found.leaf().is_dropped() {
            return Ok(());
        }
        let is_core = found.extension.is_none();
        if is_core && attribute.name == "schemas" && self.profile.schemas_repaired {
            self.coercions.insert(Coercion::SchemasRepaired);
            return Ok(());
        }
        let slot = Slot {
            urn: found.extension.map(|schema| schema.id.clone()),
            name: attribute.name.clone(),
            once: attribute.mutability == Mutability::Immutable,
            required: attribute.required,
        };
        let is_derived = is_core && attribute.name == "schemas";
        if is_derived || attribute.is_ignored() || found.leaf().is_ignored() {
            return Err(Error::mutability(format!("{}: is readOnly", slot.path())));
        }
        let value = value.map(|value| self.unwrapped(attribute, value));
        if is_core && is_membership(self.of, attribute) {
            return self.membership(verb, filter, found.sub, value);
        }
        let subject = Subject { attribute, sub: found.sub, filter, slot };
        self.change(verb, subject, value)
    }

    /// `{"path": "members", "value": {"members": […]}}` (Salesforce): the list within is meant.
    fn unwrapped(&mut self, attribute: &Attribute, mut value: Value) -> Value {
        let is_wrapped = |object: &Map<String, Value>| {
            object.len() == 1 && object.keys().all(|key| key.eq_ignore_ascii_case(&attribute.name))
        };
        let takes_wrapped = attribute.kind == Kind::Complex
            && attribute.sub(&attribute.name).is_none()
            && !self.profile.strict;
        if let Value::Object(object) = &mut value
            && takes_wrapped
            && is_wrapped(object)
        {
            self.coercions.insert(Coercion::AliasUnderstood);
            return object.values_mut().next().map_or(Value::Null, Value::take);
        }
        value
    }

    pub(super) fn push(&mut self, verb: Verb, target: Target, act: Act) {
        let removing = verb == Verb::Remove;
        self.changes.push(Change { at: self.at, target, act, removing });
    }
}

fn not_an_object() -> Error {
    Error::invalid_value("value: must be an object of the schema's attributes")
}

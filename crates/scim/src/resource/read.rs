//! A body of POST or PUT → [`Draft`]: sorts its keys by schema, then reads each value.
//! Nothing that the server owns gets through; nothing is refused that real identity providers send with a clear meaning.

use serde_json::{Map, Value};

use super::{
    Draft, EXTERNAL_ID, SCHEMAS, is_active, is_membership, rank, read_members,
    value::{At, Reader, given_twice, in_schema_case, mismatch},
};
use crate::{
    Coercion, Coercions, Error, Found, Profile,
    json::quoted,
    schema::{Attribute, Named, ResourceType, Schema, common},
};

/// Reads the body of a POST or PUT: canonical attributes, types coerced (lenient) or refused (strict).
///
/// The server's own attributes and `password` are left out. Whether required ones are there is for `create` and `replace`
/// to say.
pub fn read(body: Value, of: &ResourceType, profile: Profile) -> Result<Draft, Error> {
    let Value::Object(body) = body else {
        return Err(Error::invalid_syntax("the body must be a JSON object"));
    };
    let mut sorted = Body::new(of, profile);
    let mut others = Vec::new();
    for (key, value) in body {
        others.extend(sorted.plain(key, value)?);
    }
    for (key, value) in others {
        sorted.other(&key, value)?;
    }
    sorted.draft()
}

/// A body whose keys are sorted by what they name; values still as they were sent.
struct Body<'a> {
    of: &'a ResourceType,
    profile: Profile,
    coercions: Coercions,
    schemas: Option<Value>,
    external_id: Option<Value>,
    members: Option<Value>,
    /// Extensions that are named as unassigned.
    cleared: Vec<String>,
    core: Section<'a>,
    extensions: Vec<Section<'a>>,
}

/// The attributes of one schema: rank, name in the schema's case, value.
struct Section<'a> {
    schema: &'a Schema,
    urn: Option<&'a str>,
    entries: Vec<(usize, String, Value)>,
}

impl<'a> Body<'a> {
    fn new(of: &'a ResourceType, profile: Profile) -> Self {
        let extension = |schema: &'a Schema| Section::new(schema, Some(&schema.id));
        Self {
            of,
            profile,
            coercions: Coercions::default(),
            schemas: None,
            external_id: None,
            members: None,
            cleared: Vec::new(),
            core: Section::new(&of.schema, None),
            extensions: of.extensions.iter().map(|one| extension(&one.schema)).collect(),
        }
    }

    /// Takes a key in RFC form: an attribute of the core schema, a common one, the URN of an extension. Gives others back.
    fn plain(&mut self, key: String, value: Value) -> Result<Option<(String, Value)>, Error> {
        if let Some(rank) = rank(&self.core.schema.attributes, &key) {
            return self.core_attribute(rank, key, value).map(|()| None);
        }
        if let Some(common) = rank(common(), &key).and_then(|rank| common().get(rank)) {
            self.common(common, value)?;
            return Ok(None);
        }
        let extension = self.extensions.iter().position(|section| section.is_named(&key));
        match extension {
            None => Ok(Some((key, value))),
            Some(index) => self.extension(index, value).map(|()| None),
        }
    }

    fn core_attribute(&mut self, rank: usize, key: String, value: Value) -> Result<(), Error> {
        let attribute = self.core.schema.attributes.get(rank);
        if attribute.is_some_and(|attribute| is_membership(self.of, attribute)) {
            return set(&mut self.members, "members", value);
        }
        self.core.put(rank, key, value)
    }

    fn common(&mut self, attribute: &Attribute, value: Value) -> Result<(), Error> {
        match attribute.name.as_str() {
            SCHEMAS => set(&mut self.schemas, SCHEMAS, value),
            EXTERNAL_ID => set(&mut self.external_id, EXTERNAL_ID, value),
            _ => Ok(()), // `id` and `meta` are the server's
        }
    }

    fn extension(&mut self, index: usize, value: Value) -> Result<(), Error> {
        let Some(section) = self.extensions.get_mut(index) else { return Ok(()) };
        let urn = section.schema.id.as_str();
        let object = match value {
            Value::Object(object) => object,
            Value::Null => {
                self.cleared.push(urn.to_owned());
                return Ok(());
            }
            Value::String(text) if text.is_empty() && !self.profile.strict => {
                self.coercions.insert(Coercion::EmptyTextCleared);
                self.cleared.push(urn.to_owned());
                return Ok(());
            }
            other @ (Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)) => {
                return Err(mismatch(At::Top(urn), "an object", &other));
            }
        };
        for (key, value) in object {
            match rank(&section.schema.attributes, &key) {
                Some(rank) => section.put(rank, key, value)?,
                None => Reader { profile: self.profile, coercions: &mut self.coercions }
                    .unknown(At::In(urn, &key))?,
            }
        }
        Ok(())
    }

    /// Takes a key that isn't in RFC form, outside strict: an object under the core URN, dotted and URN-qualified keys.
    fn other(&mut self, key: &str, value: Value) -> Result<(), Error> {
        let named = if self.profile.strict { None } else { self.of.find_key(key) };
        match (named, value) {
            (Some(Named::Attribute(found)), value) if is_written_out(&found, key) => {
                self.coercions.insert(Coercion::FlattenedKey);
                self.flattened(&found, value)
            }
            (Some(Named::Core), Value::Object(object)) => {
                self.coercions.insert(Coercion::FlattenedKey);
                for (key, value) in object {
                    if let Some((key, _)) = self.plain(key, value)? {
                        self.unknown(&key)?;
                    }
                }
                Ok(())
            }
            (Some(_) | None, _) => self.unknown(key),
        }
    }

    fn flattened(&mut self, found: &Found<'_>, value: Value) -> Result<(), Error> {
        if found.attribute.is_ignored() || found.leaf().is_ignored() {
            return Ok(());
        }
        let name = found.attribute.name.clone();
        let section = match found.extension {
            None if found.sub.is_none() => return self.plain(name, value).map(|_| ()),
            None => &mut self.core,
            Some(schema) => match self.extensions.iter_mut().find(|one| one.is_named(&schema.id)) {
                Some(section) => section,
                None => return Ok(()),
            },
        };
        match (rank(&section.schema.attributes, &name), found.sub) {
            (Some(rank), None) => section.put(rank, name, value),
            (Some(rank), Some(sub)) => section.put_sub(rank, name, sub, value),
            (None, _) => Ok(()),
        }
    }

    fn unknown(&mut self, key: &str) -> Result<(), Error> {
        let mut reader = Reader { profile: self.profile, coercions: &mut self.coercions };
        reader.unknown(At::Top(key))
    }

    fn draft(mut self) -> Result<Draft, Error> {
        let mut reader = Reader { profile: self.profile, coercions: &mut self.coercions };
        let mut attributes = Map::with_capacity(self.core.entries.len() + 4);
        attributes.insert(SCHEMAS.to_owned(), Value::Null); // keeps its place for what is listed below
        let mut cleared = self.cleared;
        if let Some(value) = self.external_id {
            match read_external_id(&mut reader, value)? {
                Some(value) => drop(attributes.insert(EXTERNAL_ID.to_owned(), value)),
                None => cleared.push(EXTERNAL_ID.to_owned()),
            }
        }
        self.core.read(&mut reader, &mut attributes, &mut cleared)?;
        let mut listed = vec![Value::from(self.of.schema.id.as_str())];
        for section in self.extensions {
            let urn = &section.schema.id;
            let mut object = Map::with_capacity(section.entries.len());
            section.read(&mut reader, &mut object, &mut cleared)?;
            if !object.is_empty() {
                listed.push(urn.as_str().into());
                attributes.insert(urn.clone(), Value::Object(object));
            }
        }
        if let Some(complaint) = complaint(self.schemas.as_ref(), self.of, &listed) {
            if !self.profile.schemas_repaired {
                return Err(Error::invalid_syntax(complaint));
            }
            reader.coercions.insert(Coercion::SchemasRepaired);
        }
        attributes.insert(SCHEMAS.to_owned(), Value::Array(listed));
        let members = match self.members {
            None => None,
            Some(members) => read_members(members, self.profile, &mut self.coercions)?,
        };
        Ok(Draft { attributes, members, cleared, coercions: self.coercions })
    }
}

impl<'a> Section<'a> {
    fn new(schema: &'a Schema, urn: Option<&'a str>) -> Self {
        Self { schema, urn, entries: Vec::with_capacity(schema.attributes.len()) }
    }

    fn is_named(&self, urn: &str) -> bool {
        self.schema.id.eq_ignore_ascii_case(urn)
    }

    fn at<'n>(&self, name: &'n str) -> At<'n>
    where
        'a: 'n,
    {
        match self.urn {
            None => At::Top(name),
            Some(urn) => At::In(urn, name),
        }
    }

    fn put(&mut self, rank: usize, key: String, value: Value) -> Result<(), Error> {
        let Some(attribute) = self.schema.attributes.get(rank) else { return Ok(()) };
        if attribute.is_ignored() {
            return Ok(());
        }
        if self.entries.iter().any(|(known, _, _)| *known == rank) {
            return Err(given_twice(&self.at(&attribute.name)));
        }
        self.entries.push((rank, in_schema_case(key, attribute), value));
        Ok(())
    }

    fn put_sub(
        &mut self,
        rank: usize,
        name: String,
        sub: &Attribute,
        value: Value,
    ) -> Result<(), Error> {
        let known = self.entries.iter_mut().find(|(known, _, _)| *known == rank);
        let Some((_, _, known)) = known else {
            let object = Map::from_iter([(sub.name.clone(), value)]);
            return self.put(rank, name, Value::Object(object));
        };
        if let Value::Object(object) = known
            && !object.keys().any(|key| key.eq_ignore_ascii_case(&sub.name))
        {
            object.insert(sub.name.clone(), value);
            return Ok(());
        }
        Err(given_twice(&At::Sub(&self.at(&name), &sub.name)))
    }

    /// Reads the values into `into`, in schema order.
    fn read(
        mut self,
        reader: &mut Reader<'_>,
        into: &mut Map<String, Value>,
        cleared: &mut Vec<String>,
    ) -> Result<(), Error> {
        self.entries.sort_unstable_by_key(|(rank, _, _)| *rank);
        for (rank, name, value) in std::mem::take(&mut self.entries) {
            let Some(attribute) = self.schema.attributes.get(rank) else { continue };
            match reader.attribute(attribute, value, self.at(&attribute.name))? {
                Some(value) => drop(into.insert(name, value)),
                None if self.urn.is_none() && is_active(attribute) => {
                    let detail = format!("{name}: can't be unassigned; send true or false");
                    return Err(Error::invalid_value(detail));
                }
                None => cleared.push(self.at(&attribute.name).to_string()),
            }
        }
        Ok(())
    }
}

/// True unless a bare name stands for an attribute of an extension, which isn't certain enough in a whole resource.
fn is_written_out(found: &Found<'_>, key: &str) -> bool {
    found.extension.is_none_or(|schema| key.len() > schema.id.len())
}

fn set(slot: &mut Option<Value>, name: &str, value: Value) -> Result<(), Error> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(given_twice(&At::Top(name))),
    }
}

fn read_external_id(reader: &mut Reader<'_>, value: Value) -> Result<Option<Value>, Error> {
    match common().iter().find(|attribute| attribute.name == EXTERNAL_ID) {
        None => Ok(None),
        Some(attribute) => reader.attribute(attribute, value, At::Top(EXTERNAL_ID)),
    }
}

/// What is wrong with the `schemas` of a body: `listed` are the URNs that it should have named.
fn complaint(given: Option<&Value>, of: &ResourceType, listed: &[Value]) -> Option<String> {
    let core = &of.schema.id;
    let Some(Value::Array(given)) = given else {
        return Some(format!("schemas: is missing; send an array with {core:?}"));
    };
    let mut urns: Vec<&str> = Vec::with_capacity(given.len());
    for (index, urn) in given.iter().enumerate() {
        let Some(urn) = urn.as_str() else {
            return Some(format!("schemas[{index}]: must be a string"));
        };
        if !core.eq_ignore_ascii_case(urn) && of.extension(urn).is_none() {
            let urn = quoted(urn);
            return Some(format!(
                "schemas[{index}]: {urn} is no schema of {}; leave it out",
                of.name
            ));
        }
        if urns.iter().any(|known| known.eq_ignore_ascii_case(urn)) {
            return Some(format!("schemas[{index}]: is listed before; list it once"));
        }
        urns.push(urn);
    }
    let is_given = |urn: &&str| urns.iter().any(|known| known.eq_ignore_ascii_case(urn));
    let missing = listed.iter().filter_map(Value::as_str).find(|urn| !is_given(urn));
    missing.map(|urn| format!("schemas: {urn:?} is missing, though the body has attributes of it"))
}

//! Schema documents (RFC 7643 §7) → [`Schema`]: the one reader of the built-in schemas and of any other.
//! Characteristics left out take RFC 7643 §2.2's defaults; what is misspelt or contradicts itself is refused, saying where.

use serde_json::{Map, Value};

use super::{Attribute, Kind, Mutability, Returned, Schema, Uniqueness};
use crate::{Error, limits::SCHEMA_ATTRIBUTES_MAX};

impl Schema {
    /// Reads a schema document. 400 `invalidValue` naming the place if it isn't one.
    pub fn read(document: &Value) -> Result<Self, Error> {
        let fields = Fields::of(document, String::new(), SCHEMA_FIELDS)?;
        let schema = Self {
            id: fields.text("id")?.unwrap_or_default(),
            name: fields.text("name")?.unwrap_or_default(),
            description: fields.text("description")?.unwrap_or_default(),
            attributes: fields.attributes("attributes", Level::Attribute)?,
        };
        if !is_urn(&schema.id) {
            return Err(refused(
                "id",
                "must be a URN such as urn:example:params:scim:schemas:2.0:User",
            ));
        }
        if schema.attributes.is_empty() {
            return Err(refused("attributes", "must list at least one attribute"));
        }
        if let Some(taken) = schema.attributes.iter().find(|attribute| is_common(&attribute.name)) {
            let detail = format!("{} is common to all resources; choose another name", taken.name);
            return Err(refused("attributes", &detail));
        }
        let count: usize = schema.attributes.iter().map(|one| 1 + one.sub_attributes.len()).sum();
        if count > SCHEMA_ATTRIBUTES_MAX {
            let detail = format!("{count} attributes; at most {SCHEMA_ATTRIBUTES_MAX} are taken");
            return Err(refused("attributes", &detail));
        }
        Ok(schema)
    }
}

/// Reads a list of attributes without the rules of a whole schema.
pub(super) fn read_attributes(document: &Value) -> Result<Vec<Attribute>, Error> {
    read_list(document, "attributes", Level::Attribute)
}

/// Complex attributes don't nest.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    Attribute,
    SubAttribute,
}

fn read_list(list: &Value, at: &str, level: Level) -> Result<Vec<Attribute>, Error> {
    let Value::Array(list) = list else {
        return Err(refused(at, "must be an array"));
    };
    let mut attributes: Vec<Attribute> = Vec::with_capacity(list.len().min(SCHEMA_ATTRIBUTES_MAX));
    for (index, document) in list.iter().enumerate() {
        let at = format!("{at}[{index}]");
        let attribute = read_attribute(document, &at, level)?;
        if attributes.iter().any(|known| known.name.eq_ignore_ascii_case(&attribute.name)) {
            let detail =
                format!("{:?} is listed before; names are unique in any case", attribute.name);
            return Err(refused(&format!("{at}.name"), &detail));
        }
        attributes.push(attribute);
    }
    Ok(attributes)
}

fn read_attribute(document: &Value, at: &str, level: Level) -> Result<Attribute, Error> {
    let fields = Fields::of(document, format!("{at}."), ATTRIBUTE_FIELDS)?;
    let attribute = Attribute {
        name: fields.text("name")?.unwrap_or_default(),
        kind: fields.word("type", KINDS, Kind::String)?,
        multi_valued: fields.flag("multiValued")?,
        required: fields.flag("required")?,
        case_exact: fields.flag("caseExact")?,
        mutability: fields.word("mutability", MUTABILITIES, Mutability::ReadWrite)?,
        returned: fields.word("returned", RETURNED, Returned::Default)?,
        uniqueness: fields.word("uniqueness", UNIQUENESSES, Uniqueness::None)?,
        canonical_values: fields.texts("canonicalValues")?,
        is_closed: false,
        reference_types: fields.texts("referenceTypes")?,
        sub_attributes: fields.attributes("subAttributes", Level::SubAttribute)?,
        description: fields.text("description")?.unwrap_or_default(),
    };
    check_attribute(&attribute, at, level)?;
    Ok(attribute)
}

fn check_attribute(attribute: &Attribute, at: &str, level: Level) -> Result<(), Error> {
    let refuse = |field: &str, detail: &str| Err(refused(&format!("{at}.{field}"), detail));
    if !is_attribute_name(&attribute.name) && attribute.name != "$ref" {
        return refuse("name", "must be a letter followed by letters, digits, - or _");
    }
    let complex = attribute.kind == Kind::Complex;
    if complex && level == Level::SubAttribute {
        return refuse("type", "a sub-attribute can't be complex");
    }
    if complex && attribute.sub_attributes.is_empty() {
        return refuse("subAttributes", "a complex attribute must have at least one");
    }
    if !complex && !attribute.sub_attributes.is_empty() {
        return refuse("subAttributes", "only an attribute of the type complex has any");
    }
    if attribute.mutability == Mutability::WriteOnly && attribute.returned != Returned::Never {
        return refuse("returned", "must be never where the mutability is writeOnly");
    }
    if attribute.required && attribute.mutability == Mutability::WriteOnly {
        return refuse("required", "a writeOnly attribute is not stored, so it can't be required");
    }
    Ok(())
}

/// ATTRNAME of RFC 7643 §2.1.
fn is_attribute_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
}

fn is_urn(id: &str) -> bool {
    let printable = id.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"[]".contains(&byte));
    let scheme = id.get(..4).is_some_and(|scheme| scheme.eq_ignore_ascii_case("urn:"));
    scheme && printable && id.len() > 6 && !id.ends_with(':')
}

fn is_common(name: &str) -> bool {
    ["schemas", "id", "externalId", "meta"].iter().any(|common| common.eq_ignore_ascii_case(name))
}

const SCHEMA_FIELDS: &[&str] = &["schemas", "meta", "id", "name", "description", "attributes"];

const ATTRIBUTE_FIELDS: &[&str] = &[
    "name",
    "type",
    "multiValued",
    "required",
    "caseExact",
    "mutability",
    "returned",
    "uniqueness",
    "canonicalValues",
    "referenceTypes",
    "subAttributes",
    "description",
];

/// The words of RFC 7643 §2.3, §7 and what they mean. `discovery` writes the same.
pub(crate) const KINDS: &[(&str, Kind)] = &[
    ("string", Kind::String),
    ("boolean", Kind::Boolean),
    ("decimal", Kind::Decimal),
    ("integer", Kind::Integer),
    ("dateTime", Kind::DateTime),
    ("binary", Kind::Binary),
    ("reference", Kind::Reference),
    ("complex", Kind::Complex),
];

pub(crate) const MUTABILITIES: &[(&str, Mutability)] = &[
    ("readOnly", Mutability::ReadOnly),
    ("readWrite", Mutability::ReadWrite),
    ("immutable", Mutability::Immutable),
    ("writeOnly", Mutability::WriteOnly),
];

pub(crate) const RETURNED: &[(&str, Returned)] = &[
    ("always", Returned::Always),
    ("never", Returned::Never),
    ("default", Returned::Default),
    ("request", Returned::Request),
];

pub(crate) const UNIQUENESSES: &[(&str, Uniqueness)] =
    &[("none", Uniqueness::None), ("server", Uniqueness::Server), ("global", Uniqueness::Global)];

/// An object of the document, with the place it stands at in front of each complaint.
struct Fields<'a> {
    object: &'a Map<String, Value>,
    at: String,
}

impl<'a> Fields<'a> {
    fn of(document: &'a Value, at: String, known: &[&str]) -> Result<Self, Error> {
        let Value::Object(object) = document else {
            return Err(refused(at.trim_end_matches('.'), "must be an object"));
        };
        let unknown = object.keys().find(|key| !known.contains(&key.as_str()));
        match unknown {
            Some(key) => {
                Err(refused(&format!("{at}{key}"), &format!("is none of {}", known.join(", "))))
            }
            None => Ok(Self { object, at }),
        }
    }

    fn refused(&self, field: &str, detail: &str) -> Error {
        refused(&format!("{}{field}", self.at), detail)
    }

    fn given(&self, field: &str) -> Option<&'a Value> {
        self.object.get(field).filter(|value| !value.is_null())
    }

    fn text(&self, field: &str) -> Result<Option<String>, Error> {
        match self.given(field) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(self.refused(field, "must be a string")),
        }
    }

    fn flag(&self, field: &str) -> Result<bool, Error> {
        match self.given(field) {
            None => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(_) => Err(self.refused(field, "must be true or false")),
        }
    }

    fn word<T: Copy>(&self, field: &str, words: &[(&str, T)], default: T) -> Result<T, Error> {
        let Some(word) = self.text(field)? else {
            return Ok(default);
        };
        let meant = words.iter().find(|(known, _)| known.eq_ignore_ascii_case(&word));
        meant.map(|(_, meant)| *meant).ok_or_else(|| {
            let known: Vec<_> = words.iter().map(|(known, _)| *known).collect();
            self.refused(field, &format!("must be one of {}", known.join(", ")))
        })
    }

    fn texts(&self, field: &str) -> Result<Vec<String>, Error> {
        let Some(value) = self.given(field) else {
            return Ok(Vec::new());
        };
        let texts = value.as_array().and_then(|list| {
            list.iter().map(|text| text.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>()
        });
        texts.ok_or_else(|| self.refused(field, "must be an array of strings"))
    }

    fn attributes(&self, field: &str, level: Level) -> Result<Vec<Attribute>, Error> {
        match self.given(field) {
            None => Ok(Vec::new()),
            Some(list) => read_list(list, &format!("{}{field}", self.at), level),
        }
    }
}

fn refused(at: &str, detail: &str) -> Error {
    let at = if at.is_empty() { "the schema" } else { at };
    Error::invalid_value(format!("{at}: {detail}"))
}

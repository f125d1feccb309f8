//! The resource types of one tenant: users and groups, with the schemas that the tenant adds, and types of its own.

use std::sync::{Arc, LazyLock};

use serde_json::Value;

use super::{Attribute, Extension, ResourceType, Schema, Uniqueness, group, user};
use crate::Error;
use crate::limits::TENANT_SCHEMAS_MAX;

/// The resource types of one tenant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Types {
    user: ResourceType,
    group: ResourceType,
    others: Vec<Arc<ResourceType>>,
}

/// A schema that a tenant adds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Added {
    /// The resource type that has it: `User`, `Group`, or one of the tenant's own.
    pub extends: String,
    /// There is such a type by this schema: its endpoint and description.
    pub defines: Option<(String, String)>,
    /// True: a resource can't be without it.
    pub required: bool,
    /// Its attributes. Under the resource type's own URN they stand at the top, beside the built-in ones.
    pub schema: Schema,
}

static BUILT_IN: LazyLock<Arc<Types>> = LazyLock::new(|| {
    Arc::new(Types { user: user().clone(), group: group().clone(), others: Vec::new() })
});

impl Types {
    /// Those that every tenant has.
    pub fn built_in() -> Arc<Self> {
        Arc::clone(&BUILT_IN)
    }

    /// The built-in ones with what a tenant adds. 400 `invalidValue` naming what can't be added, and why.
    pub fn with<'a>(added: impl IntoIterator<Item = &'a Added>) -> Result<Self, Error> {
        let mut types = Self::clone(&BUILT_IN);
        for (count, added) in added.into_iter().enumerate() {
            if count == TENANT_SCHEMAS_MAX {
                let detail =
                    format!("a tenant has {TENANT_SCHEMAS_MAX} schemas of its own at most");
                return Err(Error::invalid_value(detail));
            }
            types.add(added)?;
        }
        Ok(types)
    }

    /// Users.
    pub const fn user(&self) -> &ResourceType {
        &self.user
    }

    /// Groups.
    pub const fn group(&self) -> &ResourceType {
        &self.group
    }

    /// The tenant's own, in the order in which they were added.
    pub fn others(&self) -> &[Arc<ResourceType>] {
        &self.others
    }

    /// The tenant's own type whose resources are there: `Roles`.
    pub fn at(&self, endpoint: &str) -> Option<&Arc<ResourceType>> {
        self.others.iter().find(|of| of.endpoint.strip_prefix('/') == Some(endpoint))
    }

    /// The type of that name.
    pub fn named(&self, name: &str) -> Option<&ResourceType> {
        self.all().find(|of| of.name == name)
    }

    /// In the order of `/ResourceTypes`.
    pub fn all(&self) -> impl Iterator<Item = &ResourceType> {
        [&self.user, &self.group].into_iter().chain(self.others.iter().map(|of| &**of))
    }

    /// Every schema, in the order of `/Schemas`.
    pub fn schemas(&self) -> impl Iterator<Item = &Schema> {
        self.all().flat_map(|of| {
            std::iter::once(&of.schema).chain(of.extensions.iter().map(|one| &one.schema))
        })
    }

    fn add(&mut self, added: &Added) -> Result<(), Error> {
        let urn = &added.schema.id;
        let refused = |detail: &str| Err(Error::invalid_value(format!("{urn}: {detail}")));
        let mut schema = added.schema.clone();
        schema.attributes.iter_mut().for_each(close);
        if let Some((endpoint, description)) = &added.defines {
            return self.define(added, schema, (endpoint, description));
        }
        let is_core = |of: &ResourceType| of.schema.id.eq_ignore_ascii_case(urn);
        let has = |of: &ResourceType| {
            is_core(of) || of.extensions.iter().any(|it| it.schema.id.eq_ignore_ascii_case(urn))
        };
        if self.all().any(|of| has(of) && of.name != added.extends) {
            return refused("is a schema of another resource type");
        }
        let of = match added.extends.as_str() {
            "User" => Some(&mut self.user),
            "Group" => Some(&mut self.group),
            name => self.others.iter_mut().find(|of| of.name == name).map(Arc::make_mut),
        };
        let Some(of) = of else { return refused("extends: there is no such resource type") };
        if is_core(of) {
            return extend_core(of, added.required, schema);
        }
        if has(of) {
            return refused("is one of the resource type's schemas already");
        }
        of.extensions.push(Extension { schema, required: added.required });
        Ok(())
    }

    /// A type of the tenant's own.
    fn define(
        &mut self,
        added: &Added,
        schema: Schema,
        (endpoint, description): (&str, &str),
    ) -> Result<(), Error> {
        let refused =
            |detail: &str| Err(Error::invalid_value(format!("{}: {detail}", added.schema.id)));
        let is_word = |text: &str| {
            text.starts_with(|c: char| c.is_ascii_alphabetic())
                && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        };
        let name = &added.extends;
        if !is_word(name) || self.all().any(|of| of.name.eq_ignore_ascii_case(name)) {
            return refused("name: must be a word that no resource type is called by");
        }
        let at = endpoint.strip_prefix('/').unwrap_or_default();
        let is_taken = RESERVED.iter().any(|taken| taken.eq_ignore_ascii_case(at))
            || self.all().any(|of| of.endpoint.eq_ignore_ascii_case(endpoint));
        if !is_word(at) || is_taken {
            return refused(
                "endpoint: must be a slash and a word where nothing else is, as in /Roles",
            );
        }
        if self.schemas().any(|known| known.id.eq_ignore_ascii_case(&schema.id)) {
            return refused("is a schema of another resource type");
        }
        let of = ResourceType {
            name: name.clone(),
            endpoint: endpoint.to_owned(),
            description: description.to_owned(),
            schema,
            extensions: Vec::new(),
        };
        self.others.push(Arc::new(of));
        Ok(())
    }
}

/// Endpoints of the protocol's own.
const RESERVED: [&str; 6] =
    ["GroupMembers", "Me", "Bulk", "Schemas", "ResourceTypes", "ServiceProviderConfig"];

/// Attributes beside the built-in ones.
fn extend_core(of: &mut ResourceType, required: bool, schema: Schema) -> Result<(), Error> {
    let refused = |detail: &str| Err(Error::invalid_value(format!("{}: {detail}", schema.id)));
    if required {
        return refused("required: mark single attributes as required instead");
    }
    let is_taken = |new: &&Attribute| {
        of.schema.attributes.iter().any(|it| it.name.eq_ignore_ascii_case(&new.name))
    };
    if let Some(taken) = schema.attributes.iter().find(is_taken) {
        return refused(&format!("{} is an attribute of it already", taken.name));
    }
    of.schema.attributes.extend(schema.attributes);
    Ok(())
}

/// A tenant's own canonical values are all there are.
fn close(attribute: &mut Attribute) {
    attribute.is_closed = !attribute.canonical_values.is_empty();
    attribute.sub_attributes.iter_mut().for_each(close);
}

fn is_unique(attribute: &Attribute) -> bool {
    attribute.uniqueness != Uniqueness::None || attribute.sub_attributes.iter().any(is_unique)
}

impl Added {
    /// Reads a schema document as RFC 7643 §7 has it. 400 `invalidValue` naming the place if it isn't one.
    pub fn read(document: &Value, extends: &str, required: bool) -> Result<Self, Error> {
        let schema = Schema::read(document)?;
        let refused = |at: &str, detail: &str| {
            Err(Error::invalid_value(format!("{}: {at}: {detail}", schema.id)))
        };
        for attribute in &schema.attributes {
            let is_single = !attribute.multi_valued && attribute.sub_attributes.is_empty();
            let is_nested = attribute.sub_attributes.iter().any(is_unique);
            if is_nested || (is_unique(attribute) && !is_single) {
                return refused(
                    &attribute.name,
                    "uniqueness: only a single simple value can be unique",
                );
            }
            if attribute.name == "$ref" || attribute.name.eq_ignore_ascii_case("members") {
                return refused(&attribute.name, "the name is the protocol's own");
            }
        }
        Ok(Self { extends: extends.to_owned(), defines: None, required, schema })
    }

    /// Err if values that are there may not fit what this schema says (409): it takes something away from `old`, or changes what a value is.
    pub fn check_change(&self, old: &Self) -> Result<(), String> {
        let endpoint = |it: &Self| it.defines.as_ref().map(|(endpoint, _)| endpoint.clone());
        if self.extends != old.extends || endpoint(self) != endpoint(old) {
            return Err(format!(
                "it belongs to {}, and stays where it is; use another URN",
                old.extends
            ));
        }
        compare(&old.schema.attributes, &self.schema.attributes, "")
    }
}

fn compare(old: &[Attribute], new: &[Attribute], at: &str) -> Result<(), String> {
    for old in old {
        let name = format!("{at}{}", old.name);
        let Some(new) = new.iter().find(|new| new.name == old.name) else {
            return Err(format!(
                "{name}: an attribute stays; use another URN for a schema without it"
            ));
        };
        let value = |it: &Attribute| (it.kind, it.multi_valued, it.case_exact, it.uniqueness);
        if value(old) != value(new) {
            return Err(format!(
                "{name}: type, multiValued, caseExact and uniqueness stay; use another name or URN"
            ));
        }
        compare(&old.sub_attributes, &new.sub_attributes, &format!("{name}."))?;
    }
    Ok(())
}

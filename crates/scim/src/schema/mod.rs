//! Schemas as data (RFC 7643 §2, §7): what attributes a resource type has and what may be done with them.
//!
//! The built-in ones are JSON documents beside this file, read by the reader that any other schema goes through.

mod find;
pub(crate) mod read;
mod types;

use std::sync::LazyLock;

pub use find::{Found, Named};
pub use types::{Added, Types};

use crate::{Error, json};

/// Schema of users.
pub const USER_URN: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
/// Schema of groups.
pub const GROUP_URN: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
/// The Enterprise extension of users.
pub const ENTERPRISE_URN: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
/// Schema of schemas.
pub const SCHEMA_URN: &str = "urn:ietf:params:scim:schemas:core:2.0:Schema";
/// Schema of resource types.
pub const RESOURCE_TYPE_URN: &str = "urn:ietf:params:scim:schemas:core:2.0:ResourceType";
/// Schema of the service provider's configuration.
pub const SERVICE_PROVIDER_CONFIG_URN: &str =
    "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig";
/// A list of resources.
pub const LIST_URN: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
/// A search by POST.
pub const SEARCH_URN: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
/// A PATCH request.
pub const PATCH_URN: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
/// An error.
pub const ERROR_URN: &str = "urn:ietf:params:scim:api:messages:2.0:Error";

/// A set of attributes under one URN.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Schema {
    /// The URN.
    pub id: String,
    /// For humans.
    pub name: String,
    /// For humans.
    pub description: String,
    /// In the order in which resources show them.
    pub attributes: Vec<Attribute>,
}

/// One attribute or sub-attribute and its characteristics (RFC 7643 §2.2).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Attribute {
    /// In the case in which resources show it.
    pub name: String,
    /// The type of its values.
    pub kind: Kind,
    /// True: an array of values.
    pub multi_valued: bool,
    /// True: a resource can't be without it.
    pub required: bool,
    /// False: values that differ by case only are equal.
    pub case_exact: bool,
    /// Who may set it, and when.
    pub mutability: Mutability,
    /// When answers show it.
    pub returned: Returned,
    /// Whether two resources may have the same value.
    pub uniqueness: Uniqueness,
    /// Suggested values; others are accepted unless `is_closed`.
    pub canonical_values: Vec<String>,
    /// True: values other than the canonical ones are refused (RFC 7643 §7 leaves that to the service provider).
    pub is_closed: bool,
    /// What a reference may point to.
    pub reference_types: Vec<String>,
    /// Of a complex attribute; not complex themselves.
    pub sub_attributes: Vec<Self>,
    /// For humans.
    pub description: String,
}

impl Attribute {
    /// True if values are accepted and dropped: nobody may see them (`password`).
    pub fn is_dropped(&self) -> bool {
        self.mutability == Mutability::WriteOnly || self.returned == Returned::Never
    }

    /// True if values in POST and PUT are ignored: the server's own, or dropped.
    pub fn is_ignored(&self) -> bool {
        self.mutability == Mutability::ReadOnly || self.is_dropped()
    }

    /// True for the `$ref` of a resource beside its id: computed on reading, never stored.
    pub fn is_computed(&self) -> bool {
        let elsewhere = |kind: &String| kind == "external" || kind == "uri";
        self.name == "$ref" && !self.reference_types.iter().any(elsewhere)
    }
}

/// The type of an attribute's values (RFC 7643 §2.3).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Text.
    String,
    /// True or false.
    Boolean,
    /// A number.
    Decimal,
    /// A number without a fraction.
    Integer,
    /// An xsd:dateTime.
    DateTime,
    /// Base64.
    Binary,
    /// A URI.
    Reference,
    /// An object with sub-attributes.
    Complex,
}

/// Who may set an attribute (RFC 7643 §7).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mutability {
    /// The server alone; ignored in POST and PUT.
    ReadOnly,
    /// Anybody, any time.
    ReadWrite,
    /// Anybody, once.
    Immutable,
    /// Anybody; nobody sees it. Such values are accepted and dropped here.
    WriteOnly,
}

/// When answers show an attribute (RFC 7643 §7).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Returned {
    /// Even when it is excluded.
    Always,
    /// Not even when it is asked for.
    Never,
    /// Unless it is excluded or others are asked for.
    Default,
    /// When it is asked for.
    Request,
}

/// How far an attribute's values are unique (RFC 7643 §7).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Uniqueness {
    /// Not at all.
    None,
    /// Among the resources of one tenant and type.
    Server,
    /// Everywhere.
    Global,
}

/// A kind of resource: where it lives and which schemas it has.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ResourceType {
    /// `User`; the value of `meta.resourceType`.
    pub name: String,
    /// `/Users`, relative to the base address.
    pub endpoint: String,
    /// For humans.
    pub description: String,
    /// The attributes at the top.
    pub schema: Schema,
    /// Further attributes, each set in an object under its URN.
    pub extensions: Vec<Extension>,
}

/// A further schema of a resource type.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Extension {
    /// Its attributes.
    pub schema: Schema,
    /// True: a resource can't be without it.
    pub required: bool,
}

/// Users, with the Enterprise extension.
pub fn user() -> &'static ResourceType {
    &USER
}

/// Groups.
pub fn group() -> &'static ResourceType {
    &GROUP
}

/// Memberships of groups, each a resource of its own.
///
/// For reading in pages (the SCIM working group's draft on large groups, IETF 125). No resource type of [`resource_types`], as nothing is made or changed there.
pub fn group_member() -> &'static ResourceType {
    &GROUP_MEMBER
}

/// Every resource type, in the order of `/ResourceTypes`.
pub fn resource_types() -> [&'static ResourceType; 2] {
    [user(), group()]
}

/// Every schema, in the order of `/Schemas`.
pub fn schemas() -> impl Iterator<Item = &'static Schema> {
    let of_type = |of: &'static ResourceType| {
        std::iter::once(&of.schema).chain(of.extensions.iter().map(|extension| &extension.schema))
    };
    resource_types().into_iter().flat_map(of_type)
}

/// `schemas`, `id`, `externalId` and `meta`, which every resource has (RFC 7643 §3.1).
pub fn common() -> &'static [Attribute] {
    &COMMON
}

static USER: LazyLock<ResourceType> = LazyLock::new(|| ResourceType {
    name: "User".into(),
    endpoint: "/Users".into(),
    description: "User Account".into(),
    schema: built_in(include_str!("user.json")),
    extensions: vec![Extension {
        schema: built_in(include_str!("enterprise_user.json")),
        required: false,
    }],
});

static GROUP: LazyLock<ResourceType> = LazyLock::new(|| ResourceType {
    name: "Group".into(),
    endpoint: "/Groups".into(),
    description: "Group".into(),
    schema: built_in(include_str!("group.json")),
    extensions: Vec::new(),
});

static GROUP_MEMBER: LazyLock<ResourceType> = LazyLock::new(|| ResourceType {
    name: "GroupMember".into(),
    endpoint: "/GroupMembers".into(),
    description: "Membership of a group".into(),
    schema: built_in(include_str!("group_member.json")),
    extensions: Vec::new(),
});

static COMMON: LazyLock<Vec<Attribute>> = LazyLock::new(|| {
    must(json::parse(include_bytes!("common.json")).and_then(|list| read::read_attributes(&list)))
});

fn built_in(document: &str) -> Schema {
    must(json::parse(document.as_bytes()).and_then(|document| Schema::read(&document)))
}

/// The built-in documents are part of the program: if one is broken, so is every build of it, and the tests say so.
#[expect(clippy::expect_used, reason = "compiled in, and read by every test")]
fn must<T>(read: Result<T, Error>) -> T {
    read.expect("a built-in schema document is sound")
}

#[cfg(test)]
mod tests;

//! The SCIM 2.0 language (RFC 7643, RFC 7644): schemas, resources, filters, paths, PATCH, projection, errors.
//! Pure: no IO, no tenants, no clock, no ids minted. What was read here needs no further check.

pub mod bulk;
pub mod coercion;
pub mod discovery;
pub mod error;
pub mod filter;
#[cfg(test)]
mod fuzz;
mod incoming;
pub mod json;
pub mod json_schema;
pub mod key;
pub mod limits;
pub mod list;
pub mod patch;
pub mod path;
pub mod profile;
pub mod projection;
pub mod resource;
pub mod schema;
pub mod sort;

pub use coercion::{Coercion, Coercions};
pub use error::{Error, ScimType};
pub use filter::{Filter, Lookup, Query};
pub use incoming::Incoming;
pub use list::Page;
pub use patch::{MemberOp, Patch};
pub use path::{AttributePath, Path};
pub use profile::Profile;
pub use projection::Projection;
pub use resource::{Diff, Draft, MemberRef, MemberType};
pub use schema::{Attribute, Extension, Found, ResourceType, Schema};
pub use sort::Sort;

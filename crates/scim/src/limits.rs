//! Every limit that this crate enforces, its unit last in its name. Beyond them a request is refused before any work.

/// Levels of arrays and objects in a body.
pub const JSON_DEPTH_MAX: usize = 64;
/// Length of a filter, in bytes after URL decoding.
pub const FILTER_BYTES_MAX: usize = 8192;
/// Levels of parentheses, brackets and `not` in a filter.
pub const FILTER_DEPTH_MAX: usize = 16;
/// Comparisons and logical operators in a filter.
pub const FILTER_NODES_MAX: usize = 128;
/// Length of a PATCH path, in bytes.
pub const PATH_BYTES_MAX: usize = 8192;
/// Operations in one PATCH request.
pub const PATCH_OPERATIONS_MAX: usize = 1000;
/// Members that one request adds or removes.
pub const MEMBER_CHANGES_MAX: usize = 100_000;
/// A resource's own attributes in canonical form, in bytes.
pub const RESOURCE_BYTES_MAX: usize = 256 * 1024;
/// Resources in one page of a list.
pub const PAGE_MAX: usize = 1000;
/// Resources in one page of a list when the client names no count.
pub const PAGE_DEFAULT: usize = 100;
/// Length of an `attributes` or `excludedAttributes` list, in bytes.
pub const PROJECTION_BYTES_MAX: usize = 8192;
/// Attributes and sub-attributes in one schema.
pub const SCHEMA_ATTRIBUTES_MAX: usize = 1000;
/// Schemas that one tenant adds.
pub const TENANT_SCHEMAS_MAX: usize = 32;
/// Operations in one Bulk request.
pub const BULK_OPERATIONS_MAX: usize = 1000;
/// A Bulk request, in bytes.
pub const BULK_BYTES_MAX: usize = 5 * 1024 * 1024;

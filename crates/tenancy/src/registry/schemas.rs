//! The schemas that a tenant adds, and the resource types that come of them.

use std::fmt;
use std::sync::Arc;

use events::{Seq, TenantSchema, Timestamp};
use scim::schema::{Added, Types};

/// The schemas of one tenant, in the order in which they were added.
#[derive(Clone)]
pub struct Schemas {
    records: Vec<SchemaRecord>,
    types: Arc<Types>,
}

/// A schema that a tenant adds.
#[derive(Clone, PartialEq, Eq)]
pub struct SchemaRecord {
    /// Its URN.
    pub urn: String,
    /// As it was given.
    pub schema: TenantSchema,
    /// When it was last put.
    pub modified_at: Timestamp,
    /// The event of `~platform` that put it.
    pub version: Seq,
    /// As it is used.
    pub added: Added,
}

impl Schemas {
    /// What users and groups of the tenant are.
    pub const fn types(&self) -> &Arc<Types> {
        &self.types
    }

    /// All of them.
    pub fn records(&self) -> &[SchemaRecord] {
        &self.records
    }

    /// The one under that URN, in any case.
    pub fn find(&self, urn: &str) -> Option<&SchemaRecord> {
        self.records.iter().find(|it| it.urn.eq_ignore_ascii_case(urn))
    }

    /// With one more, or another in the place of that under the same URN.
    ///
    /// # Errors
    /// Why these schemas don't go together.
    pub(crate) fn with(&self, record: SchemaRecord) -> Result<Self, scim::Error> {
        let mut records = self.records.clone();
        match records.iter_mut().find(|it| it.urn.eq_ignore_ascii_case(&record.urn)) {
            Some(old) => *old = record,
            None => records.push(record),
        }
        Self::of(records)
    }

    /// Without the one under that URN.
    ///
    /// # Errors
    /// Another one needs it.
    pub(crate) fn without(&self, urn: &str) -> Result<Self, scim::Error> {
        let others = self.records.iter().filter(|it| !it.urn.eq_ignore_ascii_case(urn));
        Self::of(others.cloned().collect())
    }

    fn of(records: Vec<SchemaRecord>) -> Result<Self, scim::Error> {
        let types = match records.is_empty() {
            true => Types::built_in(),
            false => Arc::new(Types::with(records.iter().map(|record| &record.added))?),
        };
        Ok(Self { records, types })
    }
}

impl SchemaRecord {
    /// Reads the document.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn read(schema: TenantSchema, at: Timestamp, version: Seq) -> Result<Self, scim::Error> {
        let document = scim::json::parse(&schema.document)?;
        let added = Added::read(&document, &schema.extends, schema.required)?;
        let defines = schema.defines.as_ref().map(|it| (it.path.clone(), it.description.clone()));
        let added = Added { defines, ..added };
        Ok(Self { urn: added.schema.id.clone(), schema, modified_at: at, version, added })
    }
}

impl Default for Schemas {
    fn default() -> Self {
        Self { records: Vec::new(), types: Types::built_in() }
    }
}

impl PartialEq for Schemas {
    /// The types follow from the records.
    fn eq(&self, other: &Self) -> bool {
        self.records == other.records
    }
}

impl Eq for Schemas {}

impl fmt::Debug for Schemas {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.records).finish()
    }
}

impl fmt::Debug for SchemaRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let TenantSchema { extends, required, defines, document } = &self.schema;
        write!(
            f,
            "{} of {extends} required {required} defines {defines:?} version {} at {} {document:?}",
            self.urn, self.version, self.modified_at
        )
    }
}

//! The resident tenants, and the one way to change or read one: load, lock, commit, evict.
//!
//! No HTTP, no clock, no ids minted. Invariants: a tenant's events are numbered and handed to the log under
//! its lock, with no await in between; no answer leaves before what it rests on is durable; only a credential
//! makes a [`Tenant`].
//!
//! Entry: [`Tenancy`].

mod administer;
mod authenticate;
mod budget;
mod change;
mod commit;
mod error;
mod fact;
mod history;
mod load;
mod platform;
mod registry;
mod resident;
mod snapshot;
mod stream;
mod tenancy;
mod tenant;
mod tenant_change;
#[cfg(test)]
mod tests;
mod verify;
mod views;

pub use administer::AdminError;
pub use budget::Residents;
pub use commit::{CommitError, Durable};
pub use error::Error;
pub use fact::Fact;
pub use platform::{NAME_BYTES_MAX, PlatformCommand, PlatformRejection, TENANT_TOKENS_MAX};
pub use registry::{KeyRecord, SchemaRecord, Schemas, Status, TenantRecord, TokenRecord};
pub use snapshot::SnapshotEvery;
pub use tenancy::{Call, Tenancy};
pub use tenant::{PlatformKey, Tenant};
pub use tenant_change::{SwitchesChange, TenantChange};
pub use views::{Fold, FoldFactory};

//! HTTP: SCIM for identity providers, `/v1` for the platform, and the operator's port.
//! Changes and reads tenants by `tenancy` only, reads the log by `store`'s tail only, spawns nothing.
//!
//! Entry: [`configure`] for the public port, [`admin`] for the operator's. Start reading at `routes.rs`.

mod access;
mod address;
mod admin;
mod answer;
mod body;
mod bulk;
mod clock;
mod credential;
mod customs;
mod discovery;
mod error;
mod exchange;
mod gateway;
mod groups;
mod health;
mod ids;
mod keys;
mod list;
mod media;
mod memberships;
mod metrics;
mod openapi;
mod peer;
mod pieces;
mod precondition;
mod query;
mod relay;
mod render;
mod routes;
mod search;
pub mod secret;
mod state;
mod tenant;
mod tenant_url;
#[cfg(test)]
mod tests;
mod users;
mod v1;

pub use admin::admin;
pub use clock::{Clock, SystemClock};
pub use health::{Health, Phase};
pub use ids::Ids;
pub use keys::Keys;
pub use metrics::Metrics;
pub use peer::TrustedProxies;
pub use relay::{Relay, RelayState, RelayStatus, RepublishSince, RepublishStatus};
pub use routes::{PLATFORM, Platform, Route, SCIM, Scim, Verb};
pub use state::{Addresses, Limits, State, configure};
pub use tenant_url::TenantUrl;

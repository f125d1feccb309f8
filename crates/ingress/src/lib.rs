//! HTTP: SCIM for identity providers, `/v1` for the platform, and the operator's port.
//! Changes and reads tenants by `tenancy` only, reads the log by `store`'s tail only, spawns nothing.
//!
//! Entry: [`configure`] for the public port, [`admin`] for the operator's. Start reading at `routes.rs`.

mod admin;
mod clock;
mod health;
mod ids;
mod metrics;
pub mod secret;
mod state;

pub use admin::admin;
pub use clock::{Clock, SystemClock};
pub use health::{Health, Phase};
pub use ids::Ids;
pub use metrics::Metrics;
pub use state::{Addresses, Limits, State, configure};

//! The product's views of a tenant: people and teams, as ids and flags. They follow the durable log, may lag,
//! and say the number that they stand at. Attributes come from the directory, never from here.
//!
//! Entry: [`fold`] to register, [`run`] to follow, [`caught_up`] before reading.

mod follow;
mod people;
mod saved;
mod teams;
#[cfg(test)]
mod tests;
mod views;

pub use follow::{CAUGHT_UP_WITHIN_MS, Error, caught_up, run};
pub use people::{People, Person};
pub use teams::{Team, Teams};
pub use views::{Views, fold};

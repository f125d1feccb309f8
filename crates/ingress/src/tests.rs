//! The gateway over HTTP, in process, over the model log: what clients see, and nothing else.

mod bulk;
mod credentials;
mod customs;
mod discovery;
mod edges;
mod fuzz;
mod groups;
mod house;
mod lists;
mod logging;
mod memberships;
mod operations;
mod platform;
mod schemas;
mod switches;
mod users;

//! Tenancy against the model log and its faults.

mod budget;
mod credentials;
mod durability;
mod faults;
mod house;
mod order;
mod platform;
mod replay;
mod snapshots;
mod views;

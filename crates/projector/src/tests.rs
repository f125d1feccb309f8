//! The views against the directory, and the follower against the model log.

mod follower;
mod history;
mod same_as_directory;
mod tables;

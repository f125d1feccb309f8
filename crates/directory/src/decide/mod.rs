//! The rules: which events a command makes, or why none.

use crate::{Command, Decision, Directory, Rejection, Rules};

/// Decides a command against the directory as it is. The directory doesn't change: that is `apply`'s part.
///
/// # Errors
/// The rule that the command breaks.
pub fn decide(
    directory: &Directory,
    command: &Command,
    rules: &Rules,
) -> Result<Decision, Rejection> {
    let _ = (directory, command, rules);
    Ok(Decision::default())
}

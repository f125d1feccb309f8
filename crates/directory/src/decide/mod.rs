//! The rules: which events a command makes, or why none.
//! Pure: reads the directory, changes nothing; ids and time come from the caller.

mod bind;
mod custom;
mod cycle;
mod delta;
mod group;
mod members;
mod resolve;
mod resource;
mod selection;
mod user;

use events::{Event, Seq};
use scim::{Coercion, Coercions};

use crate::{Command, Decision, Directory, Expected, Rejection, Rules};

/// Decides a command against the directory as it is. The directory doesn't change: that is `apply`'s part.
///
/// # Errors
/// The rule that the command breaks.
pub fn decide(
    directory: &Directory,
    command: Command,
    rules: &Rules,
) -> Result<Decision, Rejection> {
    let made = match command {
        Command::CreateUser { id, draft } => user::create(directory, id, draft, rules),
        Command::ReplaceUser { id, expected, draft } => {
            user::find(directory, id, &expected, rules)?.replace(draft)
        }
        Command::PatchUser { id, expected, patch } => {
            user::find(directory, id, &expected, rules)?.patch(&patch)
        }
        Command::DeleteUser { id, expected } => {
            Ok(user::find(directory, id, &expected, rules)?.delete())
        }
        Command::CreateGroup { id, draft } => group::create(directory, id, draft, rules),
        Command::ReplaceGroup { id, expected, draft } => {
            group::find(directory, id, &expected, rules)?.replace(draft)
        }
        Command::PatchGroup { id, expected, patch } => {
            group::find(directory, id, &expected, rules)?.patch(&patch)
        }
        Command::DeleteGroup { id, expected } => {
            Ok(group::find(directory, id, &expected, rules)?.delete())
        }
        Command::Custom { of, id, change } => custom::decide(directory, (&of, id), change, rules),
    };
    Ok(made?.into())
}

/// A decision in the making.
#[derive(Default)]
struct Made {
    events: Vec<Event>,
    coercions: Coercions,
}

impl Made {
    const fn new(coercions: Coercions) -> Self {
        Self { events: Vec::new(), coercions }
    }
}

impl From<Made> for Decision {
    fn from(made: Made) -> Self {
        let code = |coercion: Coercion| events::Coercion::from_code(coercion.code());
        Self { events: made.events, coercions: made.coercions.iter().filter_map(code).collect() }
    }
}

/// `If-Match`.
fn check_version(expected: &Expected, current: Seq) -> Result<(), Rejection> {
    match expected {
        Expected::Whatever | Expected::Exists => Ok(()),
        Expected::Versions(versions) if versions.contains(&current) => Ok(()),
        Expected::Versions(_) => Err(Rejection::StaleVersion { current }),
    }
}

#[cfg(test)]
mod tests;

//! Commands of SCIM by chance, over so few users and groups that they meet.

use directory::{Command, Expected};
use events::{GroupId, UserId};
use scim::{Draft, Patch};
use serde_json::{Value, json};
use uuid::Uuid;

use super::dice::Dice;

/// Users and groups to choose from.
const NAMES: u64 = 8;

/// The next command.
pub(crate) fn command(dice: &mut Dice) -> Command {
    let (n, other) = (dice.roll(NAMES), dice.roll(NAMES));
    let (user, group) = (UserId::new(id(0xA0 + n)), GroupId::new(id(0xB0 + n)));
    let expected = Expected::Whatever;
    match dice.roll(8) {
        0 | 1 => Command::CreateUser { id: user, draft: person(&format!("user-{other}")) },
        2 => Command::ReplaceUser { id: user, expected, draft: person(&format!("user-{other}")) },
        3 => Command::DeleteUser { id: user, expected },
        4 => Command::CreateGroup { id: group, draft: team(&format!("team-{other}"), other) },
        5 => Command::DeleteGroup { id: group, expected },
        6 => {
            let active = json!({ "op": "replace", "path": "active", "value": other % 2 == 0 });
            let patch = patch(&active, scim::schema::user());
            Command::PatchUser { id: user, expected, patch }
        }
        _ => {
            let value = json!([{ "value": id(0xA0 + other).to_string() }]);
            let op = if dice.roll(2) == 0 { "add" } else { "remove" };
            let members = json!({ "op": op, "path": "members", "value": value });
            let patch = patch(&members, scim::schema::group());
            Command::PatchGroup { id: group, expected, patch }
        }
    }
}

fn id(number: u64) -> Uuid {
    Uuid::from_u128(number.into())
}

fn person(user_name: &str) -> Draft {
    let schema = "urn:ietf:params:scim:schemas:core:2.0:User";
    draft(json!({ "schemas": [schema], "userName": user_name }), scim::schema::user())
}

fn team(name: &str, member: u64) -> Draft {
    let schema = "urn:ietf:params:scim:schemas:core:2.0:Group";
    let members = json!([{ "value": id(0xA0 + member).to_string() }]);
    let body = json!({ "schemas": [schema], "displayName": name, "members": members });
    draft(body, scim::schema::group())
}

fn draft(body: Value, of: &scim::ResourceType) -> Draft {
    scim::resource::read(body, of, scim::Profile::LENIENT).unwrap()
}

fn patch(operation: &Value, of: &scim::ResourceType) -> Patch {
    let schema = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
    let body = json!({ "schemas": [schema], "Operations": [operation] });
    Patch::parse(body, of, scim::Profile::LENIENT).unwrap()
}

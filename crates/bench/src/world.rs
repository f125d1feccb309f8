//! A population inside a target: who was made, so that later requests can name them.

use std::io;
use std::sync::Arc;

use parking_lot::Mutex;
use serde_json::json;

use crate::client::{Make, Request, See, drive};
use crate::people;
use crate::target::Target;

/// A target with its people.
pub(crate) struct World {
    /// The server.
    pub(crate) target: Target,
    /// The id of person `n`.
    pub(crate) ids: Arc<Vec<String>>,
    /// Groups by the number of their members.
    pub(crate) groups: Vec<(usize, String)>,
}

const SEED_CONNECTIONS: usize = 64;
const MEMBERS_A_REQUEST: usize = 10_000;

impl World {
    /// Makes `people` in the target, spread evenly over its tenants.
    ///
    /// # Errors
    /// When an answer isn't a 201.
    pub(crate) async fn settle(target: Target, people: usize) -> io::Result<Self> {
        let ids = Arc::new(Mutex::new(vec![String::new(); people]));
        let (tokens, bases) = (target.tokens.clone(), target.bases.clone());
        let make: Make = Arc::new(move |n| {
            let tenant = n % tokens.len();
            let path = format!("{}/Users", text(&bases, tenant));
            Request::new("POST", &path, text(&tokens, tenant), &people::user(n)).expect(201, "")
        });
        let seen = Arc::clone(&ids);
        let see: See = Arc::new(move |n, body| {
            if let Some(slot) = seen.lock().get_mut(n) {
                *slot = id_in(body);
            }
        });
        drive(target.address, SEED_CONNECTIONS, people, make, see).await?;
        let ids = Arc::new(std::mem::take(&mut *ids.lock()));
        Ok(Self { target, ids, groups: Vec::new() })
    }

    /// Makes a group of the first `members` people of the first tenant.
    ///
    /// # Errors
    /// When the gateway refuses.
    pub(crate) async fn group(&mut self, members: usize) -> io::Result<()> {
        let body = json!({"displayName": format!("group of {members}")}).to_string();
        let id = Arc::new(Mutex::new(String::new()));
        let seen = Arc::clone(&id);
        let see: See = Arc::new(move |_, body| *seen.lock() = id_in(body));
        self.ask("POST", "/Groups", &body, see).await?;
        let id = std::mem::take(&mut *id.lock());
        let people = self.ids.get(..members).unwrap_or_default().to_vec();
        for some in people.chunks(MEMBERS_A_REQUEST) {
            let values: Vec<_> = some.iter().map(|id| json!({"value": id})).collect();
            let add = json!({"Operations": [{"op": "add", "path": "members", "value": values}]});
            self.ask(
                "PATCH",
                &format!("/Groups/{id}?attributes=displayName"),
                &add.to_string(),
                unseen(),
            )
            .await?;
        }
        self.groups.push((members, id));
        Ok(())
    }

    /// Asks the first tenant; a group's PATCH is told not to answer with the group.
    async fn ask(&self, method: &str, path: &str, body: &str, see: See) -> io::Result<()> {
        let path = format!("{}{path}", text(&self.target.bases, 0));
        let status = if method == "POST" { 201 } else { 200 };
        let request = Request::new(method, &path, text(&self.target.tokens, 0), body);
        let request = Arc::new(request.expect(status, ""));
        let make: Make = Arc::new(move |_| Request::clone(&request));
        drive(self.target.address, 1, 1, make, see).await.map(drop)
    }
}

/// Looks at no answer.
pub(crate) fn unseen() -> See {
    Arc::new(|_, _| {})
}

/// The n-th text of a list.
pub(crate) fn text(list: &[String], n: usize) -> &str {
    list.get(n).map_or("", String::as_str)
}

fn id_in(body: &[u8]) -> String {
    let body = String::from_utf8_lossy(body);
    let id = body.split("\"id\":\"").nth(1).and_then(|rest| rest.split('"').next());
    id.unwrap_or_default().to_owned()
}

//! All that a customer can see of some tenants, to be compared before and after a kill.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::cli::{Client, Failure, event_page, read_list};

const VIEW_TIMEOUT: Duration = Duration::from_secs(10);
const VIEW_PAUSE: Duration = Duration::from_millis(20);

/// One tenant as the platform API shows it.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Snapshot {
    pub(crate) tenant: String,
    pub(crate) head: u64,
    pub(crate) users: Vec<Value>,
    pub(crate) teams: Vec<Value>,
    pub(crate) events: Vec<Value>,
}

impl Snapshot {
    /// Reads everything of a tenant, once the view of people and teams has come up to the head of its history.
    pub(crate) fn take(client: &Client, tenant: &str) -> Result<Self, Failure> {
        let head = wait_for_view(client, tenant)?;
        let list = |name| read_list(client, &["tenants", tenant, name], name);
        let (users, teams) = (list("users")?, list("teams")?);
        let mut events = Vec::new();
        loop {
            let after = events.last().and_then(seq).unwrap_or(0);
            let page = event_page(client, tenant, after)?;
            if page.is_empty() {
                return Ok(Self { tenant: tenant.to_owned(), head, users, teams, events });
            }
            events.extend(page);
        }
    }

    /// The counts, for a line.
    pub(crate) fn counts(&self) -> String {
        format!(
            "{:<7} {:>3} users  {:>3} teams  {:>3} events  head {}",
            self.tenant,
            self.users.len(),
            self.teams.len(),
            self.events.len(),
            self.head
        )
    }

    /// What isn't as it was; empty when all is.
    pub(crate) fn differences(&self, after: &Self) -> Vec<&'static str> {
        let compared = [
            ("the head", self.head == after.head),
            ("users", self.users == after.users),
            ("teams", self.teams == after.teams),
            ("events", self.events == after.events),
            ("the numbering", after.is_gapless()),
        ];
        compared.into_iter().filter(|(_, same)| !same).map(|(name, _)| name).collect()
    }

    /// Whether the events are numbered from 1 to the head without a gap.
    fn is_gapless(&self) -> bool {
        let numbers = self.events.iter().filter_map(seq);
        numbers.eq(1..=self.head)
    }
}

fn wait_for_view(client: &Client, tenant: &str) -> Result<u64, Failure> {
    let begun = Instant::now();
    loop {
        let head = client.get(&["tenants", tenant], &[])?.get("head").cloned();
        let view = client.get(&["tenants", tenant, "users"], &[("limit", "1".to_owned())])?;
        let head = head.unwrap_or_else(|| json!(0));
        if view.get("seq") == Some(&head) || begun.elapsed() > VIEW_TIMEOUT {
            return Ok(head.as_u64().unwrap_or(0));
        }
        thread::sleep(VIEW_PAUSE);
    }
}

fn seq(event: &Value) -> Option<u64> {
    event.get("seq").and_then(Value::as_u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot(numbers: &[u64]) -> Snapshot {
        Snapshot {
            tenant: "acme".to_owned(),
            head: 2,
            users: vec![json!({"id": "a"})],
            teams: Vec::new(),
            events: numbers.iter().map(|seq| json!({"seq": seq})).collect(),
        }
    }

    #[test]
    fn every_difference_is_named() {
        let before = snapshot(&[1, 2]);
        let check = |after: Snapshot, expected: &[&str]| {
            assert_eq!(before.differences(&after), expected);
        };
        check(before.clone(), &[]);
        check(Snapshot { head: 1, ..before.clone() }, &["the head", "the numbering"]);
        check(Snapshot { users: Vec::new(), ..before.clone() }, &["users"]);
        check(Snapshot { teams: vec![json!(1)], ..before.clone() }, &["teams"]);
        check(snapshot(&[1]), &["events", "the numbering"]);
        check(snapshot(&[2, 1]), &["events", "the numbering"]);
    }
}

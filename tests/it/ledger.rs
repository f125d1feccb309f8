//! A load and its ledger: what was acknowledged, and what was under way when the lights went out.
//! After a restart everything acknowledged must be there, unaltered; what was under way may be.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::client::{Client, Scim};

/// What clients know of one tenant.
#[derive(Default)]
pub(crate) struct Ledger {
    users: Mutex<BTreeMap<String, User>>,
    members: Mutex<BTreeSet<String>>,
    writes: Mutex<u64>,
    seen: Mutex<u64>,
}

/// The acknowledged title of a user, and the one that was asked for last.
#[derive(Clone, Debug)]
struct User {
    user_name: String,
    title: String,
    asked: String,
}

const CLIENTS: usize = 8;

impl Ledger {
    /// Eight clients create users, rename them and add them to one group, until `cut` returns.
    pub(crate) fn load(&self, scim: &Scim, group: &str, round: usize, cut: impl FnOnce()) {
        let stop = AtomicBool::new(false);
        thread::scope(|scope| {
            for client in 0..CLIENTS {
                let stop = &stop;
                scope.spawn(move || {
                    let mut n = 0;
                    while !stop.load(Ordering::SeqCst) {
                        let name = format!("user-{round}-{client}-{n}");
                        if self.live(scim, group, &name).is_none() {
                            return;
                        }
                        n += 1;
                    }
                });
            }
            cut();
            stop.store(true, Ordering::SeqCst);
        });
    }

    /// How many writes were acknowledged so far.
    pub(crate) fn writes(&self) -> u64 {
        *self.writes.lock().unwrap()
    }

    /// Everything acknowledged is there, unaltered, and the history has no hole.
    pub(crate) fn check(&self, scim: &Scim, platform: &Client, group: &str) {
        let found = all_users(scim);
        for (id, user) in self.users.lock().unwrap().iter() {
            let there = found.get(id).unwrap_or_else(|| panic!("lost: {id} {user:?}"));
            assert_eq!(there["userName"], json!(user.user_name));
            let title = there["title"].as_str().unwrap();
            assert!(title == user.title || title == user.asked, "{id}: {title}, not {user:?}");
        }
        let shown = scim.get(&format!("/Groups/{group}")).ok(200);
        let empty = Vec::new();
        let members: BTreeSet<&str> = shown["members"]
            .as_array()
            .unwrap_or(&empty)
            .iter()
            .map(|member| member["value"].as_str().unwrap())
            .collect();
        for member in self.members.lock().unwrap().iter() {
            assert!(members.contains(member.as_str()), "lost member: {member}");
        }
        self.check_sequence(platform);
    }

    /// One user's life: created, retitled, added. `None` when the gateway is gone.
    fn live(&self, scim: &Scim, group: &str, user_name: &str) -> Option<()> {
        let body = json!({"userName": user_name, "title": "new", "displayName": "x".repeat(300)});
        let made = scim.attempt(reqwest::Method::POST, "/Users", &body)?;
        let id = made.id();
        let user = User { user_name: user_name.into(), title: "new".into(), asked: "new".into() };
        self.users.lock().unwrap().insert(id.clone(), user);
        for n in 0..3 {
            let title = format!("title {n}");
            self.users.lock().unwrap().get_mut(&id)?.asked.clone_from(&title);
            let change =
                json!({"Operations": [{"op": "replace", "path": "title", "value": title}]});
            scim.attempt(reqwest::Method::PATCH, &format!("/Users/{id}"), &change)?.ok(200);
            self.users.lock().unwrap().get_mut(&id)?.title = title;
        }
        let add =
            json!({"Operations": [{"op": "add", "path": "members", "value": [{"value": id}]}]});
        let path = format!("/Groups/{group}?excludedAttributes=members");
        scim.attempt(reqwest::Method::PATCH, &path, &add)?;
        self.members.lock().unwrap().insert(id);
        *self.writes.lock().unwrap() += 5;
        Some(())
    }

    fn check_sequence(&self, platform: &Client) {
        let mut seen = self.seen.lock().unwrap();
        loop {
            let page =
                platform.get(&format!("/tenants/acme/events?after={seen}&limit=1000")).ok(200);
            let events = page["events"].as_array().unwrap();
            for event in events {
                *seen += 1;
                assert_eq!(event["seq"], json!(*seen), "a hole in the history");
            }
            if events.is_empty() {
                assert_eq!(page["head"], json!(*seen));
                return;
            }
        }
    }
}

fn all_users(scim: &Scim) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    loop {
        let path = format!("/Users?startIndex={}&count=1000", found.len() + 1);
        let page = scim.get(&path).ok(200);
        let users = page["Resources"].as_array().unwrap();
        if users.is_empty() {
            return found;
        }
        for user in users {
            found.insert(user["id"].as_str().unwrap().to_owned(), user.clone());
        }
    }
}

/// A time between these bounds that differs from round to round, without a random number.
pub(crate) fn moment(round: usize, shortest_ms: u64, longest_ms: u64) -> Duration {
    let step = (round as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 33;
    Duration::from_millis(shortest_ms + step % (longest_ms - shortest_ms))
}

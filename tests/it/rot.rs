//! Bit rot under the whole gateway: one wrong bit, or a file cut short, anywhere in the data directory of a gateway that was stopped. Over
//! HTTP everything that was acknowledged is as it was, or the fault is reported: by the exit code, or by an error in place of an answer.
//! `ROLLCALL_ROT_ROUNDS` sets how often, `ROLLCALL_ROT_SEED` plays it again.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use crate::GROUP;
use crate::client::Client;
use crate::damage::damage;
use crate::process::Process;
use crate::simulation::dice::Dice;

/// Several segments and a snapshot of everything, of little.
const SETTINGS: &[(&str, &str)] = &[
    ("ROLLCALL_LOG_GENERATION_BYTES", "16384"),
    ("ROLLCALL_SNAPSHOTS_TENANT_EVENTS", "100"),
    ("ROLLCALL_SNAPSHOTS_EVERY_MS", "20"),
];
const ROUNDS: u64 = 20;
const USERS: usize = 150;
const SEALED_WITHIN: Duration = Duration::from_secs(20);
/// Exit codes of a start that finds its directory damaged: what is configured there, or the data.
const REPORTS: [Option<i32>; 2] = [Some(2), Some(3)];

/// Answers by what was asked.
type Seen = BTreeMap<String, Value>;

#[test]
fn what_rots_is_reported_or_does_not_matter() {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().unwrap());
    let rounds = number("ROLLCALL_ROT_ROUNDS").unwrap_or(ROUNDS);
    let seed = number("ROLLCALL_ROT_SEED").unwrap_or_else(|| RandomState::new().hash_one(0));
    let mut dice = Dice::new(seed);
    let whole = tempfile::tempdir().unwrap();
    let asked = fill(whole.path());
    let copy = copied(whole.path());
    let expected = look(copy.path(), &asked).unwrap();
    assert!(expected.len() > USERS);
    let (mut at_start, mut in_answers, mut harmless) = (0, 0, 0);
    for round in 0..rounds {
        let copy = copied(whole.path());
        let what = damage(&copy.path().join("data"), &mut dice);
        match look(copy.path(), &asked) {
            Ok(seen) => {
                for (asked, answer) in &seen {
                    let same = *answer == expected[asked];
                    assert!(same, "seed {seed}, round {round}: {what}: {asked}: {answer}");
                }
                if seen.len() < asked.len() { in_answers += 1 } else { harmless += 1 }
            }
            Err((code, log)) => {
                assert!(REPORTS.contains(&code), "seed {seed}: {what}: {code:?}: {log}");
                at_start += 1;
            }
        }
    }
    println!("{at_start} reported at the start, {in_answers} in answers, {harmless} without harm");
    assert!(at_start + in_answers > 0 && harmless > 0, "{at_start}, {in_answers}, {harmless}");
}

/// A history over some segments, a generation and snapshots; then a stop. What there is to ask for.
fn fill(dir: &Path) -> Vec<String> {
    let mut process = Process::start_with(dir, SETTINGS);
    let (scim, platform) = (process.scim(), process.platform());
    let users: Vec<String> = (0..USERS).map(|n| scim.user(&format!("user{n}"))).collect();
    let members: Vec<Value> = users.iter().map(|user| json!({ "value": user })).collect();
    let body = json!({"schemas": [GROUP], "displayName": "Everyone", "members": members});
    let group = scim.post("/Groups", &body).id();
    for user in users.iter().step_by(2) {
        let path = format!("/Users/{user}");
        scim.patch(&path, &json!([{"op": "replace", "path": "title", "value": "Dr"}])).ok(200);
    }
    assert_eq!(scim.delete(&format!("/Users/{}", users[7])).status, 204);
    let began = Instant::now();
    let segments = || platform.get("/log").ok(200)["segments"].as_array().unwrap().len();
    while segments() < 2 {
        assert!(began.elapsed() < SEALED_WITHIN, "{} segments", segments());
        std::thread::sleep(Duration::from_millis(20));
    }
    let late = scim.user("late");
    assert_eq!(process.stop(), Some(0));
    let shown = users.iter().chain([&late]).map(|user| format!("scim /Users/{user}"));
    let lists = ["/Users?count=200", "/Users?filter=title eq \"Dr\"&count=200"];
    let lists = lists.map(|path| format!("scim {path}")).into_iter();
    let others = [
        format!("scim /Groups/{group}"),
        "v1 /tenants/acme/events?limit=1000".to_owned(),
        "v1 /tenants/acme/users?limit=200".to_owned(),
        "v1 /tenants/acme/teams".to_owned(),
        "v1 /tenants/acme".to_owned(),
    ];
    shown.chain(lists).chain(others).collect()
}

/// Starts the gateway and asks for everything. Questions that were answered by "I can't" are left out.
fn look(dir: &Path, asked: &[String]) -> Result<Seen, (Option<i32>, String)> {
    let process = Process::try_start(dir, SETTINGS)?;
    let (scim, platform) = (process.scim(), process.platform());
    let ask = |asked: &String| {
        let (client, path): (&Client, &str) = match asked.split_once(' ').unwrap() {
            ("scim", path) => (&scim, path),
            (_, path) => (&platform, path),
        };
        let answer = client.try_to_send(Method::GET, path, &Value::Null)?;
        if answer.status >= 500 {
            return None;
        }
        let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        Some((asked.clone(), json!([answer.status, masked(body)])))
    };
    let seen = asked.iter().filter_map(ask).collect();
    let alive = process.admin().try_to_send(Method::GET, "/livez", &Value::Null);
    assert!(alive.is_some_and(|it| it.status == 200), "it fell over what it read");
    Ok(seen)
}

/// Without the address, which differs with each start.
fn masked(body: Value) -> Value {
    match body {
        Value::Object(fields) => {
            let is_address = |key: &str| ["$ref", "location", "base_url"].contains(&key);
            let fields = fields.into_iter().filter(|(key, _)| !is_address(key));
            Value::Object(fields.map(|(key, value)| (key, masked(value))).collect())
        }
        Value::Array(elements) => elements.into_iter().map(masked).collect(),
        other @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => other,
    }
}

fn copied(dir: &Path) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    let from = dir.join(".");
    let done = Command::new("cp").arg("-a").args([from.as_path(), copy.path()]).status().unwrap();
    assert!(done.success());
    copy
}

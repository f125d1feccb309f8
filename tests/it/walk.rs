//! A walk by cursor beside writers: whoever is there throughout is seen exactly once. `ROLLCALL_WALK_USERS` sets among how many.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use serde_json::{Value, json};

use crate::client::Scim;
use crate::harness::Gateway;

const USERS: usize = 4_000;
const WRITERS: usize = 4;
const BATCH: usize = 500;

#[test]
fn whoever_is_there_throughout_is_seen_exactly_once() {
    let users = std::env::var("ROLLCALL_WALK_USERS").map_or(USERS, |text| text.parse().unwrap());
    let gateway = Gateway::start(&["acme"]);
    let scim = gateway.scim("acme");
    let ids: Vec<String> = (0..users.div_ceil(BATCH)).flat_map(|part| made(&scim, part)).collect();
    let stop = AtomicBool::new(false);
    let (seen, gone) = thread::scope(|scope| {
        let writer = |writer: usize| {
            let (scim, ids, stop) = (scim.clone(), &ids, &stop);
            scope.spawn(move || meddle(&scim, writer, ids, stop))
        };
        let writers: Vec<_> = (0..WRITERS).map(writer).collect();
        let seen = walk(&scim);
        stop.store(true, Ordering::Relaxed);
        let gone: BTreeSet<String> =
            writers.into_iter().flat_map(|writer| writer.join().unwrap()).collect();
        (seen, gone)
    });
    assert!(gone.len() > 10, "the writers did nothing: {}", gone.len());
    let twice: Vec<&String> =
        seen.iter().filter(|(_, times)| **times > 1).map(|(id, _)| id).collect();
    assert!(twice.is_empty(), "seen more than once: {twice:?}");
    let missed: Vec<&String> =
        ids.iter().filter(|id| !gone.contains(*id) && !seen.contains_key(*id)).collect();
    assert!(missed.is_empty(), "missed: {missed:?}");
}

/// Users of one Bulk request; their ids.
fn made(scim: &Scim, part: usize) -> Vec<String> {
    let operation = |n: usize| {
        let data = json!({"userName": format!("u{n}")});
        json!({"method": "POST", "path": "/Users", "bulkId": n.to_string(), "data": data})
    };
    let operations: Vec<Value> = (part * BATCH..(part + 1) * BATCH).map(operation).collect();
    let urn = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
    let answer = scim.post("/Bulk", &json!({"schemas": [urn], "Operations": operations})).ok(200);
    let answers = answer["Operations"].as_array().unwrap();
    let id = |answer: &Value| {
        assert_eq!(answer["status"], "201", "{answer}");
        answer["location"].as_str().unwrap().rsplit('/').next().unwrap().to_owned()
    };
    answers.iter().map(id).collect()
}

/// Deletes every fourth of its share and creates others, until told to stop; whom it deleted.
fn meddle(scim: &Scim, writer: usize, ids: &[String], stop: &AtomicBool) -> Vec<String> {
    let mut gone = Vec::new();
    for (n, id) in ids.iter().skip(writer).step_by(WRITERS * 4).enumerate() {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        scim.delete(&format!("/Users/{id}")).ok(204);
        scim.post("/Users", &json!({"userName": format!("late-{writer}-{n}")})).ok(201);
        gone.push(id.clone());
    }
    gone
}

/// How often each was seen.
fn walk(scim: &Scim) -> BTreeMap<String, usize> {
    let (mut seen, mut cursor) = (BTreeMap::new(), String::new());
    loop {
        let page = scim.get(&format!("/Users?count=100&attributes=id&cursor={cursor}")).ok(200);
        for user in page["Resources"].as_array().unwrap() {
            *seen.entry(user["id"].as_str().unwrap().to_owned()).or_default() += 1;
        }
        match page["nextCursor"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => return seen,
        }
    }
}

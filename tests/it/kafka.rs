//! Events in a real Kafka: all of them, in order, once; the states by key; what an operator sees and can do.

mod broker;
mod contract;
mod examples;
mod faults;
mod figures;
mod outage;
mod reader;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use self::broker::shared;
use self::reader::{Record, read};
use crate::client::Scim;
use crate::harness::events_of;
use crate::process::{Process, run_json};
use crate::{GROUP, USER};

/// How long whatever is waited for may take.
const WITHIN: Duration = Duration::from_secs(60);

/// A gateway with a Kafka behind it.
pub(crate) struct Place {
    pub(crate) process: Process,
    pub(crate) home: tempfile::TempDir,
    pub(crate) brokers: String,
    pub(crate) prefix: String,
    settings: Vec<(String, String)>,
}

impl Place {
    /// Topics of its own on the Kafka that tests share.
    pub(crate) fn start(settings: &[(&str, &str)]) -> Self {
        Self::start_on(shared(), settings)
    }

    pub(crate) fn start_on(brokers: &str, settings: &[(&str, &str)]) -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let prefix = format!("test{}-{number}", std::process::id());
        let common =
            [("ROLLCALL_KAFKA_BROKERS", brokers), ("ROLLCALL_KAFKA_TOPIC_PREFIX", &prefix)];
        let settings = common.iter().chain(settings);
        let settings: Vec<_> = settings.map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        let home = tempfile::tempdir().unwrap();
        let process = start(home.path(), &settings);
        Self { process, home, brokers: brokers.to_owned(), prefix, settings }
    }

    /// The same directory, served again, with more settings from now on.
    pub(crate) fn restart(&mut self, settings: &[(&str, &str)]) {
        self.process.kill();
        self.settings.extend(settings.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())));
        self.process = start(self.home.path(), &self.settings);
    }

    /// Another directory, served as this one is.
    pub(crate) fn beside(&self, home: &Path) -> Process {
        start(home, &self.settings)
    }

    pub(crate) fn topic(&self, name: &str) -> String {
        format!("{}.{name}.v1", self.prefix)
    }

    pub(crate) fn events(&self) -> Vec<Record> {
        read(&self.brokers, &self.topic("events"))
    }

    pub(crate) fn status(&self) -> Value {
        status(&self.process)
    }

    /// Waits until everything durable is in Kafka.
    pub(crate) fn caught_up(&self) {
        caught_up(&self.process);
    }

    /// Waits until the relay is in a state, for a reason.
    pub(crate) fn until(&self, state: &str, reason: &str) -> Value {
        until(&self.process, state, reason)
    }

    /// Everything in Kafka is what the gateway says: each event once and in order, and the states what SCIM shows.
    pub(crate) fn check(&self) {
        self.caught_up();
        let events = events_of(&self.process.platform(), "acme");
        check_events(&self.events(), &events);
        if !self.settings.iter().any(|(name, _)| name == "ROLLCALL_KAFKA_STATE") {
            check_state(&read(&self.brokers, &self.topic("state")), &self.process.scim());
        }
    }
}

fn start(home: &Path, settings: &[(String, String)]) -> Process {
    let settings: Vec<_> = settings.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    Process::start_with(home, &settings)
}

pub(crate) fn status(process: &Process) -> Value {
    process.platform().get("/relay").ok(200)
}

pub(crate) fn caught_up(process: &Process) {
    wait(|| {
        let status = status(process);
        let is_there = status["state"] == "relaying" && status["behind"] == 0;
        is_there.then_some(()).ok_or(status)
    });
}

pub(crate) fn until(process: &Process, state: &str, reason: &str) -> Value {
    wait(|| {
        let status = status(process);
        let found = status["reason"].as_str().unwrap_or_default();
        if status["state"] == state && found.contains(reason) { Ok(status) } else { Err(status) }
    })
}

/// Looks again and again.
fn wait<T>(look: impl Fn() -> Result<T, Value>) -> T {
    let began = Instant::now();
    loop {
        match look() {
            Ok(found) => return found,
            Err(found) => assert!(began.elapsed() < WITHIN, "it doesn't come: {found:#}"),
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Each event of the tenant once, in order, in one partition, with the headers of the contract.
fn check_events(records: &[Record], events: &[Value]) {
    let of_tenant: Vec<&Record> =
        records.iter().filter(|record| record.header("tenant") == "acme").collect();
    let numbers: Vec<u64> = of_tenant.iter().map(|record| record.seq()).collect();
    let expected: Vec<u64> = (1..=events.len() as u64).collect();
    assert_eq!(numbers, expected, "lost, doubled or out of order");
    let partitions: BTreeSet<i32> = of_tenant.iter().map(|record| record.partition).collect();
    assert!(partitions.len() <= 1, "{partitions:?}");
    for (record, event) in of_tenant.iter().zip(events) {
        let (kind, id) = (event["subject"]["type"].as_str(), event["subject"]["id"].as_str());
        let subject = format!("{}/{}", kind.unwrap(), id.unwrap());
        assert_eq!(record.key, format!("acme/{subject}"));
        for (header, expected) in [
            ("ce_specversion", "1.0"),
            ("ce_id", event["id"].as_str().unwrap()),
            ("ce_type", event["type"].as_str().unwrap()),
            ("ce_subject", &subject),
            ("ce_time", event["at"].as_str().unwrap()),
            ("txn", event["txn"].as_str().unwrap()),
            ("flags", "0"),
        ] {
            assert_eq!(record.header(header), expected, "{header} of {event}");
        }
        let source = format!("/logs/{}/{}", record.header("log"), record.header("incarnation"));
        assert_eq!(record.header("ce_source"), source);
        if record.header("content-type") == "application/json" {
            let value: Value = serde_json::from_slice(record.value.as_ref().unwrap()).unwrap();
            assert_eq!(value, *event);
        }
    }
}

/// The newest state of each key is what SCIM shows; memberships of groups or members that are gone are left out, as subscribers do.
fn check_state(records: &[Record], scim: &Scim) {
    let mut newest: BTreeMap<&str, &Record> = BTreeMap::new();
    for record in records {
        if let Some(before) = newest.insert(&record.key, record) {
            assert!(before.seq() <= record.seq(), "{} goes back", record.key);
        }
    }
    newest.retain(|_, record| record.value.is_some());
    let there: BTreeSet<String> = newest.keys().map(|key| (*key).to_owned()).collect();
    let is_there = |kind: &str, id: &str| there.contains(&format!("acme/{kind}/{id}"));
    let members: BTreeSet<String> = there
        .iter()
        .filter_map(|key| key.strip_prefix("acme/member/"))
        .filter(|pair| {
            let (group, member) = pair.split_once('/').unwrap();
            is_there("group", group) && (is_there("user", member) || is_there("group", member))
        })
        .map(str::to_owned)
        .collect();
    let of = |kind: &str| -> BTreeSet<String> {
        let prefix = format!("acme/{kind}/");
        there.iter().filter_map(|key| key.strip_prefix(&*prefix)).map(str::to_owned).collect()
    };
    let (users, groups) = (of("user"), of("group"));
    let mut expected = BTreeSet::new();
    for group in all(scim, "/Groups") {
        let id = group["id"].as_str().unwrap();
        for member in group["members"].as_array().into_iter().flatten() {
            expected.insert(format!("{id}/{}", member["value"].as_str().unwrap()));
        }
    }
    let ids = |path: &str| -> BTreeSet<String> {
        all(scim, path).iter().map(|it| it["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(users, ids("/Users"));
    if scim.get("/ResourceTypes/Role").status == 200 {
        assert_eq!(of("resource"), ids("/Roles"));
    }
    assert_eq!(groups, ids("/Groups"));
    assert_eq!(members, expected);
}

fn all(scim: &Scim, path: &str) -> Vec<Value> {
    let mut found: Vec<Value> = Vec::new();
    loop {
        let page = scim.get(&format!("{path}?startIndex={}&count=500", found.len() + 1)).ok(200);
        let resources = page["Resources"].as_array().cloned().unwrap_or_default();
        if resources.is_empty() {
            return found;
        }
        found.extend(resources);
    }
}

/// A tenant's life: everything that makes events.
pub(crate) fn life(scim: &Scim, round: usize) {
    let user = |name: &str| {
        let body =
            json!({ "schemas": [USER], "userName": format!("{name}-{round}"), "title": "x" });
        scim.post("/Users", &body).ok(201)["id"].as_str().unwrap().to_owned()
    };
    let (ada, bob, cleo) = (user("ada"), user("bob"), user("cleo"));
    let group = |name: &str, members: &[&String]| {
        let members: Vec<Value> = members.iter().map(|id| json!({ "value": id })).collect();
        let body = json!({ "schemas": [GROUP], "displayName": format!("{name}-{round}"), "members": members });
        scim.post("/Groups", &body).ok(201)["id"].as_str().unwrap().to_owned()
    };
    let (crew, staff) = (group("crew", &[&ada, &bob]), group("staff", &[&bob, &cleo]));
    let patch = |path: String, operation: Value| {
        let answer = scim.patch(&path, &json!([operation]));
        assert!([200, 204].contains(&answer.status), "{answer:?}");
    };
    patch(format!("/Users/{ada}"), json!({ "op": "replace", "path": "title", "value": "y" }));
    patch(format!("/Users/{cleo}"), json!({ "op": "replace", "path": "active", "value": false }));
    let filter = format!("members[value eq \"{ada}\"]");
    patch(format!("/Groups/{crew}"), json!({ "op": "remove", "path": filter }));
    patch(
        format!("/Groups/{crew}"),
        json!({ "op": "add", "path": "members", "value": [{ "value": staff }] }),
    );
    assert_eq!(scim.delete(&format!("/Users/{bob}")).status, 204);
    if round % 2 == 1 {
        assert_eq!(scim.delete(&format!("/Groups/{staff}")).status, 204);
    }
}

/// The tenant defines roles, by the command line and a schema that is shipped as an example.
fn roles(place: &Place) {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/examples/schemas/role.json");
    let key = place.home.path().join("data/operator.key");
    let reach =
        [("ROLLCALL_URL", place.process.origin()), ("ROLLCALL_KEY_FILE", key.to_str().unwrap())];
    let put = [
        "schema",
        "put",
        "acme",
        schema.to_str().unwrap(),
        "--defines",
        "Role",
        "--endpoint",
        "/Roles",
    ];
    let put = run_json(&[&put[..], &["-o", "json"]].concat(), &reach);
    assert_eq!((&put["extends"], &put["endpoint"]), (&json!("Role"), &json!("/Roles")));
    let listed = run_json(&["schema", "list", "acme", "-o", "json"], &reach);
    let urn = listed["schemas"][0]["urn"].as_str().unwrap().to_owned();
    assert_eq!(run_json(&["schema", "show", "acme", &urn, "-o", "json"], &reach), put);
}

#[test]
fn every_event_is_there_once_and_in_order_and_states_are_what_scim_shows() {
    for format in ["protobuf", "json"] {
        let mut place = Place::start(&[("ROLLCALL_KAFKA_FORMAT", format)]);
        roles(&place);
        for round in 0..3 {
            life(&place.process.scim(), round);
            let role = place
                .process
                .scim()
                .post("/Roles", &json!({ "displayName": format!("r{round}") }))
                .id();
            if round == 1 {
                assert_eq!(place.process.scim().delete(&format!("/Roles/{role}")).status, 204);
            }
            place.check();
            place.restart(&[]);
        }
        // Nothing new: a start relays nothing twice.
        place.check();
        let platform: Vec<String> = place
            .events()
            .iter()
            .filter(|record| record.header("tenant") == "~platform")
            .map(|record| record.header("ce_type").to_owned())
            .collect();
        assert_eq!(
            platform,
            ["key.issued", "tenant.created", "token.issued", "key.issued", "schema.put"]
        );
    }
}

/// A call of more events than a transaction has is one of its own; a producer whose queue is full is waited for.
#[test]
fn a_long_call_and_a_short_queue_lose_nothing() {
    let config = tempfile::tempdir().unwrap();
    let file = config.path().join("rollcall.toml");
    std::fs::write(&file, "[kafka.properties]\n\"queue.buffering.max.messages\" = 20\n").unwrap();
    let place = Place::start(&[("ROLLCALL_CONFIG", file.to_str().unwrap())]);
    let scim = place.process.scim();
    for number in 0..600 {
        let members = [json!({ "value": "bob" })];
        let body =
            json!({ "schemas": [GROUP], "displayName": format!("g{number}"), "members": members });
        scim.post("/Groups", &body).ok(201);
    }
    // He joins all of them in one call.
    scim.user("bob");
    place.check();
    let events = events_of(&place.process.platform(), "acme");
    assert_eq!(events.last().unwrap()["txn_size"], 601);
}

/// A published record is the message `Envelope` with its payload as it is.
#[test]
fn protobuf_values_are_events() {
    let place = Place::start(&[("ROLLCALL_KAFKA_PARTITIONS", "1")]);
    life(&place.process.scim(), 0);
    place.caught_up();
    let events = events_of(&place.process.platform(), "acme");
    let records = place.events();
    let of_tenant = records.iter().filter(|record| record.header("tenant") == "acme");
    for (record, event) in of_tenant.zip(&events) {
        let envelope = events::wire::decode(&record.value.clone().unwrap()).unwrap();
        assert_eq!(events::json::render(&envelope), *event);
    }
}

#[test]
fn operators_see_the_relay_and_publish_once_more() {
    let place = Place::start(&[]);
    life(&place.process.scim(), 0);
    place.caught_up();
    let key = place.home.path().join("data/operator.key");
    let reach =
        [("ROLLCALL_URL", place.process.origin()), ("ROLLCALL_KEY_FILE", key.to_str().unwrap())];
    let relay =
        |arguments: &[&str]| run_json(&[&["relay"], arguments, &["-o", "json"]].concat(), &reach);
    let status = relay(&["status"]);
    assert_eq!((&status["state"], &status["behind"]), (&json!("relaying"), &json!(0)));

    let check = |topic: &str, arguments: &[&str], expected: &[&str]| {
        relay(&[&["republish", "--topic", topic], arguments].concat());
        wait(|| {
            let status = relay(&["status"]);
            let (state, named) =
                (&status["republishing"]["state"], &status["republishing"]["topic"]);
            if state == "done" && named == topic { Ok(()) } else { Err(status) }
        });
        let ids: BTreeSet<String> =
            read(&place.brokers, topic).iter().map(|it| it.header("ce_id").to_owned()).collect();
        assert_eq!(ids, expected.iter().map(|id| (*id).to_owned()).collect());
    };
    let all = place.events();
    let all: Vec<&str> = all.iter().map(|record| record.header("ce_id")).collect();
    let last: Vec<&str> = all
        .iter()
        .filter(|id| id.strip_prefix("acme-").is_some_and(|seq| seq.parse::<u64>().unwrap() >= 10))
        .copied()
        .collect();
    check(&format!("{}.side1", place.prefix), &["--tenant", "acme", "--from", "10"], &last);
    check(&format!("{}.side2", place.prefix), &["--from", "2020-01-01T00:00:00Z"], &all);
    let own = json!({ "topic": place.topic("events"), "from_time": "2020-01-01T00:00:00Z" });
    place.process.platform().post("/relay/republish", &own).ok(409);
    place.process.platform().post("/relay/resume", &json!({})).ok(409);
    let inside = json!({ "fork_at": 1_000_000 });
    place.process.platform().post("/relay/republish", &inside).ok(400);
    place.process.platform().post("/relay/republish", &json!({})).ok(400);
    // The relay itself was not touched.
    place.check();
}

//! What is wrong with Kafka is said precisely, requests are served meanwhile, and the relay goes on by itself where it may.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as URL_SAFE_NO_PAD;
use serde_json::json;

use super::broker::{Broker, shared};
use super::reader::{Topics, read};
use super::{Place, caught_up, check_events, life, until};
use crate::harness::events_of;
use crate::process::run_json;

/// No event is longer in these tests.
const SHORT: &[(&str, &str)] = &[("ROLLCALL_KAFKA_PARTITIONS", "3")];

#[test]
fn wrong_topics_are_named_and_the_relay_goes_on_when_they_are_mended() {
    let topics = Topics::of(shared());
    let by_hand = [&[("ROLLCALL_KAFKA_CREATE_TOPICS", "false")], SHORT].concat();
    let place = Place::start(&by_hand);
    let (events, state, relay) =
        (place.topic("events"), place.topic("state"), place.topic("relay"));
    place.until("waiting", &format!("topic {events} is missing"));
    life(&place.process.scim(), 0);

    topics.make(&events, 2, &[]);
    topics.make(&state, 3, &[("cleanup.policy", "delete")]);
    topics.make(&relay, 3, &[("cleanup.policy", "compact"), ("max.message.bytes", "1000")]);
    place.until("waiting", &format!("topic {events} has 2 partitions, and 3 are configured"));
    topics.delete(&events);
    topics.make(&events, 3, &[("min.insync.replicas", "2")]);
    let wanted = "has 1 replicas in sync, and min.insync.replicas asks for 2";
    place.until("waiting", wanted);
    topics.set(&events, &[]);
    place.until("waiting", &format!("topic {relay} has a max.message.bytes under 1000000"));
    topics.set(&relay, &[("cleanup.policy", "compact")]);
    place.until(
        "waiting",
        &format!("topic {state} has cleanup.policy delete, and must have compact"),
    );
    let ready = place.process.admin().get("/readyz?verbose");
    assert_eq!(ready.status, 200, "requests need no Kafka");
    assert!(ready.text().contains("[-]relay waiting"), "{}", ready.text());
    topics.set(&state, &[("cleanup.policy", "compact")]);
    place.check();
}

#[test]
fn too_few_brokers_for_the_copies_are_said() {
    let mut place = Place::start(&[("ROLLCALL_KAFKA_REPLICAS", "3")]);
    let missing = format!("topic {} can't be made with 3 copies", place.topic("events"));
    place.until("waiting", &missing);
    life(&place.process.scim(), 0);
    place.restart(&[("ROLLCALL_KAFKA_REPLICAS", "1")]);
    place.check();
}

#[test]
fn an_unreachable_broker_and_a_wrong_password_hold_up_nobody() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string();
    let brokers = format!("127.0.0.1:{port}");
    let config = tempfile::tempdir().unwrap();
    let (file, secret) = (config.path().join("rollcall.toml"), config.path().join("secret"));
    fs::write(&secret, "wrong\n").unwrap();
    let text = format!(
        "[kafka.properties]\n\"security.protocol\" = \"SASL_PLAINTEXT\"\n\"sasl.mechanisms\" = \"SCRAM-SHA-512\"\n\
         \"sasl.username\" = \"rollcall\"\n\"sasl.password\" = {{ file = {secret:?} }}\n"
    );
    fs::write(&file, text).unwrap();
    let mut place = Place::start_on(&brokers, &[("ROLLCALL_CONFIG", file.to_str().unwrap())]);
    place.until("waiting", "no broker answers");
    life(&place.process.scim(), 0);

    let _broker = Broker::start(&["--port", &port, "--user", "rollcall:right"]);
    place.until("waiting", "Authentication failed");
    life(&place.process.scim(), 1);
    // A secret is read at the start.
    fs::write(&secret, "right\n").unwrap();
    place.restart(&[]);
    place.caught_up();
    let log = fs::read_to_string(place.home.path().join("server.log")).unwrap();
    assert!(!log.contains("right") && !log.contains("wrong"), "{log}");
}

/// Topics are made by hand there: librdkafka's administration gets no token.
#[test]
fn a_relay_logs_in_by_a_token() {
    let broker = Broker::start(&["--oauth"]);
    let (brokers, inside) = broker.addresses().split_once(' ').unwrap();
    let endpoint = token_endpoint();
    let config = tempfile::tempdir().unwrap();
    let (file, secret) = (config.path().join("rollcall.toml"), config.path().join("secret"));
    fs::write(&secret, "s3cret\n").unwrap();
    let text = format!(
        "[kafka]\npartitions = 3\noauth_token_url = \"http://{endpoint}/token\"\noauth_client_id = \"rollcall\"\n\
         oauth_client_secret_file = {secret:?}\n[kafka.properties]\n\"security.protocol\" = \"SASL_PLAINTEXT\"\n\
         \"sasl.mechanisms\" = \"OAUTHBEARER\"\n"
    );
    fs::write(&file, text).unwrap();
    let place = Place::start_on(brokers, &[("ROLLCALL_CONFIG", file.to_str().unwrap())]);
    life(&place.process.scim(), 0);
    place.until("waiting", "is missing: make it with deploy/kafka/topics.sh");
    let topics = Topics::of(inside);
    let compacted: &[(&str, &str)] = &[("cleanup.policy", "compact")];
    for (name, settings) in [("events", &[][..]), ("state", compacted), ("relay", compacted)] {
        topics.make(&place.topic(name), 3, settings);
    }
    place.caught_up();
    let records = read(inside, &place.topic("events"));
    check_events(&records, &events_of(&place.process.platform(), "acme"));
}

/// Gives tokens without a signature to whoever shows the client's secret (RFC 6749 §4.4, §2.3.1).
fn token_endpoint() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let mut connection = connection.unwrap();
            let mut asked = Vec::new();
            let mut piece = [0; 4096];
            while !String::from_utf8_lossy(&asked).contains("grant_type=client_credentials") {
                let length = connection.read(&mut piece).unwrap();
                assert!(length > 0, "{}", String::from_utf8_lossy(&asked));
                asked.extend_from_slice(&piece[..length]);
            }
            // "rollcall:s3cret"
            let asked = String::from_utf8(asked).unwrap();
            assert!(asked.contains("Basic cm9sbGNhbGw6czNjcmV0"), "{asked}");
            let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
            let claims =
                json!({ "sub": "rollcall", "iat": now, "exp": now + 300, "scope": "kafka" });
            let part = |value: serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
            let token = format!("{}.{}.", part(json!({ "alg": "none" })), part(claims));
            let body = json!({ "access_token": token, "expires_in": 300 }).to_string();
            let length = body.len();
            write!(
                connection,
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
            )
            .unwrap();
        }
    });
    address
}

#[test]
fn topics_that_expire_or_are_made_anew_double_nothing() {
    let topics = Topics::of(shared());
    let mut place = Place::start(&[("ROLLCALL_KAFKA_PARTITIONS", "2")]);
    life(&place.process.scim(), 0);
    place.caught_up();
    topics.expire(shared(), &place.topic("events"));
    assert_eq!(place.events(), []);
    place.restart(&[]);
    place.caught_up();
    assert_eq!(place.events(), [], "what has expired isn't relayed again");
    let before = events_of(&place.process.platform(), "acme").len();

    topics.delete(&place.topic("events"));
    life(&place.process.scim(), 1);
    place.caught_up();
    let numbers: Vec<u64> = place.events().iter().map(super::Record::seq).collect();
    let after = events_of(&place.process.platform(), "acme").len();
    let expected: Vec<u64> = (before as u64 + 1..=after as u64).collect();
    assert_eq!(numbers, expected, "a topic that was made anew begins where the relay was");
}

#[test]
fn a_lost_record_of_the_relay_stops_it_until_an_operator_says_where() {
    let topics = Topics::of(shared());
    let mut place = Place::start(SHORT);
    life(&place.process.scim(), 0);
    place.caught_up();
    // The note beside the log is written once a second.
    std::thread::sleep(std::time::Duration::from_millis(1_100));
    life(&place.process.scim(), 1);
    place.caught_up();
    place.process.kill();
    topics.delete(&place.topic("relay"));
    place.restart(&[]);
    let status = place.until("halted", "has no record of it");
    assert!(status["remedy"].as_str().unwrap().contains("--fork-at"), "{status}");
    let answer = place.process.platform().post("/relay/resume", &json!({}));
    answer.ok(409);
    // A halt outlives a restart.
    place.restart(&[]);
    place.until("halted", "has no record of it");
    let durable = place.status()["durable"].clone();
    place.process.platform().post("/relay/republish", &json!({ "fork_at": durable })).ok(202);
    place.check();
    place.restart(&[]);
    place.check();
}

#[test]
fn two_gateways_with_one_log_do_not_fence_each_other_in_turn() {
    let place = Place::start(SHORT);
    life(&place.process.scim(), 0);
    place.check();
    let copy = tempfile::tempdir().unwrap();
    copy_dir(place.home.path(), copy.path());
    fs::remove_file(copy.path().join("data/LOCK")).unwrap();
    let second = place.beside(copy.path());
    caught_up(&second);
    life(&place.process.scim(), 1);
    let status = place.until("halted", "another gateway");
    assert!(status["remedy"].as_str().unwrap().contains("resume"), "{status}");
    life(&second.scim(), 1);
    caught_up(&second);
    place.until("halted", "another gateway");
    check_events(&place.events(), &events_of(&second.platform(), "acme"));
    // An operator decides: the first one must not go on over what the second one has relayed.
    place.process.platform().post("/relay/resume", &json!({})).ok(202);
    place.until("halted", "Kafka holds events of this log");
}

#[test]
fn a_restored_backup_behind_kafka_stops_the_relay_until_an_operator_forks() {
    let place = Place::start(SHORT);
    life(&place.process.scim(), 0);
    let elsewhere = tempfile::tempdir().unwrap();
    let kept = elsewhere.path().join("kept");
    let key = place.home.path().join("data/operator.key");
    let reach =
        [("ROLLCALL_URL", place.process.origin()), ("ROLLCALL_KEY_FILE", key.to_str().unwrap())];
    run_json(&["backup", "--to", kept.to_str().unwrap(), "-o", "json"], &reach);
    life(&place.process.scim(), 1);
    place.check();
    let relayed = events_of(&place.process.platform(), "acme").len() as u64;

    let made = elsewhere.path().join("home");
    let data = made.join("data");
    let (from, to) = (kept.to_str().unwrap(), data.to_str().unwrap());
    run_json(&["restore", "--from", from, "--data", to, "-o", "json"], &[]);
    fs::copy(place.home.path().join("data/master.key"), data.join("master.key")).unwrap();
    fs::copy(place.home.path().join("tokens.jsonl"), made.join("tokens.jsonl")).unwrap();
    let restored = place.beside(&made);
    let status = until(&restored, "halted", "Kafka holds events of this log");
    let remedy = status["remedy"].as_str().unwrap();
    let fork = remedy.split("--fork-at ").nth(1).unwrap().split('`').next().unwrap();
    let fork: u64 = fork.parse().unwrap();
    life(&restored.scim(), 2);
    restored.platform().post("/relay/republish", &json!({ "fork_at": fork })).ok(202);
    caught_up(&restored);

    // Numbers were given again, for other facts: the incarnation tells them apart, and none is doubled within one.
    let records = read(&place.brokers, &place.topic("events"));
    let of = |incarnation: &str| -> Vec<u64> {
        let mine = |it: &&super::Record| {
            it.header("tenant") == "acme" && it.header("incarnation") == incarnation
        };
        records.iter().filter(mine).map(super::Record::seq).collect()
    };
    let again = events_of(&restored.platform(), "acme").len() as u64;
    assert_eq!(of("1"), (1..=relayed).collect::<Vec<_>>());
    let second =
        of(records.iter().map(|it| it.header("incarnation")).find(|it| *it != "1").unwrap());
    assert_eq!(second.last(), Some(&again));
    assert!(second.windows(2).all(|pair| pair[1] == pair[0] + 1), "{second:?}");
}

#[test]
fn a_refused_event_stops_the_relay_and_is_never_skipped() {
    let topics = Topics::of(shared());
    let place = Place::start(SHORT);
    life(&place.process.scim(), 0);
    place.check();
    topics.set(&place.topic("events"), &[("max.message.bytes", "3000")]);
    let noise: String =
        (0..2_000u32).map(|at| format!("{:08x}", at.wrapping_mul(2_654_435_761))).collect();
    let body = json!({ "userName": "large", "title": noise });
    place.process.scim().post("/Users", &body).ok(201);
    let status = place.until("halted", "Kafka refuses acme-");
    assert!(status["remedy"].as_str().unwrap().contains("resume"), "{status}");
    place.process.scim().user("small");
    topics.set(&place.topic("events"), &[]);
    place.process.platform().post("/relay/resume", &json!({})).ok(202);
    place.check();
}

fn copy_dir(from: &Path, to: &Path) {
    let source = format!("{}/.", from.display());
    assert!(Command::new("cp").args(["-a", &source]).arg(to).status().unwrap().success());
}

//! P13 of the design, measured: `make bench-kafka`. Prints; the only thing that can fail is the gateway.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rdkafka::message::{Headers, Message};

use super::Place;
use super::broker::Broker;
use super::reader::follow;
use crate::ledger::Ledger;

const WANTED: &str = "ROLLCALL_KAFKA_FIGURES";
/// How long a backlog is written, and the steady state watched.
const SPAN: Duration = Duration::from_secs(25);
/// Writes a second in the steady state.
const RATE: u32 = 200;

#[test]
fn p13() {
    if std::env::var_os(WANTED).is_none() {
        println!("left out: `make bench-kafka`");
        return;
    }
    drain("events topic alone, nothing else to do", &[("ROLLCALL_KAFKA_STATE", "false")], false);
    drain("both topics, nothing else to do", &[], false);
    drain("both topics, beside eight writers", &[], true);
    steady();
}

/// Writes a backlog while the broker is away, then relays it.
fn drain(what: &str, settings: &[(&str, &str)], beside_writers: bool) {
    let mut broker = Broker::start(&[]);
    let place = Place::start_on(broker.addresses(), settings);
    let (scim, ledger) = (place.process.scim(), Ledger::default());
    let group = scim.group("Everyone");
    place.caught_up();
    broker.kill(1);
    ledger.load(&scim, &group, 0, || thread::sleep(SPAN));
    let relayed = || place.status()["events"].as_u64().unwrap();
    broker.revive(1);
    place.until("relaying", "");
    let measure = || {
        let (before, began) = (relayed(), Instant::now());
        let backlog = place.status()["durable"].as_u64().unwrap();
        while place.status()["position"].as_u64().is_none_or(|position| position < backlog) {
            assert!(began.elapsed() < Duration::from_secs(300), "{:#}", place.status());
            thread::sleep(Duration::from_millis(20));
        }
        let (events, took) = (relayed() - before, began.elapsed());
        println!(
            "{what}: {events} events in {took:?}, {:.0}/s",
            events as f64 / took.as_secs_f64()
        );
    };
    if beside_writers {
        ledger.load(&scim, &group, 1, measure);
    } else {
        measure();
    }
    place.check();
}

/// From the answer to a write to the moment a subscriber has it.
fn steady() {
    let broker = Broker::start(&[]);
    let place = Place::start_on(broker.addresses(), &[]);
    let scim = place.process.scim();
    scim.user("first");
    place.caught_up();
    let (answered, seen) = (Mutex::new(HashMap::new()), Mutex::new(HashMap::new()));
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            follow(&place.brokers, &place.topic("events"), &stop, |message| {
                let now = Instant::now();
                let headers = message.headers().into_iter().flat_map(Headers::iter);
                let subject = headers.filter(|header| header.key == "ce_subject");
                for header in subject {
                    let id = String::from_utf8_lossy(header.value.unwrap_or_default()).into_owned();
                    seen.lock().unwrap().entry(id).or_insert(now);
                }
            });
        });
        thread::sleep(Duration::from_secs(2));
        let began = Instant::now();
        let mut number = 0;
        while began.elapsed() < SPAN {
            let id = scim.user(&format!("steady-{number}"));
            answered.lock().unwrap().insert(format!("user/{id}"), Instant::now());
            number += 1;
            let due = Duration::from_secs(1) * number / RATE;
            thread::sleep(due.saturating_sub(began.elapsed()));
        }
        thread::sleep(Duration::from_secs(2));
        stop.store(true, Ordering::SeqCst);
    });
    let (answered, seen) = (answered.into_inner().unwrap(), seen.into_inner().unwrap());
    let mut lags: Vec<Duration> =
        answered.iter().map(|(id, at)| seen[id].saturating_duration_since(*at)).collect();
    lags.sort();
    let at = |percent: usize| lags[(lags.len() - 1) * percent / 100];
    println!(
        "{} writes at {RATE}/s, from answer to subscriber: median {:?}, p99 {:?}, longest {:?}",
        lags.len(),
        at(50),
        at(99),
        at(100)
    );
}

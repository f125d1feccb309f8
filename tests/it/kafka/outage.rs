//! Kafka and gateway die, alone and together, under load: nothing is lost, nothing is doubled, the order is kept. Short in `make test`,
//! long in `make torture-kafka`.

use std::fs;
use std::time::{Duration, Instant};

use super::broker::Broker;
use super::{Place, caught_up};
use crate::ledger::{Ledger, moment};
use crate::process::Process;

/// A gateway killed -9 so often; a broker killed and revived in every fourth of these rounds.
const KILLS: &str = "ROLLCALL_KAFKA_KILLS";
/// How long the broker is away, in seconds.
const OUTAGE_S: &str = "ROLLCALL_KAFKA_OUTAGE_S";
/// What an outage may take in memory, in bytes.
const OUTAGE_BYTES_MAX: f64 = 64.0 * 1048576.0;

fn knob(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap())
}

#[test]
fn deaths_of_gateway_and_broker_lose_and_double_nothing() {
    let kills = knob(KILLS, 4);
    let mut broker = Broker::start(&[]);
    let brokers = broker.addresses().to_owned();
    let mut place = Place::start_on(&brokers, &[]);
    let ledger = Ledger::default();
    let group = place.process.scim().group("Everyone");
    for round in 0..usize::try_from(kills).unwrap() {
        let scim = place.process.scim();
        ledger.load(&scim, &group, round, || {
            std::thread::sleep(moment(round, 100, 600));
            if round % 4 == 3 {
                broker.kill(1);
                std::thread::sleep(moment(round, 100, 600));
            }
            place.process.kill();
        });
        if round % 4 == 3 {
            broker.revive(1);
        }
        place.restart(&[]);
        ledger.check(&place.process.scim(), &place.process.platform(), &group);
    }
    place.check();
    println!(
        "{kills} kills, {} acknowledged writes: each event once and in order",
        ledger.writes()
    );
}

#[test]
fn an_outage_costs_requests_nothing_and_is_caught_up_with() {
    let seconds = knob(OUTAGE_S, 4);
    let mut broker = Broker::start(&[]);
    let place = Place::start_on(broker.addresses(), &[]);
    let ledger = Ledger::default();
    let group = place.process.scim().group("Everyone");
    let load = |round: usize, seconds: u64| {
        let (before, cpu) = (ledger.writes(), cpu(&place.process));
        let memory = resident(&place.process);
        ledger.load(&place.process.scim(), &group, round, || {
            std::thread::sleep(Duration::from_secs(seconds));
        });
        let writes = (ledger.writes() - before) as f64;
        let grown = resident(&place.process).saturating_sub(memory) as f64;
        ((self::cpu(&place.process) - cpu).as_secs_f64() / writes * 1e6, grown, writes)
    };
    load(0, seconds.min(10));
    let (with_kafka, grown_with, writes_with) = load(1, seconds);
    caught_up(&place.process);
    broker.kill(1);
    let (without, grown, writes) = load(2, seconds);
    // What was written takes memory with or without Kafka.
    let more = grown - grown_with / writes_with * writes;
    let behind = place.status()["durable"].as_u64().unwrap();
    broker.revive(1);
    let began = Instant::now();
    place.until("relaying", "");
    let found = began.elapsed();
    let relayed = place.status()["events"].as_u64().unwrap();
    place.caught_up();
    let drained = place.status()["events"].as_u64().unwrap() - relayed;
    let took = began.elapsed() - found;
    println!(
        "broker away {seconds} s: {without:.0} µs of CPU a write beside {with_kafka:.0} with it, {:.1} MiB more than the same writes with \
         it, position {behind}; back at work after {found:?}, {drained} events in {took:?} ({:.0}/s)",
        more / 1048576.0,
        drained as f64 / took.as_secs_f64()
    );
    assert!(more <= OUTAGE_BYTES_MAX, "{more} bytes more");
    place.check();
}

#[test]
fn three_brokers_lose_one_and_nothing_else() {
    if std::env::var_os(KILLS).is_none() {
        println!("left out: three brokers take long to start; `make torture-kafka`");
        return;
    }
    let mut brokers = Broker::start(&["--nodes", "3"]);
    let place = Place::start_on(brokers.addresses(), &[]);
    let ledger = Ledger::default();
    let group = place.process.scim().group("Everyone");
    place.caught_up();
    for (round, node) in [1, 2, 3].into_iter().enumerate() {
        let mut went_on = Duration::ZERO;
        ledger.load(&place.process.scim(), &group, round, || {
            std::thread::sleep(Duration::from_secs(2));
            brokers.kill(node);
            let killed = Instant::now();
            let before = place.status()["durable"].as_u64().unwrap();
            while place.status()["position"].as_u64().is_none_or(|position| position <= before) {
                assert!(killed.elapsed() < Duration::from_secs(60), "{:#}", place.status());
                std::thread::sleep(Duration::from_millis(50));
            }
            went_on = killed.elapsed();
        });
        println!("node {node} killed: what was written afterwards is in Kafka after {went_on:?}");
        brokers.revive(node);
        std::thread::sleep(Duration::from_secs(5));
    }
    place.check();
    println!("{} acknowledged writes: each event once and in order", ledger.writes());
}

/// User and system time of the process.
fn cpu(process: &Process) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{}/stat", process.id())).unwrap();
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
    Duration::from_millis(ticks * 10)
}

/// Resident memory of the process, in bytes.
fn resident(process: &Process) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", process.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
}

//! The figures of the design, P1 to P12, one function each kind of work.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use tokio::task::JoinSet;

use crate::client::{Make, drive};
use crate::compare::{Cost, Plan, compare, figure, median, ratio};
use crate::floor::Kind;
use crate::report::{Limit, Report};
use crate::scenario::Scenario;
use crate::target::Target;
use crate::world::{World, unseen};
use crate::{disk, log, people, replay};

/// How much is measured.
#[derive(Clone, Copy)]
pub(crate) struct Scale {
    /// Slices of each server.
    pub(crate) rounds: usize,
    /// Requests a slice are divided by this.
    pub(crate) shrink: usize,
    /// Populations of the growth figure, smallest first.
    pub(crate) populations: &'static [usize],
    /// Group sizes of the member figure, smallest first.
    pub(crate) groups: &'static [usize],
    /// Users whose memory is measured.
    pub(crate) residents: usize,
}

/// Under three minutes.
pub(crate) const QUICK: Scale = Scale {
    rounds: 3,
    shrink: 4,
    populations: &[1_000, 10_000],
    groups: &[10, 10_000],
    residents: 100_000,
};

/// What `docs/PERFORMANCE.md` is made of.
pub(crate) const FULL: Scale = Scale {
    rounds: 10,
    shrink: 1,
    populations: &[1_000, 100_000, 1_000_000],
    groups: &[10, 10_000, 100_000],
    residents: 1_000_000,
};

/// Tenants of the start that is measured, and how many of them are asked.
const COLD_TENANTS: usize = 1_000;
const COLD_ASKED: usize = 20;
const PEOPLE: usize = 10_000;

/// P1–P4: against the floors, at 10,000 users.
pub(crate) async fn against_floors(
    rollcall: &Path,
    scale: Scale,
    report: &mut Report,
) -> io::Result<()> {
    let ours = World::settle(Target::rollcall(rollcall, 1)?, PEOPLE).await?;
    let json = World::settle(Target::floor(Kind::Json, "json")?, PEOPLE).await?;
    let durable = World::settle(Target::floor(Kind::Durable, "durable")?, PEOPLE).await?;
    let plain = World::settle(Target::floor(Kind::Plain, "plain")?, PEOPLE).await?;
    let echo = World::settle(Target::floor(Kind::Echo, "echo")?, PEOPLE).await?;
    for (id, scenario, limit) in [
        ("P1", Scenario::Lookup, 2.5),
        ("P1", Scenario::Get, 2.0),
        ("P3", Scenario::List, 2.5),
        ("P4", Scenario::Scan, 5.0),
    ] {
        let worlds = [(&ours, scenario), (&json, scenario)];
        let costs = compare(&worlds, PEOPLE, plan(scale, 8)).await?;
        report.costs(&scenario.name(), &costs);
        let [ours, json] = &costs[..] else { continue };
        let work = format!("{}, CPU ÷ json floor", scenario.name());
        report.check(id, &work, ratio(&ours.cpu_us, &json.cpu_us), Limit::AtMost(limit, " ×"));
    }
    let worlds = [(&ours, Scenario::Create), (&json, Scenario::Create), (&echo, Scenario::Create)];
    report.costs("create, 8 connections", &compare(&worlds, PEOPLE, plan(scale, 8)).await?);
    for scenario in [Scenario::Create, Scenario::Patch, Scenario::Put] {
        for (connections, throughput) in [(8, 0.6), (64, 0.5)] {
            let worlds = [(&ours, scenario), (&durable, scenario), (&plain, scenario)];
            let costs = compare(&worlds, PEOPLE, plan(scale, connections)).await?;
            let work = format!("{}, {connections} connections", scenario.name());
            report.costs(&work, &costs);
            writes(&work, &costs, throughput, report);
        }
    }
    Ok(())
}

fn writes(work: &str, costs: &[Cost], throughput: f64, report: &mut Report) {
    let [ours, durable, plain] = costs else { return };
    let cpu = |of: &Cost| ratio(&ours.cpu_us, &of.cpu_us);
    report.check(
        "P2",
        &format!("{work}: CPU ÷ durable floor"),
        cpu(durable),
        Limit::AtMost(1.6, " ×"),
    );
    report.check("P2", &format!("{work}: CPU ÷ plain floor"), cpu(plain), Limit::AtMost(2.7, " ×"));
    let rate = ratio(&ours.rate, &durable.rate);
    report.check(
        "P2",
        &format!("{work}: throughput ÷ durable floor"),
        rate,
        Limit::AtLeast(throughput, " ×"),
    );
    let slowest = median(&ours.p99_ms) / median(&durable.p99_ms);
    report.check("P2", &format!("{work}: p99 ÷ durable floor"), slowest, Limit::AtMost(3.0, " ×"));
}

/// P5: the same work among more people.
pub(crate) async fn growth(rollcall: &Path, scale: Scale, report: &mut Report) -> io::Result<()> {
    let mut worlds = Vec::new();
    for people in scale.populations {
        worlds.push((*people, World::settle(Target::rollcall(rollcall, 1)?, *people).await?));
    }
    let work = [Scenario::Lookup, Scenario::Get, Scenario::Create, Scenario::Patch, Scenario::List];
    for scenario in work {
        let asked: Vec<_> = worlds.iter().map(|(_, world)| (world, scenario)).collect();
        let costs = compare(&asked, PEOPLE, plan(scale, 8)).await?;
        report.costs(&format!("{}, growing", scenario.name()), &costs);
        if let (Some(small), Some(large), Some((people, _))) =
            (costs.first(), costs.last(), worlds.last())
        {
            let growth = ratio(&large.cpu_us, &small.cpu_us);
            let work = format!("{}, {people} users ÷ 1,000", scenario.name());
            report.check("P5", &work, growth, Limit::AtMost(1.3, " ×"));
        }
    }
    Ok(())
}

/// P6: a member more in groups of different sizes.
pub(crate) async fn members(rollcall: &Path, scale: Scale, report: &mut Report) -> io::Result<()> {
    let largest = scale.groups.last().copied().unwrap_or_default();
    let mut world = World::settle(Target::rollcall(rollcall, 1)?, largest + 1_000).await?;
    for members in scale.groups {
        world.group(*members).await?;
    }
    let asked: Vec<_> = scale.groups.iter().map(|size| (&world, Scenario::Member(*size))).collect();
    let costs = compare(&asked, PEOPLE, plan(scale, 8)).await?;
    report.costs("member in, member out", &costs);
    if let (Some(small), Some(large)) = (costs.first(), costs.last()) {
        let work = format!("member of {largest} ÷ member of 10");
        report.check("P6", &work, ratio(&large.cpu_us, &small.cpu_us), Limit::AtMost(1.3, " ×"));
    }
    Ok(())
}

/// P7: the same traffic over 1,000 tenants, and the sync mix of Entra.
pub(crate) async fn tenants(rollcall: &Path, scale: Scale, report: &mut Report) -> io::Result<()> {
    let one = World::settle(Target::rollcall(rollcall, 1)?, PEOPLE).await?;
    let many = World::settle(Target::rollcall(rollcall, 1_000)?, PEOPLE).await?;
    for scenario in
        [Scenario::Lookup, Scenario::Get, Scenario::Create, Scenario::Patch, Scenario::Sync]
    {
        let costs = compare(&[(&one, scenario), (&many, scenario)], PEOPLE, plan(scale, 8)).await?;
        report.costs(&format!("{}, 1 and 1,000 tenants", scenario.name()), &costs);
        let [one, many] = &costs[..] else { continue };
        let work = format!("{}, 1,000 tenants ÷ 1", scenario.name());
        report.check("P7", &work, ratio(&many.cpu_us, &one.cpu_us), Limit::AtMost(1.3, " ×"));
    }
    Ok(())
}

/// Scans of a large tenant while others write to it: how long a write waits for the tenant's lock.
pub(crate) async fn scans(rollcall: &Path, scale: Scale, report: &mut Report) -> io::Result<()> {
    let people = scale.populations.iter().rfind(|people| **people <= 100_000);
    let people = people.copied().unwrap_or(PEOPLE);
    let world = World::settle(Target::rollcall(rollcall, 1)?, people).await?;
    let longest_wait_us = "rollcall_tenant_lock_longest_wait_microseconds ";
    world.target.metric(longest_wait_us)?;
    let (address, patches) = (world.target.address, Scenario::Patch.requests(&world));
    drive(address, 4, 40_000 / scale.shrink, Arc::clone(&patches), unseen()).await?;
    let alone = world.target.metric(longest_wait_us)? / 1000.0;
    let work = format!("longest wait for the lock of {people} users while 4 clients write");
    report.check("–", &work, alone, Limit::AtMost(5.0, " ms"));
    let mut scanning = JoinSet::new();
    scanning.spawn(drive(address, 4, 400, Scenario::Wide.requests(&world), unseen()));
    loop {
        drive(address, 4, 400, Arc::clone(&patches), unseen()).await?;
        if let Some(done) = scanning.try_join_next() {
            done.map_err(io::Error::other)??;
            break;
        }
    }
    let waited = world.target.metric(longest_wait_us)? / 1000.0;
    let work =
        format!("longest wait for the lock of {people} users while 4 clients scan and 4 write");
    report.check("–", &work, waited, Limit::AtMost(5.0, " ms"));
    Ok(())
}

/// P12: a start after a kill, and the first answers of tenants that nobody has asked since.
pub(crate) async fn start(rollcall: &Path, scale: Scale, report: &mut Report) -> io::Result<()> {
    let target = Target::rollcall(rollcall, COLD_TENANTS)?;
    let mut world = World::settle(target, scale.residents).await?;
    let users = scale.residents;
    let ready = world.target.restart(rollcall)?.as_secs_f64();
    let work = format!("ready after kill -9, {users} users in {COLD_TENANTS} tenants");
    report.check("P12", &work, ready, Limit::AtMost(2.0, " s"));
    let mut slowest = 0.0_f64;
    for cold in (0..COLD_TENANTS).step_by(COLD_TENANTS / COLD_ASKED) {
        let lookups = Scenario::Lookup.requests(&world);
        let make: Make = Arc::new(move |_| lookups(cold));
        let began = Instant::now();
        drive(world.target.address, 1, 1, make, unseen()).await?;
        slowest = slowest.max(began.elapsed().as_secs_f64() * 1_000.0);
    }
    let each = users / COLD_TENANTS;
    let work = format!("first answer of a cold tenant of {each} users, slowest of {COLD_ASKED}");
    report.check("P12", &work, slowest, Limit::AtMost(20.0, " ms"));
    Ok(())
}

/// P8–P11: the log and the directory alone.
pub(crate) async fn alone(scale: Scale, report: &mut Report) -> io::Result<()> {
    let log = log::measure(2_000 / scale.shrink, 128_000 / scale.shrink).await?;
    let limit = (1.5 * log.raw_us + 150.0).round();
    report.check(
        "P8",
        "commit of one writer, p50 (1.5 × raw fdatasync + 150)",
        log.commit_us,
        Limit::AtMost(limit, " µs"),
    );
    report.check("P9", "64 writers", log.rate, Limit::AtLeast(30_000.0, " events/s"));
    report.check("P9", "64 writers, events a commit", log.batch, Limit::AtLeast(25.6, ""));
    report.check("P9", "fdatasyncs a commit", log.syncs, Limit::AtMost(1.0, ""));
    let rates = replay::measure(250_000 / scale.shrink).await?;
    let sled = Limit::AtLeast(250_000.0, " events/s");
    let sealed = Limit::AtLeast(500_000.0, " events/s");
    report.check("P10", "a start reads what is not sealed", rates.unsealed, sled);
    report.check("P10", "replay from segments, read and decoded", rates.read, sealed);
    report.check("P10", "replay from segments, folded", rates.fold, sealed);
    let bytes = replay::memory_alone(scale.residents)?;
    let json = people::user(scale.residents / 2).len();
    let work = format!("a resident user of {json} bytes of JSON, {} users", scale.residents);
    report.check("P11", &work, bytes, Limit::AtMost(2_000.0, " B"));
    Ok(())
}

/// P11: what tenants cost that nobody asks anything of.
pub(crate) fn idle(rollcall: &Path, report: &mut Report) -> io::Result<()> {
    let none = Target::rollcall(rollcall, 1)?.resident_bytes();
    let many = Target::rollcall(rollcall, 10_000)?.resident_bytes();
    let grown = many.saturating_sub(none) >> 20;
    let grown = figure(usize::try_from(grown).unwrap_or(usize::MAX));
    report.check("P11", "10,000 idle tenants", grown, Limit::AtMost(64.0, " MiB"));
    Ok(())
}

/// P15: what lies on the disk.
pub(crate) async fn disk(report: &mut Report) -> io::Result<()> {
    let ratios = disk::measure().await?;
    let work = "hot: sled's file ÷ bytes appended, after 100,000 events";
    report.check("P15", work, ratios.hot, Limit::AtMost(2.2, " ×"));
    let work = format!("sealed ÷ uncompressed user events of {:.0} bytes of JSON", ratios.json);
    report.check("P15", &work, ratios.sealed, Limit::AtMost(0.45, " ×"));
    Ok(())
}

/// Writers beside sealing without a pause and a backup without a pause, against writers alone.
pub(crate) async fn upkeep(rollcall: &Path, scale: Scale, report: &mut Report) -> io::Result<()> {
    const BUSY: &[(&str, &str)] = &[("ROLLCALL_LOG_GENERATION_BYTES", "2097152")];
    let busy = World::settle(Target::rollcall_with(rollcall, 1, BUSY)?, PEOPLE).await?;
    let calm = World::settle(Target::rollcall(rollcall, 1)?, PEOPLE).await?;
    for connections in [8, 64] {
        let stop = Arc::new(AtomicBool::new(false));
        let backups = busy.target.back_up_until(rollcall, &stop);
        let worlds = [(&busy, Scenario::Patch), (&calm, Scenario::Patch)];
        let costs = compare(&worlds, PEOPLE, plan(scale, connections)).await?;
        stop.store(true, Ordering::Relaxed);
        let backups = backups.join().unwrap_or_default();
        let work =
            format!("PATCH, {connections} connections, beside sealing and {backups} backups");
        report.costs(&work, &costs);
        let [busy, calm] = &costs[..] else { continue };
        let cpu = ratio(&busy.cpu_us, &calm.cpu_us);
        report.check("–", &format!("{work}: CPU ÷ without"), cpu, Limit::AtMost(1.2, " ×"));
        let slowest = median(&busy.p99_ms) / median(&calm.p99_ms);
        report.check("–", &format!("{work}: p99 ÷ without"), slowest, Limit::AtMost(3.0, " ×"));
    }
    let segments = busy.target.metric("rollcall_log_segments ")?;
    report.check("–", "segments that were sealed meanwhile", segments, Limit::AtLeast(5.0, ""));
    Ok(())
}

/// Ten events a user, folded into snapshots.
pub(crate) async fn rebuild(rollcall: &Path, scale: Scale, report: &mut Report) -> io::Result<()> {
    let users = scale.residents;
    let took = disk::rebuild(rollcall, users).await?;
    let work = format!("{} events over {users} users rebuilt", users * 10);
    report.check("–", &work, took, Limit::AtMost(30.0, " s"));
    Ok(())
}

const fn plan(scale: Scale, connections: usize) -> Plan {
    Plan { rounds: scale.rounds, connections, shrink: scale.shrink }
}

//! Slices in turn: every round asks each world for the same work, so that what the machine does
//! meanwhile meets them all. Ratios are taken inside a round, then the median over the rounds.

use std::io;
use std::time::Duration;

use crate::client::drive;
use crate::scenario::Scenario;
use crate::world::{World, unseen};

/// How a comparison is done.
#[derive(Clone, Copy)]
pub(crate) struct Plan {
    /// Slices of each world.
    pub(crate) rounds: usize,
    /// Connections at once.
    pub(crate) connections: usize,
    /// Requests a slice are divided by this.
    pub(crate) shrink: usize,
}

/// What one world needed: medians over its slices.
#[derive(Clone)]
pub(crate) struct Cost {
    /// The world's name.
    pub(crate) name: &'static str,
    /// Server CPU a request, each round, µs.
    pub(crate) cpu_us: Vec<f64>,
    /// Requests a second, each round.
    pub(crate) rate: Vec<f64>,
    /// p50 of each round, ms.
    pub(crate) p50_ms: Vec<f64>,
    /// p99 of each round, ms.
    pub(crate) p99_ms: Vec<f64>,
}

/// Asks each of the worlds for the scenario, in turn.
///
/// # Errors
/// The first wrong answer.
pub(crate) async fn compare(
    worlds: &[(&World, Scenario)],
    people: usize,
    plan: Plan,
) -> io::Result<Vec<Cost>> {
    let mut costs: Vec<Cost> =
        worlds.iter().map(|(world, _)| Cost::new(world.target.name)).collect();
    for _ in 0..plan.rounds {
        for ((world, scenario), cost) in worlds.iter().zip(&mut costs) {
            let count = (scenario.count(people) / plan.shrink).max(10);
            let make = scenario.requests(world);
            let before = world.target.cpu();
            let slice =
                drive(world.target.address, plan.connections, count, make, unseen()).await?;
            let cpu = world.target.cpu().saturating_sub(before);
            cost.cpu_us.push(micros(cpu) / figure(slice.requests));
            cost.rate.push(slice.rate());
            cost.p50_ms.push(micros(slice.quantile(0.50)) / 1000.0);
            cost.p99_ms.push(micros(slice.quantile(0.99)) / 1000.0);
        }
    }
    Ok(costs)
}

impl Cost {
    const fn new(name: &'static str) -> Self {
        Self { name, cpu_us: Vec::new(), rate: Vec::new(), p50_ms: Vec::new(), p99_ms: Vec::new() }
    }
}

/// The median over the rounds of `a`'s figure divided by `b`'s of the same round.
pub(crate) fn ratio(a: &[f64], b: &[f64]) -> f64 {
    median(&a.iter().zip(b).map(|(a, b)| a / b).collect::<Vec<_>>())
}

/// The middle of the figures; 0 of none.
pub(crate) fn median(figures: &[f64]) -> f64 {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}

/// Microseconds, with their fraction.
pub(crate) fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

/// A count as a figure to divide by.
#[expect(clippy::cast_precision_loss, reason = "counts here are far below 2^52")]
pub(crate) fn figure(count: usize) -> f64 {
    count as f64
}

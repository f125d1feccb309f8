//! A simulation of decide, commit, snapshot, seal, tail and crash on the log in memory: thousands of short lives, each from a seed.
//!
//! What must hold: what was acknowledged is in the log, once and in its place; what was said to be not written is not; no answer rests
//! on what is not durable; a follower that read everything has what the tenants have. A life that fails names its seed:
//! `ROLLCALL_SIM_SEED=n` plays it again, `ROLLCALL_SIM_SEEDS=n` sets how many are played.

pub(crate) mod commands;
pub(crate) mod dice;
mod world;

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use dice::Dice;
use world::World;

const SEEDS: u64 = 10_000;
const STEPS: u32 = 60;

#[test]
fn every_life_keeps_what_it_promised() {
    if let Some(seed) = variable("ROLLCALL_SIM_SEED") {
        return live(seed);
    }
    let seeds = variable("ROLLCALL_SIM_SEEDS").unwrap_or(SEEDS);
    let next = AtomicU64::new(0);
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        let work = || {
            loop {
                let seed = next.fetch_add(1, Ordering::Relaxed);
                if seed >= seeds {
                    return;
                }
                let played = std::panic::catch_unwind(|| live(seed));
                assert!(played.is_ok(), "play it again with ROLLCALL_SIM_SEED={seed}");
            }
        };
        let all: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        assert!(all.into_iter().all(|thread| thread.join().is_ok()), "a life broke its promise");
    });
}

fn live(seed: u64) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async {
        let mut dice = Dice::new(seed);
        let mut world = World::new().await;
        for _ in 0..STEPS {
            world = world.step(&mut dice).await;
        }
        world.end().await;
    });
}

fn variable(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap())
}

//! Makes the compression dictionary of event payloads from synthetic people and groups, always the
//! same one: `cargo run -p events --example train_dictionary -- crates/events/dict/v1.dict`.
//!
//! A dictionary that records were written with is never made anew: a better one gets a file, a
//! codec number and a golden test of its own.

mod people;

use std::process::ExitCode;
use std::{env, fs, io};

use events::{Event, wire};
use people::Source;

const DICTIONARY_BYTES_MAX: usize = 16 * 1024;
const PEOPLE_COUNT: usize = 3_000;
const GROUP_COUNT: usize = 300;
const SEED: u64 = 0x0072_6f6c_6c63_616c;

fn main() -> ExitCode {
    let Some(path) = env::args_os().nth(1) else {
        eprintln!("usage: train_dictionary FILE");
        return ExitCode::FAILURE;
    };
    let written = train().and_then(|dictionary| fs::write(&path, dictionary));
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn train() -> io::Result<Vec<u8>> {
    let mut source = Source::new(SEED);
    let people = (0..PEOPLE_COUNT).flat_map(|_| source.life_of_a_person()).collect::<Vec<Event>>();
    let groups = (0..GROUP_COUNT).flat_map(|_| source.life_of_a_group()).collect::<Vec<Event>>();
    let samples = people.iter().chain(&groups).map(wire::payload).collect::<Vec<_>>();
    zstd::dict::from_samples(&samples, DICTIONARY_BYTES_MAX)
}

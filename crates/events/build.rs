//! Compiles the contract in `proto/` without `protoc`.

use std::env;
use std::error::Error;
use std::path::Path;

const FILES: [&str; 4] = [
    "rollcall/events/v1/envelope.proto",
    "rollcall/events/v1/event_type.proto",
    "rollcall/events/v1/events.proto",
    "rollcall/events/v1/state.proto",
];

fn main() -> Result<(), Box<dyn Error>> {
    let root = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("../../proto");
    println!("cargo:rerun-if-changed={}", root.display());
    let descriptors = protox::compile(FILES, [&root])?;
    prost_build::Config::new().bytes(["."]).compile_fds(descriptors)?;
    Ok(())
}

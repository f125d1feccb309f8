//! The example subscribers of `docs/examples`, against a real Kafka: they know what SCIM shows, and get each event once.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use super::{Place, all, life};

/// What the Python one installs, from `PyPI`.
const PACKAGES: [&str; 2] = ["confluent-kafka==2.16.1", "grpcio-tools==1.85.1"];

#[test]
fn the_rust_subscriber_knows_what_scim_shows() {
    let place = Place::start(&[("ROLLCALL_KAFKA_FORMAT", "json")]);
    let tests = std::env::current_exe().unwrap();
    let example = tests.parent().unwrap().parent().unwrap().join("examples/subscriber");
    if !example.exists() {
        let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
        let build = ["build", "--locked", "--package", "tests", "--example", "subscriber"];
        assert!(Command::new(cargo).args(build).status().unwrap().success());
    }
    check(&place, Command::new(example));
}

#[test]
fn the_python_subscriber_knows_what_scim_shows() {
    let place = Place::start(&[("ROLLCALL_KAFKA_FORMAT", "protobuf")]);
    let home = python_home();
    let mut command = Command::new(home.join("venv/bin/python"));
    command
        .arg(root().join("docs/examples/subscriber.py"))
        .env("PYTHONPATH", home.join("generated"));
    check(&place, command);
}

fn check(place: &Place, mut subscriber: Command) {
    for round in 0..2 {
        life(&place.process.scim(), round);
    }
    place.caught_up();
    let output = subscriber.args([&place.brokers, &place.prefix, "--once"]).output().unwrap();
    let (out, error) =
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{error}");
    let lines: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let scim = place.process.scim();
    let groups = all(&scim, "/Groups");
    let members = groups.iter().flat_map(|group| group["members"].as_array().into_iter().flatten());
    let expected = json!({
        "users": all(&scim, "/Users").len(),
        "groups": groups.len(),
        "members": members.count(),
    });
    assert_eq!(lines[0]["caught_up"], expected);
    let told: Vec<&str> = lines[1..].iter().map(|line| line["id"].as_str().unwrap()).collect();
    let sent = place.events();
    let sent: BTreeSet<&str> = sent.iter().map(|record| record.header("ce_id")).collect();
    assert_eq!(told.len(), sent.len(), "each event once");
    assert_eq!(told.into_iter().collect::<BTreeSet<_>>(), sent);
}

/// A Python of its own with the packages and the messages of `proto/`; made once, in `.tools`.
fn python_home() -> PathBuf {
    let home = root().join(".tools/subscriber");
    let done = home.join(format!("{}.done", PACKAGES.join("+")));
    if !done.exists() {
        drop(fs::remove_dir_all(&home));
        fs::create_dir_all(home.join("generated")).unwrap();
        let run = |program: &Path, arguments: &[&str]| {
            let status =
                Command::new(program).args(arguments).current_dir(root()).status().unwrap();
            assert!(status.success(), "{} {arguments:?}", program.display());
        };
        let venv = home.join("venv");
        run(Path::new("python3"), &["-m", "venv", venv.to_str().unwrap()]);
        let python = venv.join("bin/python");
        run(&python, &[&["-m", "pip", "install", "-q"], &PACKAGES[..]].concat());
        let generated = format!("--python_out={}", home.join("generated").display());
        let mut compile = vec!["-m", "grpc_tools.protoc", "-I", "proto", &generated];
        let messages = ["envelope", "event_type", "events", "state"]
            .map(|name| format!("proto/rollcall/events/v1/{name}.proto"));
        compile.extend(messages.iter().map(String::as_str));
        run(&python, &compile);
        fs::write(done, "").unwrap();
    }
    home
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

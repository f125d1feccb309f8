//! What hot paths cost in instructions, as callgrind counts them: the same on a busy machine as on an idle one.
//!
//! A path runs the whole gateway from request to answer in this process, over the model log. It is run twice with
//! different numbers of requests; the difference is the requests' own, without start and population.

use std::io;
use std::process::Command;

use serde_json::Value;

use crate::gateway::Gateway;
use crate::people;

/// A hot path.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub(crate) enum Path {
    /// `GET /Users?filter=userName eq "x"`.
    Lookup,
    /// `GET /Users/{id}`.
    Get,
    /// `POST /Users`.
    Create,
    /// `PATCH /Users/{id}`: one attribute.
    Patch,
    /// `PUT /Users/{id}`: one attribute differs.
    Put,
    /// `PATCH /Groups/{id}`: one member joins.
    MemberAdd,
}

const POPULATION: usize = 1_000;
const FEW: usize = 100;
const MANY: usize = 600;

/// The most that each path may cost, in instructions a request: measured, and a tenth more.
const LIMITS: &str = include_str!("../cost.json");

/// Counts every path and compares with its limit; the report, and whether all are within.
///
/// # Errors
/// When valgrind isn't there or a path fails.
pub(crate) fn check() -> io::Result<(String, bool)> {
    let limits: Value = serde_json::from_str(LIMITS)?;
    let mut report = String::from("| path | instructions a request | limit |\n|---|---|---|\n");
    let mut within = true;
    for path in <Path as clap::ValueEnum>::value_variants() {
        let name = format!("{path:?}");
        let cost = (instructions(*path, MANY)? - instructions(*path, FEW)?) / (MANY - FEW) as u64;
        let limit = limits.get(&name).and_then(Value::as_u64).unwrap_or_default();
        within &= cost <= limit;
        let mark = if cost <= limit { "" } else { " **over**" };
        report.push_str(&format!("| {name} | {cost}{mark} | {limit} |\n"));
    }
    Ok((report, within))
}

/// Runs a path so many times, in this process.
///
/// # Errors
/// When an answer isn't the expected one.
pub(crate) fn run(path: Path, count: usize) -> io::Result<()> {
    actix_web::rt::System::new().block_on(async {
        let gateway = Gateway::open().await?;
        let mut ids = Vec::with_capacity(POPULATION);
        for n in 0..POPULATION {
            ids.push(gateway.create("/Users", &people::user(n)).await?);
        }
        let group = gateway.create("/Groups", r#"{"displayName":"everyone"}"#).await?;
        for n in 0..count {
            let person = n % POPULATION;
            let id = ids.get(person).map_or("", String::as_str);
            let (method, target, body, status) = match path {
                Path::Lookup => {
                    let name = people::user_name(person);
                    let target = format!("/Users?filter=userName%20eq%20%22{name}%22");
                    ("GET", target, String::new(), 200)
                }
                Path::Get => ("GET", format!("/Users/{id}"), String::new(), 200),
                Path::Create => ("POST", "/Users".into(), people::user(POPULATION + n), 201),
                Path::Patch => {
                    let value = format!(r#""op":"replace","path":"title","value":"Title {n}""#);
                    let body = format!(r#"{{"Operations":[{{{value}}}]}}"#);
                    ("PATCH", format!("/Users/{id}"), body, 200)
                }
                Path::Put => {
                    let body = people::user_with(person, &format!("Title {n}"));
                    ("PUT", format!("/Users/{id}"), body, 200)
                }
                Path::MemberAdd => {
                    let value =
                        format!(r#""op":"add","path":"members","value":[{{"value":"{id}"}}]"#);
                    let body = format!(r#"{{"Operations":[{{{value}}}]}}"#);
                    ("PATCH", format!("/Groups/{group}?attributes=displayName"), body, 200)
                }
            };
            gateway.ask(method, &target, &body, status).await?;
        }
        Ok(())
    })
}

fn instructions(path: Path, count: usize) -> io::Result<u64> {
    let name = clap::ValueEnum::to_possible_value(&path).map(|value| value.get_name().to_owned());
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(std::env::current_exe()?)
        .args(["path", "--path", &name.unwrap_or_default(), "--count", &count.to_string()])
        .output()?;
    let text = String::from_utf8_lossy(&output.stderr);
    let counted = text.lines().find_map(|line| line.split("Collected :").nth(1));
    counted
        .and_then(|text| text.trim().parse().ok())
        .filter(|_| output.status.success())
        .ok_or_else(|| io::Error::other(text.into_owned()))
}

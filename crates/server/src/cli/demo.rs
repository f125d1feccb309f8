//! `rollcall demo`: what Rollcall is, in under a minute.

use std::fs;
use std::io;
use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::client::Client;
use super::{Failure, events, team, user};
use crate::demo::{Gateway, Player, Screen, Snapshot, TRACES, Trace};
use crate::{Exit, signals};

const CALL_TIMEOUT: Duration = Duration::from_secs(30);

#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// Leave the gateway running until Ctrl-C, and say how to call it.
    #[arg(long)]
    keep: bool,
}

/// One run of the demonstration.
struct Demo {
    screen: Screen,
    http: reqwest::blocking::Client,
    gateway: Gateway,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let begun = Instant::now();
    let screen = Screen::new();
    let (pid, interrupted) = (Arc::new(AtomicI32::new(0)), Arc::new(AtomicBool::new(false)));
    end_together(Arc::clone(&pid), Arc::clone(&interrupted))?;
    screen.part("A gateway of its own")?;
    let gateway = Gateway::start(pid).map_err(not_shown)?;
    let http = reqwest::blocking::Client::builder().no_proxy().timeout(CALL_TIMEOUT).build();
    let http = http.map_err(not_shown)?;
    let mut demo = Demo { screen, http, gateway };
    let shown = demo.show(begun).and_then(|()| if args.keep { demo.keep() } else { Ok(()) });
    match shown {
        Err(_) if interrupted.load(Ordering::Acquire) => Err(Failure::silent(Exit::Interrupt)),
        shown => shown,
    }
}

/// Ctrl-C and SIGTERM end the gateway; the demonstration ends by itself then, and tidies up.
fn end_together(gateway: Arc<AtomicI32>, interrupted: Arc<AtomicBool>) -> io::Result<()> {
    let end = move || {
        interrupted.store(true, Ordering::Release);
        if let Some(gateway) = Pid::from_raw(gateway.load(Ordering::Acquire)) {
            // It may have had the signal from the terminal already.
            kill_process(gateway, Signal::TERM).ok();
        }
    };
    signals::on_stop(end, || process::exit(Exit::Interrupt as i32))
}

impl Demo {
    fn show(&mut self, begun: Instant) -> Result<(), Failure> {
        let screen = self.screen;
        screen.say(&format!(
            "`rollcall serve` runs as process {} at {}, data in {}",
            self.gateway.pid(),
            self.gateway.url(),
            self.gateway.data().display()
        ))?;
        let wrong = self.play()?;
        let client = self.client()?;
        let before = snapshots(&client)?;
        for snapshot in &before {
            self.show_tenant(snapshot)?;
        }
        self.kill(&before)?;
        let took = begun.elapsed().as_secs_f64();
        if wrong > 0 {
            return Err(Failure::new(Exit::Negative, format!("{wrong} answers were wrong")));
        }
        screen.line(&screen.good(&format!("\nAll as it should be, in {took:.1} s.")))?;
        Ok(())
    }

    /// Plays all traces; how many answers were wrong.
    fn play(&self) -> Result<usize, Failure> {
        let accesses = self.gateway.accesses().map_err(not_shown)?;
        let mut wrong = 0;
        for text in TRACES {
            let trace = Trace::parse(text).map_err(not_shown)?;
            let access = accesses.get(&trace.head.tenant).ok_or_else(|| {
                not_shown(format!("no token was issued for {}", trace.head.tenant))
            })?;
            let heading = format!(
                "{} provisions {} at {}",
                trace.head.client, trace.head.tenant, access.base_url
            );
            self.screen.part(&heading)?;
            let mut player = Player::new(&self.screen, &self.http, access);
            wrong += player.play(&trace).map_err(not_played)?;
        }
        Ok(wrong)
    }

    fn show_tenant(&self, snapshot: &Snapshot) -> Result<(), Failure> {
        let tenant = &snapshot.tenant;
        self.screen
            .part(&format!("What {tenant} is now: rollcall user list, team list, events"))?;
        let mut out = io::stdout().lock();
        user::USERS.table(&snapshot.users).write(&mut out)?;
        self.screen.line("")?;
        team::TEAMS.table(&snapshot.teams).write(&mut out)?;
        self.screen.line("")?;
        for event in &snapshot.events {
            self.screen.line(&events::line(event))?;
        }
        Ok(())
    }

    /// kill -9, start again, compare.
    fn kill(&mut self, before: &[Snapshot]) -> Result<(), Failure> {
        let screen = self.screen;
        screen.part("kill -9, and again")?;
        let killed = self.gateway.pid();
        self.gateway.kill().map_err(not_shown)?;
        let took = self.gateway.restart().map_err(not_shown)?;
        screen.say(&format!(
            "process {killed} is dead; {} was ready after {} ms",
            self.gateway.pid(),
            took.as_millis()
        ))?;
        let mut gone = Vec::new();
        for (before, after) in before.iter().zip(snapshots(&self.client()?)?) {
            screen.line(&format!("  before  {}", before.counts()))?;
            let differences = before.differences(&after).join(", ");
            let verdict = if differences.is_empty() {
                screen.good("the same, byte for byte")
            } else {
                screen.bad(&format!("not the same: {differences}"))
            };
            screen.line(&format!("  after   {}  {verdict}", after.counts()))?;
            if !differences.is_empty() {
                gone.push(format!("{}: {differences}", before.tenant));
            }
        }
        if gone.is_empty() {
            return Ok(());
        }
        Err(Failure::new(Exit::Negative, "something is gone").why(gone.join("; ")))
    }

    /// Says how to call the gateway, and waits for its end.
    fn keep(&mut self) -> Result<(), Failure> {
        let screen = self.screen;
        screen.part("Yours to try, until Ctrl-C")?;
        for (tenant, access) in self.gateway.accesses().map_err(not_shown)? {
            let base = &access.base_url;
            screen.line(&format!(
                "  {tenant}\n    base URL  {base}\n    token     {}",
                access.token
            ))?;
            let auth = format!("-H 'Authorization: Bearer {}'", access.token);
            screen.line(&format!("    curl {auth} '{base}/Users?count=2'"))?;
            screen.line(&format!(
                "    curl {auth} -H 'Content-Type: application/scim+json' {base}/Users -d \
                 '{{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:User\"],\"userName\":\"you@{tenant}.example\"}}'"
            ))?;
        }
        let (url, data) = (self.gateway.url(), self.gateway.data().display().to_string());
        screen.line(&format!(
            "  platform\n    rollcall events --tenant acme --follow --url {url} --data {data}\n    \
             curl -H \"Authorization: Bearer $(cat {data}/operator.key)\" {url}/v1/tenants\n    \
             curl {}/metrics\n    log lines in {}",
            self.gateway.admin_url(),
            self.gateway.log().display()
        ))?;
        self.gateway.wait().map_err(not_shown)
    }

    fn client(&self) -> Result<Client, Failure> {
        let key =
            fs::read_to_string(self.gateway.data().join("operator.key")).map_err(not_shown)?;
        Client::new(&self.gateway.url(), key.trim().to_owned(), self.http.clone())
    }
}

fn snapshots(client: &Client) -> Result<Vec<Snapshot>, Failure> {
    ["acme", "globex"].into_iter().map(|tenant| Snapshot::take(client, tenant)).collect()
}

/// A reader that is gone is no error; a call that failed is.
fn not_played(error: io::Error) -> Failure {
    if error.kind() == io::ErrorKind::BrokenPipe { error.into() } else { not_shown(error) }
}

fn not_shown(why: impl std::fmt::Display) -> Failure {
    Failure::new(Exit::Negative, "the demonstration could not go on").why(why)
}

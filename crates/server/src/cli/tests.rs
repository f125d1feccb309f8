//! The command line as users meet it: every help text, and what is refused.

use std::fmt::Write as _;
use std::path::Path;

use clap::CommandFactory;

use super::*;

/// `UPDATE_HELP=1 cargo test -p server` writes the file anew.
#[test]
fn the_help_texts_are_as_recorded() {
    let mut command = Cli::command();
    command.build();
    let mut found = String::new();
    describe(&mut command, "rollcall", &mut found);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/cli/help.txt");
    if std::env::var_os("UPDATE_HELP").is_some() {
        std::fs::write(&path, &found).unwrap();
    }
    let recorded = std::fs::read_to_string(&path).unwrap_or_default();
    for (at, (found, recorded)) in found.lines().zip(recorded.lines()).enumerate() {
        assert_eq!(found, recorded, "line {} of {}", at + 1, path.display());
    }
    assert_eq!(found.len(), recorded.len(), "{} is not as long", path.display());
}

fn describe(command: &mut clap::Command, name: &str, out: &mut String) {
    // Continuation lines of clap end in blanks.
    let help: Vec<_> =
        command.render_help().to_string().lines().map(|l| l.trim_end().to_owned()).collect();
    writeln!(out, "### {name}\n{}\n", help.join("\n").trim_end()).unwrap();
    for sub in command.get_subcommands_mut() {
        let name = format!("{name} {}", sub.get_name());
        describe(sub, &name, out);
    }
}

#[test]
fn the_command_line_is_consistent() {
    Cli::command().debug_assert();
}

#[test]
fn what_is_refused_is_a_usage_error() {
    let check = |args: &[&str], expected: Exit| {
        let args = std::iter::once("rollcall").chain(args.iter().copied());
        let exit = match Cli::try_parse_from(args) {
            Ok(_) => Exit::Ok,
            Err(error) if error.use_stderr() => Exit::Usage,
            Err(_) => Exit::Ok,
        };
        assert_eq!(exit, expected);
    };
    check(&["--version"], Exit::Ok);
    check(&["serve", "--data", "d", "--listen", "127.0.0.1:0"], Exit::Ok);
    check(&["tenant", "list", "-o", "json"], Exit::Ok);
    check(&["events", "-t", "acme", "--follow", "--after", "7"], Exit::Ok);
    check(&[], Exit::Usage);
    check(&["serv"], Exit::Usage);
    check(&["tenant"], Exit::Usage);
    check(&["events"], Exit::Usage);
    check(&["events", "-t", "acme", "--after", "x"], Exit::Usage);
    check(&["tenant", "list", "-o", "xml"], Exit::Usage);
    check(&["serve", "--kafkaa", "x"], Exit::Usage);
    check(&["token", "issue", "--tenant", "acme", "--token", "rct_x"], Exit::Usage);
}

//! The command line against a running gateway: what it prints and how it ends.

use serde_json::json;

use crate::process::{Process, run, run_json};

#[test]
fn an_operator_sets_up_a_tenant() {
    let dir = tempfile::tempdir().unwrap();
    let process = Process::start(dir.path());
    let key_file = dir.path().join("data/operator.key");
    let reach =
        [("ROLLCALL_URL", process.origin()), ("ROLLCALL_KEY_FILE", key_file.to_str().unwrap())];
    let json_of = |arguments: &[&str]| run_json(&[arguments, &["-o", "json"]].concat(), &reach);

    assert_eq!(
        json_of(&["tenant", "create", "initech", "--name", "Initech"])["id"],
        json!("initech")
    );
    assert_eq!(json_of(&["tenant", "show", "initech"])["name"], json!("Initech"));
    let set = json_of(&["tenant", "set", "initech", "--profile", "onelogin"]);
    assert_eq!(set["switches"]["put_keeps_absent"], json!(true));
    let switches = ["--switch", "put_keeps_absent=false", "--switch", "patch_answer=nothing"];
    let set = json_of(&[&["tenant", "set", "initech"], &switches[..]].concat());
    assert_eq!(set["switches"]["put_keeps_absent"], json!(false));
    assert_eq!(set["switches"]["patch_answer"], json!("nothing"));
    let issued = json_of(&["token", "issue", "--tenant", "initech", "--name", "okta"]);
    let secret = issued["token"].as_str().unwrap();
    let scim = process.scim().at(format!("{}/t/initech/scim/v2", process.origin()));
    let scim = scim.with_authorization(Some(&format!("Bearer {secret}")));
    let ada = scim.user("ada");
    scim.group("Engineers");
    assert!(!run(&["token", "list", "--tenant", "initech"], &reach).1.contains(secret));
    let (code, users, _) = run(&["user", "list", "--tenant", "initech"], &reach);
    assert!(code == 0 && users.contains(&ada), "{users}");
    let (code, teams, _) = run(&["team", "list", "--tenant", "initech"], &reach);
    assert!(code == 0 && teams.contains("Engineers"), "{teams}");
    let (code, events, _) = run(&["events", "--tenant", "initech"], &reach);
    assert!(
        code == 0 && events.contains("user.created") && events.contains("group.created"),
        "{events}"
    );
    for (status, expected) in [("suspended", 403), ("active", 200)] {
        let set = json_of(&["tenant", "set", "initech", "--status", status]);
        assert_eq!(set["status"], json!(status));
        assert_eq!(scim.get("/Users").status, expected, "{status}");
    }
    let id = issued["id"].as_str().unwrap();
    assert_eq!(run(&["token", "revoke", "--tenant", "initech", id], &reach).0, 0);
    scim.get("/Users").refused(401, None);
}

#[test]
fn exit_codes_say_what_kind_of_failure_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let process = Process::start(dir.path());
    let key_file = dir.path().join("data/operator.key");
    let wrong_key = dir.path().join("wrong.key");
    std::fs::write(&wrong_key, "rck_000000000000000000000000000000000000\n").unwrap();
    let reach =
        [("ROLLCALL_URL", process.origin()), ("ROLLCALL_KEY_FILE", key_file.to_str().unwrap())];
    let wrong =
        [("ROLLCALL_URL", process.origin()), ("ROLLCALL_KEY_FILE", wrong_key.to_str().unwrap())];
    let nobody =
        [("ROLLCALL_URL", "http://127.0.0.1:1"), ("ROLLCALL_KEY_FILE", key_file.to_str().unwrap())];
    let check = |arguments: &[&str], environment: &[(&str, &str)], expected: i32| {
        let (code, _, stderr) = run(arguments, environment);
        assert_eq!(code, expected, "{arguments:?}: {stderr}");
        assert!(expected == 0 || !stderr.trim().is_empty(), "{arguments:?} fails without a word");
    };
    check(&["tenant", "list"], &reach, 0);
    check(&["tenant", "lits"], &reach, 2);
    check(&["tenant", "list"], &wrong, 4);
    check(&["tenant", "show", "nowhere"], &reach, 5);
    check(&["tenant", "list"], &nobody, 6);
    check(&["tenant", "create", "acme"], &reach, 1);
    check(&["tenant", "set", "acme"], &reach, 2);
    check(&["tenant", "set", "acme", "--switch", "x"], &reach, 2);
    check(&["tenant", "set", "acme", "--switch", "colour=red"], &reach, 1);
    check(&["tenant", "set", "acme", "--name", "A", "--status", "suspended"], &reach, 2);
    check(&["serve", "--no-such-flag"], &[], 2);
    let config = dir.path().join("bad.toml");
    std::fs::write(&config, "colour = \"red\"\n").unwrap();
    check(&["serve", "--config", config.to_str().unwrap()], &[], 2);
    check(&["config", "check", "--config", config.to_str().unwrap()], &[], 1);
}

#[test]
fn a_second_gateway_over_one_directory_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let _first = Process::start(dir.path());
    let data = dir.path().join("data");
    let arguments = ["serve", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--data"];
    let (code, _, stderr) = run(&[&arguments[..], &[data.to_str().unwrap()]].concat(), &[]);
    assert!(code != 0 && stderr.contains("another"), "{code}: {stderr}");
}

#[test]
fn the_demo_tells_its_story_and_ends_well() {
    let (code, story, stderr) = run(&["demo"], &[]);
    assert_eq!(code, 0, "{story}\n{stderr}");
    for word in ["acme", "globex", "user.created", "group.members_added", "kill -9", "gone"] {
        assert!(story.contains(word), "{word} is missing from:\n{story}");
    }
}

#[test]
fn an_operator_verifies_a_data_directory() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let data_text = data.to_str().unwrap();
    let verify = ["verify", "--offline", data_text];
    let mut process = Process::start(dir.path());
    let (code, _, stderr) = run(&verify, &[]);
    assert!(code == 2 && stderr.contains("running"), "{code}: {stderr}");
    process.kill();
    drop(process);
    let report = run_json(&["verify", "--offline", data_text, "-o", "json"], &[]);
    assert!(report["events"].as_u64().unwrap() >= 3, "{report}");
    // The next start seals what the killed one has left.
    let mut process = Process::start(dir.path());
    let listed = || run_json(&["segments", "ls", "--data", data_text, "-o", "json"], &[]);
    let began = std::time::Instant::now();
    while listed()["segments"].as_array().unwrap().is_empty() {
        assert!(began.elapsed().as_secs() < 20, "nothing is sealed");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    process.kill();
    assert_eq!(run_json(&["verify", "--offline", data_text, "-o", "json"], &[]), {
        let mut same = report;
        (same["segments"], same["unsealed"]) = (1.into(), 0.into());
        same
    });
    let segment = data.join("log/seg-00000000");
    let mut bytes = std::fs::read(&segment).unwrap();
    bytes[200] ^= 1;
    std::fs::write(&segment, bytes).unwrap();
    let (code, _, stderr) = run(&verify, &[]);
    assert!(code == 3 && stderr.contains("seg-00000000"), "{code}: {stderr}");
}

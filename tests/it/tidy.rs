//! What a reader may rely on in every file: the table of crate edges, the budgets, a header.
//! Reads the tree as text; knows nothing of the code's meaning.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Design: who may depend on whom. A new edge is a change of the design, not of this table alone.
const EDGES: &[(&str, &[&str])] = &[
    ("bench", &["directory", "events", "ingress", "projector", "scim", "store", "tenancy"]),
    ("scim", &[]),
    ("events", &[]),
    ("directory", &["events", "scim"]),
    ("store", &["events"]),
    ("tenancy", &["directory", "events", "scim", "store"]),
    ("projector", &["directory", "events", "store", "tenancy"]),
    ("relay", &["events", "store"]),
    ("ingress", &["directory", "events", "projector", "scim", "store", "tenancy"]),
    (
        "server",
        &["directory", "events", "ingress", "projector", "relay", "scim", "store", "tenancy"],
    ),
];

/// Packages that only the named crates may name.
const KEPT_IN: &[(&str, &[&str])] = &[
    ("sled", &["bench", "store"]),
    ("actix-web", &["bench", "ingress", "server"]),
    ("actix-http", &["bench", "ingress"]),
    ("rdkafka", &["relay"]),
    ("zstd", &["events"]),
    ("prost", &["directory", "events", "projector"]),
];

const FILE_LINES_MAX: usize = 400;
const FUNCTION_LINES_MAX: usize = 60;

#[test]
fn crates_depend_on_each_other_as_designed() {
    let ours: BTreeSet<&str> = EDGES.iter().map(|(name, _)| *name).collect();
    let found: BTreeMap<String, BTreeSet<String>> = crate_dirs()
        .into_iter()
        .map(|dir| {
            let name = dir.file_name().unwrap().to_str().unwrap().to_owned();
            let edges = dependencies(&dir).into_iter().filter(|d| ours.contains(d.as_str()));
            (name, edges.collect())
        })
        .collect();
    let allowed: BTreeMap<String, BTreeSet<String>> = EDGES
        .iter()
        .map(|(name, edges)| ((*name).to_owned(), edges.iter().map(|e| (*e).to_owned()).collect()))
        .collect();
    assert_eq!(found.keys().collect::<Vec<_>>(), allowed.keys().collect::<Vec<_>>());
    for (name, edges) in &found {
        let new: Vec<_> = edges.difference(&allowed[name]).collect();
        assert!(new.is_empty(), "{name} has edges that the design does not know: {new:?}");
    }
}

#[test]
fn one_crate_names_each_engine() {
    for (package, homes) in KEPT_IN {
        let named: Vec<String> = crate_dirs()
            .into_iter()
            .filter(|dir| dependencies(dir).contains(*package))
            .map(|dir| dir.file_name().unwrap().to_str().unwrap().to_owned())
            .filter(|name| !homes.contains(&name.as_str()))
            .collect();
        assert!(named.is_empty(), "{package} is named outside of {homes:?}: {named:?}");
    }
}

#[test]
fn every_file_keeps_its_budget_and_says_what_it_owns() {
    let mut faults = Vec::new();
    for file in rust_files() {
        let text = fs::read_to_string(&file).unwrap();
        let name = file.strip_prefix(root()).unwrap().display();
        let lines = text.lines().count();
        if lines > FILE_LINES_MAX {
            faults.push(format!("{name}: {lines} lines, budget {FILE_LINES_MAX}"));
        }
        if !text.starts_with("//!") {
            faults.push(format!("{name}: does not begin with //!"));
        }
        for (line, length) in functions(&text) {
            if length > FUNCTION_LINES_MAX {
                faults.push(format!("{name}:{line}: function of {length} lines"));
            }
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn nothing_is_left_open() {
    let words = ["todo!(", "unimplemented!(", "#[ignore", "FIXME", "XXX"];
    let here = Path::new(file!()).file_name().unwrap();
    let open: Vec<String> = rust_files()
        .into_iter()
        .filter(|file| file.file_name().unwrap() != here)
        .filter(|file| {
            let text = fs::read_to_string(file).unwrap();
            words.iter().any(|word| text.contains(word))
        })
        .map(|file| file.display().to_string())
        .collect();
    assert!(open.is_empty(), "{open:?}");
}

#[test]
fn the_function_meter_measures() {
    let check = |text: &str, expected: &[(usize, usize)]| assert_eq!(functions(text), expected);
    check("fn a() {\n    b();\n}\n", &[(1, 3)]);
    check(
        "impl X {\n    pub fn a(\n        b: u8,\n    ) {\n        if b {\n        }\n    }\n}\n",
        &[(2, 6)],
    );
    check("fn a() {}\n", &[(1, 1)]);
    check("trait X {\n    fn a(&self);\n}\n", &[]);
}

/// First line and length of every function of text that rustfmt has formatted: it ends at the first
/// line that closes at the indent of its `fn`.
fn functions(text: &str) -> Vec<(usize, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let body = line.trim_start();
        let indent = &line[..line.len() - body.len()];
        let words = ["fn ", "pub fn ", "async fn ", "const fn "];
        let begins = words.iter().any(|word| body.starts_with(word))
            || (body.starts_with("pub") && body.contains(" fn ") && !body.contains('"'));
        if !begins || body.ends_with(';') {
            continue;
        }
        if body.ends_with('}') {
            found.push((at + 1, 1));
            continue;
        }
        let close = format!("{indent}}}");
        let open_end = format!("{indent});");
        for (end, line) in lines.iter().enumerate().skip(at + 1) {
            if **line == *close {
                found.push((at + 1, end - at + 1));
                break;
            }
            if line.starts_with(&open_end)
                || (line.starts_with(&format!("{indent})")) && line.ends_with(';'))
            {
                break;
            }
        }
    }
    found
}

fn dependencies(dir: &Path) -> BTreeSet<String> {
    let manifest: toml::Table =
        fs::read_to_string(dir.join("Cargo.toml")).unwrap().parse().unwrap();
    let table = manifest.get("dependencies").and_then(toml::Value::as_table);
    table.map(|table| table.keys().cloned().collect()).unwrap_or_default()
}

fn crate_dirs() -> Vec<PathBuf> {
    let mut dirs: Vec<PathBuf> =
        fs::read_dir(root().join("crates")).unwrap().map(|entry| entry.unwrap().path()).collect();
    dirs.sort();
    dirs
}

fn rust_files() -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut dirs = vec![root().join("crates"), root().join("tests")];
    while let Some(dir) = dirs.pop() {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                dirs.push(path);
            } else if path.extension().is_some_and(|ext| ext == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

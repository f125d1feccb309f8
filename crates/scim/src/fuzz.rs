//! Any bytes at all: parsers answer or refuse, and never fall. `make test` tries the kept inputs and some of chance; `make fuzz` lets
//! libFuzzer look for others, a minute each.

use bolero::check;

use crate::bulk::Bulk;
use crate::limits::{FILTER_BYTES_MAX, PATH_BYTES_MAX};
use crate::schema::{group, user};
use crate::{Filter, Page, Patch, Path, Profile, Projection, ResourceType, Sort, json, resource};

const ITERATIONS: usize = 2_000;
const PROFILES: [Profile; 3] =
    [Profile::LENIENT, Profile::STRICT, Profile { strict: true, ..Profile::LENIENT }];

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn kinds() -> [&'static ResourceType; 2] {
    [user(), group()]
}

#[test]
fn filter() {
    check!().with_iterations(ITERATIONS).for_each(|bytes| {
        let Ok(filter) = Filter::parse(&text(bytes)) else { return };
        // What was printed is read as the same; escapes may make it too long.
        let printed = filter.to_string();
        if printed.len() <= FILTER_BYTES_MAX {
            assert!(Filter::parse(&printed) == Ok(filter.clone()));
        }
        for of in kinds() {
            let loosely = filter.resolve_loosely(of);
            if let Ok(query) = filter.resolve(of) {
                assert!(loosely.is_ok());
                query.matches(&serde_json::Map::new());
            }
        }
    });
}

#[test]
fn path() {
    check!().with_iterations(ITERATIONS).for_each(|bytes| {
        let text = text(bytes);
        if let Ok(path) = Path::parse(&text) {
            let printed = path.to_string();
            assert!(printed.len() > PATH_BYTES_MAX || Path::parse(&printed) == Ok(path));
        }
    });
}

#[test]
fn patch() {
    check!().with_iterations(ITERATIONS).for_each(|bytes| {
        let Ok(body) = json::parse(bytes) else { return };
        for (of, profile) in kinds().into_iter().flat_map(|of| PROFILES.map(|it| (of, it))) {
            let _answer = Patch::parse(body.clone(), of, profile);
        }
    });
}

#[test]
fn body() {
    check!().with_iterations(ITERATIONS).for_each(|bytes| {
        let Ok(body) = json::parse(bytes) else { return };
        for (of, profile) in kinds().into_iter().flat_map(|of| PROFILES.map(|it| (of, it))) {
            let _answer = resource::read(body.clone(), of, profile);
        }
    });
}

#[test]
fn bulk() {
    check!().with_iterations(ITERATIONS).for_each(|bytes| {
        let Ok(body) = json::parse(bytes) else { return };
        if let Ok(bulk) = Bulk::parse(body, Profile::LENIENT) {
            for mut operation in bulk.operations {
                let names = operation.references();
                assert_eq!(operation.resolve(&|name| Some(format!("of {name}"))), Ok(()));
                assert!(names.is_empty() || operation.references().is_empty());
            }
        }
    });
}

#[test]
fn parameters() {
    check!().with_iterations(ITERATIONS).for_each(|bytes| {
        let text = text(bytes);
        let (a, b) = text.split_once('\n').unwrap_or((&text, ""));
        for of in kinds() {
            let _page = Page::parse(Some(a), Some(b));
            let _sort = Sort::parse(Some(a), Some(b), of);
            let projection = Projection::parse(Some(a), Some(b), of);
            assert!(projection.is_ok() || a.len().max(b.len()) > 8_000);
        }
    });
}

/// The kept inputs are those of real identity providers, at least.
#[test]
fn inputs_are_kept() {
    let kept = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/__fuzz__");
    for target in ["filter", "path", "patch", "body", "bulk", "parameters"] {
        let inputs = std::fs::read_dir(kept.join(format!("fuzz__{target}/corpus"))).unwrap();
        assert!(inputs.count() > 0, "{target}");
    }
}

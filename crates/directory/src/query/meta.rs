//! `meta` as filters look at it: only what is needed is written out. `meta.location` depends on the address that was
//! used, so no filter sees it.

use events::{Seq, Timestamp};
use scim::Query;
use serde_json::{Map, Value};

/// Which sub-attributes of `meta` a query needs.
pub(super) struct Meta<'a> {
    kind: &'a str,
    created: bool,
    modified: bool,
    version: bool,
}

impl<'a> Meta<'a> {
    /// None: the query doesn't look at it.
    pub(super) fn needed(query: &Query, kind: &'a str) -> Option<Self> {
        query.needs("meta").then(|| Self {
            kind,
            created: query.needs("meta.created"),
            modified: query.needs("meta.lastModified"),
            version: query.needs("meta.version"),
        })
    }

    pub(super) fn of(&self, version: Seq, created: Timestamp, modified: Timestamp) -> Value {
        let mut meta = Map::new();
        let mut put = |needed: bool, name: &str, value: &dyn Fn() -> String| {
            if needed {
                meta.insert(name.to_owned(), value().into());
            }
        };
        put(true, "resourceType", &|| self.kind.to_owned());
        put(self.created, "created", &|| created.to_string());
        put(self.modified, "lastModified", &|| modified.to_string());
        put(self.version, "version", &|| format!("W/\"{version}\""));
        meta.into()
    }
}

//! What is asked, in words that Rollcall and the floors both understand.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;

use crate::client::{Make, Request};
use crate::people;
use crate::world::{World, text};

/// One kind of work.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Scenario {
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
    /// The first hundred users.
    List,
    /// One comparison over all users: `displayName eq "x"`.
    Scan,
    /// A filter that no index answers, over all users of a large tenant: refused when there are too many.
    Wide,
    /// A member joins a group of that many, then leaves, in turn.
    Member(usize),
    /// What Entra asks for a person: look-up, read, reference check, PATCH, and a new one now and then.
    Sync,
}

/// Rows after which the gateway gives a scan up (its default).
const SCAN_ROWS_MAX: usize = 50_000;

/// People made while measuring get numbers from here, so that no userName is taken twice.
static NEXT: AtomicUsize = AtomicUsize::new(10_000_000);

impl Scenario {
    /// The name in tables.
    pub(crate) fn name(self) -> String {
        match self {
            Self::Member(size) => format!("member of {size}"),
            Self::Lookup => "lookup".into(),
            Self::Get => "get".into(),
            Self::Create => "create".into(),
            Self::Patch => "PATCH".into(),
            Self::Put => "PUT".into(),
            Self::List => "list of 100".into(),
            Self::Scan => "scan".into(),
            Self::Wide => "wide scan".into(),
            Self::Sync => "Entra sync".into(),
        }
    }

    /// How many requests make one slice of a second or so.
    pub(crate) fn count(self, people: usize) -> usize {
        match self {
            Self::Lookup | Self::Get => 20_000,
            Self::Create | Self::Patch | Self::Put | Self::Sync => 4_000,
            Self::Member(_) => 2_000,
            Self::List => 1_000,
            Self::Wide => 100,
            Self::Scan => (2_000_000 / people.max(1)).clamp(20, 2_000),
        }
    }

    /// The requests of one slice against that world.
    pub(crate) fn requests(self, world: &World) -> Make {
        let world = Asked::of(world);
        match self {
            Self::Lookup => Arc::new(move |n| world.lookup(n)),
            Self::Get => Arc::new(move |n| world.get(n)),
            Self::Create => Arc::new(move |_| world.create()),
            Self::Patch => Arc::new(move |n| world.patch(n)),
            Self::Put => Arc::new(move |n| world.put(n)),
            Self::List => Arc::new(move |n| world.list(n)),
            Self::Scan => Arc::new(move |n| world.scan(n)),
            Self::Wide => Arc::new(move |n| world.wide(n)),
            Self::Member(size) => Arc::new(move |n| world.member(size, n)),
            Self::Sync => Arc::new(move |n| world.sync(n)),
        }
    }
}

/// What requests need to know of a world.
struct Asked {
    rollcall: bool,
    tokens: Vec<String>,
    bases: Vec<String>,
    ids: Arc<Vec<String>>,
    groups: Vec<(usize, String)>,
}

impl Asked {
    fn of(world: &World) -> Self {
        Self {
            rollcall: world.target.name == "rollcall",
            tokens: world.target.tokens.clone(),
            bases: world.target.bases.clone(),
            ids: Arc::clone(&world.ids),
            groups: world.groups.clone(),
        }
    }

    fn request(&self, method: &str, person: usize, path: &str, body: &str) -> Request {
        let tenant = person % self.tokens.len();
        let path = format!("{}{path}", text(&self.bases, tenant));
        Request::new(method, &path, text(&self.tokens, tenant), body)
    }

    /// A person of the population; neighbours in number are far apart in it.
    fn person(&self, n: usize) -> usize {
        n.wrapping_mul(7_919) % self.ids.len()
    }

    fn lookup(&self, n: usize) -> Request {
        let person = self.person(n);
        let name = people::user_name(person);
        let path = format!("/Users?filter=userName%20eq%20%22{name}%22");
        self.request("GET", person, &path, "").expect(200, text(&self.ids, person))
    }

    fn get(&self, n: usize) -> Request {
        let person = self.person(n);
        let id = text(&self.ids, person);
        self.request("GET", person, &format!("/Users/{id}"), "").expect(200, id)
    }

    fn create(&self) -> Request {
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        self.request("POST", n, "/Users", &people::user(n)).expect(201, "\"id\":\"")
    }

    fn patch(&self, n: usize) -> Request {
        let person = self.person(n);
        let title = format!("Title {}", NEXT.fetch_add(1, Ordering::Relaxed));
        let body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{"op": "replace", "path": "title", "value": title}],
        });
        let path = format!("/Users/{}", text(&self.ids, person));
        self.request("PATCH", person, &path, &body.to_string()).expect(200, &title)
    }

    fn put(&self, n: usize) -> Request {
        let person = self.person(n);
        let title = format!("Title {}", NEXT.fetch_add(1, Ordering::Relaxed));
        let path = format!("/Users/{}", text(&self.ids, person));
        let body = people::user_with(person, &title);
        self.request("PUT", person, &path, &body).expect(200, &title)
    }

    fn list(&self, n: usize) -> Request {
        self.request("GET", n, "/Users?startIndex=1&count=100", "").expect(200, "Resources")
    }

    fn scan(&self, n: usize) -> Request {
        let name = people::display_name(self.person(n)).replace(' ', "%20");
        let path = if self.rollcall {
            format!("/Users?filter=displayName%20eq%20%22{name}%22")
        } else {
            format!("/Users?scan={name}")
        };
        self.request("GET", self.person(n), &path, "").expect(200, "\"totalResults\":1")
    }

    fn wide(&self, n: usize) -> Request {
        let path = "/Users?filter=nickName%20sw%20%22x%22&count=1";
        let status = if self.ids.len() > SCAN_ROWS_MAX { 400 } else { 200 };
        self.request("GET", n, path, "").expect(status, "")
    }

    fn member(&self, size: usize, n: usize) -> Request {
        let largest = self.groups.iter().map(|(members, _)| *members).max().unwrap_or_default();
        let strangers = self.ids.len().saturating_sub(largest).max(1);
        let person = largest + (n / 2) % strangers;
        let user = text(&self.ids, person);
        let group = self.groups.iter().find(|(members, _)| *members == size);
        let group = group.map_or("", |(_, id)| id.as_str());
        let operation = if n.is_multiple_of(2) {
            json!({"op": "add", "path": "members", "value": [{"value": user}]})
        } else {
            json!({"op": "remove", "path": format!("members[value eq \"{user}\"]")})
        };
        let body = json!({"Operations": [operation]}).to_string();
        let path = format!("/Groups/{group}?attributes=displayName");
        self.request("PATCH", 0, &path, &body).expect(200, group)
    }

    fn sync(&self, n: usize) -> Request {
        match n % 5 {
            0 => self.lookup(n),
            1 => self.get(n),
            2 => {
                let person = self.person(n);
                let id = text(&self.ids, person);
                let path = format!(
                    "/Users?filter=id%20eq%20%22{id}%22%20and%20active%20eq%20true&attributes=id"
                );
                self.request("GET", person, &path, "").expect(200, "Resources")
            }
            3 => self.patch(n),
            _ => self.create(),
        }
    }
}

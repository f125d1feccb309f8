//! Synthetic people and groups in the shapes that identity providers give them. No real person, no
//! real company; one seed gives one sequence for ever.

use bytes::Bytes;
use events::{Email, Event, GroupId, GroupState, Member, UserId, UserState};
use serde_json::{Map, Value, json};
use uuid::Uuid;

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";

/// What follows is part of the dictionary: a changed word changes it.
const GIVEN: &str = "Ada Grace Alan Edsger Barbara Donald Frances John Margaret Ken Dennis Radia \
    Tim Vint Jean Kathleen Mary Hedy Ana Luis Carlos Sofia Mateo Elena Giulia Marco Luca Chiara \
    Anna Lukas Jonas Lena Felix Mia Emma Noah Olivia Liam Amelia Oliver Priya Arjun Ravi Ananya \
    Wei Li Min Jun Yuki Haruto Sakura Aoi Omar Layla Youssef Fatima Amara Kofi Zanele Thabo";
const FAMILY: &str = "Lovelace Hopper Turing Dijkstra Liskov Knuth Allen Backus Hamilton Thompson \
    Ritchie Perlman Garcia Martinez Lopez Rossi Bianchi Ferrari Schmidt Weber Fischer Becker \
    Smith Johnson Williams Brown Jones Miller Davis Wilson Anderson Taylor Moore Jackson Martin \
    Lee Sharma Patel Singh Gupta Wang Zhang Chen Liu Tanaka Suzuki Sato Kim Park Hassan Ali \
    Ibrahim Okafor Mensah Nkosi Dlamini Silva Santos Novak Kowalski Jensen Nilsson";
const DEPARTMENT: &str = "Engineering Sales Marketing Finance Operations Support Legal Product \
    Design Research Security Procurement Logistics Manufacturing Facilities IT HR";
const TITLE: &str = "Engineer Manager Director Analyst Specialist Consultant Coordinator Lead \
    Architect Administrator Representative Assistant Accountant Designer Developer";
const RANK: &str = "Senior Junior Principal Associate Chief Regional Technical Staff";
const CITY: &str = "London Berlin Paris Madrid Rome Amsterdam Stockholm Zurich Vienna Dublin \
    Seattle Austin Boston Chicago Toronto Sydney Singapore Tokyo Bangalore Nairobi";
const COUNTRY: &str = "GB DE FR ES IT NL SE CH AT IE US US US US CA AU SG JP IN KE";
const STREET: &str = "Main High Park Church Station Mill Oak Elm Cedar Lake Hill River Market King";
const DOMAIN: &str = "example.com example.org example.net corp.example.com contoso.example \
    fabrikam.example initech.example umbrella.example globex.example acme.example";
const LOCALE: &str = "en-US en-GB de-DE fr-FR es-ES it-IT nl-NL sv-SE ja-JP pt-BR";
const ZONE: &str = "America/Los_Angeles America/New_York Europe/London Europe/Berlin Asia/Tokyo \
    Asia/Kolkata Australia/Sydney";

/// A seeded sequence of events.
pub(crate) struct Source {
    state: u64,
}

struct Person {
    id: UserId,
    external_id: Option<String>,
    user_name: String,
    email: String,
    number: String,
    manager: String,
}

impl Source {
    pub(crate) const fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// Created, changed in one way or another, deactivated, deleted.
    pub(crate) fn life_of_a_person(&mut self) -> Vec<Event> {
        let shape = self.below(4);
        let (person, mut resource) = self.person(shape);
        let user = person.id;
        let created = Event::UserCreated { user, state: state(&person, &resource, true) };
        let title = self.title();
        let previous = set(&mut resource, "title", json!(title));
        let (changed, previous) = (vec!["title".to_owned()], bytes(&previous));
        let updated =
            Event::UserUpdated { user, state: state(&person, &resource, true), changed, previous };
        let previous = set(&mut resource, "active", json!(false));
        let (changed, previous) = (vec!["active".to_owned()], bytes(&previous));
        let state = state(&person, &resource, false);
        let deactivated = Event::UserDeactivated { user, state, changed, previous };
        let left = (0..self.below(3)).map(|_| GroupId::new(self.uuid())).collect();
        let deleted = Event::UserDeleted { user, left, previous: bytes(&resource) };
        vec![created, updated, deactivated, deleted]
    }

    /// Created, filled, renamed, deleted.
    pub(crate) fn life_of_a_group(&mut self) -> Vec<Event> {
        let group = GroupId::new(self.uuid());
        let name = format!("{} {}", self.pick(DEPARTMENT), self.pick(CITY));
        let external_id = (self.below(2) == 0).then(|| self.uuid().to_string());
        let mut resource = map(json!({ "schemas": [GROUP], "id": group.to_string() }));
        if let Some(id) = &external_id {
            resource.insert("externalId".to_owned(), json!(id));
        }
        resource.insert("displayName".to_owned(), json!(name));
        let unique_keys = Vec::new();
        let resource_bytes = bytes(&resource)[..].into();
        let state =
            GroupState { resource: resource_bytes, display_name: name, external_id, unique_keys };
        let created = Event::GroupCreated { group, state: state.clone() };
        let members = (0..self.below(8)).map(|_| Member::User(UserId::new(self.uuid()))).collect();
        let (pending, bound) = (Vec::new(), Vec::new());
        let filled = Event::GroupMembersAdded { group, members, pending, bound };
        let display_name = format!("{} {}", self.pick(DEPARTMENT), self.pick(TITLE));
        let previous = bytes(&set(&mut resource, "displayName", json!(display_name)));
        let state = GroupState { resource: bytes(&resource)[..].into(), display_name, ..state };
        let changed = vec!["displayName".to_owned()];
        let renamed = Event::GroupUpdated { group, state, changed, previous };
        vec![created, filled, renamed, Event::GroupDeleted { group, previous: bytes(&resource) }]
    }

    fn person(&mut self, shape: u64) -> (Person, Map<String, Value>) {
        let (given, family) = (self.pick(GIVEN), self.pick(FAMILY));
        let login = format!("{given}.{family}{}", self.below(90)).to_lowercase();
        let email = format!("{login}@{}", self.pick(DOMAIN));
        let person = Person {
            id: UserId::new(self.uuid()),
            external_id: match shape {
                0 => Some(self.uuid().to_string()),
                1 => Some(format!("00u{:017x}", self.next())),
                2 => Some(login),
                _ => None,
            },
            user_name: email.clone(),
            email,
            number: format!("{:06}", self.below(1_000_000)),
            manager: self.uuid().to_string(),
        };
        let resource = self.resource(&person, shape, given, family);
        (person, resource)
    }

    fn resource(
        &mut self,
        person: &Person,
        shape: u64,
        given: &str,
        family: &str,
    ) -> Map<String, Value> {
        let schemas = if shape == 2 { json!([USER]) } else { json!([USER, ENTERPRISE]) };
        let mut it = map(json!({ "schemas": schemas, "id": person.id.to_string() }));
        if let Some(id) = &person.external_id {
            it.insert("externalId".to_owned(), json!(id));
        }
        it.insert("userName".to_owned(), json!(person.user_name));
        let full = format!("{given} {family}");
        it.insert(
            "name".to_owned(),
            match shape {
                0 => json!({ "formatted": full, "familyName": family, "givenName": given }),
                _ => json!({ "familyName": family, "givenName": given }),
            },
        );
        it.insert("displayName".to_owned(), json!(full));
        if shape != 2 {
            it.insert("title".to_owned(), json!(self.title()));
            it.insert("preferredLanguage".to_owned(), json!(self.pick(LOCALE)));
        }
        if shape == 1 {
            it.insert("nickName".to_owned(), json!(given));
            it.insert("userType".to_owned(), json!("Employee"));
            it.insert("locale".to_owned(), json!(self.pick(LOCALE)));
            it.insert("timezone".to_owned(), json!(self.pick(ZONE)));
        }
        it.insert("active".to_owned(), json!(true));
        let email = json!({ "value": person.email, "type": "work", "primary": true });
        it.insert("emails".to_owned(), json!([email]));
        if shape != 2 {
            it.insert("phoneNumbers".to_owned(), self.phones());
            it.insert("addresses".to_owned(), self.addresses());
        }
        if shape == 3 {
            let role = json!({ "value": "User", "display": "User", "primary": true });
            it.insert("roles".to_owned(), json!([role]));
        }
        if shape != 2 {
            it.insert(
                ENTERPRISE.to_owned(),
                json!({
                    "employeeNumber": person.number,
                    "costCenter": format!("CC-{}", self.below(10_000)),
                    "organization": "Example",
                    "division": self.pick(DEPARTMENT),
                    "department": self.pick(DEPARTMENT),
                    "manager": { "value": person.manager },
                }),
            );
        }
        it
    }

    fn title(&mut self) -> String {
        format!("{} {} {}", self.pick(RANK), self.pick(DEPARTMENT), self.pick(TITLE))
    }

    fn phones(&mut self) -> Value {
        let work = format!("+1 555 01{:02}", self.below(100));
        let mobile = format!("+44 7700 900{:03}", self.below(1_000));
        json!([{ "value": work, "type": "work" }, { "value": mobile, "type": "mobile" }])
    }

    fn addresses(&mut self) -> Value {
        let street = format!("{} {} Street", 1 + self.below(300), self.pick(STREET));
        json!([{
            "streetAddress": street,
            "locality": self.pick(CITY),
            "region": self.pick(CITY),
            "postalCode": format!("{:05}", self.below(100_000)),
            "country": self.pick(COUNTRY),
            "type": "work",
            "primary": true,
        }])
    }

    fn pick(&mut self, words: &'static str) -> &'static str {
        let count = words.split_ascii_whitespace().count() as u64;
        let index = usize::try_from(self.below(count)).unwrap_or(0);
        words.split_ascii_whitespace().nth(index).unwrap_or_default()
    }

    fn uuid(&mut self) -> Uuid {
        uuid::Builder::from_unix_timestamp_millis(
            1_700_000_000_000 + self.below(100_000_000_000),
            &(self.next() as u128 | (self.next() as u128) << 64).to_be_bytes()[..10]
                .try_into()
                .unwrap_or_default(),
        )
        .into_uuid()
    }

    const fn below(&mut self, bound: u64) -> u64 {
        (self.next() >> 11) % bound
    }

    /// The generator `SplitMix64`.
    const fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

fn state(person: &Person, resource: &Map<String, Value>, active: bool) -> UserState {
    let kind = Some("work".to_owned());
    let enterprise = resource.contains_key(ENTERPRISE);
    UserState {
        resource: bytes(resource)[..].into(),
        user_name: person.user_name.clone(),
        external_id: person.external_id.clone(),
        active,
        emails: vec![Email { value: person.email.clone(), kind, primary: true }],
        employee_number: enterprise.then(|| person.number.clone()),
        manager: enterprise.then(|| person.manager.clone()),
        unique_keys: Vec::new(),
    }
}

/// Sets the value and gives the one before, as `previous` of an event holds it.
fn set(resource: &mut Map<String, Value>, name: &str, value: Value) -> Map<String, Value> {
    let before = resource.insert(name.to_owned(), value).unwrap_or(Value::Null);
    map(json!({ name: before }))
}

fn bytes(map: &Map<String, Value>) -> Bytes {
    serde_json::to_vec(map).unwrap_or_default().into()
}

fn map(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Map::new()
        }
    }
}

//! Sorting (RFC 7644 §3.4.2.3): by which attribute, and the keys that resources are ordered by.
//! Resources without a value come last when ascending, first when descending.

use std::cmp::Ordering;

use serde_json::{Map, Value};

use crate::{
    Error, Query,
    filter::{Place, TextKey, instant},
    path::{AttributePath, locate},
    schema::{Attribute, Kind, Mutability, ResourceType, Returned, USER_URN},
};

const VALUE: &str = "value";

/// What a list is ordered by.
#[derive(Clone, PartialEq, Debug)]
pub struct Sort {
    query: Query,
    place: Place,
    kind: Kind,
    text: TextKey,
    descending: bool,
}

/// What one resource is ordered by.
#[derive(Clone, PartialEq, Debug)]
pub enum Key {
    /// false before true.
    Boolean(bool),
    /// By value.
    Number(f64),
    /// Nanoseconds since 1970.
    Instant(i128),
    /// By code points, after folding unless the attribute is case-exact.
    Text(String),
    /// No value: behind everything.
    Nothing,
}

impl Sort {
    /// From the parameters `sortBy` and `sortOrder`; None if nothing is to be sorted by. 400 `invalidValue` for a name that the resource
    /// type doesn't have, a complex attribute without a `value`, and an order that is neither.
    pub fn parse(
        by: Option<&str>,
        order: Option<&str>,
        of: &ResourceType,
    ) -> Result<Option<Self>, Error> {
        let descending = match order.map(str::trim).filter(|order| !order.is_empty()) {
            None => false,
            Some(order) if order.eq_ignore_ascii_case("ascending") => false,
            Some(order) if order.eq_ignore_ascii_case("descending") => true,
            Some(_) => {
                return Err(Error::invalid_value("sortOrder: must be ascending or descending"));
            }
        };
        let Some(by) = by.map(str::trim).filter(|by| !by.is_empty()) else { return Ok(None) };
        let refused = |why: &str| {
            let name: String = by.chars().take(100).collect();
            Error::invalid_value(format!("sortBy: {name} {why}"))
        };
        let path = AttributePath::parse(by).map_err(|_| refused("is no attribute's name"))?;
        let found = locate(of, &path).map(|(found, _)| found);
        let found = found.ok_or_else(|| refused("is no attribute of this resource type"))?;
        let whole = found.attribute.kind == Kind::Complex && found.sub.is_none();
        let sub = if whole { found.attribute.sub(VALUE) } else { found.sub };
        if whole && sub.is_none() {
            return Err(refused("has sub-attributes; name one of them"));
        }
        let leaf = sub.unwrap_or(found.attribute);
        if [found.attribute, leaf].into_iter().any(is_hidden) {
            return Err(refused("can't be sorted by"));
        }
        let place = Place {
            extension: found.extension.map(|schema| schema.id.clone()),
            attribute: found.attribute.name.clone(),
            sub: sub.map(|sub| sub.name.clone()),
        };
        let is_user_name = leaf.name == "userName" && of.schema.id == USER_URN;
        let text = match (is_user_name, leaf.case_exact) {
            (true, _) => TextKey::UserName,
            (false, true) => TextKey::Exact,
            (false, false) => TextKey::Folded,
        };
        let query = Query::presence(place.clone());
        Ok(Some(Self { query, place, kind: leaf.kind, text, descending }))
    }

    /// A query that needs of a resource what its key is made of.
    pub fn query(&self) -> &Query {
        &self.query
    }

    /// The key of a resource that holds what [`Sort::query`] needs.
    pub fn key(&self, resource: &Map<String, Value>) -> Key {
        let found = self.place.find(resource).and_then(main_element);
        let value = match (found, &self.place.sub) {
            (Some(Value::Object(subs)), Some(sub)) => subs.get(sub),
            (found, _) => found,
        };
        value.map_or(Key::Nothing, |value| self.key_of(value))
    }

    /// Which of two keys comes first. Equal keys need another order.
    pub fn compare(&self, a: &Key, b: &Key) -> Ordering {
        let ordering = a.cmp(b);
        if self.descending { ordering.reverse() } else { ordering }
    }

    fn key_of(&self, value: &Value) -> Key {
        match (self.kind, value) {
            (_, Value::Bool(value)) => Key::Boolean(*value),
            (_, Value::Number(value)) => value.as_f64().map_or(Key::Nothing, Key::Number),
            (Kind::DateTime, Value::String(text)) => {
                let nanoseconds = instant(text).map(|at| at.as_nanosecond());
                nanoseconds.map_or(Key::Nothing, Key::Instant)
            }
            (_, Value::String(text)) => Key::Text(self.text.key(text)),
            (_, Value::Null | Value::Array(_) | Value::Object(_)) => Key::Nothing,
        }
    }
}

/// Sorting by what is never shown would disclose it.
fn is_hidden(attribute: &Attribute) -> bool {
    attribute.returned == Returned::Never || attribute.mutability == Mutability::WriteOnly
}

/// Of several elements the primary one counts, else the first.
fn main_element(value: &Value) -> Option<&Value> {
    let Value::Array(elements) = value else { return Some(value) };
    let is_primary = |element: &&Value| element.get("primary") == Some(&Value::Bool(true));
    elements.iter().find(is_primary).or_else(|| elements.first())
}

impl Eq for Key {}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Boolean(a), Self::Boolean(b)) => a.cmp(b),
            (Self::Number(a), Self::Number(b)) => a.total_cmp(b),
            (Self::Instant(a), Self::Instant(b)) => a.cmp(b),
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            (a, b) => a.rank().cmp(&b.rank()),
        }
    }
}

impl Key {
    /// One attribute has one kind; what is of another comes behind it.
    const fn rank(&self) -> u8 {
        match self {
            Self::Boolean(_) => 0,
            Self::Number(_) => 1,
            Self::Instant(_) => 2,
            Self::Text(_) => 3,
            Self::Nothing => 4,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{ScimType, schema};

    /// The numbers of the resources in order.
    fn check(by: &str, order: Option<&str>, resources: &[Value], expected: &[usize]) {
        let sort = Sort::parse(Some(by), order, schema::user()).unwrap().unwrap();
        let key = |resource: &Value| sort.key(resource.as_object().unwrap());
        let mut numbered: Vec<(Key, usize)> = resources.iter().map(key).zip(0..).collect();
        numbered.sort_by(|a, b| sort.compare(&a.0, &b.0).then(a.1.cmp(&b.1)));
        let order: Vec<usize> = numbered.into_iter().map(|(_, at)| at).collect();
        assert_eq!(order, expected, "{by}");
    }

    #[test]
    fn keys_follow_case_type_and_primary() {
        let names =
            [json!({"userName": "bob"}), json!({"userName": "Ada"}), json!({"userName": "ÄDA"})];
        check("userName", None, &names, &[1, 0, 2]);
        check("userName", Some("descending"), &names, &[2, 0, 1]);
        let ids = [json!({"externalId": "b"}), json!({"externalId": "C"}), json!({})];
        check("externalId", None, &ids, &[1, 0, 2]);
        check("externalId", Some("Descending"), &ids, &[2, 0, 1]);
        let family = [
            json!({"name": {"familyName": "Z"}}),
            json!({"name": {}}),
            json!({"name": {"familyName": "a"}}),
        ];
        check("name.familyName", None, &family, &[2, 0, 1]);
        let emails = [
            json!({"emails": [{"value": "b@x"}, {"value": "a@x", "primary": true}]}),
            json!({"emails": [{"value": "B@x"}, {"value": "a@x"}]}),
            json!({"emails": []}),
        ];
        check("emails", None, &emails, &[0, 1, 2]);
        check("emails.value", None, &emails, &[0, 1, 2]);
        let active = [json!({"active": true}), json!({"active": false}), json!({})];
        check("active", None, &active, &[1, 0, 2]);
        let number = |text: &str| json!({schema::ENTERPRISE_URN: {"employeeNumber": text}});
        let numbers = [number("2"), number("1")];
        check(&format!("{}:employeeNumber", schema::ENTERPRISE_URN), None, &numbers, &[1, 0]);
        let times = [
            json!({"meta": {"created": "2026-01-01T01:00:00+02:00"}}),
            json!({"meta": {"created": "2025-12-31T23:30:00Z"}}),
        ];
        check("meta.created", None, &times, &[0, 1]);
    }

    #[test]
    fn what_can_not_be_sorted_by_is_refused_by_name() {
        let check = |by: &str, order: Option<&str>, named: &str| {
            let error = Sort::parse(Some(by), order, schema::user()).unwrap_err();
            assert_eq!((error.status, error.scim_type), (400, Some(ScimType::InvalidValue)));
            assert!(error.detail.starts_with(named), "{error}");
        };
        check("colour", None, "sortBy");
        check("name", None, "sortBy");
        check("password", None, "sortBy");
        check("emails[type eq \"work\"]", None, "sortBy");
        check("userName", Some("up"), "sortOrder");
        assert_eq!(Sort::parse(None, None, schema::user()), Ok(None));
        assert_eq!(Sort::parse(Some(""), Some(""), schema::user()), Ok(None));
    }
}

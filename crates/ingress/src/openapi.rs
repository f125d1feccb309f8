//! GET `/openapi.json` below a base address: what can be asked there, as an `OpenAPI` 3.1 document. Made from the table of routes and
//! from the schemas, so a new route can't be left out.

use std::sync::LazyLock;

use scim::json_schema::{of_answer, of_body};
use scim::schema::{group, group_member, user};
use serde_json::{Map, Value, json};

use crate::routes::{Route, SCIM, Scim, Verb};

const LIST_PARAMETERS: &[&str] = &[
    "filter",
    "startIndex",
    "count",
    "cursor",
    "sortBy",
    "sortOrder",
    "attributes",
    "excludedAttributes",
];
const MEMBER_PARAMETERS: &[&str] =
    &["filter", "startIndex", "count", "cursor", "attributes", "excludedAttributes"];
const PROJECTION: &[&str] = &["attributes", "excludedAttributes"];

/// What is said of one endpoint.
struct About {
    summary: &'static str,
    /// Parameters of the query.
    query: &'static [&'static str],
    /// The schema of the body, by name.
    body: Option<&'static str>,
    /// Statuses of success, each with the schema of its body.
    answers: &'static [(u16, Option<&'static str>)],
    /// Statuses of errors beyond those of every request.
    errors: &'static [u16],
}

/// Errors that every request of a tenant may meet, and those of a body.
const ERRORS: &[u16] = &[400, 401, 403, 406, 431, 500, 503];
const BODY_ERRORS: &[u16] = &[408, 413, 415];

/// The document as text; `base` is the address that it is about.
pub(crate) fn document(base: &str) -> String {
    let rest = REST.strip_prefix('{').unwrap_or_default();
    format!("{{\"servers\":{},{rest}", json!([{ "url": base }]))
}

/// All of it but the address: anybody may ask for it, so it is made once.
static REST: LazyLock<String> = LazyLock::new(|| {
    let mut paths = Map::new();
    for route in SCIM.iter().filter(|route| is_described(route)) {
        let operations = route.1.iter();
        let operations = operations.map(|(verb, endpoint)| {
            (verb.as_str().to_lowercase(), operation(route.0, *verb, *endpoint))
        });
        paths.insert(route.0.to_owned(), Value::Object(operations.collect()));
    }
    let document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Rollcall SCIM 2.0",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "RFC 7643, RFC 7644 and RFC 9865. Bodies have the shapes of RFC 7643; which others are understood is a \
                            matter of the tenant's profile.",
        },
        "security": [{ "token": [] }],
        "paths": paths,
        "components": {
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer" } },
            "schemas": schemas(),
        },
    });
    document.to_string()
});

/// What a tenant defines besides isn't known here.
fn is_described(route: &Route<Scim>) -> bool {
    !route.0.is_empty() && !route.0.starts_with("/{endpoint}")
}

fn operation(template: &str, verb: Verb, endpoint: Scim) -> Value {
    let About { summary, query, body, answers, errors } = about(endpoint);
    let in_path = template.split('/').filter_map(|it| it.strip_prefix('{')?.strip_suffix('}'));
    let in_path = in_path.map(|name| {
        json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string", "minLength": 1 } })
    });
    let in_query = query.iter().map(|name| {
        let kind = if matches!(*name, "startIndex" | "count") { "integer" } else { "string" };
        json!({ "name": name, "in": "query", "schema": { "type": kind } })
    });
    let of_body = if body.is_some() { BODY_ERRORS } else { &[] };
    let errors = ERRORS.iter().chain(of_body).chain(errors);
    let errors = errors.map(|status| (status, response("Refused", Some("Error"))));
    let done = answers.iter().map(|(status, schema)| (status, response("Done", *schema)));
    let responses = done.chain(errors).map(|(status, response)| (status.to_string(), response));
    // One endpoint has several verbs; an operation's id is its own.
    let verb = if endpoint == Scim::Me { verb.as_str() } else { "" };
    let mut operation = Map::from_iter([
        ("operationId".to_owned(), format!("{endpoint:?}{verb}").into()),
        ("summary".to_owned(), summary.into()),
        ("parameters".to_owned(), in_path.chain(in_query).collect()),
        ("responses".to_owned(), Value::Object(responses.collect())),
    ]);
    if let Some(body) = body {
        let body = json!({ "required": true, "content": content(body) });
        operation.insert("requestBody".to_owned(), body);
    }
    if matches!(endpoint, Scim::Config | Scim::Document) {
        operation.insert("security".to_owned(), json!([]));
    }
    Value::Object(operation)
}

fn response(description: &str, schema: Option<&str>) -> Value {
    match schema {
        None => json!({ "description": description }),
        Some(schema) => json!({ "description": description, "content": content(schema) }),
    }
}

fn content(schema: &str) -> Value {
    let schema = json!({ "$ref": format!("#/components/schemas/{schema}") });
    json!({
        "application/scim+json": { "schema": schema },
        "application/json": { "schema": schema },
    })
}

/// One line for each endpoint.
#[rustfmt::skip]
const fn about(endpoint: Scim) -> About {
    const fn one(summary: &'static str, query: &'static [&'static str], body: Option<&'static str>,
                 answers: &'static [(u16, Option<&'static str>)], errors: &'static [u16]) -> About {
        About { summary, query, body, answers, errors }
    }
    let list: &[(u16, Option<&str>)] = &[(200, Some("List"))];
    let document: &[(u16, Option<&str>)] = &[(200, Some("Document"))];
    match endpoint {
        Scim::UserList => one("List users", LIST_PARAMETERS, None, list, &[]),
        Scim::UserCreate => one("Create a user", PROJECTION, Some("UserBody"), &[(201, Some("User"))], &[409]),
        Scim::UserShow => one("Show a user", PROJECTION, None, &[(200, Some("User")), (304, None)], &[404]),
        Scim::UserReplace => one("Replace a user", PROJECTION, Some("UserBody"), &[(200, Some("User"))], &[404, 409, 412]),
        Scim::UserChange => one("Change a user", PROJECTION, Some("Patch"), &[(200, Some("User")), (204, None)], &[404, 409, 412]),
        Scim::UserRemove => one("Delete a user", &[], None, &[(204, None)], &[404, 412]),
        Scim::GroupList => one("List groups", LIST_PARAMETERS, None, list, &[]),
        Scim::GroupCreate => one("Create a group", PROJECTION, Some("GroupBody"), &[(201, Some("Group"))], &[409]),
        Scim::GroupShow => one("Show a group", PROJECTION, None, &[(200, Some("Group")), (304, None)], &[404]),
        Scim::GroupReplace => one("Replace a group", PROJECTION, Some("GroupBody"), &[(200, Some("Group"))], &[404, 409, 412]),
        Scim::GroupChange => one("Change a group", PROJECTION, Some("Patch"), &[(200, Some("Group")), (204, None)], &[404, 409, 412]),
        Scim::GroupRemove => one("Delete a group", &[], None, &[(204, None)], &[404, 412]),
        Scim::MemberList => one("List the members of a group", MEMBER_PARAMETERS, None, list, &[]),
        Scim::MemberShow => one("Show one membership", PROJECTION, None, &[(200, Some("GroupMember"))], &[404]),
        Scim::UserSearch => one("Search users", &[], Some("Search"), list, &[]),
        Scim::GroupSearch => one("Search groups", &[], Some("Search"), list, &[]),
        Scim::Search => one("Search users and groups", &[], Some("Search"), list, &[]),
        Scim::Root => one("Search users and groups", LIST_PARAMETERS, None, list, &[]),
        Scim::Bulk => one("Do many operations", &[], Some("Bulk"), &[(200, Some("BulkDone"))], &[]),
        Scim::Me => one("Not offered: a token is nobody", &[], None, &[], &[501]),
        Scim::Config => one("What this service can do", &[], None, document, &[404]),
        Scim::Document => one("This document", &[], None, &[(200, Some("Anything"))], &[404]),
        Scim::ResourceTypeList => one("List resource types", &[], None, list, &[]),
        Scim::ResourceTypeShow => one("Show a resource type", &[], None, document, &[404]),
        Scim::SchemaList => one("List schemas", &[], None, list, &[]),
        Scim::SchemaShow => one("Show a schema", &[], None, document, &[404]),
        Scim::CustomList => one("List resources", LIST_PARAMETERS, None, list, &[404]),
        Scim::CustomSearch => one("Search resources", &[], Some("Search"), list, &[404]),
        Scim::CustomCreate => one("Create a resource", PROJECTION, Some("Anything"), &[(201, Some("Anything"))], &[404, 409]),
        Scim::CustomShow => one("Show a resource", PROJECTION, None, &[(200, Some("Anything")), (304, None)], &[404]),
        Scim::CustomReplace => one("Replace a resource", PROJECTION, Some("Anything"), &[(200, Some("Anything"))], &[404, 409, 412]),
        Scim::CustomChange => one("Change a resource", PROJECTION, Some("Patch"), &[(200, Some("Anything")), (204, None)], &[404, 409, 412]),
        Scim::CustomRemove => one("Delete a resource", &[], None, &[(204, None)], &[404, 412]),
    }
}

/// Resources as their schemas have them, and the messages of RFC 7644.
fn schemas() -> Value {
    let messages = serde_json::from_str(include_str!("openapi/messages.json"));
    let mut schemas: Map<String, Value> = messages.unwrap_or_default();
    for of in [user(), group()] {
        schemas.insert(of.name.clone(), of_answer(of));
        schemas.insert(format!("{}Body", of.name), of_body(of));
    }
    schemas.insert(group_member().name.clone(), of_answer(group_member()));
    Value::Object(schemas)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_is_in_it_and_every_reference_has_its_schema() {
        let base = "https://scim.example.com/t/acme/scim/v2";
        let document: Value = serde_json::from_str(&document(base)).unwrap();
        assert_eq!(document["servers"], json!([{ "url": base }]));
        for route in SCIM.iter().filter(|route| is_described(route)) {
            for (verb, _) in route.1 {
                let operation = &document["paths"][route.0][verb.as_str().to_lowercase()];
                assert!(operation["summary"].is_string(), "{verb:?} {}", route.0);
            }
        }
        let text = document.to_string();
        let references = text.split("#/components/schemas/").skip(1);
        for name in references.filter_map(|rest| rest.split('"').next()) {
            assert!(document["components"]["schemas"][name].is_object(), "{name}");
        }
    }
}

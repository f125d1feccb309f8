//! Every route on one screen: [`SCIM`] and [`PLATFORM`]. Finds the endpoint of a method and an address; does no work
//! itself. A new row needs its arm in `gateway.rs` or `v1/mod.rs`, and its row in the isolation test.

use actix_web::http::Method;

use Platform as P;
use Scim as S;
use Verb::{Delete, Get, Patch, Post, Put};

/// What identity providers speak to, behind each base address (`/t/{tenant}/scim/v2`, `/scim/v2`).
/// The first row that fits counts, so a name stands before a parameter.
#[rustfmt::skip]
pub const SCIM: &[Route<Scim>] = &[
    Route("/Users/.search", &[(Post, S::UserSearch)]),
    Route("/Users/{id}", &[(Get, S::UserShow), (Put, S::UserReplace), (Patch, S::UserChange), (Delete, S::UserRemove)]),
    Route("/Users", &[(Get, S::UserList), (Post, S::UserCreate)]),
    Route("/Groups/.search", &[(Post, S::GroupSearch)]),
    Route("/Groups/{id}", &[(Get, S::GroupShow), (Put, S::GroupReplace), (Patch, S::GroupChange), (Delete, S::GroupRemove)]),
    Route("/Groups", &[(Get, S::GroupList), (Post, S::GroupCreate)]),
    Route("/GroupMembers/{id}", &[(Get, S::MemberShow)]),
    Route("/GroupMembers", &[(Get, S::MemberList)]),
    Route("", &[(Get, S::Root)]),
    Route("/ServiceProviderConfig", &[(Get, S::Config)]),
    Route("/openapi.json", &[(Get, S::Document)]),
    Route("/ResourceTypes/{name}", &[(Get, S::ResourceTypeShow)]),
    Route("/ResourceTypes", &[(Get, S::ResourceTypeList)]),
    Route("/Schemas/{urn}", &[(Get, S::SchemaShow)]),
    Route("/Schemas", &[(Get, S::SchemaList)]),
    Route("/.search", &[(Post, S::Search)]),
    Route("/Bulk", &[(Post, S::Bulk)]),
    Route("/Me", &[(Get, S::Me), (Post, S::Me), (Put, S::Me), (Patch, S::Me), (Delete, S::Me)]),
    // Whatever the tenant defines besides.
    Route("/{endpoint}/.search", &[(Post, S::CustomSearch)]),
    Route("/{endpoint}/{id}", &[(Get, S::CustomShow), (Put, S::CustomReplace), (Patch, S::CustomChange), (Delete, S::CustomRemove)]),
    Route("/{endpoint}", &[(Get, S::CustomList), (Post, S::CustomCreate)]),
];

/// What the platform and its services speak to; errors are `problem+json`.
#[rustfmt::skip]
pub const PLATFORM: &[Route<Platform>] = &[
    Route("/v1/tenants/{tenant}/schemas/{urn}", &[(Get, P::SchemaShow), (Put, P::SchemaPut), (Delete, P::SchemaRemove)]),
    Route("/v1/tenants/{tenant}/schemas", &[(Get, P::SchemaList)]),
    Route("/v1/tenants/{tenant}/events", &[(Get, P::EventList)]),
    Route("/v1/tenants/{tenant}/users", &[(Get, P::PersonList)]),
    Route("/v1/tenants/{tenant}/teams", &[(Get, P::TeamList)]),
    Route("/v1/tenants/{tenant}/tokens/{token}", &[(Delete, P::TokenRevoke)]),
    Route("/v1/tenants/{tenant}/tokens", &[(Get, P::TokenList), (Post, P::TokenIssue)]),
    Route("/v1/tenants/{tenant}", &[(Get, P::TenantShow), (Patch, P::TenantChange), (Delete, P::TenantRemove)]),
    Route("/v1/tenants", &[(Get, P::TenantList), (Post, P::TenantCreate)]),
    Route("/v1/log/segments/{number}/verify", &[(Post, P::SegmentVerify)]),
    Route("/v1/log/segments/{number}", &[(Get, P::SegmentShow)]),
    Route("/v1/log/unsealed", &[(Get, P::UnsealedShow)]),
    Route("/v1/log/views/verify", &[(Post, P::ViewsVerify)]),
    Route("/v1/log", &[(Get, P::LogShow)]),
    Route("/v1/relay/resume", &[(Post, P::RelayResume)]),
    Route("/v1/relay/republish", &[(Post, P::RelayRepublish)]),
    Route("/v1/relay", &[(Get, P::RelayShow)]),
];

/// One address – parameters in braces – and what may be done there.
#[derive(Debug)]
pub struct Route<E: 'static>(pub &'static str, pub &'static [(Verb, E)]);

/// The methods that are used. HEAD counts as GET.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[expect(missing_docs, reason = "the names of HTTP")]
pub enum Verb {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

/// What an identity provider asks for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(usize)]
#[expect(missing_docs, reason = "the rows of `SCIM` say what they are")]
pub enum Scim {
    UserList,
    UserCreate,
    UserShow,
    UserReplace,
    UserChange,
    UserRemove,
    GroupList,
    GroupCreate,
    GroupShow,
    GroupReplace,
    GroupChange,
    GroupRemove,
    MemberList,
    MemberShow,
    Root,
    Config,
    Document,
    ResourceTypeList,
    ResourceTypeShow,
    SchemaList,
    SchemaShow,
    UserSearch,
    GroupSearch,
    Search,
    Bulk,
    Me,
    CustomList,
    CustomSearch,
    CustomCreate,
    CustomShow,
    CustomReplace,
    CustomChange,
    CustomRemove,
}

/// What the platform asks for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(usize)]
#[expect(missing_docs, reason = "the rows of `PLATFORM` say what they are")]
pub enum Platform {
    TenantList,
    TenantCreate,
    TenantShow,
    TenantChange,
    TenantRemove,
    TokenList,
    TokenIssue,
    TokenRevoke,
    SchemaList,
    SchemaShow,
    SchemaPut,
    SchemaRemove,
    EventList,
    PersonList,
    TeamList,
    LogShow,
    SegmentShow,
    SegmentVerify,
    UnsealedShow,
    ViewsVerify,
    RelayShow,
    RelayResume,
    RelayRepublish,
}

/// What was found for a method and an address.
#[derive(Debug)]
pub(crate) enum Found<'a, E> {
    /// An endpoint, the template it was found by and the parameters in order, still percent-encoded.
    Endpoint { endpoint: E, template: &'static str, parameters: Vec<&'a str> },
    /// The address exists, the method doesn't; these do, as the Allow header says it.
    WrongVerb { allow: String },
    /// No such address.
    Nothing,
}

/// Finds what a request asks for, in one of the tables.
pub(crate) fn find<'a, E: Copy>(
    table: &'static [Route<E>],
    method: &Method,
    segments: &[&'a str],
) -> Found<'a, E> {
    let fitting = table.iter().find_map(|route| Some((route, fit(route.0, segments)?)));
    let Some((Route(template, verbs), parameters)) = fitting else { return Found::Nothing };
    let verb = Verb::of(method);
    match verbs.iter().find(|(offered, _)| Some(*offered) == verb) {
        Some((_, endpoint)) => Found::Endpoint { endpoint: *endpoint, template, parameters },
        None => Found::WrongVerb { allow: allow(verbs.iter().map(|(verb, _)| *verb)) },
    }
}

/// The parameters, if the segments fit the template.
fn fit<'a>(template: &str, segments: &[&'a str]) -> Option<Vec<&'a str>> {
    let mut parameters = Vec::new();
    let mut segments = segments.iter();
    for wanted in template.split('/').skip(1) {
        let given = *segments.next()?;
        if wanted.starts_with('{') {
            parameters.push(given);
        } else if wanted != given {
            return None;
        }
    }
    segments.next().is_none().then_some(parameters)
}

fn allow(verbs: impl Iterator<Item = Verb>) -> String {
    let names: Vec<&str> = verbs.map(Verb::as_str).collect();
    let head = if names.contains(&Get.as_str()) { ", HEAD" } else { "" };
    names.join(", ") + head
}

impl Verb {
    fn of(method: &Method) -> Option<Self> {
        match *method {
            Method::GET | Method::HEAD => Some(Get),
            Method::POST => Some(Post),
            Method::PUT => Some(Put),
            Method::PATCH => Some(Patch),
            Method::DELETE => Some(Delete),
            _ => None,
        }
    }

    /// The method's name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Get => "GET",
            Post => "POST",
            Put => "PUT",
            Patch => "PATCH",
            Delete => "DELETE",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Addresses, address::Address};

    #[test]
    fn requests_find_their_endpoint() {
        let check = |method: Method, path: &str, expected: &str| {
            let addresses = Addresses::new("http://x");
            let found = match Address::parse(None, path, &addresses) {
                None => "no address".to_owned(),
                Some(at) if at.is_platform() => say(find(PLATFORM, &method, at.segments())),
                Some(at) => say(find(SCIM, &method, at.segments())),
            };
            assert_eq!(found, expected, "{method} {path}");
        };
        check(Method::GET, "/scim/v2/Users", "UserList []");
        check(Method::HEAD, "/scim/v2/Users/a", "UserShow [\"a\"]");
        check(Method::POST, "/t/acme/scim/v2/Users/", "UserCreate []");
        check(Method::PATCH, "/t/acme/scim//v2/Groups//g", "GroupChange [\"g\"]");
        check(Method::PUT, "/t/acme/scim/Users/u", "UserReplace [\"u\"]");
        check(Method::GET, "/scim", "Root []");
        check(Method::GET, "/t/acme/scim/v2/", "Root []");
        check(Method::POST, "/scim/v2", "allow GET, HEAD");
        check(Method::POST, "/scim/v2/Users/.search", "UserSearch []");
        check(Method::PUT, "/scim/v2/Users", "allow GET, POST, HEAD");
        check(Method::OPTIONS, "/scim/v2/Bulk", "allow POST");
        check(Method::GET, "/scim/v2/Roles", "CustomList [\"Roles\"]");
        check(Method::PATCH, "/scim/v2/Roles/r", "CustomChange [\"Roles\", \"r\"]");
        check(Method::GET, "/scim/v2/Users/a/b", "nothing");
        check(Method::GET, "/t/acme", "no address");
        check(Method::GET, "/", "no address");
        check(Method::GET, "/v1/tenants/acme/tokens", "TokenList [\"acme\"]");
        check(Method::DELETE, "/v1/tenants/acme/tokens/k", "TokenRevoke [\"acme\", \"k\"]");
        check(Method::GET, "/v1/Users", "nothing");
    }

    fn say<E: std::fmt::Debug>(found: Found<'_, E>) -> String {
        match found {
            Found::Endpoint { endpoint, parameters, .. } => format!("{endpoint:?} {parameters:?}"),
            Found::WrongVerb { allow } => format!("allow {allow}"),
            Found::Nothing => "nothing".to_owned(),
        }
    }
}

//! From a request to its answer: route, admit, hand over to the endpoint, put the answer into HTTP.
//! Every request takes this one way, so every error has SCIM's form (or `/v1`'s) and every request its log line.

use actix_web::{HttpRequest, HttpResponse, web};

use crate::address::Address;
use crate::answer::{self, Answer};
use crate::error::Error;
use crate::exchange::Exchange;
use crate::list::Kind;
use crate::media::Wanted;
use crate::metrics::Endpoint;
use crate::routes::{PLATFORM, SCIM, Scim, find};
use crate::{State, bulk, customs, discovery, groups, memberships, search, tenant, users, v1};

/// What lists are of.
const USERS: &[Kind<'_>] = &[Kind::User];
const GROUPS: &[Kind<'_>] = &[Kind::Group];

/// Answers a request.
pub(crate) async fn answer(
    request: HttpRequest,
    payload: web::Payload,
    state: web::Data<State>,
) -> HttpResponse {
    let mut exchange = Exchange::begin(&state, &request, payload.into_inner());
    let wanted = Wanted::of(exchange.headers());
    let address = Address::parse(exchange.host(), exchange.path(), &state.addresses);
    let platform = address.as_ref().is_some_and(Address::is_platform);
    let outcome = route(&mut exchange, address, wanted).await;
    let mut response = match (platform, outcome) {
        (false, Ok(answer)) => answer.into_response(wanted.content_type()),
        (true, Ok(answer)) => answer.into_response(answer::PLATFORM_TYPE),
        (false, Err(error)) => answer::scim_error(&error, exchange.txn, wanted.content_type()),
        (true, Err(error)) => answer::problem_error(&error, exchange.txn),
    };
    answer::name_request(response.headers_mut(), exchange.txn);
    exchange.line.status = Some(response.status().as_u16());
    response
}

async fn route<'a>(
    exchange: &mut Exchange<'a>,
    address: Option<Address<'a>>,
    wanted: Wanted,
) -> Result<Answer, Error> {
    check_headers(exchange)?;
    let address = address.ok_or(Error::NoRoute)?;
    let method = exchange.method();
    if address.is_platform() {
        let endpoint =
            exchange.enter(find(PLATFORM, method, address.segments()), Endpoint::Platform)?;
        return v1::answer(exchange, endpoint).await;
    }
    let endpoint = exchange.enter(find(SCIM, method, address.segments()), Endpoint::Scim)?;
    exchange.base = address.base(&exchange.state.addresses);
    scim(exchange, endpoint, address.tenant(), wanted).await
}

#[expect(clippy::cognitive_complexity, reason = "a table: one line for each endpoint")]
async fn scim(
    exchange: &mut Exchange<'_>,
    endpoint: Scim,
    addressed: Option<&str>,
    wanted: Wanted,
) -> Result<Answer, Error> {
    // The bare base address without a question says what is here.
    let is_asked = endpoint == Scim::Root && exchange.query().has("filter");
    if endpoint == Scim::Config || endpoint == Scim::Root && !is_asked {
        return discovery::config(exchange, addressed);
    }
    if endpoint == Scim::Document {
        return discovery::openapi(exchange, addressed);
    }
    let caller = tenant::admit(exchange, addressed).await?;
    if wanted == Wanted::Neither && caller.profile().strict {
        return Err(Error::NotAcceptable);
    }
    match endpoint {
        Scim::UserList => search::by_query(exchange, &caller, USERS).await,
        Scim::UserCreate => users::create(exchange, &caller).await,
        Scim::UserShow => users::show(exchange, &caller).await,
        Scim::UserReplace => users::replace(exchange, &caller).await,
        Scim::UserChange => users::change(exchange, &caller).await,
        Scim::UserRemove => users::remove(exchange, &caller).await,
        Scim::GroupList => search::by_query(exchange, &caller, GROUPS).await,
        Scim::GroupCreate => groups::create(exchange, &caller).await,
        Scim::GroupShow => groups::show(exchange, &caller).await,
        Scim::GroupReplace => groups::replace(exchange, &caller).await,
        Scim::GroupChange => groups::change(exchange, &caller).await,
        Scim::GroupRemove => groups::remove(exchange, &caller).await,
        Scim::MemberList => memberships::list(exchange, &caller).await,
        Scim::MemberShow => memberships::show(exchange, &caller).await,
        Scim::ResourceTypeList => discovery::resource_type_list(exchange, &caller),
        Scim::ResourceTypeShow => discovery::resource_type(exchange, &caller),
        Scim::SchemaList => discovery::schema_list(exchange, &caller),
        Scim::SchemaShow => discovery::schema(exchange, &caller),
        Scim::UserSearch => search::by_body(exchange, &caller, USERS).await,
        Scim::GroupSearch => search::by_body(exchange, &caller, GROUPS).await,
        Scim::Search => search::by_body(exchange, &caller, &Kind::all(caller.types())).await,
        Scim::Bulk => bulk::run(exchange, &caller).await,
        Scim::Me => Err(Error::NotOffered { what: "/Me" }),
        Scim::Root => search::by_query(exchange, &caller, &Kind::all(caller.types())).await,
        Scim::CustomList => customs::list(exchange, &caller).await,
        Scim::CustomSearch => customs::search(exchange, &caller).await,
        Scim::CustomCreate => customs::create(exchange, &caller).await,
        Scim::CustomShow => customs::show(exchange, &caller).await,
        Scim::CustomReplace => customs::replace(exchange, &caller).await,
        Scim::CustomChange => customs::change(exchange, &caller).await,
        Scim::CustomRemove => customs::remove(exchange, &caller).await,
        Scim::Config => discovery::config(exchange, addressed),
        Scim::Document => discovery::openapi(exchange, addressed),
    }
}

/// All header fields together are limited (design §6).
fn check_headers(exchange: &Exchange<'_>) -> Result<(), Error> {
    let bytes_max = exchange.state.limits.header_bytes_max;
    let fields = exchange.headers().iter();
    let bytes: usize = fields.map(|(name, value)| name.as_str().len() + value.len()).sum();
    if bytes > bytes_max { Err(Error::HeadersTooLarge { bytes_max }) } else { Ok(()) }
}

//! `/Bulk` (RFC 7644 §3.7): ids first, then one txn per operation, one wait for all at the end.
//!
//! An operation that names another one comes behind it, whatever the order given; the answers are in the order given.

use std::collections::{HashMap, HashSet};

use actix_web::http::StatusCode;
use directory::{Command, CustomChange, Expected};
use events::{GroupId, ResourceId, Seq, TxnId, UserId};
use scim::bulk::{Bulk, Method, Operation, RESPONSE_URN};
use scim::limits::BULK_BYTES_MAX;
use scim::{Patch, Profile, ResourceType, ScimType, resource};
use serde_json::{Value, json};
use tenancy::Durable;
use uuid::Uuid;

use crate::answer::Answer;
use crate::error::Error;
use crate::exchange::Exchange;
use crate::tenant::Caller;
use crate::{precondition, render};

/// POST `/Bulk`.
pub(crate) async fn run(exchange: &mut Exchange<'_>, caller: &Caller) -> Result<Answer, Error> {
    let profile = caller.profile();
    let read = exchange.body(BULK_BYTES_MAX, move |body| Bulk::parse(body, profile)).await;
    let bulk = read.map_err(|error| {
        let is_too_large = matches!(error, Error::BodyTooLarge { .. });
        if is_too_large { Error::BulkTooLarge { bytes_max: BULK_BYTES_MAX } } else { error }
    })?;
    let Bulk { fail_on_errors, operations } = bulk;
    let mut run = Run::new(exchange, &operations);
    let mut failed = 0;
    for at in order(&operations) {
        if fail_on_errors.is_some_and(|max| failed >= max) {
            break;
        }
        let Some(operation) = operations.get(at) else { continue };
        let done = run.one(exchange, caller, operation).await;
        failed += usize::from(done.outcome.is_err());
        if let Some(slot) = run.done.get_mut(at) {
            *slot = Some(done);
        }
    }
    let mut answers = Vec::new();
    for (operation, done) in operations.iter().zip(run.done) {
        if let Some(done) = done {
            answers.push(done.shown(exchange, operation).await);
        }
    }
    Answer::json(StatusCode::OK, &json!({ "schemas": [RESPONSE_URN], "Operations": answers }))
}

/// What is known while operations are done.
struct Run {
    /// The id of each resource that a POST makes, by its name; those that failed are taken out.
    ids: HashMap<String, Uuid>,
    /// The names of those that are made by now.
    made: HashSet<String>,
    done: Vec<Option<Done>>,
}

/// An operation that was done, or not.
struct Done {
    outcome: Result<Shown, Error>,
    /// What it rests on.
    durable: Option<Durable>,
    location: Option<String>,
}

/// What a success shows.
struct Shown {
    status: StatusCode,
    version: Option<Seq>,
    events: usize,
}

/// What an operation is about.
#[derive(Clone, Copy)]
enum Target<'t> {
    Users(Option<Uuid>),
    Groups(Option<Uuid>),
    /// Of a tenant's own type.
    Customs(&'t ResourceType, Option<Uuid>),
}

impl Run {
    fn new(exchange: &Exchange<'_>, operations: &[Operation]) -> Self {
        let posts = operations.iter().filter(|it| it.method == Method::Post);
        let names = posts.filter_map(|it| it.bulk_id.clone());
        let ids = names.map(|name| (name, exchange.state.ids.next(exchange.now))).collect();
        Self { ids, made: HashSet::new(), done: operations.iter().map(|_| None).collect() }
    }

    async fn one(
        &mut self,
        exchange: &mut Exchange<'_>,
        caller: &Caller,
        operation: &Operation,
    ) -> Done {
        let own = operation.bulk_id.as_ref().filter(|_| operation.method == Method::Post);
        let id = own.and_then(|name| self.ids.get(name).copied());
        let mut resolved = operation.clone();
        // A user may name a manager who is still to come; a group's member must be there, and groups in a circle never are.
        let is_group = operation.path.trim_start_matches('/').starts_with("Groups");
        let known = |name: &str| {
            let is_there = !is_group || self.made.contains(name);
            self.ids.get(name).filter(|_| is_there).map(Uuid::to_string)
        };
        let resolved = match resolved.resolve(&known) {
            Ok(()) => Ok(resolved),
            Err(name) => Err(unresolved(&name)),
        };
        let done = match resolved.and_then(|it| Ok((command(exchange, caller, &it, id)?, it))) {
            Ok(((command, target), operation)) => {
                begin(exchange, caller, &operation, (command, target)).await
            }
            Err(error) => Done { outcome: Err(error), durable: None, location: None },
        };
        match (own, &done.outcome) {
            (Some(name), Ok(_)) => drop(self.made.insert(name.clone())),
            // Who names it from here on names nothing.
            (Some(name), Err(_)) => drop(self.ids.remove(name)),
            (None, _) => {}
        }
        done
    }
}

impl Done {
    /// The operation's part of the answer, once it counts.
    async fn shown(self, exchange: &mut Exchange<'_>, operation: &Operation) -> Value {
        let settled = match self.durable {
            Some(durable) => durable.wait().await.map_err(Error::from),
            None => Ok(()),
        };
        let mut shown = json!({ "method": operation.method.as_str() });
        let mut put = |name: &str, value: Value| {
            if let Some(members) = shown.as_object_mut() {
                members.insert(name.to_owned(), value);
            }
        };
        if let Some(bulk_id) = &operation.bulk_id {
            put("bulkId", bulk_id.as_str().into());
        }
        let location = self.location.map(Value::from);
        match settled.and(self.outcome) {
            Ok(Shown { status, version, events }) => {
                exchange.line.events += events;
                location.into_iter().for_each(|location| put("location", location));
                if let Some(version) = version {
                    put("version", format!("W/\"{version}\"").into());
                }
                put("status", status.as_str().into());
            }
            Err(error) => {
                let is_there = operation.method != Method::Post;
                location.filter(|_| is_there).into_iter().for_each(|it| put("location", it));
                put("status", error.facts().status.as_str().into());
                put("response", error.to_scim(exchange.txn));
            }
        }
        shown
    }
}

/// Those that others name come first; otherwise the order given. Names in a circle are met in the order given.
fn order(operations: &[Operation]) -> Vec<usize> {
    let posts = operations.iter().enumerate().filter(|(_, it)| it.method == Method::Post);
    let makers: HashMap<&str, usize> =
        posts.filter_map(|(at, it)| Some((it.bulk_id.as_deref()?, at))).collect();
    let (mut order, mut met) = (Vec::with_capacity(operations.len()), HashSet::new());
    for at in 0..operations.len() {
        let mut todo = vec![(at, false)];
        while let Some((at, ready)) = todo.pop() {
            if ready {
                order.push(at);
            } else if met.insert(at) {
                todo.push((at, true));
                let names = operations.get(at).map(Operation::references).unwrap_or_default();
                let before = names.iter().filter_map(|name| makers.get(name.as_str()));
                todo.extend(before.map(|at| (*at, false)));
            }
        }
    }
    order
}

/// What an operation asks of the directory.
fn command<'c>(
    exchange: &Exchange<'_>,
    caller: &'c Caller,
    operation: &Operation,
    id: Option<Uuid>,
) -> Result<(Command, Target<'c>), Error> {
    let (profile, types, data) = (caller.profile(), caller.types(), operation.data.clone());
    let expected = expected(operation);
    let target = Target::of(exchange, caller, operation)?;
    let command = match (target, operation.method, id) {
        (Target::Users(None), Method::Post, Some(id)) => {
            let draft = resource::read(data, types.user(), profile)?;
            Command::CreateUser { id: UserId::new(id), draft }
        }
        (Target::Groups(None), Method::Post, Some(id)) => {
            let draft = resource::read(data, types.group(), profile)?;
            Command::CreateGroup { id: GroupId::new(id), draft }
        }
        (Target::Users(Some(id)), method, _) => {
            user_command(UserId::new(id), method, expected, (data, types.user(), profile))?
        }
        (Target::Groups(Some(id)), method, _) => {
            group_command(GroupId::new(id), method, expected, (data, types.group(), profile))?
        }
        (Target::Customs(of, None), Method::Post, Some(id)) => {
            custom(of, id, CustomChange::Create(resource::read(data, of, profile)?))
        }
        (Target::Customs(of, Some(id)), method, _) => {
            custom(of, id, custom_change(method, expected, (data, of, profile))?)
        }
        (Target::Users(None) | Target::Groups(None) | Target::Customs(_, None), _, _) => {
            return Err(Error::WrongVerb { allow: "POST".to_owned() });
        }
    };
    let target = match id {
        Some(id) if operation.method == Method::Post => target.with(id),
        Some(_) | None => target,
    };
    Ok((command, target))
}

fn user_command(
    id: UserId,
    method: Method,
    expected: Expected,
    (data, of, profile): (Value, &ResourceType, Profile),
) -> Result<Command, Error> {
    Ok(match method {
        Method::Put => {
            Command::ReplaceUser { id, expected, draft: resource::read(data, of, profile)? }
        }
        Method::Patch => {
            Command::PatchUser { id, expected, patch: Patch::parse(data, of, profile)? }
        }
        Method::Delete => Command::DeleteUser { id, expected },
        Method::Post => return Err(Error::WrongVerb { allow: "PUT, PATCH, DELETE".to_owned() }),
    })
}

fn group_command(
    id: GroupId,
    method: Method,
    expected: Expected,
    (data, of, profile): (Value, &ResourceType, Profile),
) -> Result<Command, Error> {
    Ok(match method {
        Method::Put => {
            Command::ReplaceGroup { id, expected, draft: resource::read(data, of, profile)? }
        }
        Method::Patch => {
            Command::PatchGroup { id, expected, patch: Patch::parse(data, of, profile)? }
        }
        Method::Delete => Command::DeleteGroup { id, expected },
        Method::Post => return Err(Error::WrongVerb { allow: "PUT, PATCH, DELETE".to_owned() }),
    })
}

fn custom(of: &ResourceType, id: Uuid, change: CustomChange) -> Command {
    Command::Custom { of: of.name.clone(), id: ResourceId::new(id), change }
}

fn custom_change(
    method: Method,
    expected: Expected,
    (data, of, profile): (Value, &ResourceType, Profile),
) -> Result<CustomChange, Error> {
    Ok(match method {
        Method::Put => CustomChange::Replace(expected, resource::read(data, of, profile)?),
        Method::Patch => CustomChange::Patch(expected, Patch::parse(data, of, profile)?),
        Method::Delete => CustomChange::Delete(expected),
        Method::Post => return Err(Error::WrongVerb { allow: "PUT, PATCH, DELETE".to_owned() }),
    })
}

/// Decides and hands over; what comes of it counts at the end.
async fn begin(
    exchange: &mut Exchange<'_>,
    caller: &Caller,
    operation: &Operation,
    (command, target): (Command, Target<'_>),
) -> Done {
    let txn = TxnId::new(exchange.state.ids.next(exchange.now));
    let call = caller.call(txn, exchange.now);
    let metrics = &exchange.state.metrics;
    let read = |directory: &directory::Directory, decision: &directory::Decision| {
        metrics.count_coercions(&decision.coercions);
        (target.version(directory), decision.events.len())
    };
    let begun = exchange.state.tenancy.begin(&caller.tenant, call, command, read).await;
    let location = target.location(&exchange.base);
    let (answer, durable) = match begun {
        Ok((answer, durable)) => (answer, Some(durable)),
        Err(error) => (Err(error), None),
    };
    let status = match operation.method {
        Method::Post => StatusCode::CREATED,
        Method::Put | Method::Patch => StatusCode::OK,
        Method::Delete => StatusCode::NO_CONTENT,
    };
    let outcome = answer.map(|(version, events)| Shown { status, version, events });
    Done { outcome: outcome.map_err(Error::from), durable, location }
}

impl<'c> Target<'c> {
    /// What the path names: a list for POST, else one of it.
    fn of(
        exchange: &Exchange<'_>,
        caller: &'c Caller,
        operation: &Operation,
    ) -> Result<Self, Error> {
        let path = operation.path.strip_prefix(&exchange.base).unwrap_or(&operation.path);
        let mut parts = path.split('/').filter(|part| !part.is_empty());
        let (list, one, more) = (parts.next(), parts.next(), parts.next());
        let (kind, target): (_, fn(&'c ResourceType) -> Self) = match list {
            Some("Users") => ("User", |_| Self::Users(None)),
            Some("Groups") => ("Group", |_| Self::Groups(None)),
            Some(_) | None => ("resource", |of| Self::Customs(of, None)),
        };
        let of = match kind {
            "resource" => &**caller.types().at(list.unwrap_or_default()).ok_or(Error::NoRoute)?,
            _ => caller.types().user(),
        };
        if more.is_some() {
            return Err(Error::NoRoute);
        }
        let id = match one {
            None => None,
            Some(text) => {
                let id = Uuid::try_parse(text).ok().filter(|id| id.to_string() == text);
                let absent = || Error::NoSuch { kind, id: text.to_owned() };
                Some(id.ok_or_else(absent)?)
            }
        };
        let target = target(of);
        Ok(id.map_or(target, |id| target.with(id)))
    }

    const fn with(self, id: Uuid) -> Self {
        match self {
            Self::Users(_) => Self::Users(Some(id)),
            Self::Groups(_) => Self::Groups(Some(id)),
            Self::Customs(of, _) => Self::Customs(of, Some(id)),
        }
    }

    fn version(self, directory: &directory::Directory) -> Option<Seq> {
        match self {
            Self::Users(id) => directory.user(UserId::new(id?)).map(|it| it.version),
            Self::Groups(id) => directory.group(GroupId::new(id?)).map(|it| it.version),
            Self::Customs(of, id) => {
                directory.custom(&of.name, ResourceId::new(id?)).map(|it| it.version)
            }
        }
    }

    fn location(self, base: &str) -> Option<String> {
        match self {
            Self::Users(id) => id.map(|id| render::location(base, "Users", id)),
            Self::Groups(id) => id.map(|id| render::location(base, "Groups", id)),
            Self::Customs(of, id) => {
                id.map(|id| render::location(base, of.endpoint.trim_start_matches('/'), id))
            }
        }
    }
}

fn expected(operation: &Operation) -> Expected {
    operation.version.as_deref().map_or(Expected::Whatever, precondition::expected_version)
}

fn unresolved(name: &str) -> Error {
    let name: String = name.chars().take(100).collect();
    let detail = format!(
        "bulkId:{name} stands for nothing: no POST of that bulkId succeeded before this operation"
    );
    scim::Error::new(409, Some(ScimType::InvalidValue), detail).into()
}

//! Stored bytes become answers: `groups`, `meta` and others' display names are spliced in, nothing is re-encoded
//! unless a projection asks for less. Members and lists of groups are in `pieces.rs`.

use std::fmt::Display;
use std::io::Write;

use directory::{CustomView, GroupView, ManagerView, UserView};
use events::{GroupId, Member, Seq, Timestamp, UserId};
use memchr::memmem;
use scim::schema::{LIST_URN, group_member};
use scim::{Projection, ResourceType};
use serde_json::{Map, Value};

use crate::list::Found;

/// What a resource takes beyond its stored bytes, roughly.
const SPLICED_BYTES: usize = 320;
/// Where the Enterprise extension begins in stored bytes.
const ENTERPRISE_KEY: &[u8] = b"\"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User\":{";
/// Where the manager begins in the extension.
const MANAGER_KEY: &[u8] = b"\"manager\":{";

/// A user as an answer.
pub(crate) fn user(view: &UserView, base: &str, projection: &Projection) -> Vec<u8> {
    let mut out = Vec::with_capacity(view.resource.len() + SPLICED_BYTES);
    write_user(&mut out, view, base, projection);
    out
}

/// A user at the end of what is there.
pub(crate) fn write_user(out: &mut Vec<u8>, view: &UserView, base: &str, projection: &Projection) {
    let start = out.len();
    match &view.manager {
        Some(ManagerView { user: Some(manager), display, .. }) => {
            write_managed(out, open(&view.resource), base, (*manager, display.as_deref()));
        }
        Some(ManagerView { user: None, .. }) | None => out.extend_from_slice(open(&view.resource)),
    }
    write_groups(out, view, base);
    let times = (view.created, view.modified);
    write_meta(out, "User", &location(base, "Users", view.id), times, view.version);
    out.push(b'}');
    project(out, start, projection);
}

/// A resource of a tenant's own type at the end of what is there.
pub(crate) fn write_custom(
    out: &mut Vec<u8>,
    (view, of): (&CustomView, &ResourceType),
    base: &str,
    projection: &Projection,
) {
    let start = out.len();
    out.extend_from_slice(open(&view.resource));
    let times = (view.created, view.modified);
    let location = location(base, of.endpoint.trim_start_matches('/'), view.id);
    write_meta(out, &of.name, &location, times, view.version);
    out.push(b'}');
    project(out, start, projection);
}

/// A group without its members and without the brace at its end.
pub(crate) fn write_group_head(
    out: &mut Vec<u8>,
    view: &GroupView,
    base: &str,
    projection: &Projection,
) {
    let start = out.len();
    out.extend_from_slice(open(&view.resource));
    let times = (view.created, view.modified);
    write_meta(out, "Group", &location(base, "Groups", view.id), times, view.version);
    out.push(b'}');
    project(out, start, projection);
    out.pop();
}

/// One element of `members`.
pub(crate) fn write_member(out: &mut Vec<u8>, member: &Member, name: Option<&str>, base: &str) {
    let kind = match member {
        Member::User(user) => {
            write_reference(out, user, base, "Users");
            "User"
        }
        Member::Group(group) => {
            write_reference(out, group, base, "Groups");
            "Group"
        }
    };
    if let Some(name) = name {
        out.extend_from_slice(b",\"display\":");
        write_text(out, name);
    }
    write(out, format_args!(",\"type\":\"{kind}\"}}"));
}

/// One membership as a resource: of that group, who, and what they are called.
pub(crate) fn write_membership(
    out: &mut Vec<u8>,
    (group, member, name): (GroupId, &Member, Option<&str>),
    base: &str,
    projection: &Projection,
) {
    let start = out.len();
    let id = format!("{group}.{}", member.id());
    let schema = &group_member().schema.id;
    write(out, format_args!("{{\"schemas\":[\"{schema}\"],\"id\":\"{id}\",\"group\":"));
    write_reference(out, group, base, "Groups");
    out.extend_from_slice(b"},\"member\":");
    write_member(out, member, name, base);
    let location = location(base, "GroupMembers", id);
    write(
        out,
        format_args!(
            ",\"meta\":{{\"resourceType\":\"GroupMember\",\"location\":\"{location}\"}}}}"
        ),
    );
    project(out, start, projection);
}

/// What a list says of itself.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ListHead<'a> {
    /// How many there are on all pages, if that is known.
    pub(crate) total: Option<usize>,
    /// The first one's place, for a page by index.
    pub(crate) start_index: Option<usize>,
    /// How many are in this page.
    pub(crate) count: usize,
    /// Where a walk goes on.
    pub(crate) next: Option<&'a str>,
}

impl<'a> ListHead<'a> {
    pub(crate) fn of(found: &'a Found) -> Self {
        let Found { total, start_index, views, next } = found;
        Self { total: *total, start_index: *start_index, count: views.len(), next: next.as_deref() }
    }

    /// Of a list that is shown whole.
    pub(crate) const fn whole(count: usize) -> Self {
        Self { total: Some(count), start_index: Some(1), count, next: None }
    }
}

/// The beginning of a list, up to its first resource.
pub(crate) fn write_list_head(out: &mut Vec<u8>, head: &ListHead<'_>) {
    let ListHead { total, start_index, count, next } = head;
    write(out, format_args!("{{\"schemas\":[\"{LIST_URN}\"]"));
    if let Some(total) = total {
        write(out, format_args!(",\"totalResults\":{total}"));
    }
    if let Some(start_index) = start_index {
        write(out, format_args!(",\"startIndex\":{start_index}"));
    }
    write(out, format_args!(",\"itemsPerPage\":{count}"));
    if let Some(next) = next {
        // Its letters need no escapes.
        write(out, format_args!(",\"nextCursor\":\"{next}\""));
    }
    out.extend_from_slice(b",\"Resources\":[");
}

/// The address of a resource.
pub(crate) fn location(base: &str, endpoint: &str, id: impl Display) -> String {
    format!("{base}/{endpoint}/{id}")
}

/// A JSON object without its last brace.
fn open(object: &[u8]) -> &[u8] {
    object.strip_suffix(b"}").unwrap_or(object)
}

/// The stored user with what is known of its manager. The manager's own members are never empty.
fn write_managed(
    out: &mut Vec<u8>,
    stored: &[u8],
    base: &str,
    (manager, name): (UserId, Option<&str>),
) {
    // A quote within a string is escaped, so these bytes are keys wherever they are found.
    let extension = memmem::find(stored, ENTERPRISE_KEY).unwrap_or(stored.len());
    let (core, extension) = stored.split_at(extension);
    let at = memmem::find(extension, MANAGER_KEY);
    let at = at.map_or(extension.len(), |at| at + MANAGER_KEY.len());
    let (before, behind) = extension.split_at(at);
    out.extend_from_slice(core);
    out.extend_from_slice(before);
    if !behind.is_empty() {
        write(out, format_args!("\"$ref\":\"{base}/Users/{manager}\","));
        if let Some(name) = name {
            out.extend_from_slice(b"\"displayName\":");
            write_text(out, name);
            out.push(b',');
        }
    }
    out.extend_from_slice(behind);
}

fn write_groups(out: &mut Vec<u8>, view: &UserView, base: &str) {
    for (index, (group, name)) in view.groups.iter().enumerate() {
        out.extend_from_slice(if index == 0 { b",\"groups\":[" } else { b"," });
        write_reference(out, group, base, "Groups");
        out.extend_from_slice(b",\"display\":");
        write_text(out, name);
        out.extend_from_slice(b",\"type\":\"direct\"}");
    }
    if !view.groups.is_empty() {
        out.push(b']');
    }
}

/// `{"value":"…","$ref":"…"` – ids and base addresses need no escapes.
fn write_reference(out: &mut Vec<u8>, id: impl Display, base: &str, endpoint: &str) {
    write(out, format_args!("{{\"value\":\"{id}\",\"$ref\":\"{base}/{endpoint}/{id}\""));
}

fn write_meta(
    out: &mut Vec<u8>,
    kind: &str,
    location: &str,
    (created, modified): (Timestamp, Timestamp),
    version: Seq,
) {
    write(
        out,
        format_args!(
            ",\"meta\":{{\"resourceType\":\"{kind}\",\"created\":\"{created}\",\"lastModified\":\"{modified}\",\
             \"location\":\"{location}\",\"version\":\"W/\\\"{version}\\\"\"}}"
        ),
    );
}

/// Shows less of the resource that was written from `start` on, if less is asked for.
fn project(out: &mut Vec<u8>, start: usize, projection: &Projection) {
    if projection.is_default() {
        return;
    }
    let whole = out.get(start..).unwrap_or_default();
    let mut resource: Map<String, Value> = serde_json::from_slice(whole).unwrap_or_default();
    out.truncate(start);
    projection.apply(&mut resource);
    write_json(out, &resource);
}

/// A JSON string.
fn write_text(out: &mut Vec<u8>, text: &str) {
    write_json(out, text);
}

/// Any JSON.
pub(crate) fn write_json(out: &mut Vec<u8>, value: &(impl serde::Serialize + ?Sized)) {
    let written = serde_json::to_writer(out, value);
    debug_assert!(written.is_ok(), "a Vec takes everything");
}

fn write(out: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    let written = out.write_fmt(text);
    debug_assert!(written.is_ok(), "a Vec takes everything");
}

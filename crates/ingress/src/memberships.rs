//! `/GroupMembers`: the members of one group in pages, each as a resource, for groups that are too long to be read whole
//! (the SCIM working group's draft on large groups, IETF 125). Reading only: membership is changed through `/Groups`.

use directory::{Directory, Members};
use events::{GroupId, Member, Seq, UserId};
use scim::Filter;
use scim::schema::group_member;
use tenancy::Fact;
use uuid::Uuid;

use crate::answer::Answer;
use crate::error::Error;
use crate::exchange::Exchange;
use crate::list::{GoodFor, Kind, Place};
use crate::pieces::Source;
use crate::render::{self, ListHead};
use crate::search::{Paging, Search};
use crate::tenant::Caller;

const KIND: &str = "GroupMember";
/// What a cursor of this list is good for, among those of other lists.
const KINDS: &[u8] = b"m";

/// A page of a group's members: users before groups, each by id.
struct Page {
    start_index: Option<usize>,
    members: Vec<Member>,
    next: Option<String>,
}

/// GET `/GroupMembers?filter=group eq "id"`; with `and member eq "id"` one of them. A walk by cursor shows whoever is a member
/// throughout exactly once.
pub(crate) async fn list(exchange: &Exchange<'_>, caller: &Caller) -> Result<Answer, Error> {
    let search = Search::of_query(exchange.query())?;
    let (projection, paging) = (search.projection(group_member())?, search.paging()?);
    let filter = search.filter.as_ref().map_or("", |filter| filter.text.as_str());
    let (group, member) = Filter::membership(filter)?;
    // Nobody has the id of zeros: what is no id names no group.
    let group = GroupId::new(id(&group).unwrap_or_default());
    let mut members = members(exchange, caller, group).await?;
    if let Some(member) = member {
        members = one(&members, &member).into_iter().collect();
    }
    let tenant = caller.tenant.id();
    let good_for = GoodFor { tenant, kinds: KINDS, filter, order: ("", "") };
    let page = page(exchange, &good_for, &members, paging)?;
    let names = Source::of(exchange, caller).names(&page.members).await?;
    let mut body = Vec::new();
    let head = ListHead {
        total: Some(members.len()),
        start_index: page.start_index,
        count: page.members.len(),
        next: page.next.as_deref(),
    };
    render::write_list_head(&mut body, &head);
    for (index, (member, name)) in page.members.iter().zip(names).enumerate() {
        if index > 0 {
            body.push(b',');
        }
        let of = (group, member, name.as_deref());
        render::write_membership(&mut body, of, &exchange.base, &projection);
    }
    body.extend_from_slice(b"]}");
    Ok(Answer::ok(body))
}

/// GET `/GroupMembers/{id}`: the id is the group's and the member's, with a dot between them.
pub(crate) async fn show(exchange: &Exchange<'_>, caller: &Caller) -> Result<Answer, Error> {
    let projection = exchange.projection(group_member())?;
    let both = exchange.parameter(0);
    let named = both.split_once('.').and_then(|(group, member)| Some((id(group)?, member)));
    let (group, member) = named.ok_or_else(|| exchange.no_such(KIND))?;
    let group = GroupId::new(group);
    let members = members(exchange, caller, group).await?;
    let member = one(&members, member).ok_or_else(|| exchange.no_such(KIND))?;
    let names = Source::of(exchange, caller).names(&[member]).await?;
    let name = names.first().and_then(Option::as_deref);
    let mut body = Vec::new();
    render::write_membership(&mut body, (group, &member, name), &exchange.base, &projection);
    Ok(Answer::ok(body))
}

/// The members as they are now; none if there is no such group.
async fn members(
    exchange: &Exchange<'_>,
    caller: &Caller,
    group: GroupId,
) -> Result<Members, Error> {
    let read = |directory: &Directory| {
        let members = directory.group(group).map(|view| view.members);
        (members.unwrap_or_default(), Fact::Head)
    };
    Ok(exchange.state.tenancy.read(&caller.tenant, read).await?)
}

/// The member of that id.
fn one(members: &Members, id: &str) -> Option<Member> {
    let id = self::id(id)?;
    let known = [Member::User(UserId::new(id)), Member::Group(GroupId::new(id))];
    known.into_iter().find(|member| members.contains(member))
}

/// An id as it is written in resources: one text names one resource.
fn id(text: &str) -> Option<Uuid> {
    text.parse().ok().filter(|id: &Uuid| id.to_string() == text)
}

fn page(
    exchange: &Exchange<'_>,
    good_for: &GoodFor<'_>,
    members: &Members,
    paging: Paging,
) -> Result<Page, Error> {
    let (cursor, count) = match paging {
        Paging::Index(page) => {
            let from = page.start_index.saturating_sub(1);
            let members = members.iter().skip(from).take(page.count).collect();
            return Ok(Page { start_index: Some(page.start_index), members, next: None });
        }
        Paging::Cursor { cursor, count } => (cursor, count),
    };
    let (place, count) = good_for.open(exchange, &cursor, count)?;
    let after = place.map(|place| match place.kind == Kind::Group.letter() {
        true => Member::Group(GroupId::new(place.id)),
        false => Member::User(UserId::new(place.id)),
    });
    let mut rest = members.iter_after(after.as_ref());
    let members: Vec<Member> = rest.by_ref().take(count).collect();
    let is_more = rest.next().is_some();
    let last = members.last().filter(|_| is_more).map(|last| match last {
        Member::User(user) => Place { kind: Kind::User.letter(), born: Seq(0), id: user.uuid() },
        Member::Group(group) => {
            Place { kind: Kind::Group.letter(), born: Seq(0), id: group.uuid() }
        }
    });
    let next = last.map(|last| good_for.seal(exchange, &last, count));
    Ok(Page { start_index: None, members, next })
}

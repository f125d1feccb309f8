//! Groups with their members: written in one go when they are few, else streamed slice by slice from a snapshot,
//! so that no lock is held for longer than one slice of names takes.

use std::collections::VecDeque;

use bytes::Bytes;
use directory::{GroupView, Members};
use events::Member;
use futures_util::stream;
use scim::Projection;
use serde_json::{Map, Value};
use std::sync::Arc;
use tenancy::{Fact, Tenancy, Tenant};

use crate::answer::Body;
use crate::error::Error;
use crate::exchange::Exchange;
use crate::render::{self, write_json, write_member};
use crate::tenant::Caller;

/// Members whose names are looked up under one lock, at most.
const SLICE_MEMBERS: usize = 256;
/// Up to so many members an answer is written in one go.
const WHOLE_MEMBERS_MAX: usize = 1024;

/// An answer with groups in it, to be written piece by piece.
pub(crate) struct Pieces {
    source: Source,
    projection: Projection,
    queue: VecDeque<Piece>,
    /// Members still to be written.
    members: usize,
}

/// Where members' names are looked up, and how their links begin.
pub(crate) struct Source {
    tenancy: Tenancy,
    tenant: Tenant,
    base: String,
}

enum Piece {
    Text(Vec<u8>),
    /// Those behind `after`; nothing of the array has been written while that is `None`.
    Members {
        members: Members,
        after: Option<Member>,
    },
}

impl Pieces {
    /// Nothing yet.
    pub(crate) const fn new(source: Source, projection: Projection) -> Self {
        Self { source, projection, queue: VecDeque::new(), members: 0 }
    }

    /// Text as it is.
    pub(crate) fn text(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        write_text(&mut self.queue, write);
    }

    /// A group, with its members if the projection wants them.
    pub(crate) fn group(&mut self, view: &GroupView) {
        let Self { source, projection, queue, .. } = self;
        write_text(queue, |out| render::write_group_head(out, view, &source.base, projection));
        if self.projection.wants("members") {
            if view.members.is_empty() && self.projection.is_default() {
                self.text(|out| out.extend_from_slice(b",\"members\":[]"));
            } else if !view.members.is_empty() {
                self.members += view.members.len();
                let members = view.members.clone();
                self.queue.push_back(Piece::Members { members, after: None });
            }
        }
        self.text(|out| out.push(b'}'));
    }

    /// The body: whole if it is short.
    ///
    /// # Errors
    /// When names can't be looked up now.
    pub(crate) async fn into_body(mut self) -> Result<Body, Error> {
        if self.members > WHOLE_MEMBERS_MAX {
            return Ok(Body::Pieces(Box::pin(stream::unfold(self, Self::next_chunk))));
        }
        let mut whole = Vec::new();
        while self.write_next(&mut whole).await? {}
        Ok(Body::Whole(whole))
    }

    async fn next_chunk(mut self) -> Option<(Result<Bytes, Error>, Self)> {
        let mut chunk = Vec::new();
        match self.write_next(&mut chunk).await {
            Ok(true) => Some((Ok(chunk.into()), self)),
            Ok(false) => None,
            Err(error) => {
                self.queue.clear();
                Some((Err(error), self))
            }
        }
    }

    /// Writes the next piece or slice; `false` when there is none.
    async fn write_next(&mut self, out: &mut Vec<u8>) -> Result<bool, Error> {
        let Some(piece) = self.queue.pop_front() else { return Ok(false) };
        match piece {
            Piece::Text(text) if out.is_empty() => *out = text,
            Piece::Text(text) => out.extend_from_slice(&text),
            Piece::Members { members, after } => {
                let slice: Vec<Member> =
                    members.iter_after(after.as_ref()).take(SLICE_MEMBERS).collect();
                self.write_slice(out, &slice, after.is_none()).await?;
                match slice.last() {
                    Some(last) if slice.len() == SLICE_MEMBERS => {
                        let rest = Piece::Members { members, after: Some(*last) };
                        self.queue.push_front(rest);
                    }
                    Some(_) | None => out.push(b']'),
                }
            }
        }
        Ok(true)
    }

    async fn write_slice(
        &self,
        out: &mut Vec<u8>,
        slice: &[Member],
        first: bool,
    ) -> Result<(), Error> {
        let names = self.source.names(slice).await?;
        if first {
            out.extend_from_slice(b",\"members\":[");
        }
        for (index, (member, name)) in slice.iter().zip(names).enumerate() {
            if index > 0 || !first {
                out.push(b',');
            }
            let start = out.len();
            write_member(out, member, name.as_deref(), &self.source.base);
            if !self.projection.is_default() {
                self.project_member(out, start);
            }
        }
        Ok(())
    }

    /// Shows less of the member that was written last.
    fn project_member(&self, out: &mut Vec<u8>, start: usize) {
        let member: Value =
            serde_json::from_slice(out.split_off(start).as_slice()).unwrap_or_default();
        let mut group = Map::from_iter([("members".to_owned(), Value::Array(vec![member]))]);
        self.projection.apply(&mut group);
        let member = group.get("members").and_then(|members| members.get(0));
        write_json(out, member.unwrap_or(&Value::Object(Map::new())));
    }
}

/// Goes on with the text at the end.
fn write_text(queue: &mut VecDeque<Piece>, write: impl FnOnce(&mut Vec<u8>)) {
    match queue.back_mut() {
        Some(Piece::Text(text)) => write(text),
        Some(Piece::Members { .. }) | None => {
            let mut text = Vec::new();
            write(&mut text);
            queue.push_back(Piece::Text(text));
        }
    }
}

impl Source {
    /// Those of the tenant that asks, at the address that it asked.
    pub(crate) fn of(exchange: &Exchange<'_>, caller: &Caller) -> Self {
        let (tenancy, tenant) = (exchange.state.tenancy.clone(), caller.tenant.clone());
        Self { tenancy, tenant, base: exchange.base.clone() }
    }

    /// What members are called now; rests on the newest event, because any of them may have been renamed.
    pub(crate) async fn names(&self, members: &[Member]) -> Result<Vec<Option<Arc<str>>>, Error> {
        let names =
            |directory: &directory::Directory| (directory.display_names(members), Fact::Head);
        Ok(self.tenancy.read(&self.tenant, names).await?)
    }
}

//! Operations on the members of a group. Membership is never wiped by shape: only an empty list in `replace`, and `remove`
//! without a value, say "nobody".

use serde_json::Value;

use super::{MemberOp, plan::Plan, request::Verb};
use crate::{
    Coercion, Error,
    filter::Filter,
    resource::{MemberRef, read_members},
    schema::Attribute,
};

impl Plan<'_> {
    /// Plans what `verb` does to the members.
    pub(super) fn membership(
        &mut self,
        verb: Verb,
        filter: Option<&Filter>,
        sub: Option<&Attribute>,
        value: Option<Value>,
    ) -> Result<(), Error> {
        if sub.is_some() || (filter.is_some() && verb != Verb::Remove) {
            let detail = "members: an element can't be changed; remove it and add another";
            return Err(Error::mutability(detail));
        }
        let operation = match (verb, filter) {
            (_, Some(filter)) => Some(self.remove_where(filter)?),
            (Verb::Add, None) => self.add(value)?,
            (Verb::Replace, None) => self.replace(value)?,
            (Verb::Remove, None) => self.remove(value)?,
        };
        self.members.extend(operation);
        Ok(())
    }

    fn add(&mut self, value: Option<Value>) -> Result<Option<MemberOp>, Error> {
        let value = value.ok_or_else(no_list)?;
        let names_somebody = is_filled(&value);
        match self.members(value)? {
            Some(members) if !members.is_empty() => Ok(Some(MemberOp::Add(members))),
            // What was not added is not answered with success.
            None if names_somebody => Err(no_list()),
            Some(_) | None => Ok(None),
        }
    }

    /// A value that names no list changes no membership.
    fn replace(&mut self, value: Option<Value>) -> Result<Option<MemberOp>, Error> {
        match value {
            None if self.profile.strict => Err(no_list()),
            None => Ok(None),
            Some(value) => Ok(self.members(value)?.map(MemberOp::Replace)),
        }
    }

    /// With a value only those named in it (Entra); `null` and `""` name neither all nor some.
    fn remove(&mut self, value: Option<Value>) -> Result<Option<MemberOp>, Error> {
        let Some(value) = value else { return Ok(Some(MemberOp::RemoveAll)) };
        if value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty()) {
            return Err(no_list());
        }
        self.coercions.insert(Coercion::RemoveByValue);
        match self.members(value)? {
            Some(members) if !members.is_empty() => Ok(Some(MemberOp::Remove(members))),
            Some(_) | None => {
                self.coercions.insert(Coercion::RemovedNothing);
                Ok(None)
            }
        }
    }

    fn remove_where(&self, filter: &Filter) -> Result<MemberOp, Error> {
        if let Some(values) = filter.alternatives("value") {
            let member = |value: &str| MemberRef { value: value.to_owned(), kind: None };
            return Ok(MemberOp::Remove(values.into_iter().map(member).collect()));
        }
        let members = self.of.schema.attributes.iter().find(|one| one.name == "members");
        members.map(|members| filter.resolve_within(members)).transpose()?;
        Ok(MemberOp::RemoveWhere(filter.clone()))
    }

    fn members(&mut self, value: Value) -> Result<Option<Vec<MemberRef>>, Error> {
        read_members(value, self.profile, &mut self.coercions)
    }
}

fn is_filled(value: &Value) -> bool {
    match value {
        Value::Array(elements) => !elements.is_empty(),
        Value::Object(object) => !object.is_empty(),
        Value::String(text) => !text.trim().is_empty(),
        Value::Bool(_) | Value::Number(_) => true,
        Value::Null => false,
    }
}

fn no_list() -> Error {
    Error::invalid_value("value: must be an array of members, each with the id as its value")
}

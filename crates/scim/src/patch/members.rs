//! Operations on the members of a group. Membership is never wiped by shape: only an empty list in `replace`, and `remove`
//! without a value, say "nobody".

use serde_json::Value;

use super::{MemberOp, plan::Plan, request::Verb};
use crate::{
    Coercion, Error,
    filter::Filter,
    incoming::Listed,
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
        if let Some(filter) = filter {
            let operation = self.remove_where(filter)?;
            self.members.push(operation);
            return Ok(());
        }
        let Some(value) = value else { return self.without_value(verb) };
        if verb == Verb::Remove && names_neither(&value) {
            return Err(no_list());
        }
        let is_filled = is_filled(&value);
        let named = read_members(value, self.profile, &mut self.coercions)?;
        self.named_members(verb, named, is_filled)
    }

    /// Plans what `verb` does to the members of a list that was read before.
    pub(super) fn listed(&mut self, verb: Verb, listed: Listed) -> Result<(), Error> {
        let is_filled = listed.count > 0;
        self.named_members(verb, listed.named(), is_filled)
    }

    fn without_value(&mut self, verb: Verb) -> Result<(), Error> {
        match verb {
            Verb::Remove => self.members.push(MemberOp::RemoveAll),
            Verb::Replace if !self.profile.strict => {}
            Verb::Add | Verb::Replace => return Err(no_list()),
        }
        Ok(())
    }

    /// `named`: whom the value names; `None`: it is no list, which changes no membership. `is_filled`: it is not empty.
    fn named_members(
        &mut self,
        verb: Verb,
        named: Option<Vec<MemberRef>>,
        is_filled: bool,
    ) -> Result<(), Error> {
        let somebody = |members: &Vec<MemberRef>| !members.is_empty();
        let operation = match verb {
            // What was not added is not answered with success.
            Verb::Add if named.is_none() && is_filled => return Err(no_list()),
            Verb::Add => named.filter(somebody).map(MemberOp::Add),
            Verb::Replace => named.map(MemberOp::Replace),
            // Only those named in it (Entra).
            Verb::Remove => {
                self.coercions.insert(Coercion::RemoveByValue);
                let named = named.filter(somebody);
                if named.is_none() {
                    self.coercions.insert(Coercion::RemovedNothing);
                }
                named.map(MemberOp::Remove)
            }
        };
        self.members.extend(operation);
        Ok(())
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
}

/// `null` and `""` name neither all nor some.
fn names_neither(value: &Value) -> bool {
    value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty())
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

//! The `members` of a group as clients write them → [`MemberRef`]s. What a list holds is decided here, who is meant is not.
//! Membership is never wiped by shape: only an empty array says "nobody".

use serde_json::{Map, Value};

use super::{
    MemberRef, MemberType,
    value::{At, Reader, mismatch},
};
use crate::{Coercion, Coercions, Error, Profile};

/// Reads a `members` value.
///
/// None: it names no list – `null`, `""`, or elements that name nobody – so that membership stays as it is; strict reads
/// `null` as an empty list (RFC 7643 §2.5) and refuses the others.
pub fn read_members(
    value: Value,
    profile: Profile,
    coercions: &mut Coercions,
) -> Result<Option<Vec<MemberRef>>, Error> {
    let at = At::Top("members");
    let mut reader = Reader { profile, coercions };
    match value {
        Value::Null if profile.strict => Ok(Some(Vec::new())),
        Value::Null => Ok(None),
        Value::Array(elements) if elements.is_empty() => Ok(Some(Vec::new())),
        Value::Array(elements) => {
            let mut members = Vec::with_capacity(elements.len());
            for (index, element) in elements.into_iter().enumerate() {
                members.extend(reader.member(element, At::Element(&at, index))?);
            }
            Ok((!members.is_empty()).then_some(members))
        }
        single @ (Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_)) => {
            if profile.strict {
                return Err(mismatch(at, "an array", &single));
            }
            let member = reader.member(single, at)?;
            if member.is_some() {
                reader.coercions.insert(Coercion::ListFromSingle);
            }
            Ok(member.map(|member| vec![member]))
        }
    }
}

impl Reader<'_> {
    /// None: an element that names nobody, outside strict.
    pub(crate) fn member(
        &mut self,
        element: Value,
        at: At<'_>,
    ) -> Result<Option<MemberRef>, Error> {
        if let Value::Object(element) = element {
            return self.member_object(element, at);
        }
        if self.profile.strict {
            return Err(mismatch(at, "an object", &element));
        }
        let Some(value) = self.member_value(element, at)? else { return self.nobody(at) };
        self.coercions.insert(Coercion::ComplexFromText);
        Ok(Some(MemberRef { value, kind: None }))
    }

    fn member_object(
        &mut self,
        element: Map<String, Value>,
        at: At<'_>,
    ) -> Result<Option<MemberRef>, Error> {
        let (mut value, mut kind, mut reference) = (None, None, None);
        for (key, given) in element {
            if key.eq_ignore_ascii_case("value") {
                value = self.member_value(given, At::Sub(&at, "value"))?;
            } else if key.eq_ignore_ascii_case("type") {
                kind = self.member_type(given, At::Sub(&at, "type"))?;
            } else if key.eq_ignore_ascii_case("$ref") {
                reference = given.as_str().and_then(named_by);
            } else if !["display", "displayName"].iter().any(|name| key.eq_ignore_ascii_case(name))
            {
                self.unknown(At::Sub(&at, &key))?;
            }
        }
        let (kind_by_reference, id) = reference.unzip();
        let kind = kind.or(kind_by_reference);
        match (value, id) {
            (Some(value), _) => Ok(Some(MemberRef { value, kind })),
            (None, Some(value)) => {
                self.coercions.insert(Coercion::AliasUnderstood);
                Ok(Some(MemberRef { value, kind }))
            }
            (None, None) => self.nobody(at),
        }
    }

    fn member_value(&mut self, value: Value, at: At<'_>) -> Result<Option<String>, Error> {
        match value {
            Value::Null => Ok(None),
            Value::String(text) if text.trim().is_empty() => Ok(None),
            Value::String(text) => Ok(Some(text)),
            Value::Number(number) if !self.profile.strict => {
                self.coercions.insert(Coercion::TextFromNumber);
                Ok(Some(number.to_string()))
            }
            other @ (Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
                Err(mismatch(at, "the id of a member as a string", &other))
            }
        }
    }

    fn member_type(&mut self, value: Value, at: At<'_>) -> Result<Option<MemberType>, Error> {
        let is = |name: &str| value.as_str().is_some_and(|text| text.eq_ignore_ascii_case(name));
        if value.is_null() {
            return Ok(None);
        }
        if is("User") {
            return Ok(Some(MemberType::User));
        }
        if is("Group") {
            return Ok(Some(MemberType::Group));
        }
        if self.profile.strict {
            return Err(mismatch(at, "User or Group", &value));
        }
        self.coercions.insert(Coercion::UnknownAttributeIgnored);
        Ok(None)
    }

    fn nobody(&mut self, at: At<'_>) -> Result<Option<MemberRef>, Error> {
        if self.profile.strict {
            let detail = format!("{}: is missing; send the member's id", At::Sub(&at, "value"));
            return Err(Error::invalid_value(detail));
        }
        self.coercions.insert(Coercion::UnknownAttributeIgnored);
        Ok(None)
    }
}

/// What a `$ref` that ends in `/Users/{id}` or `/Groups/{id}` points to.
fn named_by(reference: &str) -> Option<(MemberType, String)> {
    let mut segments = reference.trim_end_matches('/').rsplit('/');
    let id = segments.next().filter(|id| !id.is_empty())?;
    let endpoint = segments.next()?;
    let kind = if endpoint.eq_ignore_ascii_case("Users") {
        MemberType::User
    } else if endpoint.eq_ignore_ascii_case("Groups") {
        MemberType::Group
    } else {
        return None;
    };
    Some((kind, id.to_owned()))
}

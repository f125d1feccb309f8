//! What of a filter an index can answer: always a superset of the matches, so every result is verified after.

use super::{
    Op,
    check::{Check, Wanted},
    query::Test,
};
use crate::schema::{ENTERPRISE_URN, GROUP_URN, ResourceType, USER_URN};

/// What an index can be asked.
///
/// The values are index keys already: `UserName` by [`crate::key::user_name_key`], `Email`, `EmployeeNumber` and
/// `DisplayName` by [`crate::key::folded`], the others as written.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Lookup {
    /// The resource of that id.
    Id(String),
    /// The user of that userName.
    UserName(String),
    /// Resources that the client knows by that name.
    ExternalId(String),
    /// Users with that employee number of the Enterprise extension.
    EmployeeNumber(String),
    /// Users with that e-mail address.
    Email {
        /// The address.
        value: String,
        /// The `type` of the address, if one was asked for.
        kind: Option<String>,
    },
    /// Groups of that name.
    DisplayName(String),
    /// Groups with that member.
    Member(String),
}

/// What is known of a part of a filter.
#[derive(Debug)]
pub(super) enum Known {
    /// No index serves it.
    Nothing,
    /// These look-ups find all that match it.
    Lookups(Vec<Lookup>),
    /// An element that matches it has these sub-attributes.
    Element { value: Option<String>, kind: Option<String> },
}

impl Known {
    /// What a comparison at the top says.
    pub(super) fn of_test(test: &Test, of: &ResourceType) -> Self {
        let Some(key) = equal_text(test) else { return Self::Nothing };
        let place = &test.place;
        let (user, group) = (of.schema.id == USER_URN, of.schema.id == GROUP_URN);
        let make = match (place.extension.as_deref(), &*place.attribute, place.sub.as_deref()) {
            (None, "id", None) => Lookup::Id,
            (None, "externalId", None) => Lookup::ExternalId,
            (None, "userName", None) if user => Lookup::UserName,
            (Some(ENTERPRISE_URN), "employeeNumber", None) if user => Lookup::EmployeeNumber,
            (None, "displayName", None) if group => Lookup::DisplayName,
            (None, "emails" | "members", Some("value")) => {
                let element = Self::Element { value: Some(key.to_owned()), kind: None };
                return element.within(&place.attribute, of);
            }
            (_, _, _) => return Self::Nothing,
        };
        Self::Lookups(vec![make(key.to_owned())])
    }

    /// What a comparison in brackets says.
    pub(super) fn of_sub_test(test: &Test) -> Self {
        let key = || equal_text(test).map(str::to_owned);
        match &*test.place.attribute {
            "value" => Self::Element { value: key(), kind: None },
            "type" => Self::Element { value: None, kind: key() },
            _ => Self::Nothing,
        }
    }

    /// Of a value path, from what is known of its brackets.
    pub(super) fn within(self, attribute: &str, of: &ResourceType) -> Self {
        match (self, attribute) {
            (Self::Element { value: Some(value), kind }, "emails") if of.schema.id == USER_URN => {
                Self::Lookups(vec![Lookup::Email { value, kind }])
            }
            (Self::Element { value: Some(value), .. }, "members") if of.schema.id == GROUP_URN => {
                Self::Lookups(vec![Lookup::Member(value)])
            }
            (Self::Element { .. } | Self::Lookups(_) | Self::Nothing, _) => Self::Nothing,
        }
    }

    /// Either operand of an `and` will do: the one that finds less.
    pub(super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Lookups(left), Self::Lookups(right)) => {
                let cost = |lookups: &[Lookup]| (lookups.len(), lookups.iter().min().cloned());
                Self::Lookups(if cost(&right) < cost(&left) { right } else { left })
            }
            (Self::Element { value, kind }, Self::Element { value: or_value, kind: or_kind }) => {
                Self::Element { value: value.or(or_value), kind: kind.or(or_kind) }
            }
            (known, Self::Nothing) | (Self::Nothing, known) => known,
            (known @ Self::Lookups(_), Self::Element { .. })
            | (Self::Element { .. }, known @ Self::Lookups(_)) => known,
        }
    }

    /// An `or` needs both operands.
    pub(super) fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Lookups(mut left), Self::Lookups(right)) => {
                left.extend(right);
                Self::Lookups(left)
            }
            (Self::Lookups(_) | Self::Element { .. } | Self::Nothing, _) => Self::Nothing,
        }
    }
}

/// The key of `eq "text"`.
fn equal_text(test: &Test) -> Option<&str> {
    match &test.check {
        Check::Compare { op: Op::Eq, with: Wanted::Text { key, .. } } => Some(key),
        Check::Compare { .. } | Check::Present | Check::Absent => None,
    }
}

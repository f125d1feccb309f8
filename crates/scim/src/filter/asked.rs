//! Which elements of a multi-valued attribute a query asks for by name: the others needn't be put in.

use super::{
    Op,
    check::{Check, TextKey, Wanted},
    query::{Query, Step, Test},
    resolve::VALUE,
};

impl Query {
    /// The values that the answer depends on, if it depends on that attribute only by whether it holds certain values:
    /// `members eq "x"`, `members.value eq "x"`, `members[value eq "x"]`, however they are joined or negated.
    ///
    /// Then only the elements of those values need be put in before [`Query::matches`]. None: it depends on more.
    pub fn values_asked(&self, attribute: &str) -> Option<Vec<&str>> {
        let mut values = Vec::new();
        let mut at = 0;
        while let Some(step) = self.steps.get(at) {
            at += 1;
            match step {
                Step::Test(test) if test.place.is_of(attribute) => {
                    let of_value = test.place.sub.as_deref() == Some(VALUE);
                    values.push(equal_value(test).filter(|_| of_value)?);
                }
                Step::Within { place, steps } => {
                    let inner = self.steps.get(at..at + steps).unwrap_or_default();
                    at += steps;
                    if place.is_of(attribute) {
                        let [Step::Test(test)] = inner else { return None };
                        let of_value = test.place.is_of(VALUE) && test.place.sub.is_none();
                        values.push(equal_value(test).filter(|_| of_value)?);
                    }
                }
                Step::Test(_) | Step::Not | Step::Skip { .. } => {}
            }
        }
        Some(values)
    }
}

/// The text of `eq "text"`, compared as written.
fn equal_value(test: &Test) -> Option<&str> {
    match &test.check {
        Check::Compare { op: Op::Eq, with: Wanted::Text { key, by: TextKey::Exact } } => Some(key),
        Check::Compare { .. } | Check::Present | Check::Absent => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::{Filter, schema};

    #[test]
    fn values_are_asked_for_by_equality_only() {
        let check = |filter: &str, expected: Option<&[&str]>| {
            let query = Filter::parse(filter).unwrap().resolve(schema::group()).unwrap();
            assert_eq!(query.values_asked("members").as_deref(), expected, "{filter}");
        };
        check("id eq \"g\"", Some(&[]));
        check("members eq \"a\"", Some(&["a"]));
        check("id eq \"g\" and members.value eq \"a\"", Some(&["a"]));
        check("not (members[value eq \"a\"]) or members eq \"B\"", Some(&["a", "B"]));
        check("members.value ne \"a\"", None);
        check("members.value sw \"a\"", None);
        check("members pr", None);
        check("members.type eq \"User\"", None);
        check("members[type eq \"User\" and value eq \"a\"]", None);
        check("members eq \"a\" and members.display eq \"b\"", None);
    }
}

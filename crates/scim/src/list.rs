//! Pages of a list by index (RFC 7644 §3.4.2.4): which part of it a request asks for.

use crate::{
    Error,
    limits::{PAGE_DEFAULT, PAGE_MAX},
};

/// The part of a list that is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Page {
    /// The first resource, from 1.
    pub start_index: usize,
    /// At most this many; 0 asks for the total only.
    pub count: usize,
}

impl Page {
    /// From the query parameters `startIndex` (less than 1 is 1) and `count` (less than 0 is 0, more than [`PAGE_MAX`] is
    /// that, absent is [`PAGE_DEFAULT`]). 400 `invalidValue` for what is no integer.
    pub fn parse(start_index: Option<&str>, count: Option<&str>) -> Result<Self, Error> {
        let start_index = integer("startIndex", start_index)?.map_or(1, |index| index.max(1));
        let count = integer("count", count)?.map_or(PAGE_DEFAULT, |count| count.min(PAGE_MAX));
        Ok(Self { start_index, count })
    }
}

impl Default for Page {
    fn default() -> Self {
        Self { start_index: 1, count: PAGE_DEFAULT }
    }
}

/// The integer, cut off at 0 and at what this machine can count.
fn integer(name: &str, text: Option<&str>) -> Result<Option<usize>, Error> {
    let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Error::invalid_value(format!("{name}: must be an integer")));
    }
    Ok(Some(if negative { 0 } else { digits.parse().unwrap_or(usize::MAX) }))
}

#[cfg(test)]
mod tests {
    use super::Page;
    use crate::ScimType;

    #[test]
    fn pages() {
        let check = |start_index: Option<&str>, count: Option<&str>, expected: (usize, usize)| {
            let page = Page { start_index: expected.0, count: expected.1 };
            assert_eq!(Page::parse(start_index, count), Ok(page), "{start_index:?} {count:?}");
        };
        check(None, None, (1, 100));
        check(Some("11"), Some("10"), (11, 10));
        check(Some("0"), Some("0"), (1, 0));
        check(Some("-5"), Some("-5"), (1, 0));
        check(Some(""), Some(" 7 "), (1, 7));
        check(Some("1"), Some("1001"), (1, 1000));
        check(Some("99999999999999999999999"), Some("99999999999999999999999"), (usize::MAX, 1000));
        check(Some("-99999999999999999999999"), Some("+2"), (1, 2));
    }

    #[test]
    fn what_is_no_integer_is_refused_by_name() {
        let check = |start_index: Option<&str>, count: Option<&str>, name: &str| {
            let error = Page::parse(start_index, count).expect_err("is refused");
            assert_eq!((error.status, error.scim_type), (400, Some(ScimType::InvalidValue)));
            assert!(error.detail.starts_with(name), "{error}");
        };
        check(Some("x"), None, "startIndex");
        check(None, Some("1.5"), "count");
        check(Some("-"), Some("1"), "startIndex");
        check(None, Some("1e3"), "count");
    }
}

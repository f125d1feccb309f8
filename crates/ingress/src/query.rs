//! Query strings, read by us: blanks come as `%20` or `+`, plus signs come bare, `&` and `?` are left at the
//! end (`idp-traffic.md` §9.5). Unknown parameters are ignored; the first of two of one name counts.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

/// A query string as it was sent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Query<'a>(&'a str);

/// A filter in the reading that counts, and in the other one when a `+` makes it doubtful.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct FilterText {
    /// With a `%20` anywhere in the filter `+` is a plus, else a blank.
    pub(crate) text: String,
    /// Tried once when an `eq` finds nothing: every `+` within quotes read the other way.
    pub(crate) other: Option<String>,
}

impl<'a> Query<'a> {
    /// Of a request.
    pub(crate) const fn new(raw: &'a str) -> Self {
        Self(raw)
    }

    /// A parameter's text; a `+` is a blank.
    ///
    /// # Errors
    /// The text when it isn't UTF-8 after decoding.
    pub(crate) fn text(&self, name: &str) -> Result<Option<Cow<'a, str>>, scim::Error> {
        let Some(raw) = self.raw(name) else { return Ok(None) };
        if !raw.contains(['+', '%']) {
            return Ok(Some(Cow::Borrowed(raw)));
        }
        let blanks = raw.replace('+', " ");
        match percent_decode_str(&blanks).decode_utf8() {
            Ok(text) => Ok(Some(Cow::Owned(text.into_owned()))),
            Err(_) => Err(scim::Error::invalid_value(format!("{name}: it isn't UTF-8"))),
        }
    }

    /// The filter; `None` when there is none or it is empty.
    ///
    /// # Errors
    /// 400 `invalidFilter` when it isn't UTF-8 after decoding.
    pub(crate) fn filter(&self) -> Result<Option<FilterText>, scim::Error> {
        let Some(raw) = self.raw("filter").filter(|raw| !raw.is_empty()) else { return Ok(None) };
        if !raw.contains('+') {
            return Ok(Some(FilterText { text: decode(raw, b'+', b'+')?, other: None }));
        }
        let (text, other) = if raw.contains("%20") {
            (decode(raw, b'+', b'+')?, decode(raw, b' ', b' ')?)
        } else {
            (decode(raw, b' ', b' ')?, decode(raw, b' ', b'+')?)
        };
        let other = Some(other).filter(|other| *other != text);
        Ok(Some(FilterText { text, other }))
    }

    /// Whether a parameter of that name was sent.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.raw(name).is_some()
    }

    fn raw(&self, name: &str) -> Option<&'a str> {
        let pairs = self.0.trim_end_matches(['&', '?']).split('&');
        pairs
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
            .find(|(given, _)| given.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }
}

/// Percent-decodes a filter; a bare `+` becomes `outside` or, between double quotes, `inside`.
fn decode(raw: &str, outside: u8, inside: u8) -> Result<String, scim::Error> {
    let mut text = Vec::with_capacity(raw.len());
    let (mut quoted, mut escaped) = (false, false);
    let mut rest = raw.bytes();
    while let Some(byte) = rest.next() {
        let byte = match byte {
            b'+' if quoted => inside,
            b'+' => outside,
            b'%' => hex(&mut rest).unwrap_or(b'%'),
            byte => byte,
        };
        text.push(byte);
        quoted ^= byte == b'"' && !escaped;
        escaped = quoted && byte == b'\\' && !escaped;
    }
    String::from_utf8(text).map_err(|_| scim::Error::invalid_filter("the filter isn't UTF-8"))
}

/// Takes two hexadecimal digits, or nothing at all.
fn hex(rest: &mut std::str::Bytes<'_>) -> Option<u8> {
    let mut ahead = rest.clone();
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let (high, low) = (digit(ahead.next()?)?, digit(ahead.next()?)?);
    *rest = ahead;
    Some(high << 4 | low)
}

#[cfg(test)]
mod tests {
    use super::*;
    use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
    use proptest::prelude::*;

    #[test]
    fn blanks_and_plus_signs_are_told_apart() {
        let check = |raw: &str, text: &str, other: Option<&str>| {
            let expected = FilterText { text: text.to_owned(), other: other.map(str::to_owned) };
            assert_eq!(Query::new(raw).filter(), Ok(Some(expected)), "{raw}");
        };
        check(r#"filter=userName%20eq%20"a""#, r#"userName eq "a""#, None);
        check("filter=userName+eq+%22a%22&", r#"userName eq "a""#, None);
        check(
            "filter=userName%20eq%20%22a+b%40c.d%22",
            r#"userName eq "a+b@c.d""#,
            Some(r#"userName eq "a b@c.d""#),
        );
        check(
            "filter=userName+eq+%22a+b%40c.d%22&count=1",
            r#"userName eq "a b@c.d""#,
            Some(r#"userName eq "a+b@c.d""#),
        );
        check("filter=userName+eq+%22a%2Bb%22", r#"userName eq "a+b""#, None);
        check(r#"x=1&FILTER=a%20eq%20"q\"+%22"#, r#"a eq "q\"+""#, Some(r#"a eq "q\" ""#));
        check("filter=a%20eq%20100%", "a eq 100%", None);
    }

    #[test]
    fn parameters_are_found_whatever_stands_around_them() {
        let check = |raw: &str, name: &str, expected: Option<&str>| {
            assert_eq!(Query::new(raw).text(name).unwrap().as_deref(), expected, "{raw}");
        };
        check("startIndex=1&count=2", "count", Some("2"));
        check("startIndex=1&count=2&", "count", Some("2"));
        check("count=2?", "count", Some("2"));
        check("?", "count", None);
        check("&&count", "count", Some(""));
        check("Count=3&count=4", "count", Some("3"));
        check("attributes=userName%2Cemails", "attributes", Some("userName,emails"));
        check("attributes=userName,+emails", "attributes", Some("userName, emails"));
        assert!(Query::new("count=%FF").text("count").is_err());
        assert!(Query::new("filter=%FF").filter().is_err());
        assert_eq!(Query::new("filter=&count=1").filter(), Ok(None));
    }

    proptest! {
        #[test]
        fn what_is_fully_encoded_arrives_as_it_was(text in ".{1,60}") {
            let raw = format!("filter={}&count=1", utf8_percent_encode(&text, NON_ALPHANUMERIC));
            let expected = FilterText { text, other: None };
            prop_assert_eq!(Query::new(&raw).filter(), Ok(Some(expected)));
        }

        #[test]
        fn nothing_makes_it_fall(raw in "[a-z%+\"\\\\&=?0-9A-F]{0,60}") {
            let query = Query::new(&raw);
            let _seen = (query.filter(), query.text("a").map(|text| text.map(Cow::into_owned)));
        }
    }
}

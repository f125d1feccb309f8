//! Media types: which bodies are read, and in which type answers are given (`standards.md` §1.15).
//! Touches no body.

use actix_web::http::header::{self, HeaderMap};

/// The type of SCIM messages (RFC 7644 §8.1).
pub(crate) const SCIM: &str = "application/scim+json";
/// Plain JSON: for SCIM clients that accept nothing else, and for `/v1`.
pub(crate) const JSON: &str = "application/json";
/// Errors of `/v1` (RFC 9457).
pub(crate) const PROBLEM: &str = "application/problem+json";

/// The type that a SCIM client gets.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Wanted {
    /// `application/scim+json`: wanted, covered by a wildcard, or nothing was said.
    Scim,
    /// `application/json`: the client accepts that and not the other.
    Json,
    /// Neither fits. Answered as [`Wanted::Scim`] outside strict (RFC 9110 §12.4.1 lets us), 406 in strict.
    Neither,
}

impl Wanted {
    /// Reads the Accept header.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let mut given = headers.get_all(header::ACCEPT).peekable();
        if given.peek().is_none() {
            return Self::Scim;
        }
        let (mut scim, mut json) = (Best::default(), Best::default());
        for range in given.filter_map(|value| value.to_str().ok()).flat_map(|text| text.split(','))
        {
            let (name, rank) = read_range(range);
            scim.offer(SCIM, name, rank);
            json.offer(JSON, name, rank);
        }
        match (scim.wanted(), json.wanted()) {
            (true, _) => Self::Scim,
            (false, true) => Self::Json,
            (false, false) => Self::Neither,
        }
    }

    /// The Content-Type of the answer.
    pub(crate) const fn content_type(self) -> &'static str {
        match self {
            Self::Scim | Self::Neither => SCIM,
            Self::Json => JSON,
        }
    }
}

/// Whether a body of that Content-Type is read: both JSON types, in UTF-8, or a body that names no type.
pub(crate) fn is_readable(headers: &HeaderMap) -> bool {
    let encoded = headers.get(header::CONTENT_ENCODING).is_some_and(|value| value != "identity");
    let Some(value) = headers.get(header::CONTENT_TYPE) else { return !encoded };
    let Ok(text) = value.to_str() else { return false };
    let mut parts = text.split(';').map(str::trim);
    let name = parts.next().unwrap_or_default();
    let named =
        [SCIM, JSON].iter().any(|known| name.eq_ignore_ascii_case(known)) || name.is_empty();
    named && !encoded && parts.all(is_tolerable)
}

/// A parameter that leaves the body JSON in UTF-8.
fn is_tolerable(parameter: &str) -> bool {
    let Some((name, value)) = parameter.split_once('=') else { return true };
    let value = value.trim().trim_matches('"');
    !name.trim().eq_ignore_ascii_case("charset")
        || ["utf-8", "utf8", "us-ascii"].iter().any(|known| value.eq_ignore_ascii_case(known))
}

/// What the most specific range so far says about one type.
#[derive(Default)]
struct Best {
    specificity: u8,
    refused: bool,
}

impl Best {
    fn offer(&mut self, of: &str, range: &str, refused: bool) {
        let specificity = match range {
            "*/*" | "*" => 1,
            "application/*" => 2,
            name if name.eq_ignore_ascii_case(of) => 3,
            _ => return,
        };
        if specificity > self.specificity {
            *self = Self { specificity, refused };
        }
    }

    const fn wanted(&self) -> bool {
        self.specificity > 0 && !self.refused
    }
}

/// A media range's name, and whether its weight is nought.
fn read_range(range: &str) -> (&str, bool) {
    let mut parts = range.split(';').map(str::trim);
    let name = parts.next().unwrap_or_default();
    let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
    let refused = weight.is_some_and(|weight| weight.parse::<f32>().is_ok_and(|q| q <= 0.0));
    (name, refused)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: header::HeaderName, values: &[&str]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for value in values {
            map.append(name.clone(), value.parse().unwrap());
        }
        map
    }

    #[test]
    fn scim_is_the_default_and_json_only_for_who_accepts_nothing_else() {
        let check = |accept: &[&str], expected: Wanted| {
            assert_eq!(Wanted::of(&headers(header::ACCEPT, accept)), expected, "{accept:?}");
        };
        check(&[], Wanted::Scim);
        check(&["application/scim+json"], Wanted::Scim);
        check(&["application/scim+json, application/json"], Wanted::Scim);
        check(&["application/json;q=1, application/scim+json;q=0.1"], Wanted::Scim);
        check(&["application/json"], Wanted::Json);
        check(&["Application/JSON; charset=utf-8"], Wanted::Json);
        check(&["application/json", "application/scim+json"], Wanted::Scim);
        check(&["application/json, text/plain, */*"], Wanted::Scim);
        check(&["application/json, */*;q=0"], Wanted::Json);
        check(&["application/scim+json;q=0, */*"], Wanted::Json);
        check(&["application/*"], Wanted::Scim);
        check(&["text/html"], Wanted::Neither);
        check(&["text/json"], Wanted::Neither);
    }

    #[test]
    fn bodies_are_json_in_utf_8() {
        let check = |given: &str, expected: bool| {
            let map = headers(header::CONTENT_TYPE, &[given]);
            assert_eq!(is_readable(&map), expected, "{given}");
        };
        check("application/scim+json", true);
        check("application/scim+json; charset=utf-8", true);
        check("application/json;charset=\"UTF-8\"", true);
        check("Application/SCIM+JSON;version=2", true);
        check("application/json; charset=iso-8859-1", false);
        check("text/plain", false);
        check("application/xml", false);
        check("multipart/form-data; boundary=x", false);
        assert!(is_readable(&HeaderMap::new()));
        assert!(!is_readable(&headers(header::CONTENT_ENCODING, &["gzip"])));
    }
}

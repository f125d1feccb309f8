//! `If-Match` and `If-None-Match`. SCIM's tags are weak, so they are compared as opaque text (`standards.md` §1.13);
//! a tag that isn't ours fits no version. `If-None-Match` counts on GET only.

use actix_web::http::header::{self, HeaderMap, HeaderName};
use directory::Expected;
use events::Seq;

/// What `If-Match` demands of a resource that is to be changed.
pub(crate) fn expected(headers: &HeaderMap) -> Expected {
    match Tags::read(headers, header::IF_MATCH) {
        None => Expected::Whatever,
        Some(Tags::Any) => Expected::Exists,
        Some(Tags::Versions(versions)) => Expected::Versions(versions),
    }
}

/// The same of one tag in a body: `version` of a Bulk operation.
pub(crate) fn expected_version(tag: &str) -> Expected {
    match tag.trim() {
        "*" => Expected::Exists,
        tag => Expected::Versions(version(tag).into_iter().collect()),
    }
}

/// Whether `If-None-Match` says that the client has that version already.
pub(crate) fn is_known(headers: &HeaderMap, version: Seq) -> bool {
    match Tags::read(headers, header::IF_NONE_MATCH) {
        None => false,
        Some(Tags::Any) => true,
        Some(Tags::Versions(versions)) => versions.contains(&version),
    }
}

enum Tags {
    Any,
    Versions(Vec<Seq>),
}

impl Tags {
    fn read(headers: &HeaderMap, name: HeaderName) -> Option<Self> {
        let mut given = headers.get_all(name).peekable();
        given.peek()?;
        let mut versions = Vec::new();
        for tag in given.filter_map(|value| value.to_str().ok()).flat_map(|text| text.split(',')) {
            match tag.trim() {
                "*" => return Some(Self::Any),
                tag => versions.extend(version(tag)),
            }
        }
        Some(Self::Versions(versions))
    }
}

/// The version in `W/"7"`, `"7"` or, as some send it, `7`.
fn version(tag: &str) -> Option<Seq> {
    let tag = tag.strip_prefix("W/").or_else(|| tag.strip_prefix("w/")).unwrap_or(tag);
    let tag = tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"')).unwrap_or(tag);
    let ours = !tag.starts_with('0') && tag.bytes().all(|byte| byte.is_ascii_digit());
    tag.parse().ok().filter(|_| ours).map(Seq)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: HeaderName, values: &[&str]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for value in values {
            map.append(name.clone(), value.parse().unwrap());
        }
        map
    }

    #[test]
    fn tags_are_compared_as_text_weak_or_strong() {
        let check = |given: &[&str], wanted: Expected| {
            assert_eq!(expected(&headers(header::IF_MATCH, given)), wanted, "{given:?}");
        };
        let versions = |list: &[u64]| Expected::Versions(list.iter().copied().map(Seq).collect());
        check(&[], Expected::Whatever);
        check(&["*"], Expected::Exists);
        check(&[r#"W/"7""#], versions(&[7]));
        check(&[r#""7""#], versions(&[7]));
        check(&["7"], versions(&[7]));
        check(&[r#"W/"7", "8""#, r#"W/"9""#], versions(&[7, 8, 9]));
        check(&[r#"W/"abc""#], versions(&[]));
        check(&[r#"W/"007""#], versions(&[]));
        check(&[r#"W/"+7""#], versions(&[]));
        check(&[""], versions(&[]));
    }

    #[test]
    fn a_client_that_has_the_version_is_told_so() {
        let check = |given: &[&str], known: bool| {
            let map = headers(header::IF_NONE_MATCH, given);
            assert_eq!(is_known(&map, Seq(7)), known, "{given:?}");
        };
        check(&[], false);
        check(&["*"], true);
        check(&[r#"W/"6", W/"7""#], true);
        check(&[r#"W/"8""#], false);
    }
}

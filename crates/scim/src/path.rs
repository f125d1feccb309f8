//! Paths: `name.givenName`, `urn:…:User:manager.value`, `emails[type eq "work"].value` (RFC 7644 §3.5.2, §3.10).
//! Names only; which attribute a path means is for the schemas to say.
//!
//! Entry: [`AttributePath::parse`], [`Path::parse`].

use std::fmt;

use crate::{
    Error,
    filter::{Cursor, Filter},
    limits::PATH_BYTES_MAX,
    schema::{Found, ResourceType},
};

/// The name of an attribute, possibly URN-qualified and with a sub-attribute.
#[expect(clippy::module_name_repetitions, reason = "a PATCH path is the other kind")]
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AttributePath {
    /// The schema URN in front, as written.
    pub urn: Option<String>,
    /// The attribute.
    pub name: String,
    /// The sub-attribute.
    pub sub: Option<String>,
}

/// A PATCH path.
#[derive(Clone, PartialEq, Debug)]
pub struct Path {
    /// The attribute.
    pub attribute: AttributePath,
    /// The filter in brackets.
    pub filter: Option<Filter>,
    /// The sub-attribute behind the brackets; without brackets it is in `attribute`.
    pub sub: Option<String>,
}

impl AttributePath {
    /// Reads `name`, `name.sub`, `urn:…:name` or `urn:…:name.sub`; anything else is 400 `invalidPath`.
    pub fn parse(text: &str) -> Result<Self, Error> {
        Self::split(text).ok_or_else(|| {
            Error::invalid_path("path: expected an attribute such as name.givenName or urn:…:name")
        })
    }

    /// True if it is that name and no more, in any case.
    pub(crate) fn is_plainly(&self, name: &str) -> bool {
        self.urn.is_none() && self.sub.is_none() && self.name.eq_ignore_ascii_case(name)
    }

    /// The URN ends at the last colon, because a URN may hold dots (`…:2.0:User`) and a name no colon.
    pub(crate) fn split(text: &str) -> Option<Self> {
        let (urn, rest) = match text.rsplit_once(':') {
            Some((urn, rest)) => (Some(urn), rest),
            None => (None, text),
        };
        let (name, sub) = match rest.split_once('.') {
            Some((name, sub)) => (name, Some(sub)),
            None => (rest, None),
        };
        let urn_fits = urn.is_none_or(|urn| {
            urn.starts_with(|first: char| first.is_ascii_alphabetic()) && urn.bytes().all(in_path)
        });
        let fits = urn_fits && is_name(name) && sub.is_none_or(is_name);
        fits.then(|| Self {
            urn: urn.map(str::to_owned),
            name: name.to_owned(),
            sub: sub.map(str::to_owned),
        })
    }
}

impl fmt::Display for AttributePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(urn) = &self.urn {
            write!(f, "{urn}:")?;
        }
        f.write_str(&self.name)?;
        self.sub.as_ref().map_or(Ok(()), |sub| write!(f, ".{sub}"))
    }
}

impl Path {
    /// Reads a PATCH path: 400 `invalidPath`, or `invalidFilter` for what stands in brackets.
    pub fn parse(text: &str) -> Result<Self, Error> {
        if text.len() > PATH_BYTES_MAX {
            let detail = format!("path: longer than {PATH_BYTES_MAX} bytes");
            return Err(Error::invalid_path(detail));
        }
        let text = text.trim();
        let Some(bracket) = text.find('[') else {
            let attribute = AttributePath::parse(text)?;
            return Ok(Self { attribute, filter: None, sub: None });
        };
        let (name, _) = text.split_at(bracket);
        let attribute = AttributePath::parse(name)?;
        if attribute.sub.is_some() {
            return Err(Error::invalid_path("path: brackets stand behind an attribute only"));
        }
        let mut cursor = Cursor::new(text, "path");
        cursor.advance(bracket + 1);
        let filter = Filter::in_brackets(&mut cursor)?;
        let sub = match cursor.rest() {
            "" => None,
            rest => match rest.strip_prefix('.') {
                Some(sub) if is_name(sub) => Some(sub.to_owned()),
                Some(_) | None => {
                    let detail = "path: expected .subAttribute or nothing behind the brackets";
                    return Err(Error::invalid_path(detail));
                }
            },
        };
        Ok(Self { attribute, filter: Some(filter), sub })
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.attribute.fmt(f)?;
        if let Some(filter) = &self.filter {
            write!(f, "[{filter}]")?;
        }
        self.sub.as_ref().map_or(Ok(()), |sub| write!(f, ".{sub}"))
    }
}

/// The attribute that a path names, and whether an alias had to be understood: `email`, or a dot where a colon
/// belongs behind a schema's URN (`urn:…:User.manager`, sent by Microsoft's own collection).
pub(crate) fn locate<'a>(of: &'a ResourceType, path: &AttributePath) -> Option<(Found<'a>, bool)> {
    if let Some(found) = of.find(path) {
        return Some((found, path.urn.is_none() && found.extension.is_some()));
    }
    let alias = match (&path.urn, &path.sub) {
        (Some(urn), Some(sub)) => {
            let (urn, name) = (Some(format!("{urn}:{}", path.name)), sub.clone());
            AttributePath { urn, name, sub: None }
        }
        (None, sub) if path.name.eq_ignore_ascii_case("email") => {
            AttributePath { urn: None, name: "emails".to_owned(), sub: sub.clone() }
        }
        (Some(_) | None, _) => return None,
    };
    of.find(&alias).map(|found| (found, true))
}

/// True for a byte that an attribute path may hold, URN included.
pub(crate) const fn in_path(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b':' | b'-' | b'_' | b'$')
}

/// ATTRNAME of RFC 7643 §2.1 with the `$` of `$ref`; a digit may lead, since `2.0` ends the URN of some schemas.
pub(crate) fn is_name(text: &str) -> bool {
    let in_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let rest = text.strip_prefix('$').unwrap_or(text);
    !rest.is_empty() && rest.bytes().all(in_name) && !rest.starts_with(['-', '_'])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{AttributePath, Path, locate};
    use crate::{
        ScimType,
        schema::{self, ENTERPRISE_URN},
    };

    /// `text` is a path, printed as it was.
    fn check(text: &str, urn: Option<&str>, name: &str, sub: Option<&str>) {
        let path = AttributePath::parse(text).unwrap();
        let parts = (path.urn.as_deref(), path.name.as_str(), path.sub.as_deref());
        assert_eq!(parts, (urn, name, sub), "{text}");
        assert_eq!(path.to_string(), text);
    }

    #[test]
    fn a_urn_holds_dots_and_colons() {
        check("userName", None, "userName", None);
        check("name.givenName", None, "name", Some("givenName"));
        check("members.$ref", None, "members", Some("$ref"));
        let core = "urn:ietf:params:scim:schemas:core:2.0:User";
        check(&format!("{core}:userName"), Some(core), "userName", None);
        let manager = format!("{ENTERPRISE_URN}:manager.value");
        check(&manager, Some(ENTERPRISE_URN), "manager", Some("value"));
    }

    #[test]
    fn patch_paths() {
        for (text, printed) in [
            ("members", "members"),
            (r#"emails[type eq "work"].value"#, r#"emails[type eq "work"].value"#),
            (r#"members[value eq"7f4b"]"#, r#"members[value eq "7f4b"]"#),
            (r#"members[value eq "]"]"#, r#"members[value eq "]"]"#),
            ("roles[primary eq True].displayName", r#"roles[primary eq "True"].displayName"#),
            ("urn:x:y:a[b eq 1 or (c pr and d pr)]", "urn:x:y:a[b eq 1 or c pr and d pr]"),
        ] {
            let path = Path::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(path.to_string(), printed);
            assert_eq!(Path::parse(printed), Ok(path));
        }
    }

    #[test]
    fn what_is_no_path() {
        let deep = format!("a[{}b pr{}]", "(".repeat(16), ")".repeat(16));
        for (text, scim_type) in [
            ("", ScimType::InvalidPath),
            (".", ScimType::InvalidPath),
            ("a.b.c", ScimType::InvalidPath),
            ("a b", ScimType::InvalidPath),
            ("é", ScimType::InvalidPath),
            (":a", ScimType::InvalidPath),
            ("a.b[c pr]", ScimType::InvalidPath),
            ("a[b pr]c", ScimType::InvalidPath),
            ("a[b pr].", ScimType::InvalidPath),
            ("a[b pr].c.d", ScimType::InvalidPath),
            ("[b pr]", ScimType::InvalidPath),
            ("a[", ScimType::InvalidFilter),
            ("a[]", ScimType::InvalidFilter),
            ("a[b pr", ScimType::InvalidFilter),
            ("a[b pr)]", ScimType::InvalidFilter),
            ("a[b[c pr]]", ScimType::InvalidFilter),
            (deep.as_str(), ScimType::InvalidFilter),
        ] {
            assert_eq!(Path::parse(text).expect_err(text).scim_type, Some(scim_type), "{text}");
        }
        let detail = Path::parse("é[").expect_err("no name").detail;
        assert!(detail.starts_with("path: expected an attribute"), "{detail}");
        let detail = Path::parse("ab[c like 1]").expect_err("no operator").detail;
        assert!(detail.starts_with("path, character 6: expected one of eq"), "{detail}");
    }

    #[test]
    fn aliases_are_understood_and_said() {
        for (text, found, alias) in [
            ("userName", Some("userName"), false),
            ("email.value", Some("emails"), true),
            ("manager", Some("manager"), true),
            (
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User.manager",
                Some("manager"),
                true,
            ),
            (
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager",
                Some("manager"),
                false,
            ),
            ("urn:ietf:params:scim:schemas:core:2.0:User:role", None, false),
            ("nothing", None, false),
        ] {
            let path = AttributePath::parse(text).unwrap();
            let located = locate(schema::user(), &path);
            let named = located.map(|(found, alias)| (found.attribute.name.as_str(), alias));
            assert_eq!(named, found.map(|name| (name, alias)), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_printed_reads_as_the_same(
            urn in proptest::option::of("urn:[a-z]{1,5}(:[a-zA-Z0-9.]{1,6}){1,3}"),
            name in "[a-zA-Z][a-zA-Z0-9_-]{0,9}",
            sub in proptest::option::of("[a-zA-Z][a-zA-Z0-9_-]{0,9}|\\$ref"),
            filter in proptest::option::of("[a-z]{1,4} (pr|eq \"[^\"\\\\\\x00-\\x1f]{0,9}\"|gt 5 and not \\(b pr\\))"),
        ) {
            let bare = AttributePath { urn: urn.clone(), name: name.clone(), sub: sub.clone() };
            prop_assert_eq!(AttributePath::parse(&bare.to_string()), Ok(bare.clone()));
            let filter = filter.map(|text| crate::Filter::parse(&text).unwrap());
            let path = match filter {
                None => Path { attribute: bare, filter: None, sub: None },
                Some(filter) => {
                    Path { attribute: AttributePath { urn, name, sub: None }, filter: Some(filter), sub }
                }
            };
            prop_assert_eq!(Path::parse(&path.to_string()), Ok(path));
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,30}|[a-z.:\\[\\]() \"]{0,30}") {
            if let Ok(path) = Path::parse(&text) {
                prop_assert_eq!(Path::parse(&path.to_string()), Ok(path));
            }
        }
    }
}

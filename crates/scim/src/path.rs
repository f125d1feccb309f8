//! Paths: `name.givenName`, `urn:…:User:manager.value`, `emails[type eq "work"].value` (RFC 7644 §3.5.2, §3.10).
//! Names only; which attribute a path means is for the schemas to say ([`locate`]).

use std::fmt;

use crate::{
    Error,
    filter::{Cursor, Filter},
    limits::PATH_BYTES_MAX,
    schema::{Found, ResourceType},
};

/// The name of an attribute, possibly URN-qualified and with a sub-attribute.
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

//! SCIM errors (RFC 7644 §3.12): a status, a type that clients act on, and a text that says where and how to mend.
//! One type for the whole crate; the text never repeats a value that was sent.

use serde_json::{Value, json};

use crate::schema::ERROR_URN;

/// A request that can't be done, as the client is told.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{detail}")]
pub struct Error {
    /// The HTTP status.
    pub status: u16,
    /// The machine-readable kind, where RFC 7644 has one.
    pub scim_type: Option<ScimType>,
    /// Where it went wrong and how to mend it, for a human.
    pub detail: String,
}

/// The kinds of RFC 7644 Table 9 and RFC 9865 §3.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ScimType {
    /// The filter can't be read, or compares what can't be compared.
    InvalidFilter,
    /// The result would be larger than what is processed.
    TooMany,
    /// A value that must be unique is taken.
    Uniqueness,
    /// An attribute that can't be changed that way.
    Mutability,
    /// The body isn't what the operation takes.
    InvalidSyntax,
    /// The path of a PATCH operation can't be read or names nothing.
    InvalidPath,
    /// The path of a PATCH operation selects nothing.
    NoTarget,
    /// A required value is missing or a value isn't of the attribute's type.
    InvalidValue,
    /// The protocol version isn't supported.
    InvalidVers,
    /// The request may not carry personal data in its address.
    Sensitive,
    /// The cursor is none, or for another list (RFC 9865 §3).
    InvalidCursor,
    /// The cursor is too old (RFC 9865 §3).
    ExpiredCursor,
    /// The count is not that of the walk (RFC 9865 §3).
    InvalidCount,
}

impl Error {
    /// An error of any status.
    pub fn new(status: u16, scim_type: Option<ScimType>, detail: impl Into<String>) -> Self {
        Self { status, scim_type, detail: detail.into() }
    }

    /// 400 `invalidSyntax`.
    pub fn invalid_syntax(detail: impl Into<String>) -> Self {
        Self::new(400, Some(ScimType::InvalidSyntax), detail)
    }

    /// 400 `invalidValue`.
    pub fn invalid_value(detail: impl Into<String>) -> Self {
        Self::new(400, Some(ScimType::InvalidValue), detail)
    }

    /// 400 `invalidFilter`.
    pub fn invalid_filter(detail: impl Into<String>) -> Self {
        Self::new(400, Some(ScimType::InvalidFilter), detail)
    }

    /// 400 `invalidPath`.
    pub fn invalid_path(detail: impl Into<String>) -> Self {
        Self::new(400, Some(ScimType::InvalidPath), detail)
    }

    /// 400 `noTarget`.
    pub fn no_target(detail: impl Into<String>) -> Self {
        Self::new(400, Some(ScimType::NoTarget), detail)
    }

    /// 400 `mutability`.
    pub fn mutability(detail: impl Into<String>) -> Self {
        Self::new(400, Some(ScimType::Mutability), detail)
    }

    /// 400 `tooMany`.
    pub fn too_many(detail: impl Into<String>) -> Self {
        Self::new(400, Some(ScimType::TooMany), detail)
    }

    /// The body of the answer; `status` is a string there (RFC 7644 §3.12).
    pub fn to_json(&self) -> Value {
        let mut body = json!({ "schemas": [ERROR_URN], "status": self.status.to_string() });
        if let Some(body) = body.as_object_mut() {
            if let Some(scim_type) = self.scim_type {
                body.insert("scimType".into(), scim_type.as_str().into());
            }
            body.insert("detail".into(), self.detail.as_str().into());
        }
        body
    }
}

impl ScimType {
    /// The keyword on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidFilter => "invalidFilter",
            Self::TooMany => "tooMany",
            Self::Uniqueness => "uniqueness",
            Self::Mutability => "mutability",
            Self::InvalidSyntax => "invalidSyntax",
            Self::InvalidPath => "invalidPath",
            Self::NoTarget => "noTarget",
            Self::InvalidValue => "invalidValue",
            Self::InvalidVers => "invalidVers",
            Self::Sensitive => "sensitive",
            Self::InvalidCursor => "invalidCursor",
            Self::ExpiredCursor => "expiredCursor",
            Self::InvalidCount => "invalidCount",
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Error, ScimType};

    #[test]
    fn status_is_text_and_the_type_is_left_out_where_there_is_none() {
        let check = |error: Error, expected: serde_json::Value| {
            assert_eq!(error.to_json(), expected);
        };
        check(
            Error::new(409, Some(ScimType::Uniqueness), "userName: taken"),
            json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": "409",
                   "scimType": "uniqueness", "detail": "userName: taken"}),
        );
        check(
            Error::new(404, None, "no such user"),
            json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": "404",
                   "detail": "no such user"}),
        );
    }
}

//! Everything that a request can fail with, and its HTTP form in one match: [`Error::facts`].
//! SCIM's body is made here, `/v1`'s in `v1/problem.rs`. Bad input is never a 500.

use std::borrow::Cow;

use actix_web::http::StatusCode;
use directory::Rejection;
use events::TxnId;
use scim::ScimType;
use serde_json::Value;
use tenancy::{AdminError, CommitError, PlatformRejection};

/// Why a request isn't done.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub(crate) enum Error {
    /// No credential, an unknown, expired or revoked one, or one of another tenant: all the same.
    #[error("the credential is missing or isn't valid here")]
    Unauthorized,
    /// The tenant is suspended.
    #[error("provisioning is suspended for this tenant; the platform must resume it")]
    Suspended,
    /// The key may only read.
    #[error("this key may only read; a key of role owner is needed")]
    ReadOnlyKey,
    /// There is nothing at this address.
    #[error("there is nothing at this address")]
    NoRoute,
    /// The address exists, the method doesn't.
    #[error("the method isn't offered here; offered: {allow}")]
    WrongVerb { allow: String },
    /// An id that isn't there; what the client sent is said back and nothing else.
    #[error("{kind} {id} not found")]
    NoSuch { kind: &'static str, id: String },
    /// A part of SCIM that isn't offered.
    #[error("{what} is not offered")]
    NotOffered { what: &'static str },
    /// Discovery documents can't be searched (RFC 7644 §4).
    #[error("discovery documents can't be filtered")]
    FilteredDiscovery,
    /// The client accepts no JSON, and the tenant is strict.
    #[error("the answer is application/scim+json or application/json")]
    NotAcceptable,
    /// A body that isn't JSON by its type.
    #[error(
        "a body must be application/scim+json or application/json, in UTF-8 and not compressed"
    )]
    UnreadableType,
    /// The body is over the limit.
    #[error("the body is larger than {bytes_max} bytes")]
    BodyTooLarge { bytes_max: usize },
    /// A Bulk request is over the limit.
    #[error("the body is larger than maxPayloadSize, {bytes_max} bytes: send fewer operations")]
    BulkTooLarge { bytes_max: usize },
    /// The body came too slowly.
    #[error("the body came slower than {bytes_per_s_min} bytes a second")]
    BodyTooSlow { bytes_per_s_min: usize },
    /// The body ended before it was whole.
    #[error("the body ended before it was whole")]
    BodyBroken,
    /// The header fields are over the limit.
    #[error("the header fields are larger than {bytes_max} bytes together")]
    HeadersTooLarge { bytes_max: usize },
    /// The SCIM language says no.
    #[error("{0}")]
    Scim(#[from] scim::Error),
    /// The directory says no.
    #[error("{}", .0.to_scim())]
    Rejected(Rejection),
    /// A body of `/v1` that says nothing sensible.
    #[error("{detail}")]
    Invalid { detail: String },
    /// A name that is taken.
    #[error("{detail}")]
    Taken { detail: String },
    /// Nothing was done; trying again is safe.
    #[error("the log takes no changes now; try again after {retry_after_s} s")]
    Unavailable { retry_after_s: u32 },
    /// The log has stopped and the process is about to end: a change may or may not have been made.
    #[error(
        "the gateway restarts; a change may or may not have been made: look before trying again"
    )]
    Stopped,
    /// Nobody's request is to blame.
    #[error("the gateway failed; its operator finds the reason in its log")]
    Failed,
}

/// A restart takes so long, in seconds.
const RESTART_S: u32 = 5;

/// The HTTP form of an error.
#[derive(Debug, PartialEq)]
pub(crate) struct Facts {
    /// The status.
    pub(crate) status: StatusCode,
    /// The machine-readable kind, where SCIM has one.
    pub(crate) scim_type: Option<ScimType>,
    /// For a human.
    pub(crate) detail: Cow<'static, str>,
}

impl Error {
    /// Status, kind and text: the one match.
    pub(crate) fn facts(&self) -> Facts {
        let status = match self {
            Self::Scim(error) => return Facts::of(error),
            Self::Rejected(rejection) => return Facts::of(&rejection.to_scim()),
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Suspended | Self::ReadOnlyKey | Self::FilteredDiscovery => StatusCode::FORBIDDEN,
            Self::NoRoute | Self::NoSuch { .. } => StatusCode::NOT_FOUND,
            Self::WrongVerb { .. } => StatusCode::METHOD_NOT_ALLOWED,
            Self::NotOffered { .. } => StatusCode::NOT_IMPLEMENTED,
            Self::NotAcceptable => StatusCode::NOT_ACCEPTABLE,
            Self::UnreadableType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::BodyTooLarge { .. } | Self::BulkTooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::BodyTooSlow { .. } => StatusCode::REQUEST_TIMEOUT,
            Self::BodyBroken | Self::Invalid { .. } => StatusCode::BAD_REQUEST,
            Self::HeadersTooLarge { .. } => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::Taken { .. } => StatusCode::CONFLICT,
            Self::Unavailable { .. } | Self::Stopped => StatusCode::SERVICE_UNAVAILABLE,
            Self::Failed => StatusCode::INTERNAL_SERVER_ERROR,
        };
        let syntax = matches!(self, Self::BodyBroken).then_some(ScimType::InvalidSyntax);
        Facts { status, scim_type: syntax, detail: self.to_string().into() }
    }

    /// Seconds for Retry-After.
    pub(crate) fn retry_after_s(&self) -> Option<u32> {
        if let Self::Unavailable { retry_after_s } = self {
            return Some(*retry_after_s);
        }
        matches!(self, Self::Stopped).then_some(RESTART_S)
    }

    /// The SCIM body (RFC 7644 §3.12). Strict clients refuse members that the RFC doesn't name, so the request's id
    /// stands in the text.
    pub(crate) fn to_scim(&self, txn: TxnId) -> Value {
        let Facts { status, scim_type, detail } = self.facts();
        let detail = if shows_request_id(status) {
            format!("{detail} (request {txn})").into()
        } else {
            detail
        };
        scim::Error::new(status.as_u16(), scim_type, detail).to_json()
    }
}

/// Whether the error's body may differ between two requests that ask for the same: not on 401, and not on 404, where
/// another tenant's id looks like an absent one.
pub(crate) fn shows_request_id(status: StatusCode) -> bool {
    status != StatusCode::UNAUTHORIZED && status != StatusCode::NOT_FOUND
}

impl From<tenancy::Error> for Error {
    fn from(error: tenancy::Error) -> Self {
        match error {
            tenancy::Error::Unavailable { retry_after_s } => Self::Unavailable { retry_after_s },
            tenancy::Error::Failed => Self::Stopped,
            tenancy::Error::Log(_)
            | tenancy::Error::Record { .. }
            | tenancy::Error::Gap { .. }
            | tenancy::Error::NoView => Self::Failed,
        }
    }
}

impl From<CommitError> for Error {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Rejected(rejection) => Self::Rejected(rejection),
            CommitError::Unavailable { retry_after_s } => Self::Unavailable { retry_after_s },
            CommitError::Failed => Self::Stopped,
        }
    }
}

impl From<AdminError> for Error {
    fn from(error: AdminError) -> Self {
        match error {
            AdminError::Rejected(rejection) => rejection.into(),
            AdminError::Unavailable { retry_after_s } => Self::Unavailable { retry_after_s },
            AdminError::Failed => Self::Stopped,
        }
    }
}

impl From<PlatformRejection> for Error {
    fn from(rejection: PlatformRejection) -> Self {
        let detail = rejection.to_string();
        match rejection {
            PlatformRejection::NoSuchTenant(id) => {
                Self::NoSuch { kind: "tenant", id: id.to_string() }
            }
            PlatformRejection::NoSuchToken(id) => {
                Self::NoSuch { kind: "token", id: id.to_string() }
            }
            PlatformRejection::NoSuchKey(id) => Self::NoSuch { kind: "key", id: id.to_string() },
            PlatformRejection::NoSuchSchema => {
                Self::NoSuch { kind: "schema", id: "of that URN".to_owned() }
            }
            PlatformRejection::TenantIdTaken(_)
            | PlatformRejection::SchemaInUse(_)
            | PlatformRejection::CredentialExists
            | PlatformRejection::TooManyTokens { .. } => Self::Taken { detail },
            PlatformRejection::NameTooLong { .. }
            | PlatformRejection::InvalidSchema(_)
            | PlatformRejection::AlreadyExpired
            | PlatformRejection::NoTenantId(_) => Self::Invalid { detail },
        }
    }
}

impl Facts {
    fn of(error: &scim::Error) -> Self {
        Self {
            status: StatusCode::from_u16(error.status).unwrap_or(StatusCode::BAD_REQUEST),
            scim_type: error.scim_type,
            detail: error.detail.clone().into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::v1::problem;

    #[test]
    fn every_error_has_its_status_and_says_what_to_do() {
        let txn = TxnId::new(uuid::Uuid::max());
        let check = |error: Error, status: u16, kind: Option<&str>, wait_s: Option<u32>| {
            let body = error.to_scim(txn);
            assert_eq!(body["status"], status.to_string(), "{error}");
            assert_eq!(body["scimType"].as_str(), kind, "{error}");
            assert_eq!(error.retry_after_s(), wait_s, "{error}");
            let detail = body["detail"].as_str().unwrap();
            assert!(detail.starts_with(&error.to_string()));
            assert_eq!(
                detail.contains(&txn.to_string()),
                ![401, 404].contains(&status),
                "{detail}"
            );
            let problem = problem::render(&error, txn);
            assert_eq!(problem["status"], status);
            assert_eq!(problem["detail"], error.to_string());
            assert_eq!(problem["requestId"].is_string(), ![401, 404].contains(&status));
        };
        check(Error::Unauthorized, 401, None, None);
        check(Error::Suspended, 403, None, None);
        check(Error::ReadOnlyKey, 403, None, None);
        check(Error::NoRoute, 404, None, None);
        check(Error::NoSuch { kind: "User", id: "x".into() }, 404, None, None);
        check(Error::WrongVerb { allow: "GET".into() }, 405, None, None);
        check(Error::NotOffered { what: "/Me" }, 501, None, None);
        check(Error::NotAcceptable, 406, None, None);
        check(Error::UnreadableType, 415, None, None);
        check(Error::BodyTooLarge { bytes_max: 1 }, 413, None, None);
        check(Error::BodyTooSlow { bytes_per_s_min: 1 }, 408, None, None);
        check(Error::BodyBroken, 400, Some("invalidSyntax"), None);
        check(Error::HeadersTooLarge { bytes_max: 1 }, 431, None, None);
        check(scim::Error::invalid_filter("no").into(), 400, Some("invalidFilter"), None);
        let by = events::UserId::new(uuid::Uuid::nil());
        let taken = Error::Rejected(Rejection::UserNameTaken { by });
        check(taken, 409, Some("uniqueness"), None);
        let stale = Error::Rejected(Rejection::StaleVersion { current: events::Seq(7) });
        check(stale, 412, None, None);
        check(Error::Rejected(Rejection::NoSuchUser(by)), 404, None, None);
        check(Error::Unavailable { retry_after_s: 7 }, 503, None, Some(7));
        check(CommitError::Failed.into(), 503, None, Some(RESTART_S));
        check(tenancy::Error::NoView.into(), 500, None, None);
        check(PlatformRejection::AlreadyExpired.into(), 400, None, None);
        check(PlatformRejection::CredentialExists.into(), 409, None, None);
    }
}

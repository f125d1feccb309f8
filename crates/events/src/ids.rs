//! Ids are types and say their kind; numbers say what they count.
//! Nothing here mints an id or reads a clock: both are arguments.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use uuid::Uuid;

/// Declares ids over a UUID: 16 bytes, written in the hyphenated form.
macro_rules! uuid_ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// Names the UUID as an id of this kind.
            pub const fn new(id: Uuid) -> Self {
                Self(id)
            }

            /// The UUID behind the id.
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0.hyphenated())
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }
    )*};
}

uuid_ids! {
    /// One provisioned person. A UUID of version 7, as SCIM clients see it in `id`.
    UserId;
    /// One group. A UUID of version 7, as SCIM clients see it in `id`.
    GroupId;
    /// One resource of a type that its tenant defines. A UUID of version 7, as SCIM clients see it in `id`.
    ResourceId;
    /// One call: all events that it made share it; it is also the request id in headers and log lines.
    TxnId;
    /// One SCIM token of a tenant (never the secret itself).
    TokenId;
    /// One key of the platform API (never the secret itself).
    KeyId;
    /// One log: made with its data directory, in every door's metadata.
    LogId;
}

/// The number of an event in its tenant's history: from 1, without gaps. 0 means "before the first".
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Seq(pub u64);

/// The number of a frame in one log, from 0, without gaps. Local to the log, never in a public contract.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Position(pub u64);

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(pub i64);

impl Seq {
    /// The number after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl fmt::Display for Seq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Seq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "seq {}", self.0)
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "position {}", self.0)
    }
}

impl Timestamp {
    /// Reads a time as RFC 3339 writes it; `None` when it is none.
    pub fn parse(text: &str) -> Option<Self> {
        text.parse().ok().map(|at: jiff::Timestamp| Self(at.as_millisecond()))
    }
}

impl fmt::Display for Timestamp {
    /// RFC 3339 in UTC with milliseconds: `2026-11-25T22:09:23.123Z`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(at) => write!(f, "{at:.3}"),
            Err(_) => write!(f, "{} ms", self.0),
        }
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// One customer directory; nothing crosses it.
///
/// A slug: `^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$` (Okta allows no underscore in a base URL).
/// `~platform` is the one stream that is no tenant: it holds tenants, tokens and keys, and
/// [`TenantId::parse`] never makes it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TenantId(Arc<str>);

/// The text is no tenant id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "a tenant id has 1 to 63 characters of a-z, 0-9 and '-', and neither begins nor ends with '-'"
)]
pub struct InvalidTenantId;

const PLATFORM: &str = "~platform";
const TENANT_ID_BYTES_MAX: usize = 63;

impl TenantId {
    /// Reads a tenant's id as people write it.
    ///
    /// # Errors
    /// [`InvalidTenantId`] when the text isn't a slug.
    pub fn parse(text: &str) -> Result<Self, InvalidTenantId> {
        if is_slug(text) { Ok(Self(text.into())) } else { Err(InvalidTenantId) }
    }

    /// The stream of tenants, tokens and platform keys.
    pub fn platform() -> Self {
        Self(PLATFORM.into())
    }

    /// Whether this is [`TenantId::platform`].
    pub fn is_platform(&self) -> bool {
        &*self.0 == PLATFORM
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Reads an id from stored bytes, `~platform` included.
    ///
    /// # Errors
    /// [`InvalidTenantId`] when the text is neither a slug nor `~platform`.
    pub fn from_stored(text: &str) -> Result<Self, InvalidTenantId> {
        if Self::is_stored(text) { Ok(Self(text.into())) } else { Err(InvalidTenantId) }
    }

    /// Whether [`TenantId::from_stored`] takes the text.
    pub(crate) fn is_stored(text: &str) -> bool {
        text == PLATFORM || is_slug(text)
    }
}

fn is_slug(text: &str) -> bool {
    let letters = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    let edges = !text.starts_with('-') && !text.ends_with('-');
    letters && edges && (1..=TENANT_ID_BYTES_MAX).contains(&text.len())
}

/// So that a map by tenant can be asked with a peeked name.
impl Borrow<str> for TenantId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TenantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for TenantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TenantId({})", self.0)
    }
}

/// One provisioning client of a tenant. Until connections are managed there is one, `default`: it takes no memory of its own.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(Option<Arc<str>>);

const DEFAULT_CONNECTION: &str = "default";

impl ConnectionId {
    /// The connection that every tenant has.
    pub const fn default_connection() -> Self {
        Self(None)
    }

    /// Names a connection.
    pub fn new(text: &str) -> Self {
        Self((text != DEFAULT_CONNECTION).then(|| text.into()))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        self.0.as_deref().unwrap_or(DEFAULT_CONNECTION)
    }
}

impl fmt::Debug for ConnectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ConnectionId({})", self.as_str())
    }
}

//! How a connection's requests are read: with the tolerances that real identity providers need, or to the letter.

/// The reading of one connection. Answers are in RFC form either way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "switches: each is independent of the others")]
pub struct Profile {
    /// Values must have the shapes of RFC 7643, paths and queries those of RFC 7644.
    pub strict: bool,
    /// A PUT leaves attributes as they are that its body doesn't name.
    pub put_keeps_absent: bool,
    /// Attributes that no schema names are left out; else 400.
    pub unknown_attributes_ignored: bool,
    /// Missing and foreign `schemas` are put right; else 400.
    pub schemas_repaired: bool,
    /// Members whom nothing names yet are waited for; else 400.
    pub unknown_members_pending: bool,
    /// Brackets in a PATCH path that select nothing are a success where nothing need be there; else 400 `noTarget`.
    pub absent_targets_accepted: bool,
}

impl Profile {
    /// What identity providers really send is accepted where the meaning is certain, and recorded as a coercion.
    pub const LENIENT: Self = Self {
        strict: false,
        put_keeps_absent: false,
        unknown_attributes_ignored: true,
        schemas_repaired: true,
        unknown_members_pending: true,
        absent_targets_accepted: true,
    };
    /// RFC 7643 and RFC 7644 to the letter.
    pub const STRICT: Self = Self {
        strict: true,
        put_keeps_absent: false,
        unknown_attributes_ignored: false,
        schemas_repaired: false,
        unknown_members_pending: false,
        absent_targets_accepted: false,
    };
}

impl Default for Profile {
    fn default() -> Self {
        Self::LENIENT
    }
}

//! How a connection's requests are read: with the tolerances that real identity providers need, or to the letter.

/// The reading of one connection. Answers are in RFC form either way.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum Profile {
    /// What identity providers really send is accepted where the meaning is certain, and recorded as a coercion.
    #[default]
    Lenient,
    /// RFC 7643 and RFC 7644 to the letter.
    Strict,
}

impl Profile {
    /// True for [`Profile::Strict`].
    pub const fn is_strict(self) -> bool {
        matches!(self, Self::Strict)
    }
}

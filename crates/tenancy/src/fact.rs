//! What an answer rests on, and waiting until that is durable (design §3.5).

use events::Seq;

/// The newest fact that an answer used.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fact {
    /// A hit: the version of the record read.
    Version(Seq),
    /// A miss, a list, a rejection: all that is known of the tenant.
    Head,
}

impl Fact {
    /// The number of that fact in a history that has come to `head`.
    pub(crate) const fn number(self, head: Seq) -> Seq {
        match self {
            Self::Version(version) => version,
            Self::Head => head,
        }
    }
}

//! What was accepted although it isn't RFC form. Names and numbers are those of the event log's coercion codes.

/// A tolerance that was applied to a request.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u32)]
pub enum Coercion {
    /// `"True"`/`"false"` given for a boolean.
    BooleanFromText = 1,
    /// A number given for a string.
    TextFromNumber = 2,
    /// A single value given for a multi-valued attribute.
    ListFromSingle = 3,
    /// An array of one given for a single-valued attribute.
    SingleFromList = 4,
    /// A plain string given for a complex attribute with a `value`.
    ComplexFromText = 5,
    /// JSON text given for a complex value (Entra roles).
    ComplexFromJsonText = 6,
    /// An attribute that no schema of the resource type names was ignored.
    UnknownAttributeIgnored = 7,
    /// A schema URN that the resource type doesn't declare was ignored, or its own was missing.
    SchemasRepaired = 8,
    /// Dotted or URN-qualified keys were used in place of nested objects.
    FlattenedKey = 9,
    /// An element was made for `attr[type eq "x"].sub` that matched none.
    ElementMadeForFilter = 10,
    /// `remove` named something that isn't there.
    RemovedNothing = 11,
    /// `remove members` came with a value list: only those were removed.
    RemoveByValue = 12,
    /// A member that is not known yet is kept pending.
    MemberPending = 13,
    /// A member was named by externalId or userName, not by id.
    MemberByOtherName = 14,
    /// `""` was taken as "unassign".
    EmptyTextCleared = 15,
    /// PUT left out an attribute that is kept (`active`, `externalId`, `members`).
    AbsentKept = 16,
    /// A second `primary: true` was cleared.
    PrimaryCleared = 17,
    /// Part of a request was refused and left out, because the request also deactivates the user.
    DeactivationWon = 18,
    /// A wrapped or renamed member list, or an alias of an attribute's name, was understood.
    AliasUnderstood = 19,
}

impl Coercion {
    /// Every code, in order of number.
    pub const ALL: [Self; 19] = [
        Self::BooleanFromText,
        Self::TextFromNumber,
        Self::ListFromSingle,
        Self::SingleFromList,
        Self::ComplexFromText,
        Self::ComplexFromJsonText,
        Self::UnknownAttributeIgnored,
        Self::SchemasRepaired,
        Self::FlattenedKey,
        Self::ElementMadeForFilter,
        Self::RemovedNothing,
        Self::RemoveByValue,
        Self::MemberPending,
        Self::MemberByOtherName,
        Self::EmptyTextCleared,
        Self::AbsentKept,
        Self::PrimaryCleared,
        Self::DeactivationWon,
        Self::AliasUnderstood,
    ];

    /// The number on the wire.
    pub const fn code(self) -> u32 {
        self as u32
    }
}

/// The tolerances applied to one request: a set, iterated in order of number.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Coercions(u32);

impl Coercions {
    /// Notes one; again is the same.
    pub fn insert(&mut self, coercion: Coercion) {
        self.0 |= 1 << coercion.code();
    }

    /// Notes all of `others`.
    pub fn extend(&mut self, others: impl IntoIterator<Item = Coercion>) {
        for coercion in others {
            self.insert(coercion);
        }
    }

    /// True if that one was noted.
    pub fn contains(&self, coercion: Coercion) -> bool {
        self.0 & (1 << coercion.code()) != 0
    }

    /// True if the request was in RFC form.
    pub fn is_empty(&self) -> bool {
        self.0 == 0
    }

    /// Those that were noted, in order of number.
    pub fn iter(&self) -> impl Iterator<Item = Coercion> + use<> {
        let noted = *self;
        Coercion::ALL.into_iter().filter(move |coercion| noted.contains(*coercion))
    }
}

impl FromIterator<Coercion> for Coercions {
    fn from_iter<I: IntoIterator<Item = Coercion>>(coercions: I) -> Self {
        let mut all = Self::default();
        all.extend(coercions);
        all
    }
}

impl std::fmt::Debug for Coercions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::{Coercion, Coercions};

    #[test]
    fn a_set_in_order_of_number() {
        let noted: Coercions =
            [Coercion::AliasUnderstood, Coercion::BooleanFromText, Coercion::AliasUnderstood]
                .into_iter()
                .collect();
        let expected = [Coercion::BooleanFromText, Coercion::AliasUnderstood];
        assert_eq!(noted.iter().collect::<Vec<_>>(), expected);
        assert!(Coercions::default().is_empty() && !noted.is_empty());
    }

    #[test]
    fn every_code_fits_the_set() {
        let all: Coercions = Coercion::ALL.into_iter().collect();
        assert_eq!(all.iter().collect::<Vec<_>>(), Coercion::ALL);
    }
}

//! What was accepted although it isn't RFC form: one code for each kind, in the clear part of an event.

/// A tolerance that was applied to a request (`idp-traffic.md` §8–9). The numbers are the protobuf ones.
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
    /// A PATCH without a path used dotted or URN-qualified keys.
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

    /// The code's name where events are shown as JSON: `boolean_from_text`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::BooleanFromText => "boolean_from_text",
            Self::TextFromNumber => "text_from_number",
            Self::ListFromSingle => "list_from_single",
            Self::SingleFromList => "single_from_list",
            Self::ComplexFromText => "complex_from_text",
            Self::ComplexFromJsonText => "complex_from_json_text",
            Self::UnknownAttributeIgnored => "unknown_attribute_ignored",
            Self::SchemasRepaired => "schemas_repaired",
            Self::FlattenedKey => "flattened_key",
            Self::ElementMadeForFilter => "element_made_for_filter",
            Self::RemovedNothing => "removed_nothing",
            Self::RemoveByValue => "remove_by_value",
            Self::MemberPending => "member_pending",
            Self::MemberByOtherName => "member_by_other_name",
            Self::EmptyTextCleared => "empty_text_cleared",
            Self::AbsentKept => "absent_kept",
            Self::PrimaryCleared => "primary_cleared",
            Self::DeactivationWon => "deactivation_won",
            Self::AliasUnderstood => "alias_understood",
        }
    }

    /// The code of that number, if this version knows it.
    pub fn from_code(code: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.code() == code)
    }
}

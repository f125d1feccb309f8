//! How the requests of a tenant's identity provider are read: a profile, and the switches that it sets.
//! What each preset sets and why: `docs/COMPATIBILITY.md`.

/// A named setting of the [`Switches`]. The numbers are the protobuf ones.
///
/// Every profile but [`Profile::Strict`] also understands the shapes of values that identity providers are known to send.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[repr(i32)]
pub enum Profile {
    /// What real identity providers send is accepted where its meaning is certain.
    #[default]
    Lenient = 1,
    /// RFC 7643/7644 to the letter.
    Strict = 2,
    /// Microsoft Entra ID, with either of its PATCH dialects.
    Entra = 3,
    /// Okta: its catalogue's apps and those of its integration wizard.
    Okta = 4,
    /// Google Workspace.
    Google = 5,
    /// `JumpCloud`.
    JumpCloud = 6,
    /// `OneLogin`.
    OneLogin = 7,
    /// `PingOne` and `PingFederate`.
    Ping = 8,
}

/// Where the RFCs leave room, or a client needs some.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Switches {
    /// A PUT leaves attributes as they are that its body doesn't name; `null` or an empty array clears (RFC 7644 §3.5.1 lets a
    /// server do either).
    pub put_keeps_absent: bool,
    /// Attributes that no schema names are left out; else 400.
    pub unknown_attributes_ignored: bool,
    /// Missing and foreign `schemas` of a body are put right; else 400.
    pub schemas_repaired: bool,
    /// A member whom nobody's id, userName or externalId names is kept until somebody comes who does; else 400.
    pub unknown_members_pending: bool,
    /// A PATCH path whose brackets select nothing is a success where nothing need be there; else 400 `noTarget`.
    pub absent_targets_accepted: bool,
    /// What a PATCH that succeeds is answered with.
    pub patch_answer: PatchAnswer,
}

/// What a PATCH that succeeds is answered with; a query with `attributes` always gets the resource. The numbers are the protobuf ones.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[repr(i32)]
pub enum PatchAnswer {
    /// The resource, but 204 for a group of many members.
    #[default]
    Short = 1,
    /// The resource.
    Resource = 2,
    /// 204.
    Nothing = 3,
}

impl Profile {
    /// Each of them.
    pub const ALL: [Self; 8] = [
        Self::Lenient,
        Self::Strict,
        Self::Entra,
        Self::Okta,
        Self::Google,
        Self::JumpCloud,
        Self::OneLogin,
        Self::Ping,
    ];

    /// The profile's name at every door and in configuration, such as `lenient`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lenient => "lenient",
            Self::Strict => "strict",
            Self::Entra => "entra",
            Self::Okta => "okta",
            Self::Google => "google",
            Self::JumpCloud => "jumpcloud",
            Self::OneLogin => "onelogin",
            Self::Ping => "ping",
        }
    }

    /// The profile of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }

    /// What it sets.
    pub const fn switches(self) -> Switches {
        const LENIENT: Switches = Switches {
            put_keeps_absent: false,
            unknown_attributes_ignored: true,
            schemas_repaired: true,
            unknown_members_pending: true,
            absent_targets_accepted: true,
            patch_answer: PatchAnswer::Short,
        };
        match self {
            Self::Lenient
            | Self::Entra
            | Self::Okta
            | Self::Google
            | Self::JumpCloud
            | Self::Ping => LENIENT,
            Self::Strict => Switches {
                unknown_attributes_ignored: false,
                schemas_repaired: false,
                unknown_members_pending: false,
                absent_targets_accepted: false,
                ..LENIENT
            },
            Self::OneLogin => Switches { put_keeps_absent: true, ..LENIENT },
        }
    }
}

impl PatchAnswer {
    /// Each of them.
    pub const ALL: [Self; 3] = [Self::Short, Self::Resource, Self::Nothing];

    /// Its name at every door: `short`, `resource`, `nothing`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Short => "short",
            Self::Resource => "resource",
            Self::Nothing => "nothing",
        }
    }

    /// The answer of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }
}

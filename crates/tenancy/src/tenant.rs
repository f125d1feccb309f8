//! Who may use a directory: what a credential proves. Made in `authenticate` only.

use std::fmt;
use std::sync::Arc;

use directory::{Directory, Rules};
use events::{ConnectionId, KeyId, KeyRole, Profile, TenantId, TenantSettings};

use crate::stream::Stream;
use crate::{Schemas, Status};

/// A tenant that a credential has opened, as it was at that moment.
#[derive(Clone)]
pub struct Tenant {
    pub(crate) stream: Arc<Stream<Directory>>,
    pub(crate) settings: Arc<TenantSettings>,
    pub(crate) schemas: Arc<Schemas>,
    pub(crate) status: Status,
    pub(crate) connection: Option<ConnectionId>,
}

impl Tenant {
    /// Its id.
    pub fn id(&self) -> &TenantId {
        &self.stream.id
    }

    /// What the platform has decided for it.
    pub fn settings(&self) -> &TenantSettings {
        &self.settings
    }

    /// Whether SCIM may be used.
    pub const fn status(&self) -> Status {
        self.status
    }

    /// The provisioning client whose token opened it; `None` for a platform key.
    pub const fn connection(&self) -> Option<&ConnectionId> {
        self.connection.as_ref()
    }

    /// The schemas that it adds.
    pub fn schemas(&self) -> &Schemas {
        &self.schemas
    }

    /// How its requests are read.
    pub fn profile(&self) -> scim::Profile {
        profile(&self.settings)
    }

    /// The settings as `directory` reads them.
    pub fn rules(&self) -> Rules {
        let unique_group_names = self.settings.unique_group_names;
        Rules {
            profile: self.profile(),
            unique_group_names,
            types: Arc::clone(self.schemas.types()),
        }
    }
}

impl fmt::Debug for Tenant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tenant({}, {:?})", self.id(), self.status)
    }
}

/// A key of the platform API that was shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlatformKey {
    pub(crate) id: KeyId,
    pub(crate) role: KeyRole,
}

impl PlatformKey {
    /// Which key.
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// What it may do.
    pub const fn role(&self) -> KeyRole {
        self.role
    }
}

const fn profile(settings: &TenantSettings) -> scim::Profile {
    let switches = settings.switches;
    scim::Profile {
        strict: matches!(settings.profile, Profile::Strict),
        put_keeps_absent: switches.put_keeps_absent,
        unknown_attributes_ignored: switches.unknown_attributes_ignored,
        schemas_repaired: switches.schemas_repaired,
        unknown_members_pending: switches.unknown_members_pending,
        absent_targets_accepted: switches.absent_targets_accepted,
    }
}

#[cfg(test)]
mod tests {
    use events::{Profile, TenantSettings};

    #[test]
    fn profiles_are_read_as_they_are_recorded() {
        for profile in Profile::ALL {
            let read = super::profile(&TenantSettings::of(profile));
            let expected = match profile {
                Profile::Strict => scim::Profile::STRICT,
                Profile::OneLogin => {
                    scim::Profile { put_keeps_absent: true, ..scim::Profile::LENIENT }
                }
                Profile::Lenient
                | Profile::Entra
                | Profile::Okta
                | Profile::Google
                | Profile::JumpCloud
                | Profile::Ping => scim::Profile::LENIENT,
            };
            assert_eq!(read, expected, "{profile:?}");
        }
    }
}

//! A change of a tenant, said by what shall be otherwise: two that name different settings both count, in whatever order they come.

use events::{Event, PatchAnswer, Profile, Switches, TenantId, TenantSettings};

use crate::Status;
use crate::registry::TenantRecord;

/// What shall be otherwise about a tenant; what is `None` stays as it is.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TenantChange {
    /// Another name.
    pub name: Option<String>,
    /// Another profile, with all switches as that sets them.
    pub profile: Option<Profile>,
    /// Switches to set otherwise than they are, or than the new profile has them.
    pub switches: SwitchesChange,
    /// Whether two groups may not share a displayName.
    pub unique_group_names: Option<bool>,
    /// `true`: SCIM answers 403; `false`: no more.
    pub suspended: Option<bool>,
}

/// The switches to set otherwise, each as in [`Switches`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[expect(missing_docs, reason = "`Switches` says what they are")]
pub struct SwitchesChange {
    pub put_keeps_absent: Option<bool>,
    pub unknown_attributes_ignored: Option<bool>,
    pub schemas_repaired: Option<bool>,
    pub unknown_members_pending: Option<bool>,
    pub absent_targets_accepted: Option<bool>,
    pub patch_answer: Option<PatchAnswer>,
}

impl TenantChange {
    /// The settings that come of these.
    pub fn over(self, settings: &TenantSettings) -> TenantSettings {
        let switches = self.profile.map_or(settings.switches, Profile::switches);
        TenantSettings {
            name: self.name.unwrap_or_else(|| settings.name.clone()),
            profile: self.profile.unwrap_or(settings.profile),
            switches: self.switches.over(switches),
            unique_group_names: self.unique_group_names.unwrap_or(settings.unique_group_names),
        }
    }

    /// What happens to a tenant by it: nothing if all is so already.
    pub(crate) fn events(self, record: &TenantRecord) -> Vec<Event> {
        let tenant = || record.id.clone();
        let suspended = self.suspended.filter(|it| *it != (record.status == Status::Suspended));
        let settings = self.over(&record.settings);
        let updated = (settings != *record.settings)
            .then(|| Event::TenantUpdated { tenant: tenant(), settings });
        updated.into_iter().chain(suspended.map(|it| status(it, tenant()))).collect()
    }
}

fn status(suspended: bool, tenant: TenantId) -> Event {
    match suspended {
        true => Event::TenantSuspended { tenant },
        false => Event::TenantResumed { tenant },
    }
}

impl SwitchesChange {
    fn over(self, switches: Switches) -> Switches {
        let Self {
            put_keeps_absent,
            unknown_attributes_ignored,
            schemas_repaired,
            unknown_members_pending,
            absent_targets_accepted,
            patch_answer,
        } = self;
        Switches {
            put_keeps_absent: put_keeps_absent.unwrap_or(switches.put_keeps_absent),
            unknown_attributes_ignored: unknown_attributes_ignored
                .unwrap_or(switches.unknown_attributes_ignored),
            schemas_repaired: schemas_repaired.unwrap_or(switches.schemas_repaired),
            unknown_members_pending: unknown_members_pending
                .unwrap_or(switches.unknown_members_pending),
            absent_targets_accepted: absent_targets_accepted
                .unwrap_or(switches.absent_targets_accepted),
            patch_answer: patch_answer.unwrap_or(switches.patch_answer),
        }
    }
}

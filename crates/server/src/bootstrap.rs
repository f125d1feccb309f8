//! The bootstrap file: tenants and platform keys that must exist. What it names is made when missing; nothing else is touched.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use events::{KeyRole, Profile, TenantId};
use serde::Deserialize;

/// What must exist.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bootstrap {
    /// Each with one SCIM token.
    #[serde(default, rename = "tenant")]
    pub tenants: Vec<Tenant>,
    /// Keys of the platform API, by name.
    #[serde(default, rename = "platform_key")]
    pub platform_keys: Vec<PlatformKey>,
}

/// `[[tenant]]`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tenant {
    /// Its id for ever.
    pub id: String,
    /// Its name for people; the id when absent.
    pub name: Option<String>,
    /// How its requests are read; [`Profile::default`] when absent.
    pub profile: Option<String>,
}

impl Tenant {
    /// The profile of that name.
    pub fn profile(&self) -> Option<Profile> {
        self.profile.as_deref().map_or_else(|| Some(Profile::default()), Profile::from_name)
    }
}

/// `[[platform_key]]`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlatformKey {
    /// What it is known by.
    pub name: String,
    /// What it may do.
    #[serde(default)]
    pub role: Role,
}

/// What a platform key may do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Everything.
    #[default]
    Owner,
    /// Reading only.
    Reader,
}

/// Why a bootstrap file is refused.
#[derive(Debug, thiserror::Error)]
#[error("the bootstrap file {path}: {reason}")]
pub struct Error {
    path: PathBuf,
    reason: String,
}

impl Bootstrap {
    /// Reads and checks a bootstrap file.
    ///
    /// # Errors
    /// [`Error`] naming the key or value that is wrong.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let failed = |reason: String| Error { path: path.to_owned(), reason };
        let text = fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
        Self::parse(&text).map_err(failed)
    }

    fn parse(text: &str) -> Result<Self, String> {
        let read: Self =
            toml::from_str(text).map_err(|error| error.to_string().trim_end().to_owned())?;
        let mut seen = BTreeSet::new();
        for tenant in &read.tenants {
            TenantId::parse(&tenant.id).map_err(|error| format!("{:?}: {error}", tenant.id))?;
            if tenant.profile().is_none() {
                let known = Profile::ALL.map(Profile::name).join(", ");
                return Err(format!("{:?}: profile must be one of {known}", tenant.id));
            }
            if !seen.insert(&tenant.id) {
                return Err(format!("the tenant {:?} stands twice", tenant.id));
            }
        }
        let mut seen = BTreeSet::new();
        for key in &read.platform_keys {
            if key.name.is_empty() {
                return Err("a platform key has an empty name".to_owned());
            }
            if !seen.insert(&key.name) {
                return Err(format!("the platform key {:?} stands twice", key.name));
            }
        }
        Ok(read)
    }
}

impl From<Role> for KeyRole {
    fn from(role: Role) -> Self {
        match role {
            Role::Owner => Self::Owner,
            Role::Reader => Self::Reader,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_form_is_read() {
        let text = "[[tenant]]\nid = 'acme'\nprofile = 'okta'\n\
                    [[tenant]]\nid = 'globex'\nname = 'Globex'\n\
                    [[platform_key]]\nname = 'ci'\n[[platform_key]]\nname = 'audit'\nrole = 'reader'";
        let read = Bootstrap::parse(text).unwrap();
        let tenant = |id: &str, name: Option<&str>, profile: Option<&str>| Tenant {
            id: id.to_owned(),
            name: name.map(str::to_owned),
            profile: profile.map(str::to_owned),
        };
        let named = [tenant("acme", None, Some("okta")), tenant("globex", Some("Globex"), None)];
        assert_eq!(read.tenants, named);
        let profiles = [Some(Profile::Okta), Some(Profile::Lenient)];
        assert_eq!(read.tenants.iter().map(Tenant::profile).collect::<Vec<_>>(), profiles);
        let key = |name: &str, role| PlatformKey { name: name.to_owned(), role };
        assert_eq!(read.platform_keys, [key("ci", Role::Owner), key("audit", Role::Reader)]);
        assert_eq!(Bootstrap::parse("").unwrap(), Bootstrap::default());
    }

    #[test]
    fn what_is_wrong_is_named() {
        let check = |text: &str, expected: &str| {
            let error = Bootstrap::parse(text).unwrap_err();
            assert!(error.contains(expected), "{error:?} doesn't say {expected:?}");
        };
        check("[[tenants]]\nid = 'acme'", "tenants");
        check("[[tenant]]\nid = 'acme'\nprofile = 'azure'", "\"acme\": profile must be one of");
        check("[[tenant]]\nid = 'acme'\nprofil = 'x'", "profil");
        check("[[tenant]]\nname = 'Acme'", "id");
        check("[[tenant]]\nid = 'Acme_1'", "\"Acme_1\": a tenant id has");
        check("[[tenant]]\nid = '~platform'", "~platform");
        check("[[tenant]]\nid = 'a'\n[[tenant]]\nid = 'a'", "the tenant \"a\" stands twice");
        check("[[platform_key]]\nname = 'ci'\nrole = 'god'", "god");
        check("[[platform_key]]\nname = ''", "empty name");
        check("[[platform_key]]\nname = 'a'\n[[platform_key]]\nname = 'a'", "stands twice");
        check("[[platform_key]]\nrole = 'owner'", "name");
        check("[[tenant]", "line 1");
    }
}

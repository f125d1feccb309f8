//! From a request's path to the base address it was sent to, and back to links. Forgives `//`, a slash at the
//! end and a missing `/v2` (`idp-traffic.md` §9.8). Knows no route and no tenant: a name in a path proves nothing.

use crate::Addresses;

/// A path taken apart.
#[derive(Debug)]
pub(crate) struct Address<'a> {
    platform: bool,
    tenant: Option<&'a str>,
    mount: &'a str,
    segments: Vec<&'a str>,
    /// Where the route's own segments begin.
    skip: usize,
}

impl<'a> Address<'a> {
    /// Takes a path apart; `None` when nothing of ours is mounted there.
    pub(crate) fn parse(path: &'a str, addresses: &'a Addresses) -> Option<Self> {
        let mut segments = Vec::with_capacity(8);
        segments.extend(path.split('/').filter(|segment| !segment.is_empty()));
        if segments.first() == Some(&"v1") {
            return Some(Self { platform: true, tenant: None, mount: "", segments, skip: 0 });
        }
        let (tenant, behind) = match segments.as_slice() {
            ["t", tenant, behind @ ..] => (Some(*tenant), behind),
            behind => (None, behind),
        };
        let (mount, behind) = addresses.mounts.iter().find_map(|mount| strip(mount, behind))?;
        let behind = behind.strip_prefix(&["v2"]).unwrap_or(behind);
        let skip = segments.len() - behind.len();
        Some(Self { platform: false, tenant, mount, segments, skip })
    }

    /// Whether it is one of `/v1`, and not of SCIM.
    pub(crate) const fn is_platform(&self) -> bool {
        self.platform
    }

    /// The tenant that the path names; nobody has checked it.
    pub(crate) const fn tenant(&self) -> Option<&'a str> {
        self.tenant
    }

    /// What stands behind the base address, still percent-encoded.
    pub(crate) fn segments(&self) -> &[&'a str] {
        self.segments.get(self.skip..).unwrap_or_default()
    }

    /// The base address that was used, as links begin: `https://scim.example.com/t/acme/scim/v2`.
    pub(crate) fn base(&self, addresses: &Addresses) -> String {
        match self.tenant {
            Some(tenant) => [&addresses.public_url, "/t/", tenant, self.mount, "/v2"].concat(),
            None => [&addresses.public_url, self.mount, "/v2"].concat(),
        }
    }
}

/// The mount and what stands behind it, if the segments begin with it.
fn strip<'m, 's, 'a>(mount: &'m str, segments: &'s [&'a str]) -> Option<(&'m str, &'s [&'a str])> {
    let mut behind = segments;
    for wanted in mount.split('/').filter(|segment| !segment.is_empty()) {
        let (given, rest) = behind.split_first()?;
        if *given != wanted {
            return None;
        }
        behind = rest;
    }
    Some((mount, behind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_begin_with_the_base_that_was_addressed() {
        let mut addresses = Addresses::new("https://scim.example.com/");
        addresses.mounts.push("/api/external/scim".to_owned());
        let check = |path: &str, base: &str, segments: &[&str]| {
            let address = Address::parse(path, &addresses).unwrap();
            assert_eq!(address.base(&addresses), base, "{path}");
            assert_eq!(address.segments(), segments, "{path}");
        };
        check("/scim/v2/Users", "https://scim.example.com/scim/v2", &["Users"]);
        check("//scim//Users/", "https://scim.example.com/scim/v2", &["Users"]);
        check("/t/acme/scim/v2", "https://scim.example.com/t/acme/scim/v2", &[]);
        check(
            "/t/acme/api/external/scim/v2/Groups/1",
            "https://scim.example.com/t/acme/api/external/scim/v2",
            &["Groups", "1"],
        );
        check("/api/external/scim", "https://scim.example.com/api/external/scim/v2", &[]);
        for path in ["/", "/t", "/t/acme", "/t/acme/v1/tenants", "/api/external", "/Users"] {
            assert!(Address::parse(path, &addresses).is_none(), "{path}");
        }
    }
}

//! From a request's host and path to the base address it was sent to, and back to links. Forgives `//`, a slash at the
//! end and a missing `/v2` (`idp-traffic.md` §9.8). Knows no route and no tenant: a name in an address proves nothing.

use crate::{Addresses, TenantUrl};

/// An address taken apart.
#[derive(Debug)]
pub(crate) struct Address<'a> {
    platform: bool,
    /// By the host.
    named: Option<(&'a TenantUrl, String)>,
    /// By the path.
    tenant: Option<&'a str>,
    mount: &'a str,
    segments: Vec<&'a str>,
    /// Where the route's own segments begin.
    skip: usize,
}

impl<'a> Address<'a> {
    /// Takes an address apart; `None` when nothing of ours is mounted there.
    pub(crate) fn parse(
        host: Option<&str>,
        path: &'a str,
        addresses: &'a Addresses,
    ) -> Option<Self> {
        let named = host.and_then(|host| {
            addresses.tenant_urls.iter().find_map(|url| Some((url, url.tenant(host)?)))
        });
        let mut segments = Vec::with_capacity(8);
        segments.extend(path.split('/').filter(|segment| !segment.is_empty()));
        if segments.first() == Some(&"v1") {
            return Some(Self {
                platform: true,
                named,
                tenant: None,
                mount: "",
                segments,
                skip: 0,
            });
        }
        let (tenant, behind) = match segments.as_slice() {
            ["t", tenant, behind @ ..] => (Some(*tenant), behind),
            behind => (None, behind),
        };
        let (mount, behind) = addresses.mounts.iter().find_map(|mount| strip(mount, behind))?;
        let behind = behind.strip_prefix(&["v2"]).unwrap_or(behind);
        let skip = segments.len() - behind.len();
        Some(Self { platform: false, named, tenant, mount, segments, skip })
    }

    /// Whether it is one of `/v1`, and not of SCIM.
    pub(crate) const fn is_platform(&self) -> bool {
        self.platform
    }

    /// The tenant that is addressed; nobody has checked it. Two in one address are nobody.
    pub(crate) fn tenant(&self) -> Option<&str> {
        match (&self.named, self.tenant) {
            (Some((_, named)), Some(tenant)) if named != tenant => Some(""),
            (Some((_, named)), _) => Some(named),
            (None, tenant) => tenant,
        }
    }

    /// What stands behind the base address, still percent-encoded.
    pub(crate) fn segments(&self) -> &[&'a str] {
        self.segments.get(self.skip..).unwrap_or_default()
    }

    /// The base address that was used, as links begin: `https://scim.example.com/t/acme/scim/v2`.
    pub(crate) fn base(&self, addresses: &Addresses) -> String {
        let own = self.named.as_ref().map(|(url, tenant)| url.of(tenant));
        let url = own.as_ref().unwrap_or(&addresses.public_url);
        match self.tenant {
            Some(tenant) => [url, "/t/", tenant, self.mount, "/v2"].concat(),
            None => [url, self.mount, "/v2"].concat(),
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
        addresses.tenant_urls.extend(TenantUrl::parse("https://{tenant}.example.com"));
        let check = |path: &str, base: &str, segments: &[&str]| {
            let address = Address::parse(None, path, &addresses).unwrap();
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
            assert!(Address::parse(None, path, &addresses).is_none(), "{path}");
        }
        let check = |host: &str, path: &str, tenant: Option<&str>, base: &str| {
            let address = Address::parse(Some(host), path, &addresses).unwrap();
            assert_eq!((address.tenant(), &*address.base(&addresses)), (tenant, base), "{host}");
        };
        let (acme, acmes) = ("acme.example.com", "https://acme.example.com/scim/v2");
        check(acme, "/scim/v2/Users", Some("acme"), acmes);
        check("ACME.example.com:443", "/scim", Some("acme"), acmes);
        let both = "https://acme.example.com/t/acme/scim/v2";
        check(acme, "/t/acme/scim/Users", Some("acme"), both);
        let two = "https://acme.example.com/t/bert/scim/v2";
        check(acme, "/t/bert/scim/Users", Some(""), two);
        check("scim.example.org", "/scim", None, "https://scim.example.com/scim/v2");
    }
}

//! Hosts of tenants' own (`idp-traffic.md` §9.8): `https://{tenant}.scim.example.com` says where the tenant stands.

const TENANT: &str = "{tenant}.";

/// The address of each tenant by one pattern: a scheme, the tenant as the first label of the host, and a port if it isn't the scheme's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantUrl {
    /// `https://`
    scheme: &'static str,
    /// `scim.example.com`, in lower case
    domain: String,
}

impl TenantUrl {
    /// Reads a pattern; `None` when it is none.
    pub fn parse(pattern: &str) -> Option<Self> {
        let (scheme, default_port) = match pattern.split_once("://")?.0 {
            "https" => ("https://", ":443"),
            "http" => ("http://", ":80"),
            _ => return None,
        };
        let domain = pattern.strip_prefix(scheme)?.strip_prefix(TENANT)?.to_ascii_lowercase();
        let (host, port) = domain.split_once(':').unwrap_or((&domain, "1"));
        let is_label = |label: &str| {
            !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        };
        let is_valid =
            host.split('.').all(is_label) && port.parse().is_ok_and(|port: u16| port > 0);
        let domain = domain.strip_suffix(default_port).unwrap_or(&domain).to_owned();
        is_valid.then_some(Self { scheme, domain })
    }

    /// The address of a tenant, without a slash at the end.
    pub(crate) fn of(&self, tenant: &str) -> String {
        [self.scheme, tenant, ".", &self.domain].concat()
    }

    /// The tenant that a request's host names, in lower case; nobody has checked it.
    pub(crate) fn tenant(&self, host: &str) -> Option<String> {
        let default_port = if self.scheme == "https://" { ":443" } else { ":80" };
        let host = host.strip_suffix(default_port).unwrap_or(host);
        let (tenant, domain) = host.split_once('.')?;
        let is_named = domain.eq_ignore_ascii_case(&self.domain) && !tenant.is_empty();
        is_named.then(|| tenant.to_ascii_lowercase())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_a_scheme_a_tenant_and_a_domain() {
        let check = |pattern: &str, of_acme: Option<&str>| {
            let url = TenantUrl::parse(pattern);
            assert_eq!(url.map(|url| url.of("acme")).as_deref(), of_acme, "{pattern}");
        };
        check("https://{tenant}.scim.example.com", Some("https://acme.scim.example.com"));
        check("https://{tenant}.Example.com:443", Some("https://acme.example.com"));
        check("http://{tenant}.localhost:8080", Some("http://acme.localhost:8080"));
        for junk in [
            "",
            "{tenant}.example.com",
            "ftp://{tenant}.example.com",
            "https://example.com",
            "https://scim.{tenant}.example.com",
            "https://{tenant}example.com",
            "https://{tenant}.",
            "https://{tenant}.example.com/",
            "https://{tenant}.example.com/scim",
            "https://{tenant}.example.com:0",
            "https://{tenant}.example.com:443:443",
            "https://{tenant}.{tenant}.example.com",
        ] {
            check(junk, None);
        }
    }

    #[test]
    fn a_host_names_its_tenant() {
        let check = |pattern: &str, host: &str, tenant: Option<&str>| {
            let url = TenantUrl::parse(pattern).unwrap();
            assert_eq!(url.tenant(host).as_deref(), tenant, "{pattern} {host}");
        };
        let https = "https://{tenant}.example.com";
        check(https, "acme.example.com", Some("acme"));
        check(https, "Acme.Example.COM:443", Some("acme"));
        check(https, "acme.example.com:80", None);
        check(https, "a.acme.example.com", None);
        check(https, ".example.com", None);
        check(https, "example.com", None);
        check(https, "acme.example.com.evil.org", None);
        check("http://{tenant}.localhost:8080", "acme.localhost:8080", Some("acme"));
        check("http://{tenant}.localhost:8080", "acme.localhost", None);
    }
}

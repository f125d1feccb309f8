//! Who is at the other end, for the request's log line and for nothing else.
//! A proxy that is trusted says so in X-Forwarded-For; anybody else's word counts for nothing.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use actix_web::http::header::HeaderMap;

const FORWARDED_FOR: &str = "x-forwarded-for";

/// Whether an address is that of a proxy whose word is believed.
pub type TrustedProxies = Arc<dyn Fn(IpAddr) -> bool + Send + Sync>;

/// The client's address: the last one named that is no trusted proxy's, read from the connection backwards.
pub(crate) fn find(
    connected: Option<SocketAddr>,
    headers: &HeaderMap,
    is_trusted: &TrustedProxies,
) -> Option<IpAddr> {
    let mut peer = connected?.ip();
    let mut fields: Vec<&str> =
        headers.get_all(FORWARDED_FOR).map(|field| field.to_str().unwrap_or_default()).collect();
    while is_trusted(peer) {
        let Some(field) = fields.pop() else { break };
        let (earlier, last) = field.rsplit_once(',').map_or((None, field), |(a, b)| (Some(a), b));
        let Some(named) = address(last.trim()) else { break };
        peer = named;
        fields.extend(earlier);
    }
    Some(peer)
}

/// An address, with a port or without.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    bare.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|it| it.ip()))
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    #[test]
    fn only_the_word_of_a_trusted_proxy_counts() {
        let is_trusted: TrustedProxies =
            Arc::new(|ip: IpAddr| ip.to_string().starts_with("10.") || ip.to_string() == "::1");
        let check = |connected: &str, fields: &[&str], expected: &str| {
            let mut headers = HeaderMap::new();
            for field in fields {
                let name = HeaderName::from_static(FORWARDED_FOR);
                headers.append(name, HeaderValue::from_str(field).unwrap());
            }
            let peer = find(Some(connected.parse().unwrap()), &headers, &is_trusted).unwrap();
            assert_eq!(peer.to_string(), expected, "{connected} {fields:?}");
        };
        check("192.0.2.1:5", &[], "192.0.2.1");
        check("192.0.2.1:5", &["203.0.113.9"], "192.0.2.1");
        check("10.0.0.1:5", &[], "10.0.0.1");
        check("10.0.0.1:5", &["203.0.113.9"], "203.0.113.9");
        check("10.0.0.1:5", &["198.51.100.7, 203.0.113.9"], "203.0.113.9");
        check("10.0.0.1:5", &["198.51.100.7, 10.0.0.2"], "198.51.100.7");
        check("10.0.0.1:5", &["198.51.100.7", "10.0.0.2"], "198.51.100.7");
        check("10.0.0.1:5", &["198.51.100.7, junk"], "10.0.0.1");
        check("10.0.0.1:5", &["10.0.0.3, 10.0.0.2"], "10.0.0.3");
        check("10.0.0.1:5", &["203.0.113.9:443"], "203.0.113.9");
        check("[::1]:5", &["[2001:db8::1]:443"], "2001:db8::1");
        check("[::1]:5", &["2001:db8::1"], "2001:db8::1");
        assert_eq!(find(None, &HeaderMap::new(), &is_trusted), None);
    }
}

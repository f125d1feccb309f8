//! What is derived from the master key. The master key itself never comes here from `server`, and nothing derived ever leaves but its
//! fingerprint.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Bytes of a derived key.
const KEY_BYTES: usize = 32;

/// Keys for one use each, and a name for the master key.
#[derive(Clone)]
pub struct Keys {
    fingerprint: String,
    cursor: [u8; KEY_BYTES],
}

impl Keys {
    /// Derives them: HMAC-SHA-256 of the use's name under the master key.
    pub fn derive(master: &[u8; KEY_BYTES]) -> Self {
        let fingerprint = mac(master, &[b"rollcall fingerprint v1"]);
        let fingerprint = fingerprint.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        Self { fingerprint, cursor: mac(master, &[b"rollcall cursor v1"]) }
    }

    /// 16 hexadecimal digits that say which master key it is, and nothing about it.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// What a cursor of RFC 9865 is authenticated with.
    pub(crate) fn cursor_mac(&self, parts: &[&[u8]]) -> [u8; KEY_BYTES] {
        mac(&self.cursor, parts)
    }
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keys").field("fingerprint", &self.fingerprint).finish_non_exhaustive()
    }
}

/// Each part with its length, so that no two lists are the same bytes.
fn mac(key: &[u8; KEY_BYTES], parts: &[&[u8]]) -> [u8; KEY_BYTES] {
    // A key of any length does.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return [0; KEY_BYTES] };
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_names_a_key_and_no_two_lists_are_the_same() {
        let keys = Keys::derive(&[7; 32]);
        assert_eq!(keys.fingerprint(), Keys::derive(&[7; 32]).fingerprint());
        assert_ne!(keys.fingerprint(), Keys::derive(&[8; 32]).fingerprint());
        assert_eq!(keys.fingerprint().len(), 16);
        assert_ne!(mac(&[7; 32], &[b"ab", b"c"]), mac(&[7; 32], &[b"a", b"bc"]));
    }
}

//! The text of opaque credentials: `rct_` (SCIM token) or `rck_` (platform key), 30 base62 characters
//! of randomness, 6 of CRC32 over all that stands before. Stores nothing: only the hash leaves here.

use std::fmt;

use sha2::{Digest, Sha256};

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const RANDOM_CHARS: usize = 30;
const CHECK_CHARS: usize = 6;
const HINT_CHARS: usize = 4;

/// What a credential is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// `rct_`: a tenant's SCIM token.
    Token,
    /// `rck_`: a key of the platform API.
    Key,
}

/// A freshly made credential: shown once, then only its hash is known.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Kind {
    const fn prefix(self) -> &'static str {
        match self {
            Self::Token => "rct_",
            Self::Key => "rck_",
        }
    }
}

impl Secret {
    /// Makes one: 178 bits that nobody can foresee.
    ///
    /// # Errors
    /// When the system gives no randomness.
    pub fn mint(kind: Kind) -> Result<Self, getrandom::Error> {
        let mut text = String::with_capacity(kind.prefix().len() + RANDOM_CHARS + CHECK_CHARS);
        text.push_str(kind.prefix());
        let full = text.len() + RANDOM_CHARS;
        while text.len() < full {
            let mut bytes = [0; RANDOM_CHARS];
            getrandom::fill(&mut bytes)?;
            // 248 = 4 * 62: what lies above would favour the first letters.
            let fair = bytes.into_iter().filter(|byte| *byte < 248).map(|byte| letter(byte.into()));
            text.extend(fair.take(full - text.len()));
        }
        text.push_str(&checksum(&text));
        Ok(Self(text))
    }

    /// The credential itself. For the one answer that shows it.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// SHA-256 of the whole text: all that is ever stored.
    pub fn hash(&self) -> [u8; 32] {
        hash(&self.0)
    }

    /// The last four characters, to recognise it by.
    pub fn hint(&self) -> String {
        self.0.chars().skip(self.0.len().saturating_sub(HINT_CHARS)).collect()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret(…{})", self.hint())
    }
}

/// SHA-256 of a credential's text, as `tenancy` looks it up.
pub fn hash(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

/// The kind of a well-formed credential; `None` when prefix, length or checksum say that it can't be one.
pub fn kind(text: &str) -> Option<Kind> {
    let (body, check) = text.split_at_checked(text.len().checked_sub(CHECK_CHARS)?)?;
    let kind = [Kind::Token, Kind::Key].into_iter().find(|kind| body.starts_with(kind.prefix()))?;
    let whole = body.len() == kind.prefix().len() + RANDOM_CHARS && checksum(body) == check;
    whole.then_some(kind)
}

fn checksum(text: &str) -> String {
    let mut rest = crc32fast::hash(text.as_bytes());
    let mut letters = [' '; CHECK_CHARS];
    for place in letters.iter_mut().rev() {
        *place = letter(rest % 62);
        rest /= 62;
    }
    letters.into_iter().collect()
}

fn letter(index: u32) -> char {
    let index = usize::try_from(index % 62).unwrap_or(0);
    ALPHABET.get(index).copied().unwrap_or(b'0').into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minted_secret_is_recognised_by_form_and_checksum() {
        for made in [Kind::Token, Kind::Key] {
            let secret = Secret::mint(made).unwrap();
            let text = secret.reveal();
            assert_eq!(text.len(), 40);
            assert!(text.starts_with(made.prefix()));
            assert_eq!(kind(text), Some(made));
            assert!(text.ends_with(&secret.hint()) && secret.hint().len() == 4);
            assert!(!format!("{secret:?}").contains(&text[..20]));
            assert_ne!(Secret::mint(made).unwrap(), secret);
        }
    }

    #[test]
    fn what_is_not_a_secret_is_told_apart() {
        let good = "rct_0123456789abcdefghijABCDEFGHIJ";
        let check = |text: &str, expected: Option<Kind>| assert_eq!(kind(text), expected, "{text}");
        check(&format!("{good}{}", checksum(good)), Some(Kind::Token));
        check(&format!("{good}000000"), None);
        check(&format!("x{good}{}", checksum(good)), None);
        check(&format!("{}{}", &good[..20], checksum(&good[..20])), None);
        check("rct_", None);
        check("", None);
        check("ééé", None);
    }

    #[test]
    fn the_hash_is_sha_256_of_the_whole_text() {
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        let hex: String = hash("abc").iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, expected);
    }
}

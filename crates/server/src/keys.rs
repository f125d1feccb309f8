//! `DIR/master.key` and `DIR/operator.key`: made at first start, read afterwards.

use std::fs;
use std::path::{Path, PathBuf};

use ingress::Keys;

use crate::{Config, files};

/// The key that will seal what lies in `DIR/state`: 32 bytes, as 64 hexadecimal digits on disk.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct MasterKey([u8; MASTER_KEY_BYTES]);

const MASTER_KEY_BYTES: usize = 32;

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {reason}")]
pub(crate) struct Error {
    path: PathBuf,
    reason: String,
}

/// Where the CLI finds its platform key.
pub(crate) fn operator_key_file(data: &Path) -> PathBuf {
    data.join("operator.key")
}

/// Reads the master key: from the configured file, which must exist, or from the data directory, where it is made.
///
/// # Errors
/// [`Error`] when the file can't be read or made, or holds no key.
pub(crate) fn master_key(config: &Config) -> Result<MasterKey, Error> {
    let given = config.master_key_file.clone();
    let path = given.clone().unwrap_or_else(|| config.data.join("master.key"));
    let failed = |reason: String| Error { path: path.clone(), reason };
    if given.is_none() && !path.exists() {
        let mut fresh = [0; MASTER_KEY_BYTES];
        getrandom::fill(&mut fresh).map_err(|error| failed(error.to_string()))?;
        let text = MasterKey(fresh).to_text();
        files::write_secret(&path, &text).map_err(|error| failed(error.to_string()))?;
    }
    let text = fs::read_to_string(&path).map_err(|error| failed(error.to_string()))?;
    if files::is_open_to_others(&path) {
        tracing::warn!(file = %path.display(), "others can read the master key; set its mode to 0600");
    }
    MasterKey::parse(text.trim())
        .ok_or_else(|| failed("a master key is 64 hexadecimal digits".to_owned()))
}

impl MasterKey {
    /// The keys that are derived from it.
    pub(crate) fn derive(&self) -> Keys {
        Keys::derive(&self.0)
    }

    fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; MASTER_KEY_BYTES];
        if text.len() != 2 * MASTER_KEY_BYTES || !text.is_ascii() {
            return None;
        }
        for (at, byte) in bytes.iter_mut().enumerate() {
            let digits = text.get(2 * at..2 * at + 2)?;
            if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
                return None;
            }
            *byte = u8::from_str_radix(digits, 16).ok()?;
        }
        Some(Self(bytes))
    }

    fn to_text(&self) -> String {
        let digits: String = self.0.iter().map(|byte| format!("{byte:02x}")).collect();
        digits + "\n"
    }
}

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MasterKey")
    }
}

#[cfg(test)]
mod tests {
    use toml::Table;

    use super::*;

    fn config(data: &Path, file: Option<&Path>) -> Config {
        let mut config = Config::load(None, [], Table::new()).unwrap();
        config.data = data.to_owned();
        config.master_key_file = file.map(Path::to_owned);
        config
    }

    #[test]
    fn the_master_key_is_made_once() {
        let dir = tempfile::tempdir().unwrap();
        let config = config(dir.path(), None);
        let first = master_key(&config).unwrap();
        assert!(!files::is_open_to_others(&dir.path().join("master.key")));
        assert_eq!(master_key(&config).unwrap(), first);
        let other = tempfile::tempdir().unwrap();
        assert_ne!(master_key(&self::config(other.path(), None)).unwrap(), first);
    }

    #[test]
    fn a_named_master_key_must_exist_and_be_one() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("key");
        let config = config(dir.path(), Some(&file));
        assert!(master_key(&config).unwrap_err().to_string().contains("key: "));
        assert!(!file.exists(), "nothing is made in its place");
        let check = |text: &str, good: bool| {
            fs::write(&file, text).unwrap();
            assert_eq!(master_key(&config).is_ok(), good, "{text:?}");
        };
        check(&"0f".repeat(32), true);
        check(&format!("{}\n", "0F".repeat(32)), true);
        check(&"0f".repeat(31), false);
        check(&"0g".repeat(32), false);
        check(&"+1".repeat(32), false);
        check(&"é".repeat(32), false);
        check("", false);
    }
}

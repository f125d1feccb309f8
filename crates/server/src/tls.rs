//! TLS of the public port: PEM files to a rustls configuration, 1.2 at least.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A PEM file can't be read.
    #[error("{path}: {reason}")]
    Pem {
        /// Which file.
        path: PathBuf,
        /// What the reader said.
        reason: String,
    },
    /// Certificate and key are refused, for example because they don't belong together.
    #[error("the certificate in {path} is refused: {reason}")]
    Refused {
        /// The certificate's file.
        path: PathBuf,
        /// What rustls said.
        reason: rustls::Error,
    },
}

/// A server configuration with the chain in `cert` and the key in `key`.
///
/// # Errors
/// [`Error`] naming the file.
pub fn load(cert: &Path, key: &Path) -> Result<ServerConfig, Error> {
    let pem = |path: &Path, error: rustls_pki_types::pem::Error| Error::Pem {
        path: path.to_owned(),
        reason: error.to_string(),
    };
    let chain = CertificateDer::pem_file_iter(cert)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| pem(cert, error))?;
    if chain.is_empty() {
        return Err(pem(cert, rustls_pki_types::pem::Error::NoItemsFound));
    }
    let private = PrivateKeyDer::from_pem_file(key).map_err(|error| pem(key, error))?;
    let refused = |reason| Error::Refused { path: cert.to_owned(), reason };
    let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
        .map_err(refused)?
        .with_no_client_auth()
        .with_single_cert(chain, private)
        .map_err(refused)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata").join(name)
    }

    #[test]
    fn certificate_and_key_belong_together() {
        let check = |cert: &str, key: &str, expected: Option<&str>| {
            let loaded = load(&file(cert), &file(key)).map(drop).map_err(|e| e.to_string());
            match expected {
                None => assert_eq!(loaded, Ok(())),
                Some(part) => assert!(loaded.clone().unwrap_err().contains(part), "{loaded:?}"),
            }
        };
        check("cert.pem", "key.pem", None);
        check("cert.pem", "other-key.pem", Some("cert.pem is refused"));
        check("key.pem", "key.pem", Some("key.pem: "));
        check("cert.pem", "cert.pem", Some("cert.pem: "));
        check("absent.pem", "key.pem", Some("absent.pem: "));
    }

    #[test]
    fn only_http_1_is_offered() {
        let config = load(&file("cert.pem"), &file("key.pem")).unwrap();
        assert_eq!(config.alpn_protocols, [b"http/1.1"]);
    }
}

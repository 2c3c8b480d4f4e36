//! Which certificates of a service are accepted: those that the certificates of a file vouch for.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};

/// Why a file of certificates can't be used.
#[derive(Debug, thiserror::Error)]
#[error("{}: {problem}. Give a file with certificates in PEM (-----BEGIN CERTIFICATE-----)", file.display())]
pub struct CaFileError {
    file: PathBuf,
    problem: String,
}

/// A TLS client that trusts the certificates of a file, and no others.
#[derive(Clone, Debug)]
pub struct Trust(Arc<ClientConfig>);

impl Trust {
    /// Reads a file of certificates in PEM.
    ///
    /// # Errors
    /// The file can't be read, or has no certificate that can be used.
    pub fn read(file: &Path) -> Result<Self, CaFileError> {
        let wrong = |problem: String| CaFileError { file: file.to_owned(), problem };
        let text = std::fs::read(file).map_err(|error| wrong(format!("it can't be read: {error}")))?;
        Self::of(&text).map_err(wrong)
    }

    pub(super) fn of(pem: &[u8]) -> Result<Self, String> {
        let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
        let given = read.map_err(|error| format!("it can't be read as PEM: {error}"))?;
        if given.is_empty() {
            return Err("it has no certificate".to_owned());
        }
        let mut roots = RootCertStore::empty();
        // The bundles of operating systems have certificates that this library can't read.
        let (usable, _) = roots.add_parsable_certificates(given.iter().cloned());
        if usable == 0 {
            return Err("it has no certificate that this program can read".to_owned());
        }
        let provider = Arc::new(ring::default_provider());
        let usual = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider.clone());
        let usual = usual.build().map_err(|error| error.to_string())?;
        let config = ClientConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Verifier { given, usual, provider }))
            .with_no_client_auth();
        Ok(Self(Arc::new(config)))
    }

    /// The settings for a client.
    pub(super) fn config(&self) -> ClientConfig {
        ClientConfig::clone(&self.0)
    }
}

/// Verifies like any client, and also accepts a CA's certificate that is used by a service, if it is one of the given
/// ones. `openssl req -x509` makes such certificates, and OpenSSL accepts them.
#[derive(Debug)]
struct Verifier {
    given: Vec<CertificateDer<'static>>,
    usual: Arc<WebPkiServerVerifier>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let verified = self.usual.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
        match verified {
            // The dates are checked before this error, and the name is checked after it.
            Err(error) if is_of_a_ca(&error) && self.given.contains(end_entity) => {
                rustls::client::verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
                Ok(ServerCertVerified::assertion())
            }
            other => other,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, cert, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, cert, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// Whether a service's certificate was refused because it is a CA's.
fn is_of_a_ca(error: &rustls::Error) -> bool {
    let rustls::Error::InvalidCertificate(CertificateError::Other(other)) = error else { return false };
    matches!(other.0.downcast_ref(), Some(webpki::Error::CaUsedAsEndEntity))
}

/// A failure of TLS in words, with what to do about it.
#[expect(clippy::wildcard_enum_match_arm, reason = "few failures have a remedy")]
pub(super) fn in_words(error: &rustls::Error) -> String {
    use CertificateError as Wrong;
    const GIVE: &str = "give that certificate, or its issuer's, with --ca-file FILE";
    if matches!(error, rustls::Error::InvalidMessage(_)) {
        return format!("TLS failed: {error}; if the service doesn't speak TLS, write http:// in its URL");
    }
    let rustls::Error::InvalidCertificate(wrong) = error else { return format!("TLS failed: {error}") };
    match wrong {
        // A trusted certificate may have the same name and another key.
        Wrong::UnknownIssuer | Wrong::BadSignature => {
            format!("the service's certificate is not trusted: its issuer is unknown; {GIVE}")
        }
        _ if is_of_a_ca(error) => format!("the service's certificate is not trusted: it is a CA's; {GIVE}"),
        Wrong::Expired | Wrong::ExpiredContext { .. } => {
            "the service's certificate has expired: give the service a new one".to_owned()
        }
        Wrong::NotValidYet | Wrong::NotValidYetContext { .. } => {
            "the service's certificate is not valid yet: compare the clocks of this machine and of the service"
                .to_owned()
        }
        Wrong::NotValidForName => "the service's certificate is for another host: use a name from the certificate in \
                                   the URL, or give the service a certificate for this one"
            .to_owned(),
        Wrong::NotValidForNameContext { presented, .. } => {
            // They are written like `DnsName("localhost")` and `IpAddress(127.0.0.1)`.
            let name = |one: &String| {
                let mut parts = one.split(['(', ')', '"']).filter(|part| !part.is_empty());
                parts.nth(1).unwrap_or(one).to_owned()
            };
            let names: Vec<String> = presented.iter().map(name).collect();
            let names = if names.is_empty() { "no host".to_owned() } else { names.join(", ") };
            format!(
                "the service's certificate is for {names}, not for the host of the URL: use a name from the \
                 certificate in the URL, or give the service a certificate for this host"
            )
        }
        other => format!("the service's certificate is not accepted: {other}"),
    }
}

//! Tests the transport with services that speak TLS with certificates of their own.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::{ExtraHeader, Http, Options, Trust};
use crate::clock::Clock;
use crate::endpoint::{Endpoint, Policy};
use crate::transport::{Credentials, HttpReply, Transport as _, TransportError};
use crate::wire::{Encoded, Method};

/// A certificate with its key.
struct Certified {
    certificate: CertificateDer<'static>,
    key: KeyPair,
}

fn params(names: &[&str], is_ca: bool) -> CertificateParams {
    let names: Vec<String> = names.iter().map(ToString::to_string).collect();
    let mut params = CertificateParams::new(names).unwrap();
    params.is_ca = if is_ca { IsCa::Ca(BasicConstraints::Unconstrained) } else { IsCa::ExplicitNoCa };
    params
}

fn self_signed(params: &CertificateParams) -> Certified {
    let key = KeyPair::generate().unwrap();
    Certified { certificate: params.self_signed(&key).unwrap().der().clone(), key }
}

fn pem(certificates: &[&CertificateDer<'_>]) -> String {
    let text = |der: &&CertificateDer<'_>| {
        let base64 = data_encoding::BASE64.encode(der);
        format!("-----BEGIN CERTIFICATE-----\n{base64}\n-----END CERTIFICATE-----\n")
    };
    format!("# Ours.\n{}", certificates.iter().map(text).collect::<String>())
}

/// The port of a service that answers each request with its head.
async fn serve(certified: &Certified) -> u16 {
    let key = PrivateKeyDer::try_from(certified.key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certified.certificate.clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let mut head = vec![0; 4_096];
            let Ok(read) = stream.read(&mut head).await else { continue };
            let reply = format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {read}\r\n\r\n");
            head.truncate(read);
            // A client that is gone reads no reply.
            let _gone = stream.write_all(&[reply.into_bytes(), head].concat()).await;
            let _gone = stream.shutdown().await;
        }
    });
    port
}

async fn get(url: &str, options: Options) -> Result<HttpReply, TransportError> {
    let endpoint = Endpoint::parse(url, &Policy::default()).unwrap().resolve().await.unwrap();
    let mut http = Http::new(&endpoint, Clock::system(), options)?;
    let request =
        Encoded { method: Method::Get, path_and_query: "/?Action=ListUsers".to_owned(), ..Encoded::default() };
    let key = "test".to_owned();
    let caller = Credentials { access_key_id: key.clone(), secret_access_key: key, session_token: None };
    http.send(&request, &caller).await
}

fn trusting(certificates: &[&CertificateDer<'_>]) -> Options {
    Options { trust: Some(Trust::of(pem(certificates).as_bytes()).unwrap()), ..Options::default() }
}

#[tokio::test]
async fn a_service_is_trusted_by_its_own_certificate_or_by_its_issuers() {
    let other = self_signed(&params(&["other.test"], true));
    for is_ca in [false, true] {
        let own = self_signed(&params(&["localhost", "127.0.0.1"], is_ca));
        let port = serve(&own).await;
        for host in ["localhost", "127.0.0.1"] {
            let url = format!("https://{host}:{port}");
            let reply = get(&url, trusting(&[&other.certificate, &own.certificate])).await.unwrap();
            assert_eq!(reply.status, 200, "{url}, {is_ca}");
        }
    }
    let ca = CertifiedIssuer::self_signed(params(&[], true), KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let issued = params(&["127.0.0.1"], false).signed_by(&key, &ca).unwrap().der().clone();
    let port = serve(&Certified { certificate: issued, key }).await;
    let reply = get(&format!("https://127.0.0.1:{port}"), trusting(&[&ca.der().clone()])).await;
    assert_eq!(reply.map(|reply| reply.status), Ok(200));
}

#[tokio::test]
async fn a_certificate_that_is_not_accepted_is_told_in_one_line_with_the_remedy() {
    let own = self_signed(&params(&["elsewhere.test", "127.0.0.2"], false));
    let ca = self_signed(&params(&["elsewhere.test"], true));
    let mut old = params(&["127.0.0.1"], false);
    old.not_after = rcgen::date_time_ymd(2020, 1, 1);
    let old = self_signed(&old);
    for (served, trusted, words) in [
        (&own, None, "its issuer is unknown; give that certificate, or its issuer's, with --ca-file FILE"),
        (&ca, None, "with --ca-file FILE"),
        (&own, Some(&ca), "its issuer is unknown"),
        (&own, Some(&own), "is for elsewhere.test, 127.0.0.2, not for the host of the URL"),
        (&ca, Some(&ca), "is for elsewhere.test, not for the host of the URL"),
        (&old, Some(&old), "has expired"),
    ] {
        let port = serve(served).await;
        let options = trusted.map_or_else(Options::default, |one| trusting(&[&one.certificate]));
        let error = get(&format!("https://127.0.0.1:{port}"), options).await.unwrap_err();
        let TransportError::Connect(why) = &error else { panic!("{error}") };
        assert!(why.contains(words) && !why.contains('\n'), "{why}");
    }
}

#[tokio::test]
async fn a_service_without_tls_is_told() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            // A client that is gone reads no reply.
            let _gone = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        }
    });
    let error = get(&format!("https://127.0.0.1:{port}"), Options::default()).await.unwrap_err().to_string();
    assert!(error.contains("write http:// in its URL"), "{error}");
}

#[test]
fn a_file_without_a_certificate_is_refused_by_its_name() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let path = file.path().display().to_string();
    for text in ["", "no PEM", "-----BEGIN CERTIFICATE-----\naGk=\n-----END CERTIFICATE-----\n"] {
        std::fs::write(&file, text).unwrap();
        let error = Trust::read(file.path()).unwrap_err().to_string();
        assert!(error.starts_with(&path) && error.contains("BEGIN CERTIFICATE"), "{error}");
    }
    let error = Trust::read("/nonexistent.pem".as_ref()).unwrap_err().to_string();
    assert!(error.contains("/nonexistent.pem: it can't be read"), "{error}");
}

#[tokio::test]
async fn extra_headers_go_with_every_request_and_secret_ones_are_hidden_in_replies() {
    let own = self_signed(&params(&["127.0.0.1"], false));
    let port = serve(&own).await;
    let headers: Vec<ExtraHeader> = ["X-Team: blue", "X-Api-Key: 0123456789abcdef", "User-Agent: mine"]
        .map(|header| header.parse().unwrap())
        .to_vec();
    let options = Options { headers, ..trusting(&[&own.certificate]) };
    let reply = get(&format!("https://127.0.0.1:{port}"), options).await.unwrap();
    let head = String::from_utf8(reply.body).unwrap();
    for line in ["x-team: blue\r\n", "x-api-key: [redacted]\r\n", "user-agent: mine\r\n"] {
        assert_eq!(head.matches(line).count(), 1, "{head}");
    }
    assert!(!head.contains("user-agent: mfa"), "{head}");
}

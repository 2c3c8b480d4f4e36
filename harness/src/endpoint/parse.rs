//! Reads an endpoint's URL and checks the addresses of its host.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};

use url::{Position, Url};

use super::policy::{is_aws, plain_host};
use super::{EndpointError, Policy};

/// The longest target of a request line that the HTTP library accepts, in bytes.
const LONGEST_TARGET: usize = 65_534;

/// A URL whose host is allowed, as far as its name shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    url: Url,
    host: String,
    named: bool,
}

impl Endpoint {
    /// Reads an endpoint's URL: http or https, a host, perhaps a port and a path, nothing else.
    ///
    /// # Errors
    /// The URL is wrong, or the host is AWS's own and a condition for that is missing.
    pub fn parse(input: &str, policy: &Policy) -> Result<Self, EndpointError> {
        let not_a_url = |why: &str| EndpointError::NotAUrl { input: shown(input), why: why.to_owned() };
        // The URL standard silently drops or changes these characters, which the user can't have meant.
        if input.chars().any(|c| c.is_whitespace() || c.is_control() || c == '\\') {
            return Err(not_a_url("it has spaces, control characters or backslashes"));
        }
        let lower = input.to_ascii_lowercase();
        if !lower.starts_with("http://") && !lower.starts_with("https://") {
            return Err(not_a_url("it does not begin with http:// or https://"));
        }
        let mut url = Url::parse(input).map_err(|error| not_a_url(&error.to_string()))?;
        refuse_extras(input, &url)?;
        let Some(host) = url.host_str().map(|host| plain_host(host).to_owned()) else {
            return Err(not_a_url("it has no host"));
        };
        if url.domain().is_some() {
            // A trailing dot would be part of the Host header and of the name in a certificate.
            url.set_host(Some(&host)).map_err(|error| not_a_url(&error.to_string()))?;
        }
        policy.judge_aws(&url, &host)?;
        let named = policy.names(&host);
        Ok(Self { url, host, named })
    }

    /// Looks up the host once, and fixes its addresses.
    ///
    /// # Errors
    /// The host has no address, or an address that isn't this machine's although the host wasn't allowed by name.
    pub async fn resolve(self) -> Result<PinnedEndpoint, EndpointError> {
        let port = self.url.port_or_known_default().unwrap_or(80);
        let unresolved = |why: String| EndpointError::Unresolved { host: self.host.clone(), why };
        let addresses: BTreeSet<SocketAddr> = match self.host.parse::<IpAddr>() {
            Ok(address) => BTreeSet::from([SocketAddr::new(address, port)]),
            Err(_) => tokio::net::lookup_host((self.host.as_str(), port))
                .await
                .map_err(|error| unresolved(error.to_string()))?
                .collect(),
        };
        if addresses.is_empty() {
            return Err(unresolved("the look-up found none".to_owned()));
        }
        self.pin(addresses)
    }

    /// Checks the host without a look-up, if it is an address.
    ///
    /// # Errors
    /// The address isn't this machine's although it wasn't allowed.
    pub fn check_address(self) -> Result<(), EndpointError> {
        let port = self.url.port_or_known_default().unwrap_or(80);
        match self.host.parse::<IpAddr>() {
            Ok(address) => self.pin(BTreeSet::from([SocketAddr::new(address, port)])).map(drop),
            Err(_) => Ok(()),
        }
    }

    /// Checks the addresses of the host.
    pub(crate) fn pin(self, addresses: BTreeSet<SocketAddr>) -> Result<PinnedEndpoint, EndpointError> {
        if addresses.iter().any(|address| address.ip().to_canonical().is_unspecified()) {
            return Err(EndpointError::Unspecified { host: self.host });
        }
        let stranger = addresses.iter().find(|address| !address.ip().to_canonical().is_loopback());
        if let (Some(stranger), false) = (stranger, self.named) {
            return Err(EndpointError::NotLoopback { host: self.host, address: stranger.ip() });
        }
        Ok(PinnedEndpoint { url: self.url, host: self.host, addresses: addresses.into_iter().collect() })
    }
}

/// An endpoint with checked and fixed addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PinnedEndpoint {
    url: Url,
    host: String,
    addresses: Vec<SocketAddr>,
}

impl PinnedEndpoint {
    /// The URL, without credentials, query or fragment, so that it is safe to show.
    #[must_use]
    pub const fn url(&self) -> &Url {
        &self.url
    }

    /// The host: lower case, without a trailing dot, an IPv6 address without brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Whether the host is AWS's own.
    #[must_use]
    pub fn is_aws(&self) -> bool {
        is_aws(&self.host)
    }

    /// The host's addresses, IPv4 first, since emulators often listen only there.
    #[must_use]
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// The URL of a request: the endpoint's path, then what follows the first `/` of `path_and_query`, byte for byte.
    ///
    /// # Errors
    /// Why these bytes can't be the URL of a request.
    pub fn request_url(&self, path_and_query: &str) -> Result<Url, String> {
        let rest = path_and_query.strip_prefix('/').unwrap_or(path_and_query);
        let base = self.url.as_str();
        if rest.is_empty() {
            return Ok(self.url.clone());
        }
        let text = if rest.starts_with('?') {
            format!("{base}{rest}")
        } else {
            format!("{}/{rest}", base.trim_end_matches('/'))
        };
        let url = Url::parse(&text).map_err(|error| error.to_string())?;
        // The parser may rewrite a URL, but the request must use these exact bytes.
        if url.as_str() != text {
            return Err("its query has characters that a URL can't hold as they are".to_owned());
        }
        if url[Position::BeforePath..].len() > LONGEST_TARGET {
            return Err(format!("its query is longer than {LONGEST_TARGET} bytes; send it by POST"));
        }
        Ok(url)
    }
}

fn refuse_extras(input: &str, url: &Url) -> Result<(), EndpointError> {
    let extra = |part, instead| Err(EndpointError::Extra { input: shown(input), part, instead });
    let authority = input.split_once("://").and_then(|(_, rest)| rest.split(['/', '?', '#']).next());
    if authority.is_some_and(|authority| authority.contains('@')) {
        return extra(
            "a user name or a password",
            "; credentials come from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or from --profile",
        );
    }
    if url.query().is_some() {
        return extra("a query (after ?)", "");
    }
    if url.fragment().is_some() {
        return extra("a fragment (after #)", "");
    }
    Ok(())
}

/// The input without credentials, query and fragment, for an error message.
fn shown(input: &str) -> String {
    let visible = input.split(['?', '#']).next().unwrap_or_default();
    match visible.rsplit_once('@') {
        Some((_, host)) => format!("…@{host}"),
        None => visible.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(input: &str) -> Result<Endpoint, EndpointError> {
        Endpoint::parse(input, &Policy::default())
    }

    async fn open(input: &str) -> Result<PinnedEndpoint, EndpointError> {
        parse(input)?.resolve().await
    }

    fn at(endpoint: Endpoint, addresses: &[&str]) -> Result<PinnedEndpoint, EndpointError> {
        endpoint.pin(addresses.iter().map(|address| SocketAddr::new(address.parse().unwrap(), 80)).collect())
    }

    #[tokio::test]
    async fn this_machine_is_allowed_however_it_is_written() {
        for (input, url, host) in [
            ("http://127.0.0.1:5000", "http://127.0.0.1:5000/", "127.0.0.1"),
            ("http://127.1:5000/", "http://127.0.0.1:5000/", "127.0.0.1"),
            ("http://2130706433:5000/", "http://127.0.0.1:5000/", "127.0.0.1"),
            ("HTTP://LOCALHOST:5000/iam", "http://localhost:5000/iam", "localhost"),
            ("http://localhost.:5000", "http://localhost:5000/", "localhost"),
            ("https://[::1]:5000", "https://[::1]:5000/", "::1"),
            ("http://[::ffff:127.0.0.1]:5000", "http://[::ffff:7f00:1]:5000/", "::ffff:7f00:1"),
        ] {
            let endpoint = open(input).await.unwrap();
            assert_eq!((endpoint.url().as_str(), endpoint.host()), (url, host), "{input}");
            assert!(endpoint.addresses().iter().all(|a| a.port() == 5000 && a.ip().to_canonical().is_loopback()));
        }
    }

    #[tokio::test]
    async fn another_machine_is_refused_with_the_flag_that_allows_it() {
        let error = open("http://192.0.2.7:5000").await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "the host \"192.0.2.7\" is at 192.0.2.7, which is not this machine; \
             if its users and devices may be changed, say so with --allow-host 192.0.2.7"
        );
    }

    #[test]
    fn a_name_is_judged_by_all_of_its_addresses() {
        let inside = parse("http://emulator.test").unwrap();
        assert!(at(inside.clone(), &["127.0.0.1", "::1"]).is_ok());
        let error = at(inside, &["127.0.0.1", "192.0.2.7"]).unwrap_err();
        let EndpointError::NotLoopback { address, .. } = error else { panic!("{error}") };
        assert_eq!(address.to_string(), "192.0.2.7");
    }

    #[test]
    fn a_name_that_looks_like_this_machine_is_judged_by_its_address() {
        for input in ["http://127.0.0.1.evil.test", "http://localhost.evil.test", "http://xn--n3h.test"] {
            assert!(matches!(at(parse(input).unwrap(), &["192.0.2.7"]), Err(EndpointError::NotLoopback { .. })));
        }
    }

    #[test]
    fn credentials_are_refused_and_not_repeated() {
        for input in [
            "http://127.0.0.1@evil.test/",
            "http://me:secret@127.0.0.1:5000",
            "http://:secret@127.0.0.1",
            "http://@evil.test",
        ] {
            let error = parse(input).unwrap_err();
            assert!(matches!(error, EndpointError::Extra { .. }), "{error}");
            assert!(!error.to_string().contains("secret"), "{error}");
        }
        let error = parse("http://me:secret@bad host?token=secret").unwrap_err();
        assert!(!error.to_string().contains("secret"), "{error}");
    }

    #[test]
    fn what_is_no_endpoint_is_refused_with_an_example_of_one() {
        for input in [
            "",
            "127.0.0.1:5000",
            "localhost:5000",
            "ftp://127.0.0.1",
            "file:///etc/passwd",
            "http://",
            "http://:80",
            "http://127.0.0.1:99999",
            "http:127.0.0.1",
            "http://127.0.0.1\\@evil.test",
            "http://127.0.0.1\n.evil.test",
            " http://127.0.0.1",
            "http://[::1",
            "http://a b",
        ] {
            let error = parse(input).unwrap_err();
            assert!(matches!(error, EndpointError::NotAUrl { .. }), "{input:?}: {error}");
            assert!(error.to_string().ends_with("write it like http://127.0.0.1:5000"), "{error}");
        }
        for input in ["http://127.0.0.1?x=1", "http://127.0.0.1/#x"] {
            assert!(matches!(parse(input), Err(EndpointError::Extra { .. })), "{input}");
        }
    }

    #[tokio::test]
    async fn every_interface_is_no_address_to_talk_to() {
        for input in ["http://0.0.0.0:4566", "http://[::]:4566", "http://0:4566"] {
            let error = open(input).await.unwrap_err();
            assert!(matches!(error, EndpointError::Unspecified { .. }), "{input}: {error}");
        }
    }

    #[tokio::test]
    async fn a_name_without_an_address_is_refused() {
        let error = open("http://absent.invalid:5000").await.unwrap_err();
        assert!(matches!(error, EndpointError::Unresolved { .. }), "{error}");
    }

    #[tokio::test]
    async fn the_path_of_the_endpoint_comes_before_the_query() {
        for (endpoint, path_and_query, expected) in [
            ("http://127.0.0.1", "/", "http://127.0.0.1/"),
            ("http://127.0.0.1", "/?Action=x", "http://127.0.0.1/?Action=x"),
            ("http://127.0.0.1/iam", "/?Action=x", "http://127.0.0.1/iam?Action=x"),
            ("http://127.0.0.1/iam/", "/", "http://127.0.0.1/iam/"),
            ("http://127.0.0.1/iam/", "/more", "http://127.0.0.1/iam/more"),
        ] {
            assert_eq!(open(endpoint).await.unwrap().request_url(path_and_query).unwrap().as_str(), expected);
        }
    }
}

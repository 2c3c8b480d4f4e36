//! Which hosts are allowed, as far as their names show.

use std::net::Ipv6Addr;

use url::{Host, Url};

use super::EndpointError;

/// AWS's own domains. They and their subdomains need more than their name on the command line.
const AWS_DOMAINS: [&str; 6] = [
    "amazonaws.com",
    "amazonaws.com.cn",
    "amazonaws.eu",
    "api.aws",
    "api.amazonwebservices.com.cn",
    "api.amazonwebservices.eu",
];

/// Which hosts are allowed. The default allows only this machine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// The hosts that `--allow-host` names, as typed.
    pub allow_hosts: Vec<String>,
    /// Whether `--allow-aws` was given.
    pub allow_aws: bool,
    /// Whether the credentials are real: given by the user, not the dummies for emulators.
    pub real_credentials: bool,
    /// Whether requests are paced by `--rate-limit`.
    pub rate_limited: bool,
}

impl Policy {
    /// Whether `--allow-host` names exactly this host.
    pub(super) fn names(&self, host: &str) -> bool {
        self.allow_hosts.iter().any(|allowed| normal_host(allowed) == host)
    }

    /// Refuses AWS itself unless all conditions for it hold. It allows other hosts.
    pub(super) fn judge_aws(&self, url: &Url, host: &str) -> Result<(), EndpointError> {
        if !is_aws(host) {
            return Ok(());
        }
        let demands = [
            (self.names(host), format!("--allow-host {host}")),
            (self.allow_aws, "--allow-aws".to_owned()),
            (url.scheme() == "https", "https".to_owned()),
            (self.real_credentials, "real credentials".to_owned()),
            (self.rate_limited, "--rate-limit".to_owned()),
        ];
        let missing: Vec<String> = demands.into_iter().filter(|(met, _)| !met).map(|(_, demand)| demand).collect();
        if missing.is_empty() { Ok(()) } else { Err(EndpointError::Aws { host: host.to_owned(), missing }) }
    }
}

/// Whether a host is AWS's own.
pub(super) fn is_aws(host: &str) -> bool {
    let below = |domain: &str| host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    AWS_DOMAINS.into_iter().any(below)
}

/// A host as the URL standard writes it, without brackets and trailing dots.
pub(super) fn plain_host(host: &str) -> &str {
    host.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.')
}

/// A typed host, in the form for comparison.
fn normal_host(typed: &str) -> String {
    let bare = plain_host(typed.trim());
    let host = match bare.parse::<Ipv6Addr>() {
        Ok(address) => Ok(Host::Ipv6(address)),
        Err(_) => Host::parse(bare),
    };
    host.map_or_else(|_| bare.to_ascii_lowercase(), |host| plain_host(&host.to_string()).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::Endpoint;

    #[test]
    fn only_the_very_host_that_was_named_is_allowed() {
        let named = |allowed: &str, input: &str| {
            let policy = Policy { allow_hosts: vec![allowed.to_owned()], ..Policy::default() };
            let strange = "192.0.2.7:80".parse().unwrap();
            Endpoint::parse(input, &policy).unwrap().pin([strange].into()).is_ok()
        };
        assert!(named("iam.test", "http://IAM.test.:80"));
        assert!(named("IAM.test.", "http://iam.test"));
        assert!(named("192.0.2.7", "http://192.0.519"));
        assert!(named("[2001:DB8::7]", "http://[2001:db8:0::7]:5000"));
        assert!(named("2001:db8::7", "http://[2001:db8::7]"));
        assert!(named("::ffff:192.0.2.7", "http://[::ffff:192.0.2.7]"));
        for (allowed, input) in [
            ("test", "http://iam.test"),
            ("iam.test", "http://x.iam.test"),
            ("iam.test", "http://xiam.test"),
            ("", "http://iam.test"),
            ("*", "http://iam.test"),
            ("iam.test:80", "http://iam.test"),
        ] {
            assert!(!named(allowed, input), "{allowed} must not allow {input}");
        }
    }

    #[test]
    fn aws_itself_needs_every_one_of_its_conditions() {
        for host in [
            "iam.amazonaws.com",
            "IAM.AMAZONAWS.COM.",
            "iam.cn-north-1.amazonaws.com.cn",
            "iam.global.api.aws",
            "api.aws",
        ] {
            let error = Endpoint::parse(&format!("http://{host}"), &Policy::default()).unwrap_err();
            let EndpointError::Aws { missing, .. } = &error else { panic!("{host}: {error}") };
            assert_eq!(missing.len(), 5, "{error}");
        }
        let all = Policy {
            allow_hosts: vec!["iam.amazonaws.com".to_owned()],
            allow_aws: true,
            real_credentials: true,
            rate_limited: true,
        };
        assert!(Endpoint::parse("https://iam.amazonaws.com", &all).is_ok());
        for (policy, scheme, missing) in [
            (Policy { allow_hosts: Vec::new(), ..all.clone() }, "https", "--allow-host iam.amazonaws.com"),
            (Policy { allow_aws: false, ..all.clone() }, "https", "--allow-aws"),
            (Policy { real_credentials: false, ..all.clone() }, "https", "real credentials"),
            (Policy { rate_limited: false, ..all.clone() }, "https", "--rate-limit"),
            (all.clone(), "http", "https"),
        ] {
            let error = Endpoint::parse(&format!("{scheme}://iam.amazonaws.com"), &policy).unwrap_err();
            assert!(error.to_string().ends_with(&format!("missing: {missing}")), "{error}");
        }
    }

    #[test]
    fn a_host_that_only_ends_like_aws_is_an_ordinary_stranger() {
        for input in ["http://notamazonaws.com", "http://amazonaws.com.evil.test"] {
            assert!(Endpoint::parse(input, &Policy::default()).is_ok(), "{input}");
        }
    }
}

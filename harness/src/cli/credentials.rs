//! Which credentials sign the requests.
//!
//! A signed request contains the access key's id and the session token, but not the secret key. An emulator is a program
//! like any other, so it gets neither from an AWS account unless the user asks for that: by `--profile` or by
//! `--env-credentials`. AWS itself gets what the user has.

use super::console::say;
use super::exit::Failure;
use super::options::EndpointArgs;
use super::profile::keys_of;
use crate::report::OwnKey;
use crate::transport::Credentials;

/// The credentials that the user has, before it is known where they would go.
pub(super) struct Offered {
    given: Option<Credentials>,
    /// Whether the command line asks for them.
    is_asked_for: bool,
    profile: Option<String>,
}

impl Offered {
    /// Those of the profile that is named, else those of the environment.
    pub(super) fn of(args: &EndpointArgs) -> Result<Self, Failure> {
        let variable = |name: &str| std::env::var_os(name);
        if let Some(name) = &args.profile {
            let keys = keys_of(name, variable).map_err(Failure::usage)?;
            return Ok(Self { given: Some(keys), is_asked_for: true, profile: Some(name.clone()) });
        }
        let text = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let given = text("AWS_ACCESS_KEY_ID").zip(text("AWS_SECRET_ACCESS_KEY")).map(|(id, secret)| Credentials {
            access_key_id: id,
            secret_access_key: secret,
            session_token: text("AWS_SESSION_TOKEN"),
        });
        if given.is_none() && args.env_credentials {
            let problem = "--env-credentials: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not both set";
            return Err(Failure::usage(anyhow::anyhow!(problem)));
        }
        Ok(Self { given, is_asked_for: args.env_credentials, profile: None })
    }

    /// Whether there are any: AWS itself needs them.
    pub(super) const fn are_real(&self) -> bool {
        self.given.is_some()
    }

    /// Those that sign requests to this endpoint, and how reproductions get them.
    pub(super) fn choose(self, is_aws: bool) -> (Credentials, OwnKey) {
        let is_asked_for = self.is_asked_for || is_aws;
        let Some(given) = self.given.filter(|given| is_asked_for || !is_of_an_account(&given.access_key_id)) else {
            return (dummies(), OwnKey::Dummy);
        };
        let session_token = given.session_token.filter(|_| is_asked_for);
        let key = OwnKey::Given { profile: self.profile, has_token: session_token.is_some() };
        (Credentials { session_token, ..given }, key)
    }

    /// Says that the environment's credentials are not used, if they are not.
    pub(super) fn explain(&self, is_aws: bool) {
        let Some(given) = self.given.as_ref().filter(|_| !self.is_asked_for && !is_aws) else { return };
        if is_of_an_account(&given.access_key_id) {
            say("the environment has credentials of an AWS account, which this endpoint doesn't get: requests are \
                 signed with test and test; --env-credentials uses those of the environment");
        }
    }
}

/// Whether an access key's id looks like one of an AWS account. Those of the documents' examples don't.
fn is_of_an_account(access_key_id: &str) -> bool {
    let is_long = access_key_id.len() >= 16;
    is_long
        && ["AKIA", "ASIA"].iter().any(|begin| access_key_id.starts_with(begin))
        && !access_key_id.ends_with("EXAMPLE")
}

/// Credentials that every emulator accepts.
fn dummies() -> Credentials {
    let key = "test".to_owned();
    Credentials { access_key_id: key.clone(), secret_access_key: key, session_token: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(id: &str, is_asked_for: bool, is_aws: bool) -> (String, Option<String>, OwnKey) {
        let given = Credentials {
            access_key_id: id.to_owned(),
            secret_access_key: "secret".to_owned(),
            session_token: Some("token".to_owned()),
        };
        let (credentials, key) = Offered { given: Some(given), is_asked_for, profile: None }.choose(is_aws);
        (credentials.access_key_id, credentials.session_token, key)
    }

    #[test]
    fn an_emulator_gets_neither_the_keys_of_an_account_nor_a_token_unless_asked() {
        for id in ["AKIAZZZZZZZZZZZZZZZZ", "ASIAZZZZZZZZZZZZZZZZ"] {
            assert_eq!(chosen(id, false, false), ("test".to_owned(), None, OwnKey::Dummy));
            let given = OwnKey::Given { profile: None, has_token: true };
            for (is_asked_for, is_aws) in [(true, false), (false, true)] {
                let sent = chosen(id, is_asked_for, is_aws);
                assert_eq!(sent, (id.to_owned(), Some("token".to_owned()), given.clone()));
            }
        }
        for id in ["000000000001", "AKIAIOSFODNN7EXAMPLE", "AKIA"] {
            let given = OwnKey::Given { profile: None, has_token: false };
            assert_eq!(chosen(id, false, false), (id.to_owned(), None, given));
        }
    }
}

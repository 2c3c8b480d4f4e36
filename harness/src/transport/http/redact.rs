//! Removes the run's own credentials from a target's reply before anything reads, keeps or prints it.

use std::fmt::Write as _;

use crate::transport::Credentials;

/// The replacement for a secret.
const HIDDEN: &[u8] = b"[redacted]";
/// A shorter secret is a dummy, such as `test`, and may be a word of the reply.
const SHORTEST: usize = 16;
/// The most forms of secrets to search for: a run signs with few credentials that are not dummies.
const MOST_FORMS: usize = 64;

/// The secrets that a transport has signed with, in every form in which a target may echo them.
#[derive(Default)]
pub(super) struct Redactor {
    forms: Vec<Vec<u8>>,
}

impl std::fmt::Debug for Redactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Redactor").field("forms", &self.forms.len()).finish()
    }
}

impl Redactor {
    /// Remembers the secret key and the session token of these credentials.
    pub(super) fn learn(&mut self, credentials: &Credentials) {
        let secrets = [Some(&credentials.secret_access_key), credentials.session_token.as_ref()];
        for secret in secrets.into_iter().flatten() {
            self.learn_secret(secret);
        }
    }

    /// Remembers a secret.
    pub(super) fn learn_secret(&mut self, secret: &str) {
        let is_known = self.forms.iter().any(|form| form == secret.as_bytes());
        if secret.len() < SHORTEST || is_known || self.forms.len() >= MOST_FORMS {
            return;
        }
        for form in forms(secret) {
            if !self.forms.contains(&form) {
                self.forms.push(form);
            }
        }
    }

    /// Replaces every secret in the bytes. A target may truncate an echo, so the beginning of a secret is enough.
    pub(super) fn redact(&self, bytes: Vec<u8>) -> Vec<u8> {
        let begins = |byte: &u8| self.forms.iter().any(|form| form.first() == Some(byte));
        let mut kept: Vec<u8> = Vec::new();
        let mut rest = bytes.as_slice();
        while let Some(at) = rest.iter().position(begins) {
            let (before, from) = rest.split_at(at);
            kept.extend_from_slice(before);
            let (shown, length) = match secret_bytes(from, &self.forms) {
                Some(length) => (HIDDEN, length),
                None => (from.get(..1).unwrap_or_default(), 1),
            };
            kept.extend_from_slice(shown);
            rest = from.get(length..).unwrap_or_default();
        }
        // Most replies contain no secret.
        if kept.is_empty() {
            return bytes;
        }
        kept.extend_from_slice(rest);
        kept
    }
}

/// The secret as it is, percent-encoded, and as JSON and HTML may escape it.
fn forms(secret: &str) -> Vec<Vec<u8>> {
    let escaped = |escape: &dyn Fn(u8) -> String| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        let mut text = String::with_capacity(secret.len());
        for byte in secret.bytes() {
            if plain(byte) {
                text.push(char::from(byte));
            } else {
                text.push_str(&escape(byte));
            }
        }
        text.into_bytes()
    };
    let numeric = |hexadecimal: bool| {
        move |byte: u8| {
            let mut text = String::new();
            // Writing to a String doesn't fail.
            let _ = if hexadecimal { write!(text, "&#x{byte:X};") } else { write!(text, "&#{byte};") };
            text
        }
    };
    vec![
        secret.as_bytes().to_vec(),
        escaped(&|byte| format!("%{byte:02X}")),
        escaped(&|byte| format!("%{byte:02x}")),
        secret.replace('/', "\\/").into_bytes(),
        escaped(&numeric(true)),
        escaped(&numeric(false)),
    ]
}

/// How many bytes at the beginning are a secret, or enough of its beginning to recognise it.
fn secret_bytes(bytes: &[u8], forms: &[Vec<u8>]) -> Option<usize> {
    let alike = |form: &Vec<u8>| bytes.iter().zip(form).take_while(|(one, other)| one == other).count();
    forms.iter().map(alike).max().filter(|alike| *alike >= SHORTEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redacted(text: &str) -> String {
        let mut redactor = Redactor::default();
        redactor.learn(&Credentials {
            access_key_id: "AKIDEXAMPLE".to_owned(),
            secret_access_key: "test".to_owned(),
            session_token: Some("IQoJb3JpZ2luX2VjE/+tail=".to_owned()),
        });
        String::from_utf8(redactor.redact(text.as_bytes().to_vec())).unwrap()
    }

    #[test]
    fn a_session_token_is_hidden_in_every_form_in_which_it_is_echoed() {
        for echo in [
            "IQoJb3JpZ2luX2VjE/+tail=",
            "IQoJb3JpZ2luX2VjE%2F%2Btail%3D",
            "IQoJb3JpZ2luX2VjE%2f%2btail%3d",
            "IQoJb3JpZ2luX2VjE\\/+tail=",
            "IQoJb3JpZ2luX2VjE&#x2F;&#x2B;tail&#x3D;",
            "IQoJb3JpZ2luX2VjE&#47;&#43;tail&#61;",
            "IQoJb3JpZ2luX2VjE",
        ] {
            assert_eq!(redacted(&format!("I <a>{echo}</a> {echo}")), "I <a>[redacted]</a> [redacted]", "{echo}");
        }
    }

    #[test]
    fn a_dummy_and_any_other_text_stay() {
        assert_eq!(redacted("a test of IQoJb3JpZ2lu"), "a test of IQoJb3JpZ2lu");
    }

    #[test]
    fn a_redactor_shows_no_secret() {
        let mut redactor = Redactor::default();
        let secret_access_key = "hushhushhushhushhush".to_owned();
        redactor.learn(&Credentials { access_key_id: String::new(), secret_access_key, session_token: None });
        assert!(!format!("{redactor:?}").contains("104") && !format!("{redactor:?}").contains("hush"));
    }
}

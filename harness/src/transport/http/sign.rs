//! `SigV4` signatures for IAM.

use std::error::Error;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningParams, SigningSettings, sign};
use aws_sigv4::sign::v4;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use mfa_reference::Millis;

use crate::transport::{Credentials, TransportError};
use crate::wire::{Encoded, Method};

/// The region in IAM's signatures, wherever its users are.
const REGION: &str = "us-east-1";
const SERVICE: &str = "iam";
const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded; charset=utf-8");

/// Signs requests. It keeps the last credentials in the signer's form, since a scenario rarely changes its caller.
#[derive(Debug, Default)]
pub(super) struct Signer {
    last: Option<(Credentials, aws_credential_types::Credentials)>,
}

impl Signer {
    /// The headers of a request that is sent now: its content type, if it has one, and its signature.
    pub(super) fn headers(
        &mut self,
        request: &Encoded,
        url: &str,
        credentials: &Credentials,
        now: Millis,
    ) -> Result<HeaderMap, TransportError> {
        let mut headers = HeaderMap::new();
        if request.method == Method::Post {
            let own = request.content_type.as_deref().map(HeaderValue::from_str).transpose();
            headers.insert(CONTENT_TYPE, own.map_err(|error| unsendable(&error))?.unwrap_or(FORM));
        }
        let identity = self.identity(credentials).into();
        let params: SigningParams<'_> = v4::SigningParams::builder()
            .identity(&identity)
            .region(REGION)
            .name(SERVICE)
            .time(system_time(now))
            .settings(SigningSettings::default())
            .build()
            .map_err(|error| unsigned(&error))?
            .into();
        let signed: Vec<(&str, &str)> =
            headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?))).collect();
        let body = SignableBody::Bytes(&request.body);
        let signable = SignableRequest::new(method_name(request.method), url, signed.into_iter(), body)
            .map_err(|error| unsigned(&error))?;
        let (instructions, _) = sign(signable, &params).map_err(|error| unsigned(&error))?.into_parts();
        for header in instructions.into_parts().0 {
            let mut value = HeaderValue::from_str(header.value()).map_err(|error| unsigned(&error))?;
            // The signer marks only the token as sensitive, but a signature can be replayed for minutes.
            value.set_sensitive(true);
            headers.insert(HeaderName::from_static(header.name()), value);
        }
        // Unsigned, like headers that a proxy adds.
        for (name, value) in &request.headers {
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(|error| unsendable(&error))?;
            headers.append(name, HeaderValue::from_str(value).map_err(|error| unsendable(&error))?);
        }
        Ok(headers)
    }

    fn identity(&mut self, credentials: &Credentials) -> aws_credential_types::Credentials {
        match &self.last {
            Some((last, identity)) if last == credentials => identity.clone(),
            Some(_) | None => {
                let identity = aws_credential_types::Credentials::new(
                    credentials.access_key_id.clone(),
                    credentials.secret_access_key.clone(),
                    credentials.session_token.clone(),
                    None,
                    "mfa-conformance",
                );
                self.last = Some((credentials.clone(), identity.clone()));
                identity
            }
        }
    }
}

/// The method's name on the wire.
pub(super) const fn method_name(method: Method) -> &'static str {
    match method {
        Method::Post => "POST",
        Method::Get => "GET",
    }
}

fn system_time(at: Millis) -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(u64::try_from(at.0).unwrap_or(0))
}

fn unsendable(error: &dyn Error) -> TransportError {
    TransportError::Request(format!("a header can't be sent: {error}"))
}

fn unsigned(error: &dyn Error) -> TransportError {
    TransportError::Request(format!("it could not be signed: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "http://127.0.0.1:5000/";

    fn caller(secret: &str, token: Option<&str>) -> Credentials {
        Credentials {
            access_key_id: "AKIDEXAMPLE".to_owned(),
            secret_access_key: secret.to_owned(),
            session_token: token.map(ToOwned::to_owned),
        }
    }

    fn list_users() -> Encoded {
        Encoded {
            method: Method::Post,
            path_and_query: "/".to_owned(),
            body: b"Action=ListUsers&Version=2010-05-08".to_vec(),
            ..Encoded::default()
        }
    }

    fn authorization(headers: &HeaderMap) -> &str {
        headers["authorization"].to_str().unwrap()
    }

    #[test]
    fn a_signature_is_the_one_that_the_signing_guide_prescribes() {
        // The signature was computed without this code: step by step from the guide's text, with plain HMAC-SHA256.
        let caller = caller("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", None);
        let at = Millis(1_440_938_160_000);
        let headers = Signer::default().headers(&list_users(), URL, &caller, at).unwrap();
        assert_eq!(headers["x-amz-date"], "20150830T123600Z");
        assert_eq!(headers["content-type"], FORM);
        assert_eq!(
            authorization(&headers),
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, \
             SignedHeaders=content-type;host;x-amz-date, \
             Signature=5fb81993deb818862007203b48986ec81c07278255bb4cc3ce537ae0fbe3ffb9"
        );
    }

    #[test]
    fn a_get_has_no_content_type_and_signs_its_query() {
        let get = |query: &str| {
            let request = Encoded { method: Method::Get, path_and_query: format!("/?{query}"), ..Encoded::default() };
            let url = format!("{URL}?{query}");
            Signer::default().headers(&request, &url, &caller("s", None), Millis(0)).unwrap()
        };
        assert!(!get("Action=ListUsers").contains_key("content-type"));
        assert_ne!(authorization(&get("Action=ListUsers")), authorization(&get("Action=ListUser")));
    }

    #[test]
    fn a_change_of_caller_changes_the_signature_and_back_again() {
        let mut signer = Signer::default();
        let mut sign =
            |secret: &str, token| signer.headers(&list_users(), URL, &caller(secret, token), Millis(0)).unwrap();
        let (first, second, again) = (sign("one", None), sign("two", None), sign("one", None));
        assert_ne!(authorization(&first), authorization(&second));
        assert_eq!(authorization(&first), authorization(&again));
        let with_token = sign("one", Some("session"));
        assert_eq!(with_token["x-amz-security-token"], "session");
        assert!(authorization(&with_token).contains("x-amz-security-token"));
    }

    #[test]
    fn the_signature_is_a_secret_to_debug_output_and_so_are_the_keys() {
        let mut signer = Signer::default();
        let headers = signer.headers(&list_users(), URL, &caller("hush", Some("hush")), Millis(0)).unwrap();
        assert!(headers["authorization"].is_sensitive());
        assert!(!format!("{signer:?} {headers:?}").contains("hush"));
    }
}

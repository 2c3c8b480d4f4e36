//! How a script on boto3 reaches the endpoint: its key, the certificates that it trusts, and its headers.

use super::python;
use super::shell::Endpoint;
use crate::report::about::OwnKey;
use crate::transport::http::ExtraHeader;

/// The key, the certificates and the headers.
pub(super) fn access(endpoint: &Endpoint<'_>) -> String {
    let mut text = match endpoint.access.key {
        OwnKey::Dummy => "OWN_KEY = (\"test\", \"test\")\n",
        OwnKey::Given { has_token: false, .. } => {
            "OWN_KEY = (os.environ.get(\"AWS_ACCESS_KEY_ID\", \"test\"), os.environ.get(\"AWS_SECRET_ACCESS_KEY\", \"test\"))\n"
        }
        OwnKey::Given { has_token: true, .. } => {
            "OWN_KEY = (os.environ[\"AWS_ACCESS_KEY_ID\"], os.environ[\"AWS_SECRET_ACCESS_KEY\"], os.environ[\"AWS_SESSION_TOKEN\"])\n"
        }
    }
    .to_owned();
    if let Some(file) = endpoint.ca_file() {
        text.extend([format!("CA_FILE = {}\n", python::string(&file))]);
    }
    let headers: Vec<String> = endpoint.access.headers.iter().map(header).collect();
    if !headers.is_empty() {
        text.extend([format!("HEADERS = [{}]\n", headers.join(", "))]);
    }
    text
}

/// A function that sends a request, with the certificates and headers that it takes.
pub(super) fn adapted(function: &str, endpoint: &Endpoint<'_>) -> String {
    let (verify, context) = match endpoint.ca_file() {
        Some(_) => ("verify=CA_FILE", ", context=ssl.create_default_context(cafile=CA_FILE)"),
        None => ("", ""),
    };
    let (update, all) = if endpoint.access.headers.is_empty() {
        ("", "")
    } else {
        ("    request.headers.update(HEADERS)\n", ", *HEADERS")
    };
    function.replace("VERIFY", verify).replace("CONTEXT", context).replace("UPDATE", update).replace("ALL_HEADERS", all)
}

/// A header as a pair, with its value from the environment if that may be a secret.
fn header(header: &ExtraHeader) -> String {
    let value = if header.is_secret() {
        format!("os.environ[{}]", python::string(&header.variable()))
    } else {
        python::string(header.value())
    };
    format!("({}, {value})", python::string(header.name()))
}

/// The function that makes a client.
pub(super) fn client(endpoint: &Endpoint<'_>) -> String {
    let token = if endpoint.has_token() { " aws_session_token=(*key, None)[2]," } else { "" };
    let verify = if endpoint.ca_file().is_some() { " verify=CA_FILE," } else { "" };
    let (made, headers) = if endpoint.access.headers.is_empty() { ("return", "") } else { ("made =", ADD_HEADERS) };
    format!(
        r#"

def client(key=OWN_KEY):
    {made} boto3.client(
        "iam", endpoint_url=ENDPOINT, region_name="us-east-1", aws_access_key_id=key[0], aws_secret_access_key=key[1],{token}{verify}
        config=Config(parameter_validation=False, retries={{"total_max_attempts": 1}}))
{headers}"#
    )
}

/// Adds the run's headers to what a client sends.
const ADD_HEADERS: &str = r#"
    def add_headers(request, **_):
        for name, value in HEADERS:
            request.headers[name] = value

    made.meta.events.register("before-send.iam", add_headers)
    return made
"#;

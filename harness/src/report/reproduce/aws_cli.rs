//! The sequence as commands of the AWS CLI.

use mfa_reference::Operation;

use super::ordinary::{in_small_letters, ordinary, parameters_of};
use super::script::{Gives, Parameter, ReproScript, ScriptCall};
use super::shell::{self, Endpoint, comment, quoted, word};
use super::text::Piece;
use crate::report::about::OwnKey;
use crate::report::finding::Finding;
use crate::transport::http::ExtraHeader;

/// The lines that set the run's own key, and what else the CLI reads from the environment.
fn head(endpoint: &Endpoint<'_>) -> String {
    let mut head = match endpoint.access.key {
        OwnKey::Dummy => "export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test\nunset AWS_SESSION_TOKEN\n",
        OwnKey::Given { has_token: true, .. } => "",
        OwnKey::Given { has_token: false, .. } => {
            "export AWS_ACCESS_KEY_ID=${AWS_ACCESS_KEY_ID:-test}\n\
             export AWS_SECRET_ACCESS_KEY=${AWS_SECRET_ACCESS_KEY:-test}\nunset AWS_SESSION_TOKEN\n"
        }
    }
    .to_owned();
    head.push_str("export AWS_DEFAULT_REGION=us-east-1\n");
    head.extend(endpoint.ca_file().map(|file| format!("export AWS_CA_BUNDLE={}\n", quoted(&file))));
    let unsent: Vec<&str> = endpoint.access.headers.iter().map(ExtraHeader::name).collect();
    if !unsent.is_empty() {
        let remark = format!("The AWS CLI can't send the header {}: use the curl form.", unsent.join(", "));
        head.push_str(&comment(&remark));
    }
    head
}

/// The lines.
pub(super) fn text(script: &ReproScript<'_>, endpoint: &Endpoint<'_>, finding: &Finding) -> String {
    let token = if endpoint.has_token() { "AWS_SESSION_TOKEN= " } else { "" };
    let one = |call: &ScriptCall<'_>| {
        let query = query(call, script);
        command(call, token).map(|command| command + query).map_err(|why| {
            let action = call.exchange.call.request.get("Action").unwrap_or("this call");
            let action = crate::wire::excerpt_for_people(action, 60);
            comment(&format!("{action}: the AWS CLI can't send {why}: use the curl form."))
        })
    };
    shell::script(script, endpoint, finding, &head(endpoint), one, |command, call| keeping(command, call, script))
}

/// The options that print only what later commands need.
fn query(call: &ScriptCall<'_>, script: &ReproScript<'_>) -> &'static str {
    match call.gives {
        Some(Gives::Key(_)) => " --query 'AccessKey.[AccessKeyId,SecretAccessKey]' --output text",
        Some(Gives::Device(number)) if script.devices.get(number).is_some_and(|device| device.serial_needed) => {
            " --query VirtualMFADevice.SerialNumber --output text"
        }
        Some(Gives::Device(_)) | None => "",
    }
}

/// The command, with the shell code that keeps the parts of its reply that later commands need.
fn keeping(command: &str, call: &ScriptCall<'_>, script: &ReproScript<'_>) -> String {
    match call.gives {
        Some(Gives::Key(number)) => {
            let number = number + 1;
            format!(
                "REPLY=$({command}); \
                 KEY_ID{number}=${{REPLY%%[[:space:]]*}}; SECRET{number}=${{REPLY##*[[:space:]]}}\n"
            )
        }
        Some(Gives::Device(number)) if script.devices.get(number).is_some_and(|device| device.serial_needed) => {
            format!("SERIAL{}=$({command})\n", number + 1)
        }
        Some(Gives::Device(_)) | None => format!("{command}\n"),
    }
}

/// The command. A call that another key than the run's own signs begins with the word that unsets the `token`.
fn command(call: &ScriptCall<'_>, token: &str) -> Result<String, &'static str> {
    let (operation, parameters) = ordinary(call)?;
    for (name, required) in parameters_of(operation) {
        if *required && !parameters.iter().any(|parameter| parameter.name == *name) {
            return Err("a call without a required parameter");
        }
    }
    let signer = call.signer.map_or_else(String::new, |number| {
        let number = number + 1;
        format!("{token}AWS_ACCESS_KEY_ID=$KEY_ID{number} AWS_SECRET_ACCESS_KEY=$SECRET{number} ")
    });
    let name = in_small_letters(operation.name(), '-');
    let mut command = format!("{signer}aws --endpoint-url \"$ENDPOINT\" iam {name}");
    for parameter in parameters {
        check(parameter)?;
        // With the equals sign, a value may begin with a hyphen.
        let option = format!("--{}=", in_small_letters(parameter.name, '-'));
        command.extend([format!(" {}", word(&option, &parameter.pieces, None, str::to_owned))]);
    }
    if operation == Operation::CreateVirtualMfaDevice {
        // The CLI writes the seed to a file and prints the rest.
        command.push_str(" --bootstrap-method Base32StringSeed --outfile /dev/null");
    }
    Ok(command)
}

/// Whether the CLI accepts a value: it checks values by the service model before it sends them.
fn check(parameter: &Parameter<'_>) -> Result<(), &'static str> {
    let least = match parameter.name {
        "SerialNumber" => 9,
        "AuthenticationCode1" | "AuthenticationCode2" => 6,
        "AccessKeyId" => 16,
        "AssignmentStatus" => 0,
        _ => 1,
    };
    let mut length = 0;
    for piece in &parameter.pieces {
        length += match piece {
            Piece::Text(text) if text.chars().any(char::is_control) => return Err("control characters"),
            Piece::Text(text) => text.chars().count(),
            Piece::Repeated(text, _) if text.chars().any(char::is_control) => return Err("control characters"),
            Piece::Prefix | Piece::Capitals | Piece::Serial(_) | Piece::KeyId(_) | Piece::Repeated(..) => least,
        };
    }
    let text = parameter.pieces.first();
    if matches!(text, Some(Piece::Text(text)) if text.starts_with("file://") || text.starts_with("fileb://")) {
        return Err("a value that it takes for a file's name");
    }
    if length < least { Err("a value shorter than the service model allows") } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples;

    fn lines(case: &crate::run::result::Case) -> String {
        text(&ReproScript::of(case), &Endpoint::of(&samples::about()), &samples::finding_of(case))
    }

    #[test]
    fn the_commands_read_so() {
        let deactivates = samples::cases().pop().unwrap();
        insta::assert_snapshot!(lines(&deactivates));
    }

    #[test]
    fn certificates_and_keys_come_by_the_environment() {
        let case = samples::cases().pop().unwrap();
        let mut about = samples::about();
        about.target.endpoint = "https://127.0.0.1:5000".to_owned();
        about.access.ca_file = Some("our ca.pem".into());
        about.access.headers = vec!["X-Team: blue".parse().unwrap()];
        about.access.key = OwnKey::Given { profile: Some("dev".to_owned()), has_token: true };
        let text = text(&ReproScript::of(&case), &Endpoint::of(&about), &samples::finding_of(&case));
        for line in
            ["export AWS_CA_BUNDLE='our ca.pem'\n", "can't send the header X-Team", "--profile dev --format env"]
        {
            assert!(text.contains(line), "{text}");
        }
        assert!(!text.contains("AWS_ACCESS_KEY_ID=test") && !text.contains("unset"), "{text}");
        let others = text.lines().filter(|line| line.contains("=$KEY_ID"));
        assert!(others.clone().count() > 0 && others.into_iter().all(|line| line.contains("AWS_SESSION_TOKEN= AWS_")));
    }

    #[test]
    fn what_the_cli_refuses_to_send_is_said_in_one_line() {
        let text = lines(&samples::nasty_case());
        let refused: Vec<&str> = text.lines().filter(|line| line.contains("the AWS CLI can't send")).collect();
        assert!(refused.iter().any(|line| line.contains("a parameter that the operation doesn't have")), "{text}");
        assert!(refused.iter().all(|line| line.starts_with("# ") && line.ends_with("use the curl form.")), "{text}");
        let mut case = samples::missing_operation();
        assert!(lines(&case).contains("a call without a required parameter"));
        let mut cut = samples::garbage_accepted();
        cut.trace[3].call.request.parameters[4].1 = "12345".to_owned();
        assert!(lines(&cut).contains("shorter than the service model allows"), "{}", lines(&cut));
        case.trace[0].call.style.method = crate::wire::Method::Get;
        assert!(lines(&case).contains("can't send a GET"));
    }
}

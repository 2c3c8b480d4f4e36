//! Runs the program's real binary in another process, as a person does.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests: a broken one has to fail the test")]

use std::process::{Output, Stdio};
use std::time::Duration;

use mfa_conformance::clock::Clock;
use tokio::process::{Child, Command};

/// Longer than any test takes. A program that takes longer hangs.
const HANGS: Duration = Duration::from_secs(100);

/// How the program ended, and what it printed.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ended {
    /// Whether no byte of its output moves a cursor or hides text, no line is a command for a CI system, and the
    /// program ended normally.
    pub(crate) fn is_decent(&self) -> bool {
        let shown = |character: char| {
            character == '\n' || !(character.is_control() || ('\u{202a}'..='\u{202e}').contains(&character))
        };
        let is_command = |line: &str| {
            line.trim_start().starts_with("::")
                || ["##[", "##vso[", "##teamcity["].iter().any(|mark| line.contains(mark))
        };
        self.stdout.chars().chain(self.stderr.chars()).all(shown)
            && !self.stdout.lines().chain(self.stderr.lines()).any(is_command)
            && !self.stderr.contains("panicked")
            && !self.stderr.contains("this is a defect")
    }
}

/// The program with this command line, in an environment without endpoints, credentials, colours or a job's summary.
pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mfa-conformance"));
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let own = ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_IAM", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];
    for name in own.into_iter().chain(["AWS_SESSION_TOKEN", "GITHUB_STEP_SUMMARY"]) {
        command.env_remove(name);
    }
    command
}

/// Starts the program.
pub(crate) fn start(arguments: &[&str]) -> Child {
    command(arguments).spawn().unwrap()
}

/// Waits until a program has ended.
pub(crate) async fn end(child: Child) -> Ended {
    let ended = Clock::system().within(HANGS, child.wait_with_output()).await;
    let Output { status, stdout, stderr } = ended.expect("the program hangs").unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ended { code: status.code(), stdout: text(stdout), stderr: text(stderr) }
}

/// Runs the program to its end.
pub(crate) async fn run(arguments: &[&str]) -> Ended {
    end(start(arguments)).await
}

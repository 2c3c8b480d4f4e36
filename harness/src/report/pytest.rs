//! The findings as a file of tests for pytest, to put into the repository of the target.

use super::finding::{Finding, SourceReport};
use super::value::Report;
use super::words::{cited, name_of, wrap};

/// What the tests import and use.
const HELPERS: &str = include_str!("pytest/helpers.py");

/// The widest line of a docstring.
const WIDTH: usize = 100;

/// A Python file with a test for each finding that fails the target. Each asserts what the documents say, so it fails
/// until the target does so.
#[must_use]
pub fn pytest(report: &Report) -> String {
    let tests: String = report.failing_findings().map(test).collect();
    format!("{}{HELPERS}{tests}", head(report))
}

fn head(report: &Report) -> String {
    let (version, target) = (&report.tool_version, name_of(&report.target));
    let text = format!(
        "What AWS documents about MFA devices, and {target} does otherwise: a test for each finding.\n\n\
         mfa-conformance {version} wrote this file. A test passes once its finding is fixed.\n\n    \
         pytest FILE                                         moto, in this process\n    \
         ENDPOINT_URL=http://127.0.0.1:5000 pytest FILE      any service\n\n\
         It needs boto3 and pytest. AWS_ENDPOINT_URL works as well, and AWS_CA_BUNDLE names the certificates to trust."
    );
    format!("{}\n", docstring(&text, ""))
}

fn test(finding: &Finding) -> String {
    let body = if finding.reproduce.pytest.is_empty() {
        "pytest.skip(\"the report has no calls for this finding: another version wrote it, or it judges a recording\")\n"
    } else {
        &finding.reproduce.pytest
    };
    let indented = body.lines().map(|line| format!("    {line}\n"));
    format!(
        "\n\ndef test_{}():\n{}{}",
        name(finding),
        docstring(&documented(finding), "    "),
        indented.collect::<String>()
    )
}

fn name(finding: &Finding) -> String {
    let plain = |sign: char| if sign.is_ascii_alphanumeric() { sign.to_ascii_lowercase() } else { '_' };
    format!("{}_{}", finding.clause.to_string().chars().map(plain).collect::<String>(), finding.id)
}

/// The finding, the clause and where it is written.
fn documented(finding: &Finding) -> String {
    let clause = format!("{} ({}): {}", finding.clause, finding.stance, finding.requires);
    let mut paragraphs = vec![finding.title.clone(), clause];
    paragraphs.extend(cited(finding).into_iter().map(source));
    paragraphs.push(format!("The run saw: {}", finding.observed.summary));
    paragraphs.join("\n\n")
}

fn source(source: &SourceReport) -> String {
    let quote = source.quote.iter().map(|quote| format!("\"{quote}\""));
    let place = format!("{}, {}", source.document, source.section);
    quote.chain([place]).chain(source.url.clone()).collect::<Vec<_>>().join("\n")
}

/// A docstring. Lines that are indented stay as they are.
fn docstring(text: &str, indent: &str) -> String {
    let text = text.replace('\\', "\\\\").replace("\"\"\"", "\\\"\\\"\\\"");
    let lines: Vec<String> = text
        .lines()
        .flat_map(|line| if line.starts_with(' ') { vec![line.to_owned()] } else { wrap(line, WIDTH - indent.len()) })
        .map(|line| if line.is_empty() { line } else { format!("{indent}{line}") })
        .collect();
    let text = lines.join("\n");
    format!("{indent}\"\"\"{}\n{indent}\"\"\"\n", text.trim_start())
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::process::{Command, Stdio};

    use super::*;
    use crate::report::samples;

    #[test]
    fn a_file_of_tests_reads_so() {
        let text = pytest(&samples::short());
        let (_, tests) = text.split_once(HELPERS).unwrap();
        let head = head(&samples::short());
        insta::assert_snapshot!(format!("{head}…{tests}"));
    }

    #[test]
    fn there_is_a_test_for_each_finding_that_fails_the_target() {
        let mut report = samples::failing();
        report.findings[0].flaky = true;
        report.findings[1].reproduce.pytest.clear();
        let text = pytest(&report);
        assert_eq!(text.matches("\ndef test_").count(), report.findings.len() - 1);
        assert_eq!(text.matches("the report has no calls").count(), 1);
        for finding in &report.findings[1..] {
            assert_eq!(text.matches(&format!("_{}():", finding.id)).count(), 1);
        }
    }

    #[test]
    fn nothing_that_a_target_says_ends_a_docstring_and_python_can_read_the_file() {
        let mut report = samples::failing();
        for finding in &mut report.findings {
            "\"\"\" \\".clone_into(&mut finding.observed.summary);
            "\"quoted\"".clone_into(&mut finding.title);
        }
        let text = pytest(&report);
        let check = "import ast, sys; print(sum(isinstance(one, ast.FunctionDef) and one.name.startswith('test_') and \
                     '\"\"\" \\\\' in ast.get_docstring(one) for one in ast.parse(sys.stdin.read()).body))";
        let mut command = Command::new("python3");
        command.args(["-c", check]).stdin(Stdio::piped()).stdout(Stdio::piped());
        // Without Python the file can't be checked.
        let Ok(mut python) = command.spawn() else { return };
        python.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        let output = python.wait_with_output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), report.findings.len().to_string(), "{text}");
    }
}

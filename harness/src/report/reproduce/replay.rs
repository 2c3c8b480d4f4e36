//! The sequence as a scenario file, and the command that replays it.

use crate::report::about::About;
use crate::report::finding::Finding;
use crate::report::json::visible;
use crate::scenario::Scenario;

/// The lines. Serialization of a scenario can't fail.
pub(super) fn text(finding: &Finding, about: &About) -> String {
    let file = format!("finding-{}.json", finding.id);
    let scenario = written(&finding.scenario).unwrap_or_default();
    let strict = if about.strict { " --strict" } else { "" };
    let option = about.target_option.trim();
    let target = if option.is_empty() { String::new() } else { format!(" {option}") };
    format!("cat > {file} <<'EOF'\n{scenario}EOF\nmfa-conformance replay {file}{target}{strict}\n")
}

/// The scenario with each step on its own line.
fn written(scenario: &Scenario) -> Result<String, serde_json::Error> {
    let head = serde_json::to_string(&Scenario { schema: None, steps: Vec::new(), ..scenario.clone() })?;
    let head = head.trim_end_matches('}').trim_end_matches("[]");
    let steps = scenario.steps.iter().map(serde_json::to_string).collect::<Result<Vec<_>, _>>()?;
    Ok(visible(&format!("{head}[\n  {}\n]}}\n", steps.join(",\n  "))))
}

#[cfg(test)]
mod tests {
    use crate::report::samples;
    use crate::scenario::read_scenario;

    #[test]
    fn the_file_holds_the_scenario() {
        for finding in samples::failing().findings {
            let text = &finding.reproduce.replay;
            let (_, rest) = text.split_once("<<'EOF'\n").unwrap();
            let (file, command) = rest.split_once("EOF\n").unwrap();
            assert_eq!(read_scenario("it.json", file).unwrap(), finding.scenario);
            assert_eq!(
                command,
                format!("mfa-conformance replay finding-{}.json --endpoint-url http://127.0.0.1:5000\n", finding.id)
            );
        }
    }
}

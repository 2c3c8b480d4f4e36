//! Reports in every form, during a run and afterwards.

#[path = "support/program.rs"]
mod program;

use program::{command, end, run};

#[tokio::test]
async fn what_a_run_writes_is_what_its_json_report_gives_later() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let forms = ["json", "junit", "html", "markdown", "pytest"];
    let asked: Vec<String> =
        forms.iter().flat_map(|form| ["--report".into(), format!("{form}={}", path(form))]).collect();
    let mut line = vec!["run", "--phase", "examples", "--max-wait", "0s", "--no-shrink"];
    line.extend(asked.iter().map(String::as_str));
    let ended = end(command(&line).env("GITHUB_STEP_SUMMARY", path("summary")).spawn().unwrap()).await;
    assert_eq!(ended.code, Some(3), "{}{}", ended.stdout, ended.stderr);

    let json = path("json");
    for form in forms {
        let written = std::fs::read_to_string(path(form)).unwrap();
        let shown = run(&["report", &json, "--format", form]).await;
        assert!(shown.code == Some(0) && shown.is_decent() && shown.stdout == written, "{form}: {}", shown.stderr);
    }
    let shown = run(&["report", &json]).await;
    assert!(ended.stdout.contains("PASS for ") && shown.stdout == ended.stdout, "{}", shown.stdout);
    let summary = std::fs::read_to_string(path("summary")).unwrap();
    assert_eq!(summary.trim_end(), std::fs::read_to_string(path("markdown")).unwrap().trim_end());

    let output = path("again.html");
    let ended = run(&["report", &json, "--format", "html", "--output", &output]).await;
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), ""));
    assert_eq!(std::fs::read(output).unwrap(), std::fs::read(path("html")).unwrap());

    let refused = run(&["report", &json, "--format", "issue"]).await;
    assert!(refused.code == Some(2) && refused.stderr.contains("has no finding"), "{}", refused.stderr);
    let refused = run(&["report", &json, "--finding", "2e00489b"]).await;
    assert!(refused.code == Some(2) && refused.stderr.contains("has no finding"), "{}", refused.stderr);
    let refused = run(&["report", &json, "--finding", "2e00489b", "--format", "html"]).await;
    assert!(refused.code == Some(2) && refused.stderr.contains("the other forms show all"), "{}", refused.stderr);
}

#[tokio::test]
async fn a_quick_run_passes_on_the_reference_and_says_that_it_was_quick() {
    let ended = run(&["run", "--quick"]).await;
    assert!(ended.code == Some(0) && ended.stdout.contains("This was a quick run"), "{}", ended.stdout);
    assert!(ended.stdout.contains("again: mfa-conformance run --quick"), "{}", ended.stdout);
    let ended = run(&["run", "--quick", "--max-time", "20s", "--scenarios", "5", "--max-wait", "0s"]).await;
    assert!(ended.code == Some(0) && !ended.stdout.contains("quick run"), "{}", ended.stdout);
    let refused = run(&["run", "--quick", "--clause", "wire.get"]).await;
    assert_eq!(refused.code, Some(2), "{}", refused.stderr);
}

#[tokio::test]
async fn a_summary_that_cannot_be_written_changes_no_verdict() {
    let line = ["run", "--phase", "examples", "--max-wait", "0s", "--no-shrink"];
    let ended = end(command(&line).env("GITHUB_STEP_SUMMARY", "/nonexistent/summary").spawn().unwrap()).await;
    assert_eq!(ended.code, Some(3), "{}", ended.stderr);
    assert!(ended.stderr.contains("/nonexistent/summary (GITHUB_STEP_SUMMARY)"), "{}", ended.stderr);
}

#[tokio::test]
async fn a_part_of_a_run_is_shown_and_is_no_verdict_on_the_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("part.json").display().to_string();
    let report = format!("json={path}");
    let line = ["run", "--shard", "1/2", "--scenarios", "10", "--max-wait", "0s", "--report", &report];
    let ended = run(&line).await;
    assert_eq!(ended.code, Some(0), "{}{}", ended.stdout, ended.stderr);
    let shown = run(&["report", &path]).await;
    assert!(shown.code == Some(0) && shown.stdout.contains("only shard 1 of 2"), "{}", shown.stdout);
    for line in [&["report", &path, "--check"] as &[&str], &["matrix", "--from", &path]] {
        let refused = run(line).await;
        assert_eq!((refused.code, refused.stdout.as_str()), (Some(2), ""), "{line:?}: {}", refused.stderr);
        assert!(refused.stderr.contains("shard"), "{}", refused.stderr);
    }
}

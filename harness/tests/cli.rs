//! Wrong usage is refused before anything is started or sent: with exit code 2 and words that name the input, the place
//! and the remedy.

#[path = "support/program.rs"]
mod program;

use std::path::Path;

use program::{Ended, command, end, run, start};
use tokio::io::{AsyncBufReadExt as _, BufReader};

/// Asserts that the program refused wrong usage, with all these words.
fn assert_refused(ended: &Ended, words: &[&str]) {
    assert_eq!(ended.code, Some(2), "{}{}", ended.stdout, ended.stderr);
    assert!(ended.is_decent(), "{}", ended.stderr);
    assert_eq!(ended.stdout, "");
    for word in words {
        assert!(ended.stderr.contains(word), "{word:?} is missing in: {}", ended.stderr);
    }
}

#[tokio::test]
async fn a_wrong_command_line_is_refused_with_the_remedy() {
    let nowhere = "/nonexistent/report.json";
    for (line, words) in [
        ("fly", &["'fly'", "Usage: mfa-conformance"] as &[&str]),
        ("run --dry-run --endpoint-url http://192.0.2.7", &["not this machine", "--allow-host 192.0.2.7"]),
        ("run --dry-run --endpoint-url nonsense", &["\"nonsense\"", "write it like"]),
        ("run --dry-run --target motto", &["\"motto\"", "known are moto"]),
        ("run --dry-run --known-gaps /nonexistent", &["/nonexistent", "known-gaps update"]),
        ("run --dry-run --report json=/", &["written to /", "--report"]),
        ("run --report json=/tmp/same --report html=/tmp/./same", &["two reports go to /tmp/./same", "of its own"]),
        ("run --frobnicate", &["'--frobnicate'", "Usage: mfa-conformance run", "--help"]),
        ("run --endpoint-url nonsense", &["\"nonsense\"", "write it like http://127.0.0.1:5000"]),
        ("run --endpoint-url http://:80", &["http://:80", "write it like http://127.0.0.1:5000"]),
        ("run --endpoint-url http://user:pw@127.0.0.1", &["a user name or a password", "AWS_ACCESS_KEY_ID"]),
        ("run --endpoint-url http://192.0.2.7", &["192.0.2.7", "not this machine", "--allow-host 192.0.2.7"]),
        ("run --endpoint-url http://192.0.2.7 --allow-host iam.test", &["not this machine", "--allow-host 192.0.2.7"]),
        ("run --endpoint-url http://0.0.0.0:80", &["every interface", "write 127.0.0.1"]),
        ("run --endpoint-url https://iam.amazonaws.com", &["is AWS itself", "missing: --allow-host iam.amazonaws.com"]),
        (
            "run --endpoint-url https://iam.amazonaws.com --allow-host iam.amazonaws.com --allow-aws --rate-limit 1",
            &["is AWS itself", "missing: real credentials"],
        ),
        ("run --endpoint-url http://127.0.0.1 --target moto", &["--endpoint-url", "--target", "cannot be used with"]),
        ("run --target motto", &["\"motto\"", "known are moto", "--endpoint-url"]),
        (
            "run --target moto --cache-dir /tmp/absent",
            &["moto is not installed", "mfa-conformance targets install moto"],
        ),
        ("targets start moto --cache-dir /tmp/absent", &["moto is not installed", "targets install moto"]),
        ("targets install motto", &["\"motto\"", "known are moto"]),
        ("run --clause enable.fresh-pear", &["`enable.fresh-pear`", "--clause", "did you mean `enable.fresh-pair`?"]),
        ("clauses explain enable.fresh-pear", &["did you mean `enable.fresh-pair`?"]),
        ("clauses list --stance statd", &["`statd`", "--stance", "use Stated, Implied"]),
        (
            "run --report xml=x",
            &["'xml=x'", "--report", "there are json, junit, html, markdown and pytest, as in json=report.json"],
        ),
        ("run --report json", &["'json'", "--report", "as in json=report.json"]),
        (&format!("run --report json={nowhere}"), &[nowhere, "No such file", "--report"]),
        ("run --report json=/", &["written to /", "directory", "--report"]),
        ("run --request-timeout 10", &["'10'", "--request-timeout", "write 500ms, 30s, 5m or 1h"]),
        ("run --request-timeout 0s", &["'0s'", "--request-timeout", "write 500ms or more"]),
        ("run --max-time 1d", &["'1d'", "--max-time", "write 500ms, 30s, 5m or 1h"]),
        ("run --settle 9999999999999999h", &["--settle", "a year at most"]),
        ("run -j 0", &["'0'", "--workers", "from 1 to 512"]),
        ("run --phase probes", &["'probes'", "--phase", "examples, boundary, sequences, overlap, serial"]),
        ("report", &["<FILE>", "Usage: mfa-conformance report"]),
        ("report /nonexistent.json", &["/nonexistent.json", "No such file", "--report json=FILE"]),
        ("report a.json b.json", &["a.json can't be read", "--report json=FILE"]),
        ("report Cargo.toml", &["Cargo.toml:1:2: no JSON", "--report json=FILE"]),
        ("report a.json --format csv", &["'csv'", "--format", "terminal, json, junit, html, markdown, pytest, issue"]),
        ("replay /nonexistent.json", &["/nonexistent.json", "No such file", "fixtures/scenarios"]),
        ("replay /", &["/ can't be read", "directory", "fixtures/scenarios"]),
        ("matrix", &["--targets <NAMES>", "Usage: mfa-conformance matrix"]),
        ("matrix --targets moto,motto", &["\"motto\"", "known are moto"]),
        ("matrix --from /nonexistent.json", &["/nonexistent.json", "No such file", "run --report json=FILE"]),
        ("run --config /nonexistent.toml", &["/nonexistent.toml", "No such file", "--config"]),
        ("run --config Cargo.toml", &["Cargo.toml: line ", ": unknown field `", "mfa-conformance schema config"]),
        ("cleanup --prefix x", &["'x'", "--prefix", "begins with mfac-"]),
        ("serve --port 99999", &["99999", "--port", "65535"]),
        ("schema csv", &["'csv'", "scenario, recording, report, matrix, targets"]),
    ] {
        let arguments: Vec<&str> = line.split(' ').collect();
        assert_refused(&run(&arguments).await, words);
    }
}

#[tokio::test]
async fn an_error_is_short_whatever_the_input() {
    let long = "x".repeat(100_000);
    for line in [
        &["run", "--endpoint-url", &long] as &[&str],
        &["run", "--clause", &long],
        &["run", "--target", &long],
        &[&long],
        &["replay", &long],
        &["run", "--report", &format!("json={long}")],
    ] {
        let ended = run(line).await;
        assert_eq!(ended.code, Some(2), "{line:.60?}");
        assert!(ended.is_decent() && ended.stderr.len() < 3_000, "{} bytes", ended.stderr.len());
    }
}

#[tokio::test]
async fn a_password_is_never_repeated() {
    let url = "http://user:secret@127.0.0.1";
    let given = run(&["run", "--endpoint-url", url]).await;
    let from_environment = end(command(&["run"]).env("AWS_ENDPOINT_URL", url).spawn().unwrap()).await;
    assert_refused(&from_environment, &["AWS_ENDPOINT_URL: the endpoint"]);
    for ended in [given, from_environment] {
        assert!(!ended.stderr.contains("secret"), "{}", ended.stderr);
    }
}

#[tokio::test]
async fn the_nearest_word_on_the_endpoint_wins() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("mfa-conformance.toml"), "endpoint-url = \"of the file\"\n").unwrap();
    let run = |arguments: &[&str], environment: &[(&str, &str)]| {
        let mut command = command(arguments);
        command.current_dir(folder.path()).envs(environment.iter().copied());
        end(command.spawn().unwrap())
    };
    let environment = [("AWS_ENDPOINT_URL", "of the environment")];
    let update = ["known-gaps", "update", "gaps.toml"];
    let given = ["run", "--endpoint-url", "of the line"];
    let from = "options from mfa-conformance.toml";
    assert_refused(&run(&["run"], &[]).await, &[from, "\"of the file\""]);
    assert_refused(&run(&update, &[]).await, &[from, "\"of the file\""]);
    assert_refused(&run(&["run"], &environment).await, &[from, "AWS_ENDPOINT_URL", "\"of the environment\""]);
    assert_refused(&run(&given, &environment).await, &[from, "\"of the line\""]);
    std::fs::write(folder.path().join("mfa-conformance.toml"), "allow-aws = true\n").unwrap();
    assert_refused(&run(&["run"], &[]).await, &["mfa-conformance.toml: line 1: `allow-aws` can't stand in a file"]);
}

#[tokio::test]
async fn a_wrong_scenario_file_is_refused_with_place_and_remedy() {
    let folder = tempfile::tempdir().unwrap();
    for (text, words) in [
        ("{\"name\": \"x\",\n", &[":2:0: EOF", "mfa-conformance schema scenario"] as &[&str]),
        ("steps: []", &[":1:1: expected value", "mfa-conformance schema scenario"]),
        (
            r#"{"name": "x", "steps": [{"do": "explode"}]}"#,
            &[":1:42: unknown variant `explode`, expected one of `create-user`", "mfa-conformance schema scenario"],
        ),
        (
            r#"{"name": "x", "steps": [{"do": "create-user", "user": "user 1", "nome": "plain"}]}"#,
            &[":1:", "unknown field `nome`"],
        ),
        (
            r#"{"name": "x", "cites": ["enable.fresh-pears"], "steps": []}"#,
            &["`cites` names \"enable.fresh-pears\"", "did you mean `enable.fresh-pair`?"],
        ),
        (
            r#"{"name": "x", "steps": [{"do": "create-user", "user": "user 1"},
                {"do": "deactivate", "device": "device 1", "as": "user 1"}]}"#,
            &["step 2: user 1 has no access key to sign with: do `create-key` before"],
        ),
    ] {
        let file = folder.path().join("bad.json");
        std::fs::write(&file, text).unwrap();
        let file = file.display().to_string();
        let ended = run(&["replay", &file]).await;
        assert_refused(&ended, &[&[file.as_str()], words].concat());
    }
}

#[tokio::test]
async fn a_report_that_can_be_written_is_written_in_the_end_only() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("report.json");
    let report = format!("json={}", file.display());
    let refused = run(&["run", "--report", &report, "--endpoint-url", "nonsense"]).await;
    assert_refused(&refused, &["nonsense"]);
    assert!(!file.exists());
    let few = ["--phase", "boundary", "--max-wait", "0s", "--report", &report];
    let ended = run(&[&["run"], few.as_slice()].concat()).await;
    assert_eq!(ended.code, Some(3), "{}{}", ended.stdout, ended.stderr);
    assert!(ended.stdout.contains("PASS for ") && ended.stdout.contains("limited by --phase."), "{}", ended.stdout);
    assert!(std::fs::read_to_string(&file).unwrap().starts_with('{'));
}

#[tokio::test]
async fn a_matrix_puts_reports_beside_a_target_that_could_not_be_had() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (report, out, file) = (path("reference.json"), path("out"), path("file"));
    let written = format!("json={report}");
    let ended = run(&["run", "--phase", "boundary", "--max-wait", "0s", "--report", &written]).await;
    assert_eq!(ended.code, Some(3), "{}{}", ended.stdout, ended.stderr);

    let alone = run(&["matrix", "--from", &report, "--out", &out]).await;
    assert_eq!(alone.code, Some(3), "{}{}", alone.stdout, alone.stderr);
    std::fs::write(&file, "").unwrap();
    let ended = run(&["matrix", "--from", &report, "--targets", "moto", "--cache-dir", &file, "--out", &out]).await;
    assert_eq!(ended.code, Some(3), "{}{}", ended.stdout, ended.stderr);
    assert!(ended.is_decent() && ended.stderr.contains("could not make"), "{}", ended.stderr);
    assert!(ended.stdout.contains("moto 5.2.5") && ended.stdout.contains("not judged"), "{}", ended.stdout);
    for name in ["matrix.html", "matrix.md"] {
        let text = std::fs::read_to_string(folder.path().join("out").join(name)).unwrap();
        assert!(text.contains("the embedded reference") && text.contains("could not make"), "{name}");
    }
    let matrix = std::fs::read_to_string(folder.path().join("out/matrix.json")).unwrap();
    let matrix: serde_json::Value = serde_json::from_str(&matrix).unwrap();
    let page = matrix["columns"][0]["outcome"]["page"].as_str().unwrap();
    assert!(folder.path().join("out").join(page).exists(), "{page}");

    std::fs::write(&file, "{}").unwrap();
    let refused = run(&["matrix", "--from", &file, "--out", &out]).await;
    assert_refused(&refused, &[&file, "no report: it has no `schema_version`"]);
    let refused = run(&["matrix", "--from", &report, "--out", &format!("{file}/x")]).await;
    assert_refused(&refused, &[&file, "--out"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_reference_is_served_at_the_url_that_is_printed() {
    let mut server = start(&["serve", "--port", "0"]);
    let mut lines = BufReader::new(server.stdout.take().unwrap()).lines();
    let url = lines.next_line().await.unwrap().unwrap();
    assert!(url.starts_with("http://127.0.0.1:"), "{url}");
    let scenario = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/scenarios/enable-fresh-pair.json");
    let ended = run(&["replay", "--endpoint-url", &url, &scenario.display().to_string(), "--max-wait", "0s"]).await;
    assert_eq!(ended.code, Some(0), "{}{}", ended.stdout, ended.stderr);
    let swept = run(&["cleanup", "--endpoint-url", &url]).await;
    assert_eq!((swept.code, swept.stdout.as_str()), (Some(0), "deleted 0 users and 0 devices that begin with mfac-\n"));
    let taken = run(&["serve", "--port", url.rsplit(':').next().unwrap()]).await;
    assert_refused(&taken, &["can't be served", "--port"]);
    let process = rustix::process::Pid::from_raw(i32::try_from(server.id().unwrap()).unwrap()).unwrap();
    rustix::process::kill_process(process, rustix::process::Signal::INT).unwrap();
    assert_eq!(end(server).await.code, Some(0));
}

#[tokio::test]
async fn each_command_has_a_manual_page_that_names_its_options() {
    let folder = tempfile::tempdir().unwrap();
    let ended = run(&["man", &folder.path().display().to_string()]).await;
    assert_eq!((ended.code, ended.stdout.as_str(), ended.stderr.as_str()), (Some(0), "", ""));
    let page = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap_or_default();
    assert!(page("mfa-conformance.1").contains("known\\-gaps"));
    assert!(page("mfa-conformance-run.1").contains("\\-\\-endpoint\\-url"));
    assert!(page("mfa-conformance-known-gaps-update.1").contains("\\-\\-target"));
    assert_refused(&run(&["man", "/nonexistent"]).await, &["manual pages", "/nonexistent"]);
}

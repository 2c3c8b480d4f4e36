//! `matrix`

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::Parser as _;

use super::args::{Cli, Verb};
use super::console::{print, say};
use super::exit::{FAIL, Failure, INCONCLUSIVE, Outcome, PASS};
use super::files::write_whole;
use super::interrupt::asked_to_stop;
use super::options::RunArgs;
use super::run::{conducted, waiting};
use super::site::SiteFolder;
use super::target_session::cache;
use super::verbs::MatrixArgs;
use crate::matrix::value::{Column, ColumnOutcome};
use crate::matrix::{Entry, Matrix, build, html, json, markdown, totals};
use crate::report::{Report, RunVerdict};
use crate::target::{Target, Targets};

pub(super) async fn matrix(args: MatrixArgs) -> Outcome {
    let catalogue = Targets::load().map_err(Failure::internal)?;
    let targets: Vec<&Target> =
        args.targets.iter().map(|name| catalogue.get(name)).collect::<Result<_, _>>().map_err(Failure::usage)?;
    // Read all reports before any is written, since they may be in the same folder.
    let given: Vec<TargetReport> = args.from.iter().map(|file| read(file)).collect::<Result<_, _>>()?;
    let out = match (&args.out, &args.site) {
        (None, None) => Some(Path::new("matrix")),
        (out, _) => out.as_deref(),
    };
    // Read before the run, so that a wrong folder doesn't cost the run.
    let site = args.site.as_deref().map(SiteFolder::open).transpose()?;
    let mut folder = Folder::make(out)?;
    let mut entries: Vec<Entry> = given.into_iter().map(|one| folder.keep(one)).collect::<Result<_, _>>()?;
    let stop = Arc::new(AtomicBool::new(false));
    let heard = stop.clone();
    let heeding = tokio::spawn(async move {
        asked_to_stop().await;
        heard.store(true, Ordering::Relaxed);
    });
    for target in targets {
        say(&format!("{} {}", target.name, target.version));
        let report = if stop.load(Ordering::Relaxed) {
            Err("the matrix was stopped before".to_owned())
        } else {
            judge(target, &args).await.map_err(|failure| format!("{:#}", failure.error))
        };
        if let Err(why) = &report {
            say(why);
        }
        let judged = TargetReport { name: target.name.clone(), version: Some(target.version.clone()), report };
        entries.push(folder.keep(judged)?);
    }
    heeding.abort();
    let matrix = build(&entries, &command(&args));
    folder.put("matrix.json", &json(&matrix).map_err(Failure::internal)?)?;
    folder.put("matrix.md", &markdown(&matrix))?;
    folder.put("matrix.html", &html(&matrix))?;
    print(&totals(&matrix))?;
    if let Some(out) = out {
        say(&format!("matrix written to {}", out.join("matrix.html").display()));
    }
    if let Some(site) = site {
        site.write(entries, &command(&args))?;
    }
    Ok(exit_code(&matrix))
}

/// A target and the result of its run.
struct TargetReport {
    name: String,
    version: Option<String>,
    report: Result<Report, String>,
}

/// Installs, starts, judges and stops a target, as the verbs do.
async fn judge(target: &Target, args: &MatrixArgs) -> Result<Report, Failure> {
    let cache = cache(args.cache_dir.as_deref())?;
    tokio::select! {
        installed = target.install(&cache, say) => installed.map_err(Failure::inconclusive)?,
        () = asked_to_stop() => {
            return Err(Failure::inconclusive(anyhow::anyhow!("stopped while it was installed")));
        }
    }
    let run = run_args(target, args)?;
    conducted(&run, None).await
}

/// The arguments of the run, as `run` reads them from a command line, so that the same defaults apply.
fn run_args(target: &Target, args: &MatrixArgs) -> Result<Box<RunArgs>, Failure> {
    let mut line = vec!["mfa-conformance".into(), "run".into(), "--target".into(), target.name.clone().into()];
    let options = [
        format!("--seed={}", args.seed),
        format!("--scenarios={}", args.scenarios),
        format!("--workers={}", args.workers),
        format!("--max-wait={}", args.max_wait),
        format!("--settle={}", args.settle),
    ];
    line.extend(options.map(Into::into));
    if let Some(folder) = &args.cache_dir {
        line.extend(["--cache-dir".into(), folder.clone().into_os_string()]);
    }
    let cli = Cli::try_parse_from(line).map_err(Failure::internal)?;
    if let Verb::Run(args) = cli.verb { Ok(args) } else { Err(Failure::internal(anyhow::anyhow!("no run"))) }
}

fn read(file: &Path) -> Result<TargetReport, Failure> {
    let name = file.display().to_string();
    let text = std::fs::read_to_string(file).map_err(|error| {
        let problem = format!("{name} can't be read: {error}. Give a file that `run --report json=FILE` wrote");
        Failure::usage(anyhow::anyhow!(problem))
    })?;
    let report = crate::report::read(&name, &text).map_err(Failure::usage)?;
    if let Some(shard) = &report.shard {
        let (index, of) = (shard.index, shard.of);
        let problem = format!(
            "{name} tells of shard {index} of {of} alone: put all together with `mfa-conformance report --format json`"
        );
        return Err(Failure::usage(anyhow::anyhow!(problem)));
    }
    Ok(TargetReport { name: report.target.name.clone(), version: report.target.version.clone(), report: Ok(report) })
}

/// The output folder.
struct Folder<'a> {
    /// `None` if nothing is to be written.
    path: Option<&'a Path>,
    /// The file names, without endings, that are already used.
    taken: BTreeSet<String>,
}

impl<'a> Folder<'a> {
    fn make(path: Option<&'a Path>) -> Result<Self, Failure> {
        if let Some(path) = path {
            std::fs::create_dir_all(path).map_err(|error| unwritable(path, &error))?;
        }
        Ok(Self { path, taken: BTreeSet::from(["matrix".to_owned()]) })
    }

    fn put(&self, name: &str, text: &str) -> Result<(), Failure> {
        let Some(path) = self.path else { return Ok(()) };
        let file = path.join(name);
        write_whole(&file, text).map_err(|error| unwritable(&file, &error))
    }

    /// Writes a target's report.
    fn keep(&mut self, judged: TargetReport) -> Result<Entry, Failure> {
        let TargetReport { name, version, report } = judged;
        let judged = match report {
            Ok(report) => {
                let file = self.file_name(&name);
                self.put(&format!("{file}.json"), &crate::report::json(&report).map_err(Failure::internal)?)?;
                let page = format!("{file}.html");
                self.put(&page, &crate::report::html(&report))?;
                Ok((report, page))
            }
            Err(why) => Err(why),
        };
        Ok(Entry { name, version, judged })
    }

    /// A target's name as a plain file name that no other target has.
    fn file_name(&mut self, name: &str) -> String {
        let plain: String =
            name.chars().map(|one| if one.is_ascii_alphanumeric() { one } else { '-' }).take(60).collect();
        let mut file = plain.clone();
        let mut number = 1;
        while !self.taken.insert(file.clone()) {
            number += 1;
            file = format!("{plain}-{number}");
        }
        file
    }
}

fn command(args: &MatrixArgs) -> String {
    let mut command = "mfa-conformance matrix".to_owned();
    if !args.from.is_empty() {
        let files: Vec<String> = args.from.iter().map(|file| file.display().to_string()).collect();
        command = format!("{command} --from {}", files.join(","));
    }
    if !args.targets.is_empty() {
        let targets = args.targets.join(",");
        command = format!("{command} --targets {targets} --seed {} --scenarios {}", args.seed, args.scenarios);
        command.push_str(&waiting(args.settle, args.max_wait));
    }
    command
}

fn exit_code(matrix: &Matrix) -> u8 {
    let verdict = |column: &Column| match &column.outcome {
        ColumnOutcome::Judged(judged) => Some(judged.verdict),
        ColumnOutcome::NotJudged { .. } => None,
    };
    let verdicts: Vec<Option<RunVerdict>> = matrix.columns.iter().map(verdict).collect();
    if verdicts.contains(&None) {
        INCONCLUSIVE
    } else if verdicts.contains(&Some(RunVerdict::Fail)) {
        FAIL
    } else if verdicts.contains(&Some(RunVerdict::Inconclusive)) {
        INCONCLUSIVE
    } else {
        PASS
    }
}

fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
    let path = path.display();
    Failure::usage(anyhow::anyhow!("{path} can't be written: {error}. Give another folder with --out"))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn args(line: &str) -> MatrixArgs {
        let cli = Cli::try_parse_from(["mfa-conformance", "matrix"].into_iter().chain(line.split(' '))).unwrap();
        if let Verb::Matrix(args) = cli.verb { args } else { panic!("{line}") }
    }

    #[test]
    fn a_target_is_judged_as_run_does_it() {
        let args = args("--targets moto,ministack --seed 7 --scenarios 30 --max-wait 0s --cache-dir /c");
        assert_eq!(
            command(&args),
            "mfa-conformance matrix --targets moto,ministack --seed 7 --scenarios 30 --max-wait 0s"
        );
        let run = run_args(Targets::load().unwrap().get("moto").unwrap(), &args).unwrap();
        assert_eq!((run.endpoint.target.as_deref(), run.seed, run.scenarios), (Some("moto"), 7, 30));
        assert_eq!((run.max_wait.0, run.endpoint.cache_dir), (Duration::ZERO, Some("/c".into())));
    }

    #[test]
    fn a_file_name_is_plain_and_no_other_targets() {
        let parent = tempfile::tempdir().unwrap();
        let mut folder = Folder::make(Some(parent.path())).unwrap();
        let mut name = |name: &str| folder.file_name(name);
        assert_eq!(name("moto"), "moto");
        assert_eq!(name("moto"), "moto-2");
        assert_eq!(name("../x\u{202e}"), "---x-");
        assert_eq!(name("http://127.0.0.1:5000"), "http---127-0-0-1-5000");
        assert_eq!(name("matrix"), "matrix-2");
    }

    #[test]
    fn what_could_not_be_judged_outranks_what_diverges() {
        let matrix = |states: &[&str]| {
            let judged = |verdict: &str| {
                serde_json::json!({"state": "judged", "page": "", "verdict": verdict, "verdict_reason": "", "command": "",
                    "strict": false, "interrupted": false, "scenarios": 0, "requests": 0, "findings": [],
                    "totals": {"pass": 0, "fail": 0, "open": 0, "not_tested": 0}})
            };
            let outcome = |state: &&str| match *state {
                "absent" => serde_json::json!({"state": "not-judged", "why": ""}),
                verdict => judged(verdict),
            };
            let columns: Vec<_> =
                states.iter().map(|one| serde_json::json!({"name": "", "outcome": outcome(one)})).collect();
            let matrix = serde_json::json!({"schema_version": 1, "tool_version": "", "command": "", "columns": columns,
                "groups": [], "excluded": []});
            serde_json::from_value::<Matrix>(matrix).unwrap()
        };
        for (states, code) in [
            (&["pass", "pass"] as &[&str], PASS),
            (&["pass", "fail"], FAIL),
            (&["inconclusive", "fail"], FAIL),
            (&["inconclusive", "pass"], INCONCLUSIVE),
            (&["absent", "fail"], INCONCLUSIVE),
        ] {
            assert_eq!(exit_code(&matrix(states)), code, "{states:?}");
        }
    }
}

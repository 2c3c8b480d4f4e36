//! Writes the events of a run to a file, as they happen.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use super::console::say;
use super::events::{Event, EventLine, Found, VERSION};
use super::exit::Failure;
use super::standing::Standing;
use crate::clock::Clock;
use crate::oracle::{Bucket, Divergence};
use crate::report::{About, Report};
use crate::run::Progress;
use crate::run::result::{Case, Phase, bucket_id};
use crate::wire::escape_for_people;

/// How often the progress is written.
const EVERY: Duration = Duration::from_secs(2);

/// The file that stands for standard output.
const STDOUT: &str = "-";

/// Whether events go to standard output, so that nothing else may.
pub(super) fn is_stdout(file: Option<&Path>) -> bool {
    file == Some(Path::new(STDOUT))
}

/// The events of a run.
pub(super) struct EventLog(Mutex<Log>);

struct Log {
    /// Where they go; `None` once it can't be written.
    out: Option<Box<dyn Write + Send>>,
    standing: Standing,
    /// The ids that were found.
    known: BTreeSet<String>,
}

impl EventLog {
    /// Creates the file. The progress is written as long as the value exists.
    pub(super) fn open(file: &Path) -> Result<Arc<Self>, Failure> {
        let out: Box<dyn Write + Send> = if is_stdout(Some(file)) {
            Box::new(std::io::stdout())
        } else {
            Box::new(File::create(file).map_err(|error| {
                let problem = format!("{} can't be written: {error}. Give another file with --events", file.display());
                Failure::usage(anyhow::anyhow!(problem))
            })?)
        };
        let log = Self::to(out);
        tokio::spawn(tick(Arc::downgrade(&log)));
        Ok(log)
    }

    fn to(out: Box<dyn Write + Send>) -> Arc<Self> {
        let standing = Standing::new(Clock::system().stopwatch());
        Arc::new(Self(Mutex::new(Log { out: Some(out), standing, known: BTreeSet::new() })))
    }

    /// The run begins.
    pub(super) fn begin(&self, about: &About) {
        self.write(|_| Event::Begin {
            schema_version: VERSION,
            tool_version: env!("CARGO_PKG_VERSION").to_owned(),
            target: about.target.clone(),
            command: about.command.clone(),
        });
    }

    /// The run is over.
    pub(super) fn end(&self, outcome: &Result<Report, Failure>) {
        self.write(|_| match outcome {
            Ok(report) => Event::End {
                verdict: Some(report.verdict),
                reason: report.verdict_reason.clone(),
                findings: report.findings.iter().map(|finding| finding.id.clone()).collect(),
                exit_code: report.exit_code(),
            },
            Err(failure) => Event::End {
                verdict: None,
                reason: escape_for_people(&format!("{:#}", failure.error)).into_owned(),
                findings: Vec::new(),
                exit_code: failure.code,
            },
        });
    }

    fn progress(&self) {
        self.write(|standing| {
            let elapsed = standing.stopwatch.elapsed();
            Event::Progress {
                doing: standing.doing.to_owned(),
                scenarios: standing.done,
                of: standing.of,
                requests: standing.requests,
                findings: standing.findings,
                shrunk: standing.shrunk,
                percent: standing.percent(elapsed),
                seconds_left: standing.left(elapsed).map(|left| left.as_secs()),
            }
        });
    }

    /// Writes an event as one line.
    fn write(&self, event: impl FnOnce(&mut Standing) -> Event) {
        self.with(|log| log.write(event));
    }

    fn with(&self, act: impl FnOnce(&mut Log)) {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl Log {
    fn write(&mut self, event: impl FnOnce(&mut Standing) -> Event) {
        let Some(out) = &mut self.out else { return };
        let event = event(&mut self.standing);
        let milliseconds = u32::try_from(self.standing.stopwatch.elapsed().as_millis()).unwrap_or(u32::MAX);
        let line = EventLine { seconds: f64::from(milliseconds) / 1_000.0, event };
        let text = serde_json::to_string(&line).map_err(std::io::Error::from);
        let written = text.and_then(|text| out.write_all((text + "\n").as_bytes())).and_then(|()| out.flush());
        if let Err(error) = written {
            // A reader that is gone wants no more.
            if error.kind() != ErrorKind::BrokenPipe {
                say(&format!("no more events are written: {error}"));
            }
            self.out = None;
        }
    }
}

/// Writes the progress regularly until nobody has the log.
async fn tick(log: Weak<EventLog>) {
    loop {
        Clock::system().wait(EVERY).await;
        let Some(log) = log.upgrade() else { return };
        log.progress();
    }
}

impl Progress for EventLog {
    fn begins(&self, scenarios: Option<u64>, left: Option<Duration>) {
        self.with(|log| log.standing.begins(scenarios, left));
    }

    fn phase(&self, phase: Phase) {
        self.write(|standing| {
            standing.doing = phase.name();
            Event::Phase { name: phase.name().to_owned() }
        });
    }

    fn played(&self, requests: u64, findings: usize) {
        self.with(|log| log.standing.played(requests, findings));
    }

    fn found(&self, divergence: &Divergence) {
        let found = Found::from(divergence);
        self.with(|log| {
            // A shard plays some scenarios twice.
            if log.known.insert(found.id.clone()) {
                log.write(|_| Event::Finding(found));
            }
        });
    }

    fn shrinks(&self, findings: usize) {
        self.write(|standing| {
            standing.shrinks(findings);
            Event::Phase { name: standing.doing.to_owned() }
        });
    }

    fn shrunk(&self, found_as: &Bucket, case: &Case) {
        self.write(|standing| {
            standing.shrunk += 1;
            Event::Shrunk {
                found_as: bucket_id(found_as),
                finding: Found::from(&case.divergence),
                steps: case.scenario.steps.len(),
                reproduced: case.confirmation.is_reproduced(),
            }
        });
    }

    fn note(&self, text: &str) {
        self.write(|_| Event::Note { text: escape_for_people(text).into_owned() });
    }
}

/// Reports a run's progress twice.
pub(super) struct Both(pub(super) Arc<dyn Progress>, pub(super) Arc<EventLog>);

impl Both {
    fn each(&self, tell: impl Fn(&dyn Progress)) {
        tell(self.0.as_ref());
        tell(self.1.as_ref());
    }
}

impl Progress for Both {
    fn begins(&self, scenarios: Option<u64>, left: Option<Duration>) {
        self.each(|one| one.begins(scenarios, left));
    }

    fn phase(&self, phase: Phase) {
        self.each(|one| one.phase(phase));
    }

    fn played(&self, requests: u64, findings: usize) {
        self.each(|one| one.played(requests, findings));
    }

    fn found(&self, divergence: &Divergence) {
        self.each(|one| one.found(divergence));
    }

    fn shrinks(&self, findings: usize) {
        self.each(|one| one.shrinks(findings));
    }

    fn shrunk(&self, found_as: &Bucket, case: &Case) {
        self.each(|one| one.shrunk(found_as, case));
    }

    fn note(&self, text: &str) {
        self.each(|one| one.note(text));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples;

    /// A file in memory.
    #[derive(Clone, Default)]
    struct Memory(Arc<Mutex<Vec<u8>>>);

    impl Write for Memory {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn every_event_is_one_line_that_the_schema_describes() {
        let memory = Memory::default();
        let log = EventLog::to(Box::new(memory.clone()));
        let case = samples::garbage_accepted();
        let bucket = case.divergence.bucket();
        log.begin(&samples::about());
        log.phase(Phase::Examples);
        log.begins(Some(10), None);
        log.found(&case.divergence);
        log.found(&case.divergence);
        log.played(7, 1);
        log.progress();
        log.shrinks(1);
        log.shrunk(&bucket, &case);
        log.note("two\nlines\u{1b}");
        log.end(&Ok(samples::failing()));
        log.end(&Err(Failure::inconclusive(anyhow::anyhow!("no target"))));
        let text = String::from_utf8(memory.0.lock().unwrap().clone()).unwrap();
        let schema = serde_json::to_value(super::super::events::schema()).unwrap();
        let lines: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        for line in &lines {
            assert!(jsonschema::is_valid(&schema, line), "{line:#}");
        }
        let kinds: Vec<&str> = lines.iter().map(|line| line["event"].as_str().unwrap()).collect();
        let expected = ["begin", "phase", "finding", "progress", "phase", "shrunk", "note", "end", "end"];
        assert_eq!(kinds, expected);
        assert_eq!((&lines[2]["id"], &lines[2]["clause"]), (&"2e00489b".into(), &"enable.codes-recognised".into()));
        assert_eq!((&lines[3]["scenarios"], &lines[3]["requests"]), (&1.into(), &7.into()));
        assert_eq!((&lines[5]["found_as"], &lines[5]["id"]), (&"2e00489b".into(), &"2e00489b".into()));
        assert_eq!((&lines[7]["verdict"], &lines[7]["exit_code"]), (&"fail".into(), &1.into()));
        assert_eq!((&lines[8]["reason"], &lines[8]["exit_code"]), (&"no target".into(), &3.into()));
    }

    #[test]
    fn a_reader_that_is_gone_ends_nothing() {
        struct Gone;
        impl Write for Gone {
            fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
                Err(ErrorKind::BrokenPipe.into())
            }
            fn flush(&mut self) -> std::io::Result<()> {
                Ok(())
            }
        }
        let log = EventLog::to(Box::new(Gone));
        log.note("one");
        assert!(log.0.lock().unwrap().out.is_none());
        log.note("two");
    }
}

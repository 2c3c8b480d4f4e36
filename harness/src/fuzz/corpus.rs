//! The corpus as a folder of files with one scenario each. `replay` accepts them too.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::scenario::{Scenario, ScenarioError, read_scenario, write_scenario};

/// Why a corpus can't be read or written.
#[derive(Debug, thiserror::Error)]
pub enum CorpusError {
    /// The folder or a file in it can't be read or written.
    #[error("{path}: {error}. Give another folder with --corpus, or mend its rights")]
    Io {
        /// The folder or file.
        path: PathBuf,
        /// What is wrong.
        error: std::io::Error,
    },
    /// A scenario can't be written.
    #[error("a scenario can't be written as JSON: {0}")]
    Unwritable(#[from] serde_json::Error),
}

/// A folder that several processes may read and write at once.
#[derive(Clone, Debug)]
pub struct Corpus {
    folder: PathBuf,
    /// The names of the files that this process read or wrote.
    known: BTreeSet<OsString>,
}

impl Corpus {
    /// The corpus in this folder.
    #[must_use]
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), known: BTreeSet::new() }
    }

    /// Reads each scenario that this process neither read nor wrote before, by file name; none if the folder doesn't
    /// exist yet. A file that isn't a valid scenario is left out and reported: a corpus is a help, not a test.
    ///
    /// # Errors
    /// The folder or a file in it can't be read.
    pub fn read_new(&mut self, left_out: impl FnMut(&ScenarioError)) -> Result<Vec<Scenario>, CorpusError> {
        read_new(&self.folder, &mut self.known, left_out)
    }

    /// Writes scenarios, each into a file whose name is a digest of its steps. Returns how many are new.
    ///
    /// # Errors
    /// The folder can't be made, or a file in it not be written.
    pub fn write(&mut self, corpus: &[Scenario]) -> Result<usize, CorpusError> {
        let mut named = Vec::new();
        for scenario in corpus {
            // The scenario's name doesn't affect what it does.
            let digest = data_encoding::HEXLOWER.encode(&Sha256::digest(serde_json::to_vec(&scenario.steps)?));
            named.push((digest.get(..16).unwrap_or(&digest).to_owned(), scenario));
        }
        let new = write_findings(&self.folder, named.iter().map(|(name, scenario)| (name.as_str(), *scenario)))?;
        self.known.extend(named.into_iter().map(|(name, _)| format!("{name}.json").into()));
        Ok(new)
    }
}

fn read_new(
    folder: &Path,
    known: &mut BTreeSet<OsString>,
    mut left_out: impl FnMut(&ScenarioError),
) -> Result<Vec<Scenario>, CorpusError> {
    let io = |path: &Path| {
        let path = path.to_owned();
        move |error| CorpusError::Io { path, error }
    };
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(io(folder))? {
        files.push(entry.map_err(io(folder))?.path());
    }
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    let mut corpus = Vec::new();
    for file in files {
        if !file.file_name().is_some_and(|name| known.insert(name.to_owned())) {
            continue;
        }
        let text = std::fs::read(&file).map_err(io(&file))?;
        match read_scenario(&file.to_string_lossy(), &String::from_utf8_lossy(&text)) {
            Ok(scenario) => corpus.push(scenario),
            Err(error) => left_out(&error),
        }
    }
    Ok(corpus)
}

/// Writes the scenarios of findings into a folder, each into a file whose name is the finding's id. Returns how many
/// are new.
///
/// # Errors
/// The folder can't be made, or a file in it not be written.
pub fn write_findings<'s>(
    folder: &Path,
    findings: impl Iterator<Item = (&'s str, &'s Scenario)>,
) -> Result<usize, CorpusError> {
    let io = |path: &Path| {
        let path = path.to_owned();
        move |error| CorpusError::Io { path, error }
    };
    std::fs::create_dir_all(folder).map_err(io(folder))?;
    let mut new = 0;
    for (name, scenario) in findings {
        let path = folder.join(format!("{name}.json"));
        if !path.exists() {
            // Nobody reads a partial file, also after a kill. Another process may write the same scenario now.
            let whole = folder.join(format!("{name}.json.{}.new", unique()));
            std::fs::write(&whole, write_scenario(scenario)?).map_err(io(&whole))?;
            std::fs::rename(&whole, &path).map_err(io(&path))?;
            new += 1;
        }
    }
    Ok(new)
}

/// A word that no other process uses, also on another machine.
fn unique() -> String {
    // Each value has random keys.
    format!("{:016x}", RandomState::new().build_hasher().finish())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::boundary::boundary;

    #[test]
    fn what_is_written_is_read_again_and_written_once() {
        let folder = tempfile::tempdir().unwrap();
        let corpus: Vec<Scenario> = boundary().into_iter().take(5).collect();
        let place = folder.path().join("corpus");
        let read = |place: &Path| Corpus::new(place).read_new(|error| panic!("{error}")).unwrap();
        assert_eq!(read(&place), []);
        let mut own = Corpus::new(&place);
        assert_eq!(own.write(&corpus).unwrap(), 5);
        assert_eq!(own.write(&corpus).unwrap(), 0);
        let read = read(&place);
        assert!(read.len() == 5 && corpus.iter().all(|scenario| read.contains(scenario)));
    }

    #[test]
    fn two_processes_read_what_the_other_wrote_once_and_nothing_of_their_own() {
        let folder = tempfile::tempdir().unwrap();
        let table = boundary();
        let (mut one, mut other) = (Corpus::new(folder.path()), Corpus::new(folder.path()));
        let read = |corpus: &mut Corpus| corpus.read_new(|error| panic!("{error}")).unwrap();
        assert_eq!((one.write(&table[..1]).unwrap(), other.write(&table[1..2]).unwrap()), (1, 1));
        assert_eq!((read(&mut one), read(&mut other)), (vec![table[1].clone()], vec![table[0].clone()]));
        assert_eq!((read(&mut one), read(&mut other)), (Vec::new(), Vec::new()));
        // A file that is still being written.
        std::fs::write(folder.path().join("0.json.0.new"), "{").unwrap();
        assert_eq!(other.write(&table[2..3]).unwrap(), 1);
        assert_eq!(read(&mut one), [table[2].clone()]);
    }

    #[test]
    fn a_file_that_is_no_scenario_is_told_and_left_out() {
        let folder = tempfile::tempdir().unwrap();
        Corpus::new(folder.path()).write(&boundary()[..2]).unwrap();
        std::fs::write(folder.path().join("bad.json"), "{").unwrap();
        std::fs::write(folder.path().join("malformed.json"), b"\xff").unwrap();
        let mut left_out = Vec::new();
        let read = Corpus::new(folder.path()).read_new(|error| left_out.push(error.to_string())).unwrap();
        assert_eq!((read.len(), left_out.len()), (2, 2));
        assert!(left_out[0].contains("bad.json:1:1") && left_out[1].contains("malformed.json"), "{left_out:?}");
    }

    #[test]
    fn a_finding_is_written_once_under_its_id() {
        let folder = tempfile::tempdir().unwrap();
        let table = boundary();
        let written = |number: usize| write_findings(folder.path(), [("0badc0de", &table[number])].into_iter());
        assert_eq!((written(0).unwrap(), written(1).unwrap()), (1, 0));
        assert!(folder.path().join("0badc0de.json").exists());
    }
}

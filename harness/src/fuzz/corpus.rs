//! The corpus as files: a folder with one scenario in each, which `replay` takes as well.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::scenario::{Scenario, ScenarioError, read_scenario, write_scenario};

/// Why a corpus can't be read or written.
#[derive(Debug, thiserror::Error)]
pub enum CorpusError {
    /// The folder or a file in it can't be read or written.
    #[error("{path}: {error}. Give another folder with --corpus, or mend its rights")]
    Io {
        /// Which.
        path: PathBuf,
        /// What is wrong.
        error: std::io::Error,
    },
    /// A file is no scenario.
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
    /// A scenario can't be written.
    #[error("a scenario can't be written as JSON: {0}")]
    Unwritable(#[from] serde_json::Error),
}

/// Reads every scenario of a folder, by file name; none if there is no such folder yet.
///
/// # Errors
/// The folder can't be read, or holds a `.json` file that is no scenario.
pub fn read_corpus(folder: &Path) -> Result<Vec<Scenario>, CorpusError> {
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
        let text = std::fs::read_to_string(&file).map_err(io(&file))?;
        corpus.push(read_scenario(&file.to_string_lossy(), &text)?);
    }
    Ok(corpus)
}

/// Writes scenarios into a folder, each into a file that is named by what it holds, and tells how many are new there.
///
/// # Errors
/// The folder can't be made, or a file in it not be written.
pub fn write_corpus(folder: &Path, corpus: &[Scenario]) -> Result<usize, CorpusError> {
    std::fs::create_dir_all(folder).map_err(|error| CorpusError::Io { path: folder.to_owned(), error })?;
    let mut new = 0;
    for scenario in corpus {
        let text = write_scenario(scenario)?;
        // Its name is no part of what it does.
        let steps = serde_json::to_vec(&scenario.steps)?;
        let digest = data_encoding::HEXLOWER.encode(&Sha256::digest(steps));
        let path = folder.join(format!("{}.json", digest.get(..16).unwrap_or(&digest)));
        if !path.exists() {
            std::fs::write(&path, text).map_err(|error| CorpusError::Io { path, error })?;
            new += 1;
        }
    }
    Ok(new)
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
        assert_eq!(read_corpus(&place).unwrap(), []);
        assert_eq!(write_corpus(&place, &corpus).unwrap(), 5);
        assert_eq!(write_corpus(&place, &corpus).unwrap(), 0);
        let read = read_corpus(&place).unwrap();
        assert!(read.len() == 5 && corpus.iter().all(|scenario| read.contains(scenario)));
    }

    #[test]
    fn a_file_that_is_no_scenario_is_named() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("bad.json"), "{").unwrap();
        assert!(read_corpus(folder.path()).unwrap_err().to_string().contains("bad.json:1:1"));
    }
}

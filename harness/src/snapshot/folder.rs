//! The files of snapshots, in insta's format, so that `cargo insta review` shows what has changed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::play::Transcript;

/// The longest name of a file without its ending, in characters.
const LONGEST_NAME: usize = 90;

/// Why snapshots can't be read or written.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// The folder has no snapshots.
    #[error("there are no snapshots in {0}: `mfa-conformance snapshot record` makes them")]
    Empty(PathBuf),
    /// The system refuses.
    #[error("{path} can't be {what}: {error}")]
    System {
        /// The file or folder.
        path: PathBuf,
        /// What was tried: `read`, `written`.
        what: &'static str,
        /// What the system said.
        error: std::io::Error,
    },
}

/// How a snapshot has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The target's answers differ.
    Changed {
        /// The recorded text.
        old: String,
        /// The text now.
        new: String,
    },
    /// The scenario was never recorded.
    New(String),
    /// No scenario has this name any more.
    Gone,
}

/// The file's name for a scenario: its words in small letters.
#[must_use]
pub fn file_name(scenario: &str) -> String {
    let mut name = String::new();
    for character in scenario.chars() {
        if character.is_ascii_alphanumeric() {
            name.push(character.to_ascii_lowercase());
        } else if !name.is_empty() && !name.ends_with('-') {
            name.push('-');
        }
    }
    name.truncate(LONGEST_NAME);
    name.trim_end_matches('-').to_owned()
}

/// A transcript as the text of a file.
#[must_use]
pub fn written(transcript: &Transcript) -> String {
    let description: String = transcript.name.replace(['\\', '"'], "'");
    let mut text = String::new();
    // Writing to a String doesn't fail.
    let _ = write!(text, "---\nsource: mfa-conformance snapshot\ndescription: \"{description}\"\n---\n");
    text.push_str(transcript.text.trim_end());
    text.push('\n');
    text
}

/// Writes all snapshots, and deletes those of scenarios that are no longer played.
///
/// # Errors
/// The system refuses.
pub fn record(folder: &Path, transcripts: &[Transcript]) -> Result<(), FolderError> {
    std::fs::create_dir_all(folder).map_err(system(folder, "made"))?;
    let names: BTreeSet<String> = transcripts.iter().map(|transcript| file_name(&transcript.name)).collect();
    discard(folder)?;
    for (name, path) in files(folder, ".snap")? {
        if !names.contains(&name) {
            std::fs::remove_file(&path).map_err(system(&path, "deleted"))?;
        }
    }
    for transcript in transcripts {
        let path = folder.join(format!("{}.snap", file_name(&transcript.name)));
        std::fs::write(&path, written(transcript)).map_err(system(&path, "written"))?;
    }
    Ok(())
}

/// Returns the changes since the snapshots were recorded, by the files' names.
///
/// # Errors
/// There are no snapshots, or they can't be read.
pub fn compare(folder: &Path, transcripts: &[Transcript]) -> Result<BTreeMap<String, Change>, FolderError> {
    let mut recorded = files(folder, ".snap")?;
    if recorded.is_empty() {
        return Err(FolderError::Empty(folder.to_owned()));
    }
    let mut changes = BTreeMap::new();
    for transcript in transcripts {
        let name = file_name(&transcript.name);
        let new = written(transcript);
        let Some(path) = recorded.remove(&name) else {
            changes.insert(name, Change::New(new));
            continue;
        };
        let old = std::fs::read_to_string(&path).map_err(system(&path, "read"))?;
        if content(&old) != content(&new) {
            changes.insert(name, Change::Changed { old, new });
        }
    }
    changes.extend(recorded.into_keys().map(|name| (name, Change::Gone)));
    Ok(changes)
}

/// Writes proposals for changed snapshots beside them, as insta does. They replace earlier proposals.
///
/// # Errors
/// The system refuses.
pub fn propose(folder: &Path, changes: &BTreeMap<String, Change>) -> Result<(), FolderError> {
    discard(folder)?;
    for (name, change) in changes {
        match change {
            Change::Changed { new, .. } | Change::New(new) => {
                let path = folder.join(format!("{name}.snap.new"));
                std::fs::write(&path, new).map_err(system(&path, "written"))?;
            }
            Change::Gone => {}
        }
    }
    Ok(())
}

/// Deletes earlier proposals, which are outdated.
fn discard(folder: &Path) -> Result<(), FolderError> {
    for path in files(folder, ".snap.new")?.into_values() {
        std::fs::remove_file(&path).map_err(system(&path, "deleted"))?;
    }
    Ok(())
}

/// The text below the head. Tools may rewrite the head.
fn content(text: &str) -> &str {
    let body = text.strip_prefix("---\n").and_then(|rest| rest.split_once("\n---\n"));
    body.map_or(text, |(_, body)| body).trim_end()
}

/// The files of a folder with this ending, by name.
fn files(folder: &Path, ending: &str) -> Result<BTreeMap<String, PathBuf>, FolderError> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(error) => return Err(system(folder, "read")(error)),
    };
    let mut files = BTreeMap::new();
    for entry in entries {
        let path = entry.map_err(system(folder, "read"))?.path();
        let name = path.file_name().and_then(|name| name.to_str()).and_then(|name| name.strip_suffix(ending));
        if let Some(name) = name.map(str::to_owned) {
            files.insert(name, path);
        }
    }
    Ok(files)
}

fn system(path: &Path, what: &'static str) -> impl Fn(std::io::Error) -> FolderError + use<> {
    let path = path.to_owned();
    move |error| FolderError::System { path: path.clone(), what, error }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn transcript(text: &str) -> Transcript {
        Transcript { name: "enable: \"a\" device's \\ life".to_owned(), text: text.to_owned() }
    }

    #[test]
    fn insta_reads_what_is_written() {
        let folder = tempfile::tempdir().unwrap();
        record(folder.path(), &[transcript("EnableMFADevice\n→ 200\n")]).unwrap();
        // It fails if the file is absent or differs.
        insta::with_settings!({snapshot_path => folder.path(), prepend_module_to_snapshot => false}, {
            insta::assert_snapshot!("enable-a-device-s-life", "EnableMFADevice\n→ 200");
        });
        let files: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
        assert_eq!(files.len(), 1);
    }

    #[test]
    fn what_changes_is_told_and_proposed() {
        let folder = tempfile::tempdir().unwrap();
        let compared = |text: &str| compare(folder.path(), &[transcript(text)]);
        assert!(matches!(compared("a"), Err(FolderError::Empty(_))));
        record(folder.path(), &[transcript("a"), Transcript { name: "other".to_owned(), text: "b".to_owned() }])
            .unwrap();
        let changes = compared("c").unwrap();
        let names: Vec<&str> = changes.keys().map(String::as_str).collect();
        assert_eq!(names, ["enable-a-device-s-life", "other"]);
        assert!(
            matches!(&changes["enable-a-device-s-life"], Change::Changed { old, new } if old.ends_with("a\n") && new.ends_with("c\n"))
        );
        assert_eq!(changes["other"], Change::Gone);
        propose(folder.path(), &changes).unwrap();
        let proposed = folder.path().join("enable-a-device-s-life.snap.new");
        assert!(std::fs::read_to_string(&proposed).unwrap().ends_with("---\nc\n"));
        record(folder.path(), &[transcript("c")]).unwrap();
        assert!(compared("c").unwrap().is_empty() && !proposed.exists());
        // A proposal for a new scenario, or for a change that is gone, disappears with the next comparison too.
        let new = Transcript { name: "newest".to_owned(), text: "d".to_owned() };
        let changes = compare(folder.path(), &[transcript("e"), new]).unwrap();
        propose(folder.path(), &changes).unwrap();
        assert_eq!(files(folder.path(), ".snap.new").unwrap().len(), 2);
        propose(folder.path(), &compared("c").unwrap()).unwrap();
        assert_eq!(files(folder.path(), ".snap.new").unwrap().len(), 0);
    }

    #[test]
    fn the_head_may_be_written_anew() {
        let folder = tempfile::tempdir().unwrap();
        record(folder.path(), &[transcript("a")]).unwrap();
        let path = folder.path().join("enable-a-device-s-life.snap");
        std::fs::write(&path, "---\nsource: elsewhere\n---\na\n").unwrap();
        assert!(compare(folder.path(), &[transcript("a")]).unwrap().is_empty());
    }
}

//! The folder where targets are installed and where they log.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use super::error::TargetError;
use super::output::tail_of;

/// The folder where targets are installed and where they log. It can be removed whenever no target runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cache {
    root: PathBuf,
}

impl Cache {
    /// The cache in this folder, which is created when needed.
    #[must_use]
    pub fn at(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// Finds the folder: the one of `--cache-dir`, else `MFA_CONFORMANCE_CACHE`, else `mfa-conformance` in
    /// `XDG_CACHE_HOME` or in `~/.cache`. `environment` reads a variable; one that is empty counts as absent.
    ///
    /// # Errors
    /// [`TargetError::NoCache`] if none of these is set, nor `HOME`.
    pub fn locate(flag: Option<&Path>, environment: impl Fn(&str) -> Option<OsString>) -> Result<Self, TargetError> {
        let variable = |name| environment(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        // The XDG base directory specification says to ignore relative paths.
        let xdg = variable("XDG_CACHE_HOME").filter(|path| path.is_absolute());
        flag.map(Path::to_path_buf)
            .or_else(|| variable("MFA_CONFORMANCE_CACHE"))
            .or_else(|| xdg.or_else(|| Some(variable("HOME")?.join(".cache"))).map(|base| base.join("mfa-conformance")))
            .map(Self::at)
            .ok_or(TargetError::NoCache)
    }

    /// The folder itself.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The subfolder of this name, created if absent.
    pub(super) fn folder(&self, name: &str) -> Result<PathBuf, TargetError> {
        let folder = std::path::absolute(self.root.join(name)).unwrap_or_else(|_| self.root.join(name));
        fs::create_dir_all(&folder).map_err(|error| cannot("make", &folder, &error))?;
        Ok(folder)
    }
}

/// The error of an action on a path.
pub(super) fn cannot(verb: &str, path: &Path, error: &std::io::Error) -> TargetError {
    TargetError::Cache { doing: format!("{verb} {}", path.display()), why: error.to_string() }
}

/// The last lines of a log, safe to show, or why the log can't be read.
pub(super) fn log_tail(log: &Path) -> String {
    match fs::read(log) {
        Ok(bytes) => tail_of(&bytes),
        Err(error) => format!("(it can't be read: {error})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn located(flag: Option<&str>, variables: &[(&str, &str)]) -> Result<String, TargetError> {
        let environment =
            |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| OsString::from(value));
        Cache::locate(flag.map(Path::new), environment).map(|cache| cache.root().display().to_string())
    }

    #[test]
    fn the_nearest_word_on_the_cache_wins() {
        let all = [("MFA_CONFORMANCE_CACHE", "/own"), ("XDG_CACHE_HOME", "/xdg"), ("HOME", "/home/me")];
        assert_eq!(located(Some("here"), &all).unwrap(), "here");
        assert_eq!(located(None, &all).unwrap(), "/own");
        assert_eq!(located(None, &all[1..]).unwrap(), "/xdg/mfa-conformance");
        assert_eq!(located(None, &all[2..]).unwrap(), "/home/me/.cache/mfa-conformance");
    }

    #[test]
    fn empty_and_relative_variables_are_passed_over() {
        let variables = [("MFA_CONFORMANCE_CACHE", ""), ("XDG_CACHE_HOME", "cache"), ("HOME", "/home/me")];
        assert_eq!(located(None, &variables).unwrap(), "/home/me/.cache/mfa-conformance");
    }

    #[test]
    fn without_a_home_the_flag_is_asked_for() {
        let error = located(None, &[("HOME", "")]).unwrap_err();
        assert!(error.to_string().contains("--cache-dir"), "{error}");
    }

    #[test]
    fn a_cache_that_cannot_be_made_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        let error = Cache::at(&file).folder("logs").unwrap_err().to_string();
        assert!(error.contains(&file.display().to_string()) && error.contains("--cache-dir"), "{error}");
    }
}

//! `matrix --site`

use std::path::{Path, PathBuf};

use super::console::say;
use super::exit::Failure;
use super::files::write_whole;
use super::inputs::today;
use crate::matrix::Entry;
use crate::site::{FOLDER, Record, build};

/// The folder of a site, with the records that it has.
pub(super) struct SiteFolder<'a> {
    path: &'a Path,
    records: Vec<Record>,
}

impl<'a> SiteFolder<'a> {
    /// Makes the folder, or reads the records of the site there.
    pub(super) fn open(path: &'a Path) -> Result<Self, Failure> {
        let history = path.join(FOLDER);
        std::fs::create_dir_all(&history).map_err(|error| unusable(&history, &error))?;
        let mut files: Vec<PathBuf> = Vec::new();
        for file in std::fs::read_dir(&history).map_err(|error| unusable(&history, &error))? {
            files.push(file.map_err(|error| unusable(&history, &error))?.path());
        }
        files.retain(|file| file.extension().is_some_and(|ending| ending == "json"));
        files.sort();
        let records = files.iter().map(|file| read(file)).collect::<Result<_, _>>()?;
        Ok(Self { path, records })
    }

    /// Writes the site.
    pub(super) fn write(self, entries: Vec<Entry>, command: &str) -> Result<(), Failure> {
        let files = build(entries, self.records, command, &today()).map_err(Failure::usage)?;
        for file in files {
            let place = self.path.join(&file.path);
            if let Some(folder) = place.parent() {
                std::fs::create_dir_all(folder).map_err(|error| unusable(folder, &error))?;
            }
            write_whole(&place, &file.text).map_err(|error| unusable(&place, &error))?;
        }
        say(&format!("site written to {}", self.path.join("index.html").display()));
        Ok(())
    }
}

fn read(file: &Path) -> Result<Record, Failure> {
    let text = std::fs::read_to_string(file).map_err(|error| unusable(file, &error))?;
    serde_json::from_str(&text).map_err(|error| {
        let file = file.display();
        let problem = format!("{file} is not a result that `matrix --site` wrote: {error}. Mend or delete the file");
        Failure::usage(anyhow::anyhow!(problem))
    })
}

fn unusable(path: &Path, error: &std::io::Error) -> Failure {
    let path = path.display();
    Failure::usage(anyhow::anyhow!("{path} can't be read or written: {error}. Give another folder with --site"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matrix::samples;

    #[test]
    fn a_site_keeps_its_earlier_results() {
        let folder = tempfile::tempdir().unwrap();
        let page = || std::fs::read_to_string(folder.path().join("history.html")).unwrap();
        for version in ["0.9", "1.0"] {
            let mut entries = samples::entries();
            for entry in &mut entries {
                entry.version = Some(version.to_owned());
            }
            SiteFolder::open(folder.path()).unwrap().write(entries, "matrix").unwrap();
        }
        assert!(page().contains("one 0.9") && page().contains("one 1.0"));
        let alone = samples::entries().into_iter().filter(|entry| entry.name == "two").collect();
        SiteFolder::open(folder.path()).unwrap().write(alone, "matrix").unwrap();
        assert!(page().contains("one 0.9"), "a target that is not in this matrix keeps its results");
        assert!(folder.path().join("reports/one-0.9.html").is_file());
    }

    #[test]
    fn a_broken_record_is_named_before_anything_runs() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join(FOLDER)).unwrap();
        std::fs::write(folder.path().join(FOLDER).join("x.json"), "{}").unwrap();
        let error = SiteFolder::open(folder.path()).err().unwrap().error.to_string();
        assert!(error.contains("x.json") && error.contains("schema_version"), "{error}");
    }
}

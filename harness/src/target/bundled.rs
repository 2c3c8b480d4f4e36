//! Bundled servers in source form, for an emulator that is a library, or too large as a whole.

use std::fs;
use std::path::Path;

use data_encoding::HEXLOWER;
use mfa_fixtures::{BUNDLED, Dir, DirEntry};
use sha2::{Digest as _, Sha256};

use super::cache::cannot;
use super::error::TargetError;

/// The name of a manifest in the sources.
const MANIFEST: &str = "Cargo.toml.in";

/// A Cargo package of `fixtures/targets`, with a lock file of its own.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bundled {
    folder: &'static Dir<'static>,
}

impl Bundled {
    /// The package in the folder of this name.
    pub(super) fn find(name: &str) -> Option<Self> {
        BUNDLED.get_dir(name).map(|folder| Self { folder })
    }

    /// The version in its manifest.
    pub(super) fn version(self) -> Option<String> {
        let manifest = self.folder.get_file(self.folder.path().join(MANIFEST))?.contents_utf8()?;
        let manifest: toml::Table = toml::from_str(manifest).ok()?;
        manifest.get("package")?.get("version")?.as_str().map(str::to_owned)
    }

    /// The digest of the sources.
    pub(super) fn digest(self) -> String {
        let mut digest = Sha256::new();
        for (path, contents) in files(self.folder) {
            digest.update(path.display().to_string());
            digest.update([0]);
            digest.update(contents.len().to_le_bytes());
            digest.update(contents);
        }
        HEXLOWER.encode(&digest.finalize())
    }

    /// Writes the sources into a folder.
    pub(super) fn unpack(self, to: &Path) -> Result<(), TargetError> {
        for (path, contents) in files(self.folder) {
            let mut file = to.join(path.strip_prefix(self.folder.path()).unwrap_or(path));
            if path.ends_with(MANIFEST) {
                file.set_file_name("Cargo.toml");
            }
            let folder = file.parent().unwrap_or(to);
            fs::create_dir_all(folder).map_err(|error| cannot("make", folder, &error))?;
            fs::write(&file, contents).map_err(|error| cannot("write", &file, &error))?;
        }
        Ok(())
    }
}

/// Every file in the folder and its subfolders, in the order of the paths.
fn files(folder: &'static Dir<'static>) -> Vec<(&'static Path, &'static [u8])> {
    let mut files = Vec::new();
    for entry in folder.entries() {
        match entry {
            DirEntry::Dir(below) => files.extend(self::files(below)),
            DirEntry::File(file) => files.push((file.path(), file.contents())),
        }
    }
    files.sort_unstable();
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A build in one of these folders would end up in the binary.
    #[test]
    fn nothing_comes_along_but_sources() {
        let paths: Vec<&Path> = files(&BUNDLED).into_iter().map(|(path, _)| path).collect();
        let is_source = |path: &Path| {
            let (name, folder) = (path.file_name().unwrap(), path.parent().unwrap().file_name().unwrap());
            name == MANIFEST || name == "Cargo.lock" || folder == "src" && path.extension().unwrap() == "rs"
        };
        assert!(paths.iter().all(|path| is_source(path)), "remove what was built in fixtures/targets: {paths:?}");
        assert!(paths.contains(&Path::new("winterbaume/src/main.rs")), "{paths:?}");
    }

    #[test]
    fn the_sources_are_written_as_a_package() {
        let folder = tempfile::tempdir().unwrap();
        let bundled = Bundled::find("winterbaume").unwrap();
        bundled.unpack(folder.path()).unwrap();
        let kept = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/targets/winterbaume");
        for (name, written) in [(MANIFEST, "Cargo.toml"), ("Cargo.lock", "Cargo.lock"), ("src/main.rs", "src/main.rs")]
        {
            let kept = fs::read(Path::new(kept).join(name)).unwrap();
            assert_eq!(fs::read(folder.path().join(written)).unwrap(), kept, "{name}");
        }
        assert!(Bundled::find("absent").is_none());
    }

    #[test]
    fn the_lock_file_holds_the_emulator_at_the_version_of_the_package() {
        for name in ["winterbaume", "awsim"] {
            let bundled = Bundled::find(name).unwrap();
            let lock = bundled.folder.get_file(format!("{name}/Cargo.lock")).unwrap().contents_utf8().unwrap();
            let locked = format!("name = \"{name}-iam\"\nversion = \"{}\"", bundled.version().unwrap());
            assert!(lock.contains(&locked), "no {locked}");
        }
    }
}

//! Writes files atomically: a full disk or a kill leaves the old content.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Writes a file. A regular file is replaced in one step once the new text is on the disk. Anything else, such as
/// `/dev/stdout` or a pipe, is written directly.
///
/// # Errors
/// The text can't be written. A regular file is then unchanged.
pub(super) fn write_whole(file: &Path, text: &str) -> io::Result<()> {
    // A link stays a link. Its target is replaced.
    let place = fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
    let known = fs::metadata(&place).ok();
    if known.as_ref().is_some_and(|known| !known.is_file()) {
        return OpenOptions::new().write(true).open(&place)?.write_all(text.as_bytes());
    }
    let beside = beside(&place);
    let written = File::create_new(&beside).and_then(|mut new| {
        if let Some(known) = &known {
            new.set_permissions(known.permissions())?;
        }
        new.write_all(text.as_bytes())?;
        new.sync_all()
    });
    match written {
        Ok(()) => fs::rename(&beside, &place).inspect_err(|_| remove(&beside)),
        // A folder that is read-only may contain a file that is writable.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied && known.is_some() => {
            remove(&beside);
            fs::write(&place, text)
        }
        Err(error) => {
            if error.kind() != io::ErrorKind::AlreadyExists {
                remove(&beside);
            }
            Err(error)
        }
    }
}

/// A temporary file in the same folder that no other process uses.
fn beside(file: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(file.file_name().unwrap_or_default());
    name.push(format!(".{}.tmp", std::process::id()));
    file.with_file_name(name)
}

/// Removes a file that may be absent.
fn remove(file: &Path) {
    let _absent = fs::remove_file(file);
}

/// The canonical path of a file, as far as it exists, so that two paths to one file are equal.
pub(super) fn place_of(file: &Path) -> PathBuf {
    if let Ok(place) = fs::canonicalize(file) {
        return place;
    }
    let parent = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    match (fs::canonicalize(parent), file.file_name()) {
        (Ok(folder), Some(name)) => folder.join(name),
        (Ok(_) | Err(_), _) => file.to_owned(),
    }
}

/// Tries whether a file can be written, without changing it.
pub(super) fn try_to_write(file: &Path) -> std::io::Result<()> {
    let is_new = !file.exists();
    let opened = std::fs::OpenOptions::new().append(true).create(true).open(file);
    opened.and_then(|_| if is_new { std::fs::remove_file(file) } else { Ok(()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_and_nothing_stays_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("report.json");
        for text in ["one", "two"] {
            write_whole(&file, text).unwrap();
            assert_eq!(fs::read_to_string(&file).unwrap(), text);
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_link_stays_a_link() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        fs::write(&file, "old").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        write_whole(&link, "new").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&file).unwrap(), "new");
    }

    #[test]
    fn a_full_disk_leaves_the_report_that_was_there() {
        // With a limit on the size of files, the write fails as on a full disk. The limit applies to a whole process,
        // so the write happens in a separate shell.
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("report.json");
        fs::write(&file, "old").unwrap();
        let mut child = std::process::Command::new("bash");
        child.arg("-c").arg("trap '' XFSZ; ulimit -f 1; \"$0\" --exact cli::files::tests::writes_much --ignored");
        child.arg(std::env::current_exe().unwrap()).env("MUCH_INTO", &file);
        child.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
        assert!(!child.status().unwrap().success(), "the limit was not kept");
        assert_eq!(fs::read_to_string(&file).unwrap(), "old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    #[ignore = "a part of the test above, which runs it under a limit of the file size (2026-11-30)"]
    fn writes_much() {
        let file = std::env::var("MUCH_INTO").unwrap();
        write_whole(Path::new(&file), &"much ".repeat(100_000)).unwrap();
    }

    #[test]
    fn two_paths_to_one_file_are_equal() {
        let folder = tempfile::tempdir().unwrap();
        let roundabout = folder.path().join(".").join("a");
        assert_eq!(place_of(&folder.path().join("a")), place_of(&roundabout));
        assert_ne!(place_of(&folder.path().join("a")), place_of(&folder.path().join("b")));
        assert_eq!(place_of(Path::new("x")), place_of(Path::new("./x")));
    }
}

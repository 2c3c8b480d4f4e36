//! Installing a target into the cache.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::Command;
use tokio::sync::mpsc;

use super::bundled::Bundled;
use super::cache::{Cache, cannot};
use super::catalogue::{Install, Target};
use super::error::TargetError;
use super::output::{line_of, tail_of};
use crate::clock::Clock;

/// How often a lock of another process is checked.
const LOCK_POLL: Duration = Duration::from_millis(200);

/// The subfolder of the target's folder where a bundled server is built.
const SOURCE: &str = "source";

/// One command of an installation.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Step {
    program: PathBuf,
    arguments: Vec<String>,
    remedy: &'static str,
}

impl Target {
    /// Where it is installed. A folder without a marker is an unfinished installation.
    pub(super) fn home(&self, cache: &Cache) -> PathBuf {
        cache.root().join("targets").join(self.id())
    }

    /// Whether this version is completely installed.
    #[must_use]
    pub fn is_installed(&self, cache: &Cache) -> bool {
        fs::read_to_string(marker(&self.home(cache))).is_ok_and(|installed| installed == self.installed_as())
    }

    /// Installs it, unless it is installed. `progress` receives each line to show. If another process is installing it,
    /// this waits for that process. Dropping the future ends the installer, and the next call starts over.
    ///
    /// # Errors
    /// The cache can't be written, or pip or cargo is missing or fails.
    pub async fn install(&self, cache: &Cache, progress: impl FnMut(&str)) -> Result<(), TargetError> {
        self.install_by(|home| self.steps(home), cache, progress).await
    }

    async fn install_by(
        &self,
        steps: impl FnOnce(&Path) -> Vec<Step>,
        cache: &Cache,
        mut progress: impl FnMut(&str),
    ) -> Result<(), TargetError> {
        if self.is_installed(cache) {
            progress(&format!("{} {} is installed", self.name, self.version));
            return Ok(());
        }
        let folder = cache.folder("targets")?;
        let _lock = self.lock(&folder, &mut progress).await?;
        if self.is_installed(cache) {
            return Ok(());
        }
        // Installed in place, since a virtual environment can't be moved. Remove leftovers of an earlier attempt.
        let home = folder.join(self.id());
        if home.exists() {
            fs::remove_dir_all(&home).map_err(|error| cannot("remove", &home, &error))?;
        }
        let source = home.join(SOURCE);
        if let Some(bundled) = self.bundled() {
            bundled.unpack(&source)?;
        }
        for step in steps(&home) {
            progress(&step.to_string());
            step.run(&self.name, &mut progress).await?;
        }
        // The sources and the build are hundreds of megabytes.
        if source.exists() {
            fs::remove_dir_all(&source).map_err(|error| cannot("remove", &source, &error))?;
        }
        let (unmarked, marker) = (home.join(".completing"), marker(&home));
        fs::write(&unmarked, self.installed_as()).map_err(|error| cannot("write", &unmarked, &error))?;
        fs::rename(&unmarked, &marker).map_err(|error| cannot("write", &marker, &error))
    }

    /// Locks the folder until the caller drops the file. The system releases the lock if this process dies.
    async fn lock(&self, folder: &Path, progress: &mut impl FnMut(&str)) -> Result<File, TargetError> {
        let path = folder.join(format!("{}.lock", self.id()));
        let file = File::create(&path).map_err(|error| cannot("write", &path, &error))?;
        let mut told = false;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(TryLockError::Error(error)) => return Err(cannot("lock", &path, &error)),
                Err(TryLockError::WouldBlock) if told => {}
                Err(TryLockError::WouldBlock) => {
                    progress(&format!("another process is installing {}: waiting for it", self.name));
                    told = true;
                }
            }
            Clock::system().wait(LOCK_POLL).await;
        }
    }

    fn steps(&self, home: &Path) -> Vec<Step> {
        let text = |path: &Path| path.display().to_string();
        let step = |program: &Path, arguments: &[&str], remedy| Step {
            program: program.to_path_buf(),
            arguments: arguments.iter().map(ToString::to_string).collect(),
            remedy,
        };
        let (python, rust) = ("Python 3.9 or later, with its venv module", "Rust (rustup.rs)");
        match &self.install {
            Install::Pip(requirements) => {
                let mut pip = vec!["-m", "pip", "install", "--no-input", "--disable-pip-version-check"];
                pip.extend(requirements.split_whitespace());
                vec![
                    step(Path::new("python3"), &["-m", "venv", &text(home)], python),
                    step(&home.join("bin/python"), &pip, python),
                ]
            }
            Install::Cargo(package) => {
                let install = ["install", "--locked", "--root", &text(home), package];
                vec![step(Path::new("cargo"), &install, rust)]
            }
            Install::Bundled(_) => {
                let source = home.join(SOURCE);
                let (path, built) = (text(&source), text(&source.join("target")));
                let install = ["install", "--locked", "--root", &text(home), "--path", &path, "--target-dir", &built];
                vec![step(Path::new("cargo"), &install, rust)]
            }
        }
    }

    /// The content of the marker. A changed entry is installed again.
    fn installed_as(&self) -> String {
        match &self.install {
            Install::Pip(requirements) => format!("pip {requirements}\n"),
            Install::Cargo(package) => format!("cargo {package}\n"),
            Install::Bundled(folder) => {
                let digest = self.bundled().map(Bundled::digest).unwrap_or_default();
                format!("bundled {folder} {digest}\n")
            }
        }
    }

    fn bundled(&self) -> Option<Bundled> {
        match &self.install {
            Install::Bundled(folder) => Bundled::find(folder),
            Install::Pip(_) | Install::Cargo(_) => None,
        }
    }
}

impl std::fmt::Display for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.program.display(), self.arguments.join(" "))
    }
}

impl Step {
    async fn run(&self, target: &str, progress: &mut impl FnMut(&str)) -> Result<(), TargetError> {
        let missing = |error: std::io::Error| TargetError::Tool {
            target: target.to_owned(),
            tool: self.program.display().to_string(),
            why: error.to_string(),
            remedy: self.remedy,
        };
        let mut child = Command::new(&self.program)
            .args(&self.arguments)
            // They would make a virtual environment's Python use another one's packages.
            .env_remove("PYTHONHOME")
            .env_remove("PYTHONPATH")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(missing)?;
        let (sender, mut lines) = mpsc::channel(64);
        let (out, err) = (child.stdout.take(), child.stderr.take());
        let relay = async {
            futures::join!(relay(out, sender.clone()), relay(err, sender.clone()));
            drop(sender);
        };
        let collect = async {
            let mut output = Vec::new();
            while let Some(line) = lines.recv().await {
                progress(&line_of(&line));
                output.extend_from_slice(&line);
            }
            output
        };
        let ((), output) = futures::join!(relay, collect);
        let status = child.wait().await.map_err(missing)?;
        if status.success() { Ok(()) } else { Err(self.failed(target, status, &output)) }
    }

    fn failed(&self, target: &str, status: ExitStatus, output: &[u8]) -> TargetError {
        TargetError::Install {
            target: target.to_owned(),
            command: self.to_string(),
            status: status.to_string(),
            tail: tail_of(output),
        }
    }
}

/// Forwards each line, in any encoding.
async fn relay(output: Option<impl AsyncRead + Unpin>, lines: mpsc::Sender<Vec<u8>>) {
    let Some(output) = output else { return };
    let mut output = BufReader::new(output);
    loop {
        let mut line = Vec::new();
        match output.read_until(b'\n', &mut line).await {
            Ok(0) | Err(_) => return,
            Ok(_) if lines.send(line).await.is_err() => return,
            Ok(_) => {}
        }
    }
}

fn marker(home: &Path) -> PathBuf {
    home.join(".complete")
}

#[cfg(test)]
mod tests {
    use super::super::catalogue::Targets;
    use super::*;

    fn moto() -> Target {
        Targets::load().unwrap().get("moto").unwrap().clone()
    }

    fn shell(script: &str) -> Step {
        Step { program: "sh".into(), arguments: vec!["-c".into(), script.into()], remedy: "a shell" }
    }

    fn cache() -> (tempfile::TempDir, Cache) {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::at(folder.path());
        (folder, cache)
    }

    #[test]
    fn pip_installs_into_a_virtual_environment_of_its_own() {
        let commands: Vec<String> = moto().steps(Path::new("/c")).iter().map(ToString::to_string).collect();
        assert_eq!(
            commands,
            [
                "python3 -m venv /c",
                "/c/bin/python -m pip install --no-input --disable-pip-version-check moto[server]==5.2.5"
            ]
        );
    }

    #[test]
    fn cargo_installs_the_locked_version_into_the_cache() {
        let target = Targets::load().unwrap().get("fakecloud").unwrap().clone();
        let commands: Vec<String> = target.steps(Path::new("/c")).iter().map(ToString::to_string).collect();
        assert_eq!(commands, ["cargo install --locked --root /c fakecloud@0.51.0"]);
    }

    #[tokio::test]
    async fn a_bundled_server_is_built_from_its_sources_which_then_go() {
        let (_folder, cache) = cache();
        let target = Targets::load().unwrap().get("winterbaume").unwrap().clone();
        let home = target.home(&cache);
        let command = target.steps(&home)[0].to_string();
        assert!(command.starts_with("cargo install --locked --root "), "{command}");
        assert!(command.contains(&format!("--path {}", home.join("source").display())), "{command}");
        let compile = |home: &Path| vec![shell(&format!("test -s '{}/source/Cargo.lock'", home.display()))];
        target.install_by(compile, &cache, |_| {}).await.unwrap();
        assert!(target.is_installed(&cache) && !home.join("source").exists());
    }

    #[tokio::test]
    async fn an_installation_tells_its_progress_and_is_done_once() {
        let (_folder, cache) = cache();
        let (mut lines, target) = (Vec::new(), moto());
        let steps = |home: &Path| vec![shell(&format!("mkdir -p '{}' && echo made; echo aside >&2", home.display()))];
        target.install_by(steps, &cache, |line| lines.push(line.to_owned())).await.unwrap();
        assert!(target.is_installed(&cache));
        assert!(lines.contains(&"made".to_owned()) && lines.contains(&"aside".to_owned()), "{lines:?}");
        target.install_by(|_| vec![shell("exit 1")], &cache, |_| {}).await.unwrap();
    }

    #[tokio::test]
    async fn a_failed_installation_shows_its_last_lines_and_is_begun_anew() {
        let (_folder, cache) = cache();
        let target = moto();
        let broken = |home: &Path| {
            vec![shell(&format!("mkdir -p '{}/left'; echo 'no such version' >&2; exit 7", home.display()))]
        };
        let error = target.install_by(broken, &cache, |_| {}).await.unwrap_err().to_string();
        assert!(error.contains("exit status: 7") && error.ends_with("no such version"), "{error}");
        assert!(!target.is_installed(&cache));
        let again = |home: &Path| vec![shell(&format!("mkdir '{}'", home.display()))];
        target.install_by(again, &cache, |_| {}).await.unwrap();
        assert!(target.is_installed(&cache) && !target.home(&cache).join("left").exists());
    }

    #[tokio::test]
    async fn an_entry_that_changed_is_not_installed() {
        let (_folder, cache) = cache();
        let mut target = moto();
        let steps = |home: &Path| vec![shell(&format!("mkdir -p '{}'", home.display()))];
        target.install_by(steps, &cache, |_| {}).await.unwrap();
        target.install = Install::Pip("moto[all]==5.2.5".into());
        assert!(!target.is_installed(&cache));
    }

    #[tokio::test]
    async fn a_missing_tool_is_named_with_what_to_install() {
        let (_folder, cache) = cache();
        let absent = |_: &Path| vec![Step { program: "/absent/python3".into(), arguments: vec![], remedy: "Python" }];
        let error = moto().install_by(absent, &cache, |_| {}).await.unwrap_err().to_string();
        assert!(error.starts_with("moto is installed with /absent/python3, which could not be started"), "{error}");
        assert!(error.ends_with("install Python first"), "{error}");
    }

    #[tokio::test]
    async fn two_installations_at_once_become_one() {
        let (folder, cache) = cache();
        let (target, count) = (moto(), folder.path().join("count"));
        let steps = |home: &Path| {
            vec![shell(&format!("echo x >> '{}'; sleep 0.3; mkdir '{}'", count.display(), home.display()))]
        };
        let mut told = Vec::new();
        let (first, second) = futures::join!(
            target.install_by(steps, &cache, |_| {}),
            target.install_by(steps, &cache, |line| told.push(line.to_owned())),
        );
        assert_eq!((first, second), (Ok(()), Ok(())));
        assert_eq!(fs::read_to_string(&count).unwrap(), "x\n");
        assert_eq!(told, ["another process is installing moto: waiting for it"]);
    }
}

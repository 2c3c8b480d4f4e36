//! Starts a target and waits until it is ready.

use std::fs::File;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};

use super::cache::{Cache, cannot, log_tail};
use super::catalogue::{Binds, Ready, Target};
use super::error::TargetError;
use super::running::Running;
use crate::clock::Clock;
use crate::transport::http::direct_client;

/// How often to check whether the target is ready.
const POLL: Duration = Duration::from_millis(50);
/// How long one such check may take.
const ANSWER: Duration = Duration::from_secs(2);
/// How long a connection within this machine may take.
const CONNECT: Duration = Duration::from_millis(300);

impl Target {
    /// Starts it on a free port of this machine and waits until it is ready. It runs in the cache's folder, with this
    /// process's environment except the `AWS_` variables: no emulator needs real credentials.
    ///
    /// # Errors
    /// It listens on every interface and this machine has others than loopback, or it isn't installed, can't be
    /// started, ends, or isn't ready in time. None of its processes then keeps running.
    pub async fn start(&self, cache: &Cache, clock: &Clock) -> Result<Running, TargetError> {
        self.start_where(has_network(), None, cache, clock).await
    }

    /// Starts it on its earlier port.
    pub(super) async fn start_again(&self, port: u16, cache: &Cache, clock: &Clock) -> Result<Running, TargetError> {
        self.start_where(has_network(), Some(port), cache, clock).await
    }

    pub(super) async fn start_where(
        &self,
        network: bool,
        port: Option<u16>,
        cache: &Cache,
        clock: &Clock,
    ) -> Result<Running, TargetError> {
        let refused = |note: &str| TargetError::EveryInterface { target: self.name.clone(), note: note.to_owned() };
        if network && self.binds == Binds::AllInterfaces {
            return Err(refused(self.binds_note.as_deref().unwrap_or_default()));
        }
        if !self.is_installed(cache) {
            return Err(TargetError::NotInstalled { target: self.name.clone() });
        }
        let port = match port {
            Some(port) => port,
            None => free_port().await.map_err(|error| self.unlaunched(cache, "a free port", &error))?,
        };
        let mut running = self.launch(cache, clock, port)?;
        self.wait_until_ready(&mut running, clock).await?;
        if network && answers_beyond_loopback(port, clock).await {
            return Err(refused("it was stopped at once; its entry in the list of targets is wrong"));
        }
        Ok(running)
    }

    fn launch(&self, cache: &Cache, clock: &Clock, port: u16) -> Result<Running, TargetError> {
        let log = cache.folder("logs")?.join(format!("{}-{port}.log", self.name));
        let output = File::create(&log).map_err(|error| cannot("write", &log, &error))?;
        let errors = output.try_clone().map_err(|error| cannot("write", &log, &error))?;
        let bin = std::path::absolute(self.home(cache).join("bin")).unwrap_or_else(|_| self.home(cache).join("bin"));
        let fill = |text: &String| fill(text, &bin, port);
        let mut argv = self.start.argv.iter().map(fill);
        let program = argv.next().unwrap_or_default();
        let mut command = Command::new(&program);
        command
            .args(argv)
            .envs(self.start.env.iter().map(|(name, value)| (name, fill(value))))
            .env_remove("PYTHONHOME")
            .env_remove("PYTHONPATH")
            .current_dir(cache.folder(&format!("run/{}", self.id()))?)
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(output)
            .stderr(errors);
        for (name, _) in std::env::vars_os() {
            let of_aws = name.to_str().is_some_and(|name| name.starts_with("AWS_"));
            if of_aws && !name.to_str().is_some_and(|name| self.start.env.contains_key(name)) {
                command.env_remove(name);
            }
        }
        let child = command.spawn().map_err(|error| self.unlaunched(cache, &program, &error))?;
        let endpoint = format!("http://127.0.0.1:{port}");
        Ok(Running::new(child, (&self.name, &self.version), endpoint, log, self.stop, *clock))
    }

    async fn wait_until_ready(&self, running: &mut Running, clock: &Clock) -> Result<(), TargetError> {
        let limit = Duration::from_millis(self.ready.timeout_ms);
        let url = format!("{}{}", running.endpoint_url(), self.ready.path);
        let watch = clock.stopwatch();
        loop {
            let answer = ask(&self.ready, &url).await;
            // Also after a good answer: if the target ended, another service uses its port.
            running.check()?;
            let last = match answer {
                Ok(()) => return Ok(()),
                Err(last) => last,
            };
            if watch.elapsed() >= limit {
                return Err(TargetError::NotReady {
                    target: self.name.clone(),
                    waited: limit,
                    last,
                    log: running.log().to_path_buf(),
                    tail: log_tail(running.log()),
                });
            }
            clock.wait(POLL).await;
        }
    }

    fn unlaunched(&self, cache: &Cache, program: &str, error: &std::io::Error) -> TargetError {
        TargetError::Launch {
            target: self.name.clone(),
            program: program.to_owned(),
            why: error.to_string(),
            home: self.home(cache),
        }
    }
}

fn fill(text: &str, bin: &Path, port: u16) -> String {
    text.replace("{bin}", &bin.display().to_string()).replace("{port}", &port.to_string())
}

/// A port that is free now. The target binds it a moment later.
async fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0").await?.local_addr()?.port())
}

async fn ask(ready: &Ready, url: &str) -> Result<(), String> {
    let client = direct_client().tls_certs_only([]).timeout(ANSWER).pool_max_idle_per_host(0).build();
    let reply = async { client?.get(url).send().await };
    let status = reply.await.map_err(|_| format!("no reply from {url}"))?.status().as_u16();
    match ready.status {
        Some(expected) if expected != status => Err(format!("{url} answers {status}, not {expected}")),
        Some(_) | None => Ok(()),
    }
}

/// Whether this machine has network interfaces other than loopback. A network namespace of its own has none, so a
/// target that listens on every interface there is unreachable from outside.
fn has_network() -> bool {
    !std::fs::read_to_string("/proc/self/net/dev").is_ok_and(|table| has_loopback_only(&table))
}

/// Reads Linux's table of interfaces: two lines of headings, then one line each, `  lo: …`.
fn has_loopback_only(table: &str) -> bool {
    let mut names =
        table.lines().skip(2).filter_map(|line| line.split_once(':')).map(|(name, _)| name.trim()).peekable();
    names.peek().is_some() && names.all(|name| name == "lo")
}

/// Whether the service listens on every interface. On Linux every address of 127/8 is this machine's, and only such a
/// service answers on an unusual one. On other systems none answers there, and the list of targets is trusted.
async fn answers_beyond_loopback(port: u16, clock: &Clock) -> bool {
    matches!(clock.within(CONNECT, TcpStream::connect(("127.0.0.2", port))).await, Some(Ok(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_alone_is_no_network() {
        let head = "Inter-|   Receive  |  Transmit\n face |bytes    packets|bytes\n";
        assert!(has_loopback_only(&format!("{head}    lo:  0  0  0\n")));
        assert!(!has_loopback_only(&format!("{head}    lo:  0  0  0\n  eth0:  1  0  0\n")));
        assert!(!has_loopback_only(&format!("{head} lo1:  0  0  0\n")));
        assert!(!has_loopback_only(head) && !has_loopback_only(""));
    }
}

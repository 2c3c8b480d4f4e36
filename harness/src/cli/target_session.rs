//! The endpoint of a verb: a given one, a started emulator, or the embedded reference.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use mfa_reference::service::{Behaviour, Service};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::console::say;
use super::credentials::Offered;
use super::exit::Failure;
use super::interrupt::asked_to_stop;
use super::options::EndpointArgs;
use crate::clock::Clock;
use crate::endpoint::{Endpoint, PinnedEndpoint, Policy};
use crate::report::Access;
use crate::run::{EmbeddedFactory, HttpFactory, InProcessFactory};
use crate::serve::Server;
use crate::target::{Cache, Running, Started, Target, TargetError, Targets};
use crate::transport::Credentials;
use crate::transport::http::{Options, Pace, Trust};

/// An endpoint, which stays available until it is closed.
pub(super) struct TargetSession {
    /// Its name in reports.
    pub(super) name: String,
    /// Its version, if known.
    pub(super) version: Option<String>,
    /// The options that name it on a command line, and say how to reach it.
    pub(super) option: String,
    /// How to reach it.
    pub(super) http: HttpFactory,
    /// The credentials to sign with.
    pub(super) credentials: Credentials,
    /// How reproductions reach it.
    pub(super) access: Access,
    kept: Kept,
}

/// What to stop at the end.
enum Kept {
    Nothing,
    Started(Arc<Started>),
    Embedded { stop: oneshot::Sender<()>, task: JoinHandle<()> },
}

impl TargetSession {
    /// Finds, starts or embeds the endpoint.
    pub(super) async fn prepare(args: &EndpointArgs, seed: u64) -> Result<Self, Failure> {
        let clock = Clock::system();
        let offered = Offered::of(args)?;
        let mut from = None;
        let (name, version, option, url, kept) = if let Some(target) = &args.target {
            let running = start_named(target, args, &clock).await?;
            let url = running.endpoint_url().to_owned();
            let version = Some(running.version().to_owned());
            (target.clone(), version, format!("--target {target}"), url, Kept::Started(Arc::new(running)))
        } else if let Some(url) = &args.endpoint_url {
            (url.clone(), None, format!("--endpoint-url {url}"), url.clone(), Kept::Nothing)
        } else if let Some((variable, url)) = endpoint_of_environment() {
            from = Some(variable);
            (url.clone(), None, format!("--endpoint-url {url}"), url, Kept::Nothing)
        } else {
            let (address, stop, task) = embed(seed).await?;
            let version = Some(env!("CARGO_PKG_VERSION").to_owned());
            let name = "the embedded reference".to_owned();
            (name, version, String::new(), format!("http://{address}"), Kept::Embedded { stop, task })
        };
        let endpoint = pin(&url, args, offered.are_real()).await.map_err(|Failure { code, error }| match from {
            Some(variable) => Failure { code, error: error.context(variable) },
            None => Failure { code, error },
        })?;
        if let Some(variable) = from {
            say(&format!("endpoint {}, from {variable}", endpoint.url()));
        }
        let ca_file = ca_file(args, endpoint.url().scheme() == "https");
        let options = Options {
            request_timeout: args.request_timeout.0,
            pace: args.rate_limit.map(|rate| Pace::per_second(rate, clock)),
            trust: ca_file.as_deref().map(Trust::read).transpose().map_err(Failure::usage)?,
            headers: args.header.clone(),
            ..Options::default()
        };
        offered.explain(endpoint.is_aws());
        let (credentials, key) = offered.choose(endpoint.is_aws());
        let access = Access { ca_file, headers: args.header.clone(), key };
        let http = HttpFactory { endpoint, clock, options };
        let option = (option + &args.reaching()).trim_start().to_owned();
        Ok(Self { name, version, option, http, credentials, access, kept })
    }

    /// Makes the checks of [`TargetSession::prepare`] without starting or looking up anything.
    pub(super) fn check(args: &EndpointArgs) -> Result<(), Failure> {
        let offered = Offered::of(args)?;
        args.ca_file.as_deref().map(Trust::read).transpose().map_err(Failure::usage)?;
        if let Some(target) = &args.target {
            Targets::load().map_err(Failure::internal)?.get(target).map_err(Failure::usage)?;
            return Ok(());
        }
        let of_environment = || endpoint_of_environment().map(|(_, url)| url);
        let Some(url) = args.endpoint_url.clone().or_else(of_environment) else { return Ok(()) };
        let endpoint = Endpoint::parse(&url, &policy(args, offered.are_real())).map_err(Failure::usage)?;
        endpoint.check_address().map_err(Failure::usage)
    }

    /// The command that deletes what a run of this prefix left behind; `None` if the session's end deletes all of it.
    pub(super) fn cleanup_command(&self, prefix: &str) -> Option<String> {
        match self.kept {
            Kept::Nothing => Some(format!("mfa-conformance cleanup --prefix {prefix} {}", self.option)),
            Kept::Started(_) | Kept::Embedded { .. } => None,
        }
    }

    /// The embedded reference, if the session uses it.
    pub(super) fn embedded(&self) -> Option<EmbeddedFactory> {
        match self.kept {
            Kept::Embedded { .. } => Some(EmbeddedFactory {
                http: self.http.clone(),
                in_process: InProcessFactory { behaviour: Behaviour::default(), now: self.http.clock.now() },
            }),
            Kept::Nothing | Kept::Started(_) => None,
        }
    }

    /// The emulator that the session started, if any.
    pub(super) fn started(&self) -> Option<Arc<Started>> {
        match &self.kept {
            Kept::Started(running) => Some(running.clone()),
            Kept::Nothing | Kept::Embedded { .. } => None,
        }
    }

    /// Stops what the session started.
    pub(super) async fn close(self) {
        match self.kept {
            Kept::Nothing => {}
            Kept::Started(running) => {
                let name = running.name().to_owned();
                if !running.stop().await {
                    say(&format!("{name} didn't end when asked to, and was killed"));
                }
            }
            Kept::Embedded { stop, task } => {
                // If either end is already gone, there is nothing to stop.
                let _gone = stop.send(());
                let _gone = task.await;
            }
        }
    }
}

async fn start_named(name: &str, args: &EndpointArgs, clock: &Clock) -> Result<Started, Failure> {
    let targets = Targets::load().map_err(Failure::internal)?;
    let target = targets.get(name).map_err(Failure::usage)?;
    until_stopped(name, Started::start(target, &cache(args.cache_dir.as_deref())?, clock)).await
}

/// Starts an emulator. A request to stop ends the start, and leaves none of its processes running.
pub(super) async fn start(target: &Target, cache: &Cache, clock: &Clock) -> Result<Running, Failure> {
    until_stopped(&target.name, target.start(cache, clock)).await
}

async fn until_stopped<T>(name: &str, start: impl Future<Output = Result<T, TargetError>>) -> Result<T, Failure> {
    let started = tokio::select! {
        started = start => started,
        () = asked_to_stop() => {
            let problem = format!("stopped before {name} was ready");
            return Err(Failure::inconclusive(anyhow::anyhow!(problem)));
        }
    };
    started.map_err(|error| {
        let is_usage = matches!(error, TargetError::NotInstalled { .. });
        if is_usage { Failure::usage(error) } else { Failure::inconclusive(error) }
    })
}

/// The variable of the environment that names an endpoint, and the endpoint.
pub(super) fn endpoint_of_environment() -> Option<(&'static str, String)> {
    let variables = ["AWS_ENDPOINT_URL_IAM", "AWS_ENDPOINT_URL"].into_iter();
    variables.filter_map(|name| Some((name, std::env::var(name).ok()?))).find(|(_, url)| !url.is_empty())
}

/// The folder in which emulators are installed.
pub(super) fn cache(dir: Option<&std::path::Path>) -> Result<Cache, Failure> {
    Cache::locate(dir, |name| std::env::var_os(name)).map_err(Failure::usage)
}

async fn embed(seed: u64) -> Result<(SocketAddr, oneshot::Sender<()>, JoinHandle<()>), Failure> {
    let server = Server::bind((Ipv4Addr::LOCALHOST, 0).into()).await.map_err(Failure::internal)?;
    let address = server.local_addr();
    let (stop, stopped) = oneshot::channel();
    let task = tokio::spawn(server.run(handler(seed), async {
        // A dropped sender also means stop.
        let _stop = stopped.await;
    }));
    Ok((address, stop, task))
}

/// The documented service as an HTTP handler.
pub(super) fn handler(seed: u64) -> crate::serve::Handler {
    let clock = Clock::system();
    let service = Mutex::new(Service::new(Behaviour::default(), seed));
    Arc::new(move |request| service.lock().unwrap_or_else(PoisonError::into_inner).handle(&request, clock.now()))
}

async fn pin(url: &str, args: &EndpointArgs, real_credentials: bool) -> Result<PinnedEndpoint, Failure> {
    let endpoint = Endpoint::parse(url, &policy(args, real_credentials)).map_err(Failure::usage)?;
    endpoint.resolve().await.map_err(Failure::usage)
}

/// Which hosts are allowed.
fn policy(args: &EndpointArgs, real_credentials: bool) -> Policy {
    Policy {
        allow_hosts: args.allow_host.clone(),
        allow_aws: args.allow_aws,
        real_credentials,
        rate_limited: args.rate_limit.is_some(),
    }
}

/// The file of certificates to trust. That of the environment counts for https alone, since other programs need it too.
fn ca_file(args: &EndpointArgs, is_https: bool) -> Option<PathBuf> {
    let of_environment = || std::env::var_os("SSL_CERT_FILE").filter(|file| is_https && !file.is_empty());
    args.ca_file.clone().or_else(|| of_environment().map(PathBuf::from))
}

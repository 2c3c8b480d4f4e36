//! The transport itself: builds a request, sends it, and reads the reply within bounds.

use std::time::{Duration, UNIX_EPOCH};

use http::header::{CONTENT_TYPE, DATE, HeaderMap, RETRY_AFTER};
use mfa_reference::Millis;
use reqwest::{Client, ClientBuilder, Response, redirect, retry};

use super::connects::Connects;
use super::failure::transport_error;
use super::header::ExtraHeader;
use super::pace::Pace;
use super::redact::Redactor;
use super::sign::{Signer, method_name};
use super::tls::Trust;
use crate::clock::Clock;
use crate::endpoint::PinnedEndpoint;
use crate::transport::{
    BoxFuture, ConnectionPlan, Credentials, HttpReply, Overlapped, Overlapping, Transport, TransportError,
};
use crate::wire::{Encoded, Method};

/// How long an idle connection is kept. Common servers close it after 5 seconds, and a request that crosses with the
/// close has an unknown effect.
const KEEP_IDLE: Duration = Duration::from_secs(4);

/// The bounds of a transport.
#[derive(Clone, Debug)]
pub struct Options {
    /// How long connecting may take.
    pub connect_timeout: Duration,
    /// How long a request may take, from its first byte to the last byte of its reply, including a retry.
    pub request_timeout: Duration,
    /// How many bytes the body of a reply may have.
    pub body_cap: usize,
    /// The rate limit, shared with every transport that has a clone of it. Time-outs don't include the wait for a turn.
    pub pace: Option<Pace>,
    /// The certificates to trust in place of the machine's.
    pub trust: Option<Trust>,
    /// Headers that every request has in addition to its own. They are not signed.
    pub headers: Vec<ExtraHeader>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(5),
            request_timeout: Duration::from_secs(30),
            body_cap: 4 * 1024 * 1024,
            pace: None,
            trust: None,
            headers: Vec::new(),
        }
    }
}

/// Sends requests to an endpoint, one after another; each worker has its own. It keeps one connection, or as many as
/// its plan has.
///
/// A request that breaks on a kept connection before any reply is sent once more on a new one. [`HttpReply::retried`]
/// reports that: the first request may have had its effect too. A [`TransportError::Connect`] or
/// [`TransportError::Request`] means that nothing was sent. After any other error the effect is unknown.
#[derive(Debug)]
pub struct Http {
    /// A client for each connection that is kept.
    clients: Vec<Client>,
    /// A client that keeps no connection, once the plan needed one.
    keeps_none: Option<Client>,
    plan: ConnectionPlan,
    /// How many requests were sent under the plan.
    sent: usize,
    connects: Connects,
    endpoint: PinnedEndpoint,
    clock: Clock,
    options: Options,
    signer: Signer,
    redactor: Redactor,
}

impl Http {
    /// A transport to this endpoint. It sends nothing yet.
    ///
    /// # Errors
    /// [`TransportError::Request`] if TLS can't be set up, for example without root certificates for an https endpoint.
    pub fn new(endpoint: &PinnedEndpoint, clock: Clock, options: Options) -> Result<Self, TransportError> {
        let mut http = Self {
            clients: Vec::new(),
            keeps_none: None,
            plan: ConnectionPlan::Kept,
            sent: 0,
            connects: Connects::default(),
            endpoint: endpoint.clone(),
            clock,
            options,
            signer: Signer::default(),
            redactor: Redactor::default(),
        };
        http.clients.push(http.new_client(1)?);
        for header in http.options.headers.iter().filter(|header| header.is_secret()) {
            http.redactor.learn_secret(header.value());
        }
        Ok(http)
    }

    /// A client that keeps at most `kept` idle connections.
    fn new_client(&self, kept: usize) -> Result<Client, TransportError> {
        let mut builder = direct_client()
            .tcp_nodelay(true)
            .connect_timeout(self.options.connect_timeout)
            .pool_max_idle_per_host(kept)
            .pool_idle_timeout(KEEP_IDLE)
            .connector_layer(self.connects.clone())
            .resolve_to_addrs(self.endpoint.host(), self.endpoint.addresses());
        if self.endpoint.url().scheme() == "http" {
            // Plain HTTP needs no root certificates, and reading the machine's takes longer than many first replies.
            builder = builder.tls_certs_only([]);
        } else if let Some(trust) = &self.options.trust {
            builder = builder.tls_backend_preconfigured(trust.config());
        }
        let is_https = self.endpoint.url().scheme() == "https";
        builder.build().map_err(|error| match transport_error(error, self.options.connect_timeout) {
            TransportError::Request(why) if is_https => TransportError::Request(format!("TLS can't be set up: {why}")),
            other @ (TransportError::Connect(_)
            | TransportError::Broken(_)
            | TransportError::Timeout(_)
            | TransportError::TooLarge(_)
            | TransportError::NotHttp(_)
            | TransportError::Request(_)) => other,
        })
    }

    /// The next client in turn. A clone shares its connections.
    fn client(&mut self) -> Result<Client, TransportError> {
        let kept = match self.plan {
            ConnectionPlan::Kept => 0,
            ConnectionPlan::Alternate(connections) => self.sent % usize::from(connections.max(1)),
            ConnectionPlan::NewEach => return self.client_for_one(),
        };
        while self.clients.len() <= kept {
            self.clients.push(self.new_client(1)?);
        }
        self.clients.get(kept).cloned().ok_or_else(|| TransportError::Request("there is no client".to_owned()))
    }

    /// A client that opens a connection for each request and closes it afterwards.
    fn client_for_one(&mut self) -> Result<Client, TransportError> {
        let client = match self.keeps_none.take() {
            Some(client) => client,
            None => self.new_client(0)?,
        };
        Ok(self.keeps_none.insert(client).clone())
    }

    /// Sets the clock by which requests are signed from now on, once a probe has read the target's.
    pub fn set_clock(&mut self, clock: Clock) {
        self.clock = clock;
    }

    /// How many connections were opened so far.
    #[must_use]
    pub fn connections(&self) -> u64 {
        self.connects.count()
    }

    fn prepare(&mut self, request: &Encoded, credentials: &Credentials) -> Result<reqwest::Request, TransportError> {
        let url = self.endpoint.request_url(&request.path_and_query).map_err(TransportError::Request)?;
        let mut headers = self.signer.headers(request, url.as_str(), credentials, self.clock.now())?;
        for (name, value) in self.options.headers.iter().map(ExtraHeader::parsed) {
            headers.append(name, value.clone());
        }
        let method = reqwest::Method::from_bytes(method_name(request.method).as_bytes())
            .map_err(|error| TransportError::Request(error.to_string()))?;
        let mut built = reqwest::Request::new(method, url);
        *built.headers_mut() = headers;
        if request.method == Method::Post {
            *built.body_mut() = Some(request.body.clone().into());
        }
        Ok(built)
    }

    async fn exchange(&self, client: &Client, request: reqwest::Request) -> Result<HttpReply, TransportError> {
        let (response, retried) = self.respond(client, request).await?;
        let status = response.status().as_u16();
        let content_type = content_type(response.headers()).map(|text| self.redacted(text));
        let date = date(response.headers());
        let retry_after = retry_after(response.headers(), date);
        let body = self.redactor.redact(self.read(response).await?);
        Ok(HttpReply { status, content_type, date, body, retried, retry_after })
    }

    fn redacted(&self, text: String) -> String {
        String::from_utf8_lossy(&self.redactor.redact(text.into_bytes())).into_owned()
    }

    async fn respond(&self, client: &Client, request: reqwest::Request) -> Result<(Response, bool), TransportError> {
        let again = request.try_clone();
        let before = self.connects.count();
        let first = match client.execute(request).await {
            Ok(response) => return Ok((response, false)),
            Err(error) => transport_error(error, self.options.connect_timeout),
        };
        let kept = self.connects.count() == before;
        let (TransportError::Broken(broke), Some(again), true) = (&first, again, kept) else {
            return Err(first);
        };
        match client.execute(again).await {
            Ok(response) => Ok((response, true)),
            Err(error) => Err(match transport_error(error, self.options.connect_timeout) {
                // Not `Connect`: the first try may have had its effect.
                TransportError::Connect(why) => TransportError::Broken(format!("{broke}; no new connection: {why}")),
                other @ (TransportError::Broken(_)
                | TransportError::Timeout(_)
                | TransportError::TooLarge(_)
                | TransportError::NotHttp(_)
                | TransportError::Request(_)) => other,
            }),
        }
    }

    async fn read(&self, mut response: Response) -> Result<Vec<u8>, TransportError> {
        let cap = self.options.body_cap;
        let announced = response.content_length().unwrap_or(0);
        let announced = usize::try_from(announced).unwrap_or(usize::MAX);
        if announced > cap {
            return Err(TransportError::TooLarge(cap));
        }
        let mut body = Vec::with_capacity(announced);
        while let Some(chunk) =
            response.chunk().await.map_err(|error| transport_error(error, self.options.connect_timeout))?
        {
            if chunk.len() > cap.saturating_sub(body.len()) {
                return Err(TransportError::TooLarge(cap));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }
}

/// A client that connects only to the given host: no proxy, no redirect, no retry.
pub(crate) fn direct_client() -> ClientBuilder {
    // Only the first installation counts, and all install the same provider.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .user_agent(concat!("mfa-conformance/", env!("CARGO_PKG_VERSION")))
        .no_proxy()
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .http1_only()
}

impl Transport for Http {
    fn connect_by(&mut self, plan: ConnectionPlan) {
        (self.plan, self.sent) = (plan, 0);
    }

    fn send<'a>(
        &'a mut self,
        request: &'a Encoded,
        credentials: &'a Credentials,
    ) -> BoxFuture<'a, Result<HttpReply, TransportError>> {
        Box::pin(async move {
            if let Some(pace) = &self.options.pace {
                pace.pass().await;
            }
            // Signed after the wait for a turn, which may be long.
            let request = self.prepare(request, credentials)?;
            self.redactor.learn(credentials);
            let client = self.client()?;
            self.sent += 1;
            let limit = self.options.request_timeout;
            self.clock
                .within(limit, self.exchange(&client, request))
                .await
                .unwrap_or(Err(TransportError::Timeout(limit)))
        })
    }

    /// The first request uses the kept connection, and each of the others one of its own. So a server that takes few
    /// connections is not blocked by idle ones.
    fn send_together<'a>(&'a mut self, requests: &'a [Overlapping<'a>], _: u32) -> BoxFuture<'a, Vec<Overlapped>> {
        Box::pin(async move {
            let mut prepared = Vec::with_capacity(requests.len());
            for (index, one) in requests.iter().enumerate() {
                if let Some(pace) = &self.options.pace {
                    pace.pass().await;
                }
                let request = self.prepare(one.request, one.credentials);
                self.redactor.learn(one.credentials);
                let client = if index == 0 { self.client() } else { self.client_for_one() };
                prepared.push((one.delay, request.and_then(|request| Ok((client?, request)))));
            }
            self.sent += 1;
            let (this, limit, released) = (&*self, self.options.request_timeout, self.clock.stopwatch());
            let calls = prepared.into_iter().map(|(delay, prepared)| async move {
                released.reach(delay).await;
                let began = released.elapsed();
                let came = match prepared {
                    Ok((client, request)) => {
                        let reply = this.clock.within(limit, this.exchange(&client, request)).await;
                        reply.unwrap_or(Err(TransportError::Timeout(limit)))
                    }
                    Err(error) => Err(error),
                };
                Overlapped { came, began, ended: released.elapsed() }
            });
            futures::future::join_all(calls).await
        })
    }

    fn now(&self) -> Millis {
        self.clock.now()
    }

    fn clock_tolerance(&self) -> i64 {
        self.clock.tolerance_ms()
    }

    fn wait(&mut self, duration: Duration) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            self.clock.wait(duration).await;
        })
    }
}

fn content_type(headers: &HeaderMap) -> Option<String> {
    headers.get(CONTENT_TYPE).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
}

fn date(headers: &HeaderMap) -> Option<Millis> {
    instant(headers.get(DATE)?.to_str().ok()?)
}

fn instant(text: &str) -> Option<Millis> {
    let at = httpdate::parse_http_date(text).ok()?;
    i64::try_from(at.duration_since(UNIX_EPOCH).ok()?.as_millis()).ok().map(Millis)
}

/// The time that `Retry-After` asks for: a number of seconds, or an instant by the target's own clock.
fn retry_after(headers: &HeaderMap, date: Option<Millis>) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let after = instant(text)?.0 - date?.0;
    u64::try_from(after).ok().map(Duration::from_millis)
}

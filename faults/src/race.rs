//! Services whose calls last: they begin, and end later. Calls that overlap affect each other.
//!
//! Each race is a way of running calls. A call on its own is run as documented.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use mfa_conformance::serve::Answer;
use mfa_reference::account::Account;
use mfa_reference::service::behaviour::{Behaviour, Decision, Rules, Situation};
use mfa_reference::service::{Memory, Service};
use mfa_reference::wire::{Documented, HttpRequest, HttpResponse, Renderer, decode};
use mfa_reference::{ErrorCode, MfaDeviceEntry, Millis, Operation, Outcome, Page, Request, SuccessBody};

use crate::line::lock;

/// How a service runs calls that overlap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Race {
    /// Each call is carried out as it ends, as under a lock.
    AtEnd,
    /// Each call is carried out as it begins.
    AtBegin,
    /// An overlapping call of the three operations is refused with `ConcurrentModification`.
    Conflict,
    /// An overlapping call is carried out and answered `ConcurrentModification`.
    ConflictWithEffect,
    /// The same as `Conflict`, with the status 400.
    ConflictWithStatus400,
    /// A call copies the whole account as it begins and writes the copy back as it ends.
    LostUpdate,
    /// A call is decided by the account as it begins, and has its effect as it ends.
    CheckThenAct,
    /// The same, and a device that two users have enabled so is listed for both.
    TwoOwners,
    /// Whether a user has too many devices is decided by the account as the call begins.
    CheckThenActAtTheLimit,
    /// Each of two overlapping calls on one object is refused because of the other.
    Neither,
    /// Resync takes the device away as it begins and puts it back as it ends.
    TornListing,
    /// Identical calls that overlap share one answer.
    SharedAnswer,
    /// Two overlapping calls have each other's answer.
    SwappedAnswers,
    /// Two overlapping calls on one user and one device never end.
    Deadlock,
    /// A listing that overlaps a change is kept, and shown until the next change.
    StaleCache,
    /// Connections are shared between two workers, which have the account each and exchange it when no call is under way.
    TwoWorkers,
}

/// A request that outlives its connection's buffer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Owned {
    method: String,
    target: String,
    content_type: Option<String>,
    authorization: Option<String>,
    body: Vec<u8>,
}

impl From<&HttpRequest<'_>> for Owned {
    fn from(request: &HttpRequest<'_>) -> Self {
        Self {
            method: request.method.to_owned(),
            target: request.target.to_owned(),
            content_type: request.content_type.map(str::to_owned),
            authorization: request.authorization.map(str::to_owned),
            body: request.body.to_vec(),
        }
    }
}

impl Owned {
    pub(crate) fn http(&self) -> HttpRequest<'_> {
        HttpRequest {
            method: &self.method,
            target: &self.target,
            content_type: self.content_type.as_deref(),
            authorization: self.authorization.as_deref(),
            body: &self.body,
        }
    }
}

/// What a call is about.
#[derive(Clone, Debug, PartialEq, Eq)]
struct About {
    operation: Option<Operation>,
    user: Option<String>,
    serial: Option<String>,
}

impl About {
    fn of(request: &HttpRequest<'_>) -> Self {
        let decoded = decode(request).ok();
        let value = |name| decoded.as_ref().and_then(|decoded| decoded.request.get(name)).map(str::to_owned);
        let operation = value("Action").and_then(|action| Operation::from_name(&action));
        Self { operation, user: value("UserName"), serial: value("SerialNumber") }
    }

    fn is_under_test(&self) -> bool {
        self.operation.is_some_and(|operation| operation.under_test().is_some())
    }

    fn shares_an_object_with(&self, other: &Self) -> bool {
        (self.user.is_some() && self.user == other.user) || (self.serial.is_some() && self.serial == other.serial)
    }
}

/// A call under way, or one that has ended.
struct Lasting {
    request: Owned,
    about: About,
    worker: usize,
    /// The service as the call began.
    before: Service,
    /// The answer, if the call is carried out as it begins.
    early: Option<HttpResponse>,
    /// The calls that overlapped it.
    overlapped: Vec<u64>,
    ended: bool,
}

/// The calls of a service.
pub(crate) struct Calls {
    race: Race,
    lasting: BTreeMap<u64, Lasting>,
    answers: BTreeMap<u64, HttpResponse>,
    next: u64,
    shared: Arc<Mutex<Shared>>,
    cache: BTreeMap<Option<String>, HttpResponse>,
    other_worker: Option<Service>,
}

/// What the rules of a service know of the calls under way.
#[derive(Default)]
struct Shared {
    /// The account by which the next call is decided, and whether only its limit is.
    stale: Option<(Account, bool)>,
    /// The devices that are listed for another user, too.
    also: Vec<(String, String)>,
    /// A device that is not listed.
    hidden: Option<String>,
}

/// Rules that may decide by an older account.
struct Raced {
    rules: Arc<dyn Rules>,
    shared: Arc<Mutex<Shared>>,
}

impl Rules for Raced {
    fn decide(&self, situation: &Situation<'_>, request: &Request<'_>, memory: &mut Memory) -> Decision {
        let shared = lock(&self.shared);
        let now = |memory: &mut Memory| self.rules.decide(situation, request, memory);
        let decision = match &shared.stale {
            None => now(memory),
            Some((account, false)) => self.rules.decide(&Situation { account, ..*situation }, request, memory),
            Some((account, true)) => match now(memory) {
                Decision::Refuse { code: ErrorCode::LimitExceeded, .. } => {
                    self.rules.decide(&Situation { account, ..*situation }, request, memory)
                }
                other @ (Decision::Refuse { .. } | Decision::CarryOut { .. } | Decision::FailAfter { .. }) => other,
            },
        };
        match (request, decision) {
            (Request::Support(support), Decision::CarryOut { effect, body: SuccessBody::MfaDevices(page) }) => {
                let user = support.name.text.unwrap_or_default();
                let mut items = page.items;
                items.retain(|item| Some(&item.serial_number) != shared.hidden.as_ref());
                let also = shared.also.iter().filter(|(_, owner)| owner == user);
                let missing = also.filter(|(serial, _)| !items.iter().any(|item| item.serial_number == *serial));
                let more: Vec<MfaDeviceEntry> = missing
                    .map(|(serial, _)| MfaDeviceEntry {
                        user_name: user.to_owned(),
                        serial_number: serial.clone(),
                        enable_date: "2025-06-15T00:00:00Z".to_owned(),
                    })
                    .collect();
                items.extend(more);
                Decision::CarryOut { effect, body: SuccessBody::MfaDevices(Page { items, next: page.next }) }
            }
            (_, decision) => decision,
        }
    }
}

impl Calls {
    /// The calls of a service that behaves so, and its behaviour with rules that know of them.
    pub(crate) fn new(race: Race, behaviour: Behaviour) -> (Self, Behaviour) {
        let shared: Arc<Mutex<Shared>> = Arc::default();
        let rules = Arc::new(Raced { rules: behaviour.rules.clone(), shared: shared.clone() });
        let calls = Self {
            race,
            lasting: BTreeMap::new(),
            answers: BTreeMap::new(),
            next: 0,
            shared,
            cache: BTreeMap::new(),
            other_worker: None,
        };
        (calls, Behaviour { rules, ..behaviour })
    }

    /// How many calls are under way.
    pub(crate) fn under_way(&self) -> usize {
        self.lasting.values().filter(|call| !call.ended).count()
    }

    /// Begins a call on a connection.
    pub(crate) fn begin(
        &mut self,
        service: &mut Service,
        request: &HttpRequest<'_>,
        connection: u64,
        now: Millis,
    ) -> u64 {
        if self.under_way() == 0 {
            self.lasting.clear();
            self.answers.clear();
        }
        let number = self.next;
        self.next += 1;
        let mut overlapped = Vec::new();
        for (other, call) in self.lasting.iter_mut().filter(|(_, call)| !call.ended) {
            call.overlapped.push(number);
            overlapped.push(*other);
        }
        let before = service.clone();
        let mut call = Lasting {
            request: request.into(),
            about: About::of(request),
            worker: usize::try_from(connection % 2).unwrap_or_default(),
            before,
            early: None,
            overlapped,
            ended: false,
        };
        let lists = call.about.operation == Some(Operation::ListMfaDevices);
        if matches!(self.race, Race::AtBegin | Race::SwappedAnswers) || (self.race == Race::StaleCache && lists) {
            let cached = self.cache.get(&call.about.user).filter(|_| lists).cloned();
            call.early = Some(cached.unwrap_or_else(|| service.handle(request, now)));
            if let Some(answer) = &call.early {
                self.answers.insert(number, answer.clone());
            }
        }
        self.lasting.insert(number, call);
        number
    }

    /// Ends a call.
    pub(crate) fn end(&mut self, service: &mut Service, number: u64, now: Millis) -> Answer {
        let Some(mut call) = self.lasting.remove(&number) else { return Answer::Silence };
        call.ended = true;
        let answer = self.answer(service, number, &call, now);
        if let Answer::Response(response, _) = &answer {
            self.answers.entry(number).or_insert_with(|| response.clone());
        }
        self.lasting.insert(number, call);
        answer
    }

    fn answer(&mut self, service: &mut Service, number: u64, call: &Lasting, now: Millis) -> Answer {
        let others: Vec<&Lasting> = call.overlapped.iter().filter_map(|other| self.lasting.get(other)).collect();
        let alike = others.iter().any(|other| {
            other.about.is_under_test() && call.about.is_under_test() && call.about.shares_an_object_with(&other.about)
        });
        let overlaps = !others.is_empty();
        let conflict = || refusal(call, number, ErrorCode::ConcurrentModification);
        let plainly = |service: &mut Service| service.handle(&call.request.http(), now);
        match self.race {
            Race::AtBegin => call.early.clone().map_or(Answer::Silence, Answer::from),
            Race::Conflict if alike => conflict().into(),
            Race::ConflictWithStatus400 if alike => HttpResponse { status: 400, ..conflict() }.into(),
            Race::ConflictWithEffect if alike => {
                let answer = plainly(service);
                if answer.status == 200 { conflict() } else { answer }.into()
            }
            Race::LostUpdate if overlaps && !is_read(call) => {
                let mut copy = call.before.clone();
                let answer = plainly(&mut copy);
                *service = copy;
                answer.into()
            }
            Race::CheckThenAct | Race::TwoOwners | Race::CheckThenActAtTheLimit if overlaps => {
                let limit_only = self.race == Race::CheckThenActAtTheLimit;
                let owner_before = call.about.serial.as_ref().and_then(|serial| owner(service.account(), serial));
                lock(&self.shared).stale = Some((call.before.account().clone(), limit_only));
                let answer = plainly(service);
                let mut shared = lock(&self.shared);
                shared.stale = None;
                if let (Race::TwoOwners, Some(owner), Some(serial), 200) =
                    (self.race, owner_before, &call.about.serial, answer.status)
                    && call.about.operation == Some(Operation::EnableMfaDevice)
                {
                    shared.also.push((serial.clone(), owner));
                }
                answer.into()
            }
            Race::Neither if alike && call.about.operation == Some(Operation::EnableMfaDevice) => {
                refusal(call, number, ErrorCode::EntityAlreadyExists).into()
            }
            Race::Neither if alike => refusal(call, number, ErrorCode::NoSuchEntity).into(),
            Race::TornListing => {
                let resyncs = |other: &&&Lasting| other.about.operation == Some(Operation::ResyncMfaDevice);
                lock(&self.shared).hidden = others.iter().find(resyncs).and_then(|other| other.about.serial.clone());
                let answer = plainly(service);
                lock(&self.shared).hidden = None;
                answer.into()
            }
            Race::SharedAnswer => {
                let same = |other: &&u64| self.lasting.get(other).is_some_and(|other| other.request == call.request);
                let shared = call.overlapped.iter().filter(same).find_map(|other| self.answers.get(other));
                shared.cloned().unwrap_or_else(|| plainly(service)).into()
            }
            Race::SwappedAnswers => {
                let partner = call.overlapped.first().and_then(|other| self.answers.get(other));
                partner.or(call.early.as_ref()).cloned().map_or(Answer::Silence, Answer::from)
            }
            Race::Deadlock if others.iter().any(|other| other.about == call.about && alike) => Answer::Silence,
            Race::StaleCache => {
                let changed = others.iter().any(|other| !is_read(other) && other.about.user == call.about.user);
                if let Some(listing) = &call.early {
                    if changed {
                        self.cache.insert(call.about.user.clone(), listing.clone());
                    }
                    listing.clone().into()
                } else {
                    self.cache.remove(&call.about.user);
                    plainly(service).into()
                }
            }
            Race::TwoWorkers => {
                let mut other = self.other_worker.take().unwrap_or_else(|| service.clone());
                let answer = plainly(if call.worker == 0 { service } else { &mut other });
                if self.under_way() > 0 {
                    self.other_worker = Some(other);
                } else if call.worker == 1 {
                    *service = other;
                }
                answer.into()
            }
            Race::AtEnd
            | Race::Conflict
            | Race::ConflictWithEffect
            | Race::ConflictWithStatus400
            | Race::LostUpdate
            | Race::CheckThenAct
            | Race::TwoOwners
            | Race::CheckThenActAtTheLimit
            | Race::Neither
            | Race::Deadlock => plainly(service).into(),
        }
    }
}

fn is_read(call: &Lasting) -> bool {
    call.about.operation.is_none_or(Operation::is_read)
}

/// The name of the user who has a device.
fn owner(account: &Account, serial: &str) -> Option<String> {
    let device = account.device(account.find_device(serial)?)?;
    account.user(device.owner?).map(|user| user.entry.user_name.clone())
}

fn refusal(call: &Lasting, number: u64, code: ErrorCode) -> HttpResponse {
    let outcome = Outcome::Error { code, message: "Another call is under way.".to_owned() };
    Documented.render(call.about.operation, &outcome, &mfa_reference::service::request_id(number))
}

//! Lists the devices of the scenario's users after each call that may have changed something.

use std::time::Duration;

use mfa_reference::clause::ClauseId;
use mfa_reference::{Operation, Page, SuccessBody, Window};

use super::judging::judged;
use super::origin::MadeRequest;
use super::outgoing::Outgoing;
use super::player::Player;
use super::settings::Patience;
use super::trace::Unfinished;
use crate::oracle::{Admitted, Divergence, Expected, Fit, ObservedClass};
use crate::scenario::UserRef;
use crate::wire::{Answer, Observed, Reply};

/// How many pages of one listing are read at most.
const MOST_PAGES: usize = 1_000;

impl Player<'_> {
    /// Lists the devices of every user of the scenario and has each listing judged.
    pub(super) async fn observe(&mut self) -> Result<(), Unfinished> {
        if !self.settings.operations.listings {
            return Ok(());
        }
        let mut conforms = true;
        for user in self.live_users() {
            conforms &= self.observe_user(user).await?;
            if !conforms || self.last_body().is_none() {
                return Ok(());
            }
        }
        self.unobserved = false;
        self.oracle.listing_conforms();
        Ok(())
    }

    /// If a call was refused, lists the devices of every user again after the settling time: an effect may show late.
    pub(super) async fn observe_late(&mut self) -> Result<(), Unfinished> {
        let costs_nothing = self.transport.is_virtual() || self.settings.patience != Patience::Never;
        if costs_nothing && self.settings.operations.listings && self.oracle.begin_reread() {
            self.let_pass(self.settings.settle * 2).await?;
            let observed = self.observe().await;
            self.oracle.end_reread();
            return observed;
        }
        Ok(())
    }

    /// After a divergence, adopts the state that the listings show.
    pub(super) async fn resume_from(&mut self) -> Result<(), Unfinished> {
        self.oracle.forget_all();
        if self.settle_cache.lags() {
            self.let_pass(self.settings.settle).await?;
        }
        if !self.settings.operations.listings {
            self.adopt_enabled();
            return Ok(());
        }
        let mut all_read = true;
        for user in self.live_users() {
            let name = self.bindings.user_name(user);
            let request = MadeRequest::new(Operation::ListMfaDevices.name()).with("UserName", name.clone());
            self.list(Operation::ListMfaDevices, &request).await?;
            if let Some(body) = self.last_body().cloned() {
                let bindings = &self.bindings;
                self.oracle.resume_from_listing(&name, &body, |serial_number| bindings.is_own(serial_number));
            } else if self.last_code() == Some("NoSuchEntity") {
                self.oracle.resume_without_user(&name);
                self.user_is_gone(&name);
            } else {
                all_read = false;
            }
        }
        if !all_read {
            self.adopt_enabled();
        }
        // A device may be in an unreadable listing. Or a service keeps it under a user's former name, and it is back
        // once the user has that name again. In these cases an unlisted device isn't surely unassigned.
        let renamed = self.bindings.users.values().any(|part| part.former_name.is_some());
        if all_read && !renamed {
            self.oracle.all_listed();
        }
        Ok(())
    }

    /// Assumes that every device that was enabled with success may be assigned.
    fn adopt_enabled(&mut self) {
        for exchange in &self.played.trace {
            if exchange.call.operation == Operation::EnableMfaDevice
                && exchange.body().is_some()
                && let Some(serial_number) = exchange.call.request.get("SerialNumber")
            {
                self.oracle.resume_with_device(serial_number);
            }
        }
    }

    /// Lists one user's devices until the listing conforms or the settling time is over. Returns whether it conforms.
    pub(super) async fn observe_user(&mut self, user: UserRef) -> Result<bool, Unfinished> {
        self.observe_pages(user, None).await
    }

    /// Lists one user's devices like [`Self::observe_user`], in pages of at most `max_items` devices.
    pub(super) async fn observe_pages(&mut self, user: UserRef, max_items: Option<u16>) -> Result<bool, Unfinished> {
        let mut request = MadeRequest::new(Operation::ListMfaDevices.name());
        request.push("UserName", self.bindings.user_name(user));
        if let Some(most) = max_items {
            request.push("MaxItems", most.to_string().into());
        }
        self.observe_listing(Operation::ListMfaDevices, &request).await
    }

    /// Lists all virtual devices, or those of a status, page by page.
    pub(super) async fn observe_virtual_devices(&mut self, status: Option<&str>) -> Result<(), Unfinished> {
        let mut request = MadeRequest::new(Operation::ListVirtualMfaDevices.name());
        if let Some(status) = status {
            request.push("AssignmentStatus", status.into());
        }
        self.observe_listing(Operation::ListVirtualMfaDevices, &request).await.map(|_| ())
    }

    async fn observe_listing(&mut self, operation: Operation, request: &MadeRequest) -> Result<bool, Unfinished> {
        let begun = self.transport.now();
        let mut pause = Duration::from_millis(10);
        let mut attempts = 0;
        loop {
            let window = self.list(operation, request).await?;
            let exchange = self.played.trace.last().ok_or(Unfinished::LOST)?;
            let judged = judged(exchange, window, &[]);
            let admission = self.oracle.admits(&judged);
            if admission != Admitted::Surely {
                let (wrong, transient) = match admission {
                    // A stale listing may look like a departure.
                    Admitted::IfDeparting(clause) => (Some(departure(clause, operation)), false),
                    Admitted::Surely | Admitted::Never => {
                        let verdict = self.oracle.clone().judge(&judged).map_err(|_| Unfinished::TooManyStates)?;
                        (verdict.divergences.into_iter().next(), verdict.transient)
                    }
                };
                let settle = self.settings.settle;
                let known = wrong.as_ref().is_some_and(|wrong| self.is_wrong_for_good(wrong));
                let patience = match &wrong {
                    Some(_) if known => Duration::ZERO,
                    // Waiting doesn't help if the listing shows a state that never existed.
                    Some(_) if admission == Admitted::Never && !self.oracle.may_be_stale(&judged, settle) => {
                        Duration::ZERO
                    }
                    Some(_) => settle,
                    None if transient => settle,
                    // The listing is unreadable because of an earlier call.
                    None => Duration::ZERO,
                };
                attempts += 1;
                // A listing that broke off has one retry, like any other call.
                let broke = attempts == 1 && !matches!(exchange.observed, Observed::Reply(_));
                if broke || self.transport.now() < begun.plus(millis(patience)) {
                    self.linger(pause).await;
                    pause = (pause * 2).min(Duration::from_millis(250));
                    continue;
                }
            }
            if attempts > 0 && admission == Admitted::Surely {
                self.settle_cache.has_lagged();
            }
            let mut verdict = self.oracle.judge(&judged).map_err(|_| Unfinished::TooManyStates)?;
            let refuted = verdict.fit == Fit::Refuted;
            let orders = if refuted { self.blame_overlap(&mut verdict.divergences, &judged) } else { Vec::new() };
            if attempts > 1
                && let Some(wrong) = verdict.divergences.first().filter(|_| refuted)
            {
                self.settle_cache.outlasted(wrong.bucket());
            }
            self.note_with(self.played.trace.len().saturating_sub(1), verdict.divergences, &orders);
            if refuted {
                self.resume_from().await?;
            }
            return Ok(!refuted);
        }
    }

    /// Whether this divergence of a listing is known to stay, on a target whose listings never lagged.
    fn is_wrong_for_good(&self, wrong: &Divergence) -> bool {
        !self.transport.is_virtual() && !self.settle_cache.lags() && self.settle_cache.outlasts(&wrong.bucket())
    }

    /// Reads a listing to its last page. The trace's last exchange then contains all items.
    pub(super) async fn list(&mut self, operation: Operation, request: &MadeRequest) -> Result<Window, Unfinished> {
        let mut before: Option<SuccessBody> = None;
        let mut marker: Option<String> = None;
        let mut from = None;
        if self.hangs() {
            return Err(Unfinished::SetUp("two calls one after another had no reply in time".to_owned()));
        }
        for _ in 0..MOST_PAGES {
            let mut page = request.clone();
            if let Some(marker) = &marker {
                page.push("Marker", marker.as_str().into());
            }
            let (mut exchange, window) = self.exchange(Outgoing::plain(operation, page)).await?;
            let from = *from.get_or_insert(window.from);
            let next = exchange.body().and_then(next_of).map(str::to_owned);
            let is_read = exchange.body().is_some();
            if next.is_none() {
                exchange.observed = behind(before, exchange.observed);
                self.record(exchange, window);
                // A page that can't be read is judged alone.
                return Ok(Window { from: if is_read { from } else { window.from }, to: window.to });
            }
            before = exchange.body().map(|body| append(before.take(), body.clone()));
            self.record(exchange, window);
            if next == marker {
                return Err(Unfinished::SetUp(format!("{operation} answers a Marker with the same Marker")));
            }
            marker = next;
        }
        Err(Unfinished::SetUp(format!("{operation} has more than {MOST_PAGES} pages")))
    }

    pub(super) fn live_users(&self) -> Vec<UserRef> {
        self.bindings.users.iter().filter(|(_, part)| part.live).map(|(user, _)| *user).collect()
    }
}

/// The divergence of a listing that conforms only if the target departs from a Recorded clause.
fn departure(clause: ClauseId, operation: Operation) -> Divergence {
    let class = ObservedClass::Listing("a departure");
    Divergence { clause, also: Vec::new(), operation, class, expected: Expected::Words(String::new()), permitted: None }
}

/// The last page with the items of the pages before it.
fn behind(before: Option<SuccessBody>, mut last: Observed) -> Observed {
    if let Observed::Reply(Reply { answer: Answer::Success(page), .. }) = &mut last {
        *page = append(before, std::mem::replace(page, SuccessBody::Empty));
    }
    last
}

/// Appends a page to the pages before it.
fn append(before: Option<SuccessBody>, page: SuccessBody) -> SuccessBody {
    fn join<E>(before: Page<E>, page: Page<E>) -> Page<E> {
        let mut items = before.items;
        items.extend(page.items);
        Page { items, next: page.next }
    }
    match (before, page) {
        (Some(SuccessBody::MfaDevices(before)), SuccessBody::MfaDevices(page)) => {
            SuccessBody::MfaDevices(join(before, page))
        }
        (Some(SuccessBody::VirtualDevices(before)), SuccessBody::VirtualDevices(page)) => {
            SuccessBody::VirtualDevices(join(before, page))
        }
        (_, page) => page,
    }
}

/// The marker of the page after this one.
fn next_of(page: &SuccessBody) -> Option<&str> {
    match page {
        SuccessBody::MfaDevices(page) => page.next.as_deref(),
        SuccessBody::VirtualDevices(page) => page.next.as_deref(),
        SuccessBody::Empty
        | SuccessBody::User(_)
        | SuccessBody::Users(_)
        | SuccessBody::VirtualDevice { .. }
        | SuccessBody::AccessKey(_)
        | SuccessBody::AccessKeys(_) => None,
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

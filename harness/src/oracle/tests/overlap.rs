//! Calls that overlap.

use std::collections::BTreeSet;
use std::time::Duration;

use mfa_reference::clause::{ClauseId, Side};
use mfa_reference::{ErrorCode, Search};
use proptest::prelude::*;

use super::ask::{Ask, deactivate, delete_device, delete_user, list, rename};
use super::came::{Came, broken, devices_of, done, refused, told};
use super::talk::{Talk, WRONG, judged};
use super::tell;
use crate::oracle::belief::Belief;
use crate::oracle::observation::{Seen, answer_of, asked};
use crate::oracle::{Fit, Observation, OverlapVerdict, OverlappingCall};
use crate::wire::Observed;

/// A call, its reply, and when it was under way, in milliseconds.
type Overlapping = (Ask, Came, (u64, u64));

/// All calls overlap.
fn at_once(calls: Vec<(Ask, Came)>) -> Vec<Overlapping> {
    calls.into_iter().map(|(ask, came)| (Ask { overlapped: true, ..ask }, came, (0, 10))).collect()
}

impl Talk {
    fn hears_at_once(&mut self, calls: Vec<(Ask, Came)>) -> OverlapVerdict {
        self.hears_overlapping(&at_once(calls))
    }

    fn hears_overlapping(&mut self, calls: &[Overlapping]) -> OverlapVerdict {
        let observed: Vec<Observed> =
            (100..).zip(calls).map(|(id, (ask, came, _))| came.clone().observed(ask.operation, id)).collect();
        let now = self.now;
        let views: Vec<OverlappingCall<'_>> = calls
            .iter()
            .zip(&observed)
            .map(|((ask, _, (began, ended)), observed)| OverlappingCall {
                observation: judged(ask, observed, now),
                began: Duration::from_millis(*began),
                ended: Duration::from_millis(*ended),
            })
            .collect();
        self.oracle.judge_overlapping(&views, Duration::from_secs(2)).unwrap()
    }
}

/// The divergences of all calls.
fn said(verdict: &OverlapVerdict) -> Vec<String> {
    verdict.calls.iter().flat_map(tell::divergences).collect()
}

fn in_use() -> Came {
    refused(ErrorCode::EntityAlreadyExists)
}

fn absent() -> Came {
    refused(ErrorCode::NoSuchEntity)
}

#[test]
fn of_two_users_who_enable_one_device_one_succeeds_whoever_it_is() {
    for (annas, berts, owner) in [(done(), in_use(), "anna"), (in_use(), done(), "bert")] {
        let mut talk = Talk::new();
        let calls =
            vec![(talk.enable("anna", "phone", (-1, 0)), annas), (talk.enable("bert", "phone", (-1, 0)), berts)];
        let verdict = talk.hears_at_once(calls);
        assert_eq!((said(&verdict), verdict.fit), (Vec::new(), Fit::Explained));
        assert!(talk.state().contains(&format!("phone of {owner}")), "{:?}", talk.state());
        let tally = talk.counted();
        for side in [Side::Accept, Side::Reject] {
            assert!(tally.tested.contains_key(&(ClauseId::StateAtomic, side)));
        }
        assert!(tally.tested.contains_key(&(ClauseId::EnableConcurrentModification, Side::Accept)));
    }
}

#[test]
fn if_both_succeed_no_order_is_permitted_and_each_that_was_tried_is_shown() {
    let mut talk = Talk::new();
    let calls = vec![(talk.enable("anna", "phone", (-1, 0)), done()), (talk.enable("bert", "phone", (-1, 0)), done())];
    let verdict = talk.hears_at_once(calls);
    assert_eq!(said(&verdict), ["state.atomic: success, also enable.already-enabled"]);
    let tried: Vec<_> = verdict.orders.iter().map(|tried| (tried.calls.clone(), tried.permitted)).collect();
    assert_eq!(tried, [(vec![0, 1], 1), (vec![1, 0], 1)]);
    assert!(verdict.orders.iter().all(|tried| tried.expected.to_string() == "409 EntityAlreadyExists"));
}

#[test]
fn if_neither_succeeds_no_order_is_permitted() {
    let mut talk = Talk::new();
    let calls =
        vec![(talk.enable("anna", "phone", (-1, 0)), in_use()), (talk.enable("bert", "phone", (-1, 0)), in_use())];
    let verdict = talk.hears_at_once(calls);
    assert!(said(&verdict)[0].starts_with("state.atomic: EntityAlreadyExists"), "{:?}", said(&verdict));
}

#[test]
fn what_no_order_permits_breaks_the_clause_on_that_call() {
    let mut talk = Talk::new();
    let wrong = talk.enable("bert", "token", (-1, 0)).but("AuthenticationCode1", WRONG[0]);
    let wrong = wrong.but("AuthenticationCode2", WRONG[1]);
    let verdict = talk.hears_at_once(vec![(talk.enable("anna", "phone", (-1, 0)), done()), (wrong, done())]);
    assert!(said(&verdict)[0].starts_with("enable.codes-recognised: success"), "{:?}", said(&verdict));
    assert!(verdict.orders.is_empty());
}

#[test]
fn a_call_that_ended_before_another_began_comes_before_it() {
    let deactivated_first = |at: [(u64, u64); 2]| {
        let mut talk = Talk::new();
        let enable = talk.enable("anna", "phone", (-1, 0));
        let calls = [(enable, done(), at[0]), (deactivate("anna", "phone"), absent(), at[1])];
        said(&talk.hears_overlapping(&calls))
    };
    assert_eq!(deactivated_first([(0, 5), (3, 8)]), Vec::<String>::new(), "the Deactivate may have come first");
    assert_eq!(deactivated_first([(0, 5), (6, 9)]).len(), 1, "the device was enabled when it began");
    assert_eq!(deactivated_first([(6, 9), (0, 5)]), Vec::<String>::new());
}

#[test]
fn a_call_without_an_answer_was_executed_or_not() {
    let mut talk = Talk::new();
    let verdict = talk.hears_at_once(vec![
        (talk.enable("anna", "phone", (-1, 0)), broken()),
        (talk.enable("bert", "token", (-1, 0)), done()),
    ]);
    assert_eq!(said(&verdict), Vec::<String>::new());
    let owners: BTreeSet<String> =
        talk.states().into_iter().flatten().filter(|line| line.starts_with("phone")).collect();
    assert_eq!(owners, ["phone of anna".to_owned(), "phone of nobody".to_owned()].into());
}

#[test]
fn concurrent_modification_has_no_effect_and_needs_an_overlap() {
    let mut talk = Talk::new();
    let conflict = || refused(ErrorCode::ConcurrentModification);
    let verdict = talk.hears_at_once(vec![
        (talk.enable("anna", "phone", (-1, 0)), conflict()),
        (talk.enable("bert", "phone", (-1, 0)), conflict()),
    ]);
    assert_eq!(said(&verdict), Vec::<String>::new());
    assert!(verdict.calls.iter().all(|of_call| of_call.transient));
    assert!(talk.state().contains(&"phone of nobody".to_owned()));
    assert_ne!(talk.lists("anna", &["phone"]), Vec::<String>::new());
}

#[test]
fn a_listing_beside_a_change_shows_the_state_before_or_after_it() {
    for (listed, is_right) in [(vec![], true), (vec!["phone"], true), (vec!["token"], false)] {
        let mut talk = Talk::new();
        let enable = talk.enable("anna", "phone", (-1, 0));
        let listing = told(devices_of("anna", &listed));
        let verdict = talk.hears_at_once(vec![(list("anna"), listing), (enable, done())]);
        assert_eq!(said(&verdict).is_empty(), is_right, "{listed:?}: {:?}", said(&verdict));
    }
}

/// A pool of calls on two users and two devices, and what may come back for them.
fn pool(talk: &Talk, number: usize) -> Ask {
    let ask = match number {
        0 => talk.enable("anna", "phone", (-1, 0)),
        1 => talk.enable("bert", "phone", (-1, 0)),
        2 => talk.enable("anna", "token", (-1, 0)),
        3 => deactivate("anna", "phone"),
        4 => deactivate("bert", "phone"),
        5 => deactivate("anna", "token"),
        6 => delete_device("phone"),
        7 => delete_user("bert"),
        8 => rename("bert", "carl"),
        _ => list("anna"),
    };
    Ask { overlapped: true, ..ask }
}

fn reply(ask: &Ask, number: usize) -> Came {
    let listing = |listed: &[&str]| told(devices_of("anna", listed));
    if ask.operation.is_read() {
        return [listing(&[]), listing(&["phone"]), listing(&["token"]), listing(&["phone", "token"])][number % 4]
            .clone();
    }
    match number {
        0..=2 => done(),
        3 => absent(),
        4 => in_use(),
        5 => refused(ErrorCode::DeleteConflict),
        6 => refused(ErrorCode::ConcurrentModification),
        _ => broken(),
    }
}

/// The states after some order, found by trying each order.
fn by_brute_force(before: &Belief, calls: &[(Observation<'_>, (u64, u64))], talk: &Talk) -> BTreeSet<Vec<String>> {
    let mut states = BTreeSet::new();
    let mut orders = vec![(Vec::<usize>::new(), before.clone())];
    while let Some((order, belief)) = orders.pop() {
        if order.len() == calls.len() {
            states.extend(belief.states().map(tell::state));
            continue;
        }
        for (index, (observation, (began, _))) in calls.iter().enumerate() {
            // A call without a reply ends nowhere.
            let is_late = |other: usize| {
                let answered = matches!(calls[other].0.observed, Observed::Reply(_));
                !order.contains(&other) && answered && calls[other].1.1 < *began
            };
            if order.contains(&index) || (0..calls.len()).any(is_late) {
                continue;
            }
            let mut next = belief.clone();
            let asked = asked(observation, &talk.oracle.history, Search::Near);
            let permitted = match observation.observed {
                Observed::Reply(reply) => {
                    let answer: Seen<'_> = answer_of(reply).unwrap();
                    next.narrow(&asked, answer, observation.window.from).unwrap().is_some()
                }
                Observed::Broken(_) | Observed::Unreadable { .. } => {
                    next.may_have_happened(&asked, observation.window.from).unwrap();
                    true
                }
            };
            if permitted {
                let mut longer = order.clone();
                longer.push(index);
                orders.push((longer, next));
            }
        }
    }
    states
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn the_search_finds_the_states_that_trying_each_order_finds(
        enabled in any::<bool>(),
        drawn in proptest::collection::vec((0..10_usize, 0..8_usize, 0..10_u64, 1..10_u64), 2..=4),
    ) {
        let mut talk = if enabled { Talk::with_annas_phone(false) } else { Talk::new() };
        // No listing may lag.
        talk.wait(10_000);
        let calls: Vec<Overlapping> = drawn
            .iter()
            .map(|(call, answer, began, took)| {
                let ask = pool(&talk, *call);
                let came = reply(&ask, *answer);
                let at = if ask.operation.is_read() { (0, 20) } else { (*began, began + took) };
                (ask, came, at)
            })
            .collect();
        // The codes of one device in two calls leave open which came first. The search alone knows that.
        let carried: Vec<_> = calls
            .iter()
            .filter(|(ask, ..)| ask.request.get("AuthenticationCode1").is_some())
            .map(|(ask, ..)| ask.request.get("SerialNumber"))
            .collect();
        prop_assume!(carried.iter().collect::<BTreeSet<_>>().len() == carried.len());
        let observed: Vec<Observed> =
            (100..).zip(&calls).map(|(id, (ask, came, _))| came.clone().observed(ask.operation, id)).collect();
        let views: Vec<_> = calls
            .iter()
            .zip(&observed)
            .filter(|((ask, ..), observed)| !(ask.operation.is_read() && matches!(observed, Observed::Broken(_))))
            .map(|((ask, _, at), observed)| (judged(ask, observed, talk.now), *at))
            .collect();
        let expected = by_brute_force(&talk.oracle.belief, &views, &talk);
        let verdict = talk.hears_overlapping(&calls);
        prop_assert_eq!(verdict.fit == Fit::Explained, !expected.is_empty(), "{:?}", said(&verdict));
        if verdict.fit == Fit::Explained {
            let found: BTreeSet<Vec<String>> = talk.states().into_iter().collect();
            prop_assert_eq!(found, expected);
        } else {
            prop_assert!(!said(&verdict).is_empty());
        }
    }
}

#[test]
fn a_call_that_timed_out_may_be_executed_after_later_calls() {
    let timeout = || Came::Broken(crate::transport::TransportError::Timeout(Duration::from_secs(30)));
    let mut talk = Talk::new();
    let enable = talk.enable("anna", "phone", (-1, 0));
    talk.hears(&enable, timeout());
    assert_eq!(talk.lists("anna", &[]), Vec::<String>::new());
    assert_eq!(talk.lists("anna", &["phone"]), Vec::<String>::new(), "the call took its time");
    assert_eq!(talk.lists("anna", &["phone"]), Vec::<String>::new());
    assert_ne!(talk.lists("anna", &["token"]), Vec::<String>::new(), "it named the phone");
    // A request that must be refused changes nothing, however late.
    let mut talk = Talk::new();
    let wrong = talk.enable("anna", "phone", (-1, 0)).but("AuthenticationCode1", WRONG[0]);
    talk.hears(&wrong.but("AuthenticationCode2", WRONG[1]), timeout());
    assert_eq!(talk.lists("anna", &[]), Vec::<String>::new());
    assert_ne!(talk.lists("anna", &["phone"]), Vec::<String>::new());
}

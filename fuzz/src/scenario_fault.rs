//! The oracle and the faults, compared: it blames no reply that a fault has left as it is, and it misses
//! none that a fault has altered, but for what the documents leave open.

use std::sync::LazyLock;

use arbitrary::{Arbitrary, Unstructured};

use crate::allowed_difference::AllowedDifference;
use crate::altered_reply::{AlteredReply, Said};
use crate::play_now::play_now;
use crate::sequence::sequence;
use crate::watched::Watched;
use mfa_conformance::execute::{Found, Played};
use mfa_conformance::scenario::Scenario;
use mfa_faults::altered::documented;
use mfa_faults::{Fault, faults};
use mfa_reference::account::Account;

/// How bytes break the property.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// A scenario waits for something that never comes.
    #[error("{0:?} doesn't end")]
    Endless(Box<Scenario>),
    /// The oracle blames a reply that the fault has left as it is.
    #[error("{fault} has altered nothing yet in {scenario:?}, but what diverges is {divergence}")]
    Blamed {
        /// The fault.
        fault: String,
        /// What was played.
        scenario: Box<Scenario>,
        /// What the oracle says.
        divergence: String,
    },
    /// The oracle misses an altered reply that nothing permits.
    #[error("{fault} alters the reply to call {call} of {scenario:?}: {replies}, and it doesn't diverge")]
    Missed {
        /// The fault.
        fault: String,
        /// What was played.
        scenario: Box<Scenario>,
        /// The number of the call, from 0.
        call: usize,
        /// What the documented service says, and what the faulty one does.
        replies: String,
    },
    /// An altered reply doesn't diverge for a reason that the fault's list doesn't have.
    #[error(
        "{fault} alters the reply to call {call} of {scenario:?} and it doesn't diverge, because of {allowed_difference}: if the \
         documents leave that open, it belongs on the fault's list in allowed_difference.rs"
    )]
    Unlisted {
        /// The fault.
        fault: String,
        /// What was played.
        scenario: Box<Scenario>,
        /// The number of the call, from 0.
        call: usize,
        /// What the reason is called.
        allowed_difference: String,
    },
}

/// The faults, each with the number that chooses it, in the order of these numbers.
static FAULTS: LazyLock<Vec<(u32, Fault)>> = LazyLock::new(|| {
    let faults = faults().unwrap_or_default().into_iter();
    let mut numbered: Vec<(u32, Fault)> = faults.map(|fault| (number_of(&fault.name), fault)).collect();
    numbered.sort_unstable_by_key(|(number, _)| *number);
    numbered
});

/// The number of a fault: the FNV-1a hash of its name. It stays as it is when faults are added or sorted otherwise.
fn number_of(name: &str) -> u32 {
    name.bytes().fold(0x811c_9dc5, |hash: u32, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

static EMPTY: Account = Account::EMPTY;

/// A fault and a sequence, read from bytes.
struct Trial {
    fault: &'static Fault,
    /// Where in a step the clock begins, in milliseconds.
    into_step: i64,
    scenario: Scenario,
}

impl<'a> Arbitrary<'a> for Trial {
    /// The first four bytes choose the fault with the next number (after the last comes the first), the fifth says where
    /// in a step the clock begins; the rest is the sequence.
    fn arbitrary(input: &mut Unstructured<'a>) -> arbitrary::Result<Self> {
        let number = u32::from_be_bytes(input.arbitrary()?);
        let next = FAULTS.iter().find(|(known, _)| *known >= number).or(FAULTS.first());
        let (_, fault) = next.ok_or(arbitrary::Error::EmptyChoose)?;
        let into_step = i64::from(input.arbitrary::<u8>()?) * 117;
        Ok(Self { fault, into_step, scenario: sequence(input)? })
    }
}

/// A trial once it was played: the faulty service's calls with the documented one's beside them.
struct Outcome {
    watched: Watched,
    played: Played,
}

impl Trial {
    /// Plays the sequence on the faulty service, with the documented one beside it. `None`: it doesn't end.
    fn play(&self) -> Option<Outcome> {
        let beside = Watched::new(documented(), self.into_step);
        let mut watched = Watched::new(self.fault.service.make(), self.into_step).beside(beside);
        let played = play_now(&self.scenario, false, &mut watched)?;
        Some(Outcome { watched, played })
    }

    /// Tells of each altered reply that is not a divergence why it may be none.
    ///
    /// # Errors
    /// A reply that isn't altered is blamed, or one that is and has to be isn't.
    fn leeways(&self) -> Result<Vec<(usize, AllowedDifference)>, Broken> {
        let fault = || self.fault.name.to_string();
        let scenario = || Box::new(self.scenario.clone());
        let Some(outcome) = self.play() else { return Err(Broken::Endless(scenario())) };
        let found = &outcome.played.found;
        let blamed = |found: &Found| {
            let divergence = format!("{:?} by exchange {}", found.divergence, found.exchange);
            Broken::Blamed { fault: fault(), scenario: scenario(), divergence }
        };
        let mut leeways = Vec::new();
        for (alteration, same_account) in outcome.alterations() {
            let call = alteration.call;
            if let Some(found) = found.iter().find(|found| found.exchange < call) {
                return Err(blamed(found));
            }
            if found.iter().any(|found| outcome.is_one_step(found.exchange, call)) {
                return Ok(leeways);
            }
            let [documented, faulty] = alteration.said();
            let Some(allowed_difference) = alteration.allowed_difference() else {
                let replies = format!("{documented:?}, but {faulty:?}");
                return Err(Broken::Missed { fault: fault(), scenario: scenario(), call, replies });
            };
            leeways.push((call, allowed_difference));
            let refused = |said: &Said| matches!(said, Said::Refused(..));
            let alike = documented == faulty || (refused(&documented) && refused(&faulty) && same_account);
            if !alike {
                return Ok(leeways);
            }
        }
        found.first().map_or(Ok(leeways), |found| Err(blamed(found)))
    }
}

impl Outcome {
    /// Each call whose reply the fault has altered, and whether both accounts are the same after it.
    fn alterations(&self) -> impl Iterator<Item = (AlteredReply<'_>, bool)> {
        let documented = self.watched.calls_beside();
        let mut accounts = [&EMPTY; 2];
        let pairs = self.watched.calls.iter().zip(documented).enumerate();
        pairs.filter_map(move |(call, (one, other))| {
            let before = accounts[1];
            for (account, looked) in accounts.iter_mut().zip([one, other]) {
                *account = looked.changed.as_ref().unwrap_or(account);
            }
            let alteration = AlteredReply { trace: &self.played.trace, documented, before, call };
            (one.reply != other.reply).then_some((alteration, accounts[0] == accounts[1]))
        })
    }

    /// Whether the same step of the scenario made two calls.
    fn is_one_step(&self, one: usize, other: usize) -> bool {
        let [one, other] = [one, other].map(|call| self.played.trace.get(call));
        one.zip(other).is_some_and(|(one, other)| one.step == other.step)
    }
}

/// Any fault of the catalogue and any sequence with time, beside the documented service with the same calls: a reply that
/// the fault has left as it is never diverges, and one that it has altered diverges (itself, or in the listings that
/// follow it in its step), unless the documents leave the alteration open and the fault's list permits it.
///
/// What a fault does to the account is not an alteration until a reply shows it. The first reply that tells of another
/// account is the last that is looked at: from then on the oracle and the documented service speak of different ones.
///
/// # Errors
/// How the bytes break this.
pub fn holds(bytes: &[u8]) -> Result<(), Broken> {
    let Ok(trial) = Trial::arbitrary(&mut Unstructured::new(bytes)) else { return Ok(()) };
    for (call, allowed_difference) in trial.leeways()? {
        if !allowed_difference.is_listed_for(&trial.fault.name) {
            let (fault, scenario) = (trial.fault.name.to_string(), Box::new(trial.scenario));
            return Err(Broken::Unlisted {
                fault,
                scenario,
                call,
                allowed_difference: format!("{allowed_difference:?}"),
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;
    use crate::allowed_difference::AllowedDifference::{
        Codes, Dates, Form, Gone, Reason, Renamed, SetUp, Status, Words,
    };
    use mfa_conformance::scenario::{Action, DeviceRef, MfaCall, NameForm, Signer, UserRef, Value};

    /// Amid a step, in milliseconds from its beginning.
    const AMID: i64 = 12_000;

    const ANNA: UserRef = UserRef(1);
    const BERT: UserRef = UserRef(2);
    const PHONE: DeviceRef = DeviceRef(1);
    const TOKEN: DeviceRef = DeviceRef(2);

    fn user(user: UserRef) -> Action {
        Action::CreateUser { user, name: NameForm::Plain }
    }

    fn device(device: DeviceRef) -> Action {
        Action::CreateDevice { device, name: NameForm::Plain }
    }

    fn call(user: UserRef, device: DeviceRef) -> MfaCall {
        MfaCall::about(user, device)
    }

    fn fresh(user: UserRef, device: DeviceRef) -> MfaCall {
        call(user, device).fresh(device)
    }

    /// A call with the codes of two steps, counted from the current one.
    fn of_steps(one: i32, two: i32) -> MfaCall {
        let codes = (Some(Value::code(PHONE, one)), Some(Value::code(PHONE, two)));
        MfaCall { code1: codes.0, code2: codes.1, ..call(ANNA, PHONE) }
    }

    /// Why the first reply that the fault alters may be no divergence.
    fn allowed_difference(fault: &str, into_step: i64, actions: Vec<Action>) -> Option<AllowedDifference> {
        let (_, fault) = FAULTS.iter().find(|(_, known)| known.name == fault).unwrap();
        let outcome = Trial { fault, into_step, scenario: Scenario::of("a row", actions) }.play().unwrap();
        let (alteration, _) = outcome.alterations().next().expect("an altered reply");
        alteration.allowed_difference()
    }

    #[test]
    fn what_the_documents_leave_open_of_an_alteration_is_told_from_what_they_do_not() {
        let set_up = |more: Vec<Action>| [vec![user(ANNA), device(PHONE)], more].concat();
        let again = Action::CreateUser { user: ANNA, name: NameForm::Again };
        let once = || vec![Action::Enable(fresh(ANNA, PHONE)), Action::Deactivate(call(ANNA, PHONE))];
        let gone = || vec![Action::DeleteUser { user: ANNA }, again.clone()];
        let unnamed = MfaCall { user: None, ..call(ANNA, PHONE) };
        let nobody = || MfaCall { user: Some(Value::text("nobody")), ..fresh(ANNA, PHONE) };
        let short = MfaCall { device: Some(Value::text("R1234")), ..call(ANNA, PHONE) };
        let by_key = MfaCall { signer: Signer::User(ANNA), ..call(ANNA, PHONE) };
        for (fault, into_step, actions, expected) in [
            ("messages-in-latin-1", AMID, vec![Action::Deactivate(short.clone())], Some(Words)),
            ("messages-in-cdata", AMID, vec![Action::Deactivate(call(ANNA, PHONE))], None),
            ("namespace-in-plain-http", AMID, set_up(vec![Action::Enable(fresh(ANNA, PHONE))]), None),
            ("error-without-a-code", AMID, vec![Action::Deactivate(call(ANNA, PHONE))], None),
            ("refusals-as-500", AMID, vec![Action::Deactivate(short.clone())], Some(Status)),
            ("refusals-as-500", AMID, vec![Action::Deactivate(call(ANNA, PHONE))], None),
            ("no-deactivate", AMID, set_up(vec![Action::Deactivate(unnamed)]), Some(Form)),
            ("no-deactivate", AMID, set_up(vec![Action::Deactivate(call(ANNA, PHONE))]), None),
            ("enable-codes-unchecked", AMID, set_up(vec![Action::Enable(of_steps(-6, -5))]), Some(Codes)),
            ("enable-codes-unchecked", AMID, set_up(vec![Action::Enable(of_steps(-5, -6))]), None),
            ("enable-fresh-pair-refused", AMID, set_up(vec![Action::Enable(fresh(ANNA, PHONE))]), None),
            ("enable-fresh-pair-refused", 0, set_up(vec![Action::Enable(fresh(ANNA, PHONE))]), Some(Reason)),
            (
                "enable-fresh-pair-refused",
                AMID,
                set_up(vec![Action::Resync(fresh(ANNA, PHONE)), Action::Enable(fresh(ANNA, PHONE))]),
                Some(Reason),
            ),
            ("enable-absent-user-as-wrong-codes", AMID, set_up(vec![Action::Enable(nobody())]), None),
            ("enable-absent-user-as-wrong-codes", 0, set_up(vec![Action::Enable(nobody())]), Some(Reason)),
            ("resync-of-an-unassigned-device", AMID, set_up(vec![Action::Resync(fresh(ANNA, PHONE))]), None),
            (
                "resync-of-an-unassigned-device",
                AMID,
                set_up([gone(), vec![Action::Resync(fresh(ANNA, PHONE))]].concat()),
                None,
            ),
            (
                "resync-of-an-unassigned-device",
                AMID,
                set_up([once(), gone(), vec![Action::Resync(fresh(ANNA, PHONE))]].concat()),
                Some(Renamed),
            ),
            (
                "delete-user-with-a-device",
                AMID,
                set_up(vec![Action::CreateKey { user: ANNA }, Action::DeleteUser { user: ANNA }]),
                Some(SetUp),
            ),
            (
                "delete-user-with-a-device",
                AMID,
                set_up(vec![Action::Enable(fresh(ANNA, PHONE)), Action::DeleteUser { user: ANNA }]),
                None,
            ),
            ("everybodys-devices-listed", AMID, set_up(vec![Action::Enable(fresh(ANNA, PHONE))]), Some(Dates)),
            (
                "listings-ten-seconds-old",
                AMID,
                set_up([once(), vec![Action::ListVirtualDevices { status: None }]].concat()),
                Some(Gone),
            ),
            ("listings-ten-seconds-old", AMID, set_up(vec![Action::ListVirtualDevices { status: None }]), None),
            (
                "free-devices-in-every-listing",
                AMID,
                set_up(vec![device(TOKEN), Action::Enable(fresh(ANNA, PHONE))]),
                None,
            ),
            (
                "deactivate-needs-a-code",
                AMID,
                set_up(vec![
                    user(BERT),
                    Action::CreateKey { user: ANNA },
                    Action::Enable(fresh(ANNA, PHONE)),
                    Action::Deactivate(by_key),
                ]),
                None,
            ),
        ] {
            assert_eq!(allowed_difference(fault, into_step, actions.clone()), expected, "{fault}: {actions:?}");
        }
    }

    #[test]
    fn each_fault_has_a_number_of_its_own_that_chooses_it() {
        let numbers: BTreeSet<u32> = FAULTS.iter().map(|(number, _)| *number).collect();
        assert_eq!(numbers.len(), faults().unwrap().len());
        for (number, fault) in FAULTS.iter() {
            let bytes = [&number.to_be_bytes()[..], &[0; 8]].concat();
            let trial = Trial::arbitrary(&mut Unstructured::new(&bytes)).unwrap();
            assert_eq!(trial.fault.name, fault.name);
        }
    }

    #[test]
    fn each_entry_of_a_list_is_a_faults_and_the_corpus_shows_it() {
        let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/corpora/scenario_fault");
        let files: Vec<_> =
            std::fs::read_dir(corpus).unwrap().map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect();
        let mut unseen: BTreeSet<(AllowedDifference, &str)> = AllowedDifference::listed().collect();
        let names: BTreeSet<&str> = unseen.iter().map(|(_, fault)| *fault).collect();
        for (_, fault) in FAULTS.iter().filter(|(_, fault)| names.contains(&*fault.name)) {
            for bytes in &files {
                let trial = Trial::arbitrary(&mut Unstructured::new(bytes)).unwrap();
                for (_, allowed_difference) in (Trial { fault, ..trial }).leeways().unwrap() {
                    unseen.remove(&(allowed_difference, &fault.name));
                }
            }
        }
        assert_eq!(unseen, BTreeSet::new());
    }
}

//! What a pair of codes is explained by, compared with a search that tries every pair of steps, its codes computed by
//! totp-rs itself.

use std::sync::Arc;

use arbitrary::{Arbitrary, Unstructured};
use mfa_reference::account::Account;
use mfa_reference::belief::State;
use mfa_reference::permitted::permitted;
use mfa_reference::service::behaviour::{Adjacent, Recogniser};
use mfa_reference::totp::{Recognition, Seed, newest_step, recognise};
use mfa_reference::{
    Caller, Constraints, Context, History, Limits, RawRequest, Request, Search, TimeStep, UserEntry, Window,
};
use totp_rs::{Builder, Totp};

/// How bytes break the property.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// The model's code of a step is not that of totp-rs.
    #[error("in step {step} the device emits {theirs}, not {ours}")]
    Code {
        /// The step.
        step: i64,
        /// The model's code.
        ours: String,
        /// That of totp-rs.
        theirs: String,
    },
    /// The pair is explained otherwise.
    #[error("{pair:?} is {model:?} to the model and {search:?} to the search within {radius} steps of {window:?}")]
    Explained {
        /// The codes.
        pair: [String; 2],
        /// When the call was made.
        window: Window,
        /// How far was searched.
        radius: i64,
        /// The model's explanation.
        model: Recognition,
        /// That of the search.
        search: Recognition,
    },
    /// The newest step of a code is another.
    #[error("the newest step of {code} is {model:?} to the model and {search:?} to the search")]
    Newest {
        /// The code.
        code: String,
        /// The model's.
        model: Option<TimeStep>,
        /// That of the search.
        search: Option<TimeStep>,
    },
    /// The documented service takes another pair than it should, or takes it for another step.
    #[error("the service takes {pair:?} for the step {service:?}, the search says {search:?}")]
    Taken {
        /// The codes.
        pair: [String; 2],
        /// What the service says.
        service: Option<TimeStep>,
        /// What the search says.
        search: Option<TimeStep>,
    },
    /// Whether the model permits that a device is enabled.
    #[error("{pair:?} is {search:?}, and the model {}", if *.permits { "permits that it enables the device" } else { "forbids that it enables the device" })]
    Enabling {
        /// The codes.
        pair: [String; 2],
        /// The explanation within two steps.
        search: Recognition,
        /// Whether the model permits a success.
        permits: bool,
    },
}

/// A device, a window and two codes.
struct Case {
    seed: Seed,
    totp: Totp,
    window: Window,
    radius: i64,
    pair: [String; 2],
}

/// Any seed, any window, any two codes, those of near steps or others: the model's explanation is the one that trying
/// all pairs of steps comes to; so are the service's, and whether the model permits the pair to enable a device.
///
/// The bytes are: how long the seed is, and the seed; four of the step, the lowest first; two of the instant in it; one of the window's
/// width; one of the radius; and for each code either an even byte and a step's distance, or an odd byte and six digits.
///
/// # Errors
/// How the bytes break this.
pub fn holds(bytes: &[u8]) -> Result<(), Broken> {
    let Ok(case) = Case::arbitrary(&mut Unstructured::new(bytes)) else { return Ok(()) };
    let Case { seed, window, radius, pair, .. } = &case;
    let [one, two] = pair;
    let step = window.from.step();
    let (ours, theirs) = (seed.code(step).to_string(), case.code(step));
    if ours != theirs {
        return Err(Broken::Code { step: step.0, ours, theirs });
    }
    let model = recognise(seed, one, two, *window, *radius);
    let search = case.search(*radius);
    if model != search {
        return Err(Broken::Explained { pair: pair.clone(), window: *window, radius: *radius, model, search });
    }
    let newest = newest_step(seed, one, *window, *radius);
    let last = case.steps(*radius).filter(|step| case.code(*step) == *one).last();
    if newest != last {
        return Err(Broken::Newest { code: one.clone(), model: newest, search: last });
    }
    let taken = Adjacent { steps_behind: 1, steps_ahead: 1 }.recognise(seed, one, two, window.from, None);
    let first = (-1..=1).map(|offset| step.plus(offset)).find(|second| case.emits(second.plus(-1), *second));
    if taken != first {
        return Err(Broken::Taken { pair: pair.clone(), service: taken, search: first });
    }
    let near = case.search(Search::Near.radius());
    let (permits, should) =
        (case.permits_enabling(), matches!(near, Recognition::Fresh { .. } | Recognition::Pair { .. }));
    if is_pair_of_codes(pair) && permits != should {
        return Err(Broken::Enabling { pair: pair.clone(), search: near, permits });
    }
    Ok(())
}

fn is_pair_of_codes(pair: &[String; 2]) -> bool {
    pair.iter().all(|code| code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()))
}

impl<'a> Arbitrary<'a> for Case {
    fn arbitrary(input: &mut Unstructured<'a>) -> arbitrary::Result<Self> {
        let length = usize::from(input.arbitrary::<u8>()? % 65);
        let secret = input.bytes(length.min(input.len()))?;
        let totp = Builder::new().with_secret(secret).with_digits(6).with_step_duration(30).build_noncompliant();
        // The model has no steps before the epoch but counts them as the first, and so does `code`.
        let [step, coarse, fine] =
            [input.arbitrary::<u32>()?, input.arbitrary::<u8>()?.into(), input.arbitrary::<u8>()?.into()];
        let begin = TimeStep(step.into()).start().plus(i64::from(coarse) * 117 + i64::from(fine));
        let window = Window { from: begin, to: begin.plus(i64::from(input.arbitrary::<u8>()? % 128) * 1_000) };
        let radius = match input.arbitrary::<u8>()? {
            // Far enough for one code to come twice, now and then.
            255 => 400,
            near => i64::from(near % 8),
        };
        let mut case = Self { seed: Seed::from_bytes(secret), totp, window, radius, pair: Default::default() };
        case.pair = [case.draw_code(input)?, case.draw_code(input)?];
        Ok(case)
    }
}

impl Case {
    fn draw_code(&self, input: &mut Unstructured<'_>) -> arbitrary::Result<String> {
        if input.arbitrary::<u8>()?.is_multiple_of(2) {
            return Ok(self.code(self.window.from.step().plus(input.arbitrary::<i8>()?.into())));
        }
        Ok(String::from_utf8_lossy(input.bytes(input.len().min(6))?).into_owned())
    }

    /// The code of a step, by totp-rs.
    fn code(&self, step: TimeStep) -> String {
        self.totp.generate(u64::try_from(step.0).unwrap_or(0) * 30).to_string()
    }

    /// Whether the device emits the pair in these two steps.
    fn emits(&self, first: TimeStep, second: TimeStep) -> bool {
        let [one, two] = &self.pair;
        self.code(first) == *one && self.code(second) == *two
    }

    fn steps(&self, radius: i64) -> impl Iterator<Item = TimeStep> + use<> {
        (self.window.from.step().0 - radius..=self.window.to.step().0 + radius).map(TimeStep)
    }

    /// Tries all pairs of steps.
    fn search(&self, radius: i64) -> Recognition {
        let codes: Vec<(TimeStep, String)> = self.steps(radius).map(|step| (step, self.code(step))).collect();
        let [one, two] = &self.pair;
        let of = |wanted: &str| -> Vec<TimeStep> {
            codes.iter().filter(|(_, code)| code == wanted).map(|(step, _)| *step).collect()
        };
        let (firsts, seconds) = (of(one), of(two));
        let pairs = firsts.iter().flat_map(|first| seconds.iter().map(move |second| (*first, *second)));
        let subsequent = pairs.clone().filter(|(first, second)| first < second);
        let (from, to) = (self.window.from.step(), self.window.to.step());
        if from == to && subsequent.clone().any(|pair| pair == (from.plus(-1), from)) {
            Recognition::Fresh { current: from }
        } else if let Some((first, second)) =
            subsequent.max_by_key(|(first, second)| (*second == first.plus(1), *second, *first))
        {
            Recognition::Pair { first, second }
        } else if pairs.count() > 0 {
            Recognition::NotSubsequent
        } else {
            Recognition::Unrecognised
        }
    }

    /// Whether the model lets the pair enable the device, for a user with no device, in an account with nothing else.
    fn permits_enabling(&self) -> bool {
        const SERIAL: &str = "arn:aws:iam::123456789012:mfa/one";
        let text = || "Bob".to_owned();
        let entry = UserEntry {
            user_name: text(),
            arn: text(),
            user_id: text(),
            path: "/".to_owned(),
            create_date: text(),
            tags: Vec::new(),
        };
        let mut account = Account::EMPTY;
        account.add_user(entry);
        account.add_device(SERIAL, Some(Arc::new(self.seed.clone())));
        let [one, two] = &self.pair;
        let parameters = [
            ("UserName", "Bob"),
            ("SerialNumber", SERIAL),
            ("AuthenticationCode1", one.as_str()),
            ("AuthenticationCode2", two.as_str()),
        ];
        let (raw, history) = (RawRequest::new("EnableMFADevice", &parameters), History::default());
        let context = Context {
            window: self.window,
            search: Search::Near,
            history: &history,
            overlapped: false,
            limits: Limits::UNKNOWN,
        };
        Request::read(&raw, &Constraints::default()).is_ok_and(|request| {
            permitted(&State::from(account), Caller::Administrator, &request, &context).allows_success()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The seed of RFC 6238 in its step 37037037 and two codes by the steps' distance.
    fn case(one: u8, two: u8) -> Case {
        let mut bytes = vec![20];
        bytes.extend(b"12345678901234567890");
        bytes.extend([0xed, 0x23, 0x35, 0x02, 0, 0, 0, 2, 0, one, 0, two]);
        Case::arbitrary(&mut Unstructured::new(&bytes)).unwrap()
    }

    #[test]
    fn the_search_knows_each_kind_of_pair() {
        let kind = |one: i8, two: i8| case(one.cast_unsigned(), two.cast_unsigned()).search(2);
        let current = TimeStep(37_037_037);
        assert_eq!(kind(-1, 0), Recognition::Fresh { current });
        assert_eq!(kind(-2, 1), Recognition::Pair { first: current.plus(-2), second: current.plus(1) });
        assert_eq!(kind(0, -1), Recognition::NotSubsequent);
        assert_eq!(kind(-9, 0), Recognition::Unrecognised);
        assert!(case(255, 0).permits_enabling() && !case(0, 255).permits_enabling());
    }
}

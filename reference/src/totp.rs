//! The codes of a device: its seed, the code of each step, and what a pair of codes can be explained by.

use std::fmt;
use std::ops::RangeInclusive;

use data_encoding::{BASE32, BASE32_NOPAD, BASE64};
use hmac::digest::Key;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::{Digest as _, Sha1};
use smallvec::SmallVec;

use crate::time::{TimeStep, Window};

/// A device's shared secret, ready to emit codes (RFC 6238: HMAC-SHA1, six digits, 30 seconds).
#[derive(Clone)]
pub struct Seed {
    bytes: Box<[u8]>,
    keyed: Hmac<Sha1>,
}

impl Seed {
    /// The longest `Base32StringSeed` that is read, in bytes. A seed of 64 bytes, the block of HMAC-SHA1, takes 140.
    const MOST_BLOB: usize = 4_096;

    /// A seed of these bytes, of whatever length.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Self {
        // Emulators hand out seeds shorter than RFC 4226 asks for; their codes are well defined anyway.
        let mut key = Key::<Hmac<Sha1>>::default();
        let hashed = (bytes.len() > key.len()).then(|| Sha1::digest(bytes));
        for (slot, byte) in key.iter_mut().zip(hashed.as_deref().unwrap_or(bytes)) {
            *slot = *byte;
        }
        Self { bytes: bytes.into(), keyed: Hmac::new(&key) }
    }

    /// Reads `Base32StringSeed` as it stands in the XML (clause `support.seed-usable`).
    ///
    /// # Errors
    /// Says why neither reading of the blob gives a seed.
    pub fn from_blob(blob: &str) -> Result<(Self, SeedEncoding), SeedError> {
        if blob.len() > Self::MOST_BLOB {
            return Err(SeedError::TooLong);
        }
        let text: String = blob.split_ascii_whitespace().collect();
        if text.is_empty() {
            return Err(SeedError::Missing);
        }
        if let Ok(inner) = BASE64.decode(text.as_bytes()) {
            if let Some(bytes) = decode_base32(&inner) {
                return Ok((Self::from_bytes(&bytes), SeedEncoding::Blob));
            }
            if inner.iter().all(u8::is_ascii_graphic) {
                return Err(SeedError::NotBase32(beginning(&String::from_utf8_lossy(&inner))));
            }
        }
        match decode_base32(text.as_bytes()) {
            Some(bytes) => Ok((Self::from_bytes(&bytes), SeedEncoding::PlainBase32)),
            None => Err(SeedError::Neither(beginning(&text))),
        }
    }

    /// The seed as `Base32StringSeed` holds it on the wire: base64 of base32 text.
    #[must_use]
    pub fn to_blob(&self) -> String {
        BASE64.encode(self.to_base32().as_bytes())
    }

    /// The seed as base32 text, as one types it into an authenticator.
    #[must_use]
    pub fn to_base32(&self) -> String {
        BASE32_NOPAD.encode(&self.bytes)
    }

    /// The code that the device emits in a step. Steps before the epoch count as the first.
    #[must_use]
    pub fn code(&self, step: TimeStep) -> Code {
        Code::from_number(self.number(step))
    }

    /// The codes that the device emits in these steps, as numbers, in order.
    pub fn numbers(&self, steps: &RangeInclusive<TimeStep>) -> impl Iterator<Item = u32> + use<'_> {
        (steps.start().0..=steps.end().0).map(|step| self.number(TimeStep(step)))
    }

    /// The same as a number (RFC 4226, section 5.3).
    fn number(&self, step: TimeStep) -> u32 {
        let counter = u64::try_from(step.0).unwrap_or(0);
        let digest = self.keyed.clone().chain_update(counter.to_be_bytes()).finalize().into_bytes();
        let offset = digest.last().map_or(0, |last| usize::from(last & 0xf));
        let truncated = digest.iter().skip(offset).take(4).fold(0_u32, |sum, byte| (sum << 8) | u32::from(*byte));
        (truncated & 0x7fff_ffff) % 1_000_000
    }
}

impl PartialEq for Seed {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl Eq for Seed {}

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Seed({})", self.to_base32())
    }
}

/// The first characters of a text, for a message.
fn beginning(text: &str) -> String {
    const MOST: usize = 100;
    let mut cut: String = text.chars().take(MOST).collect();
    if cut.len() < text.len() {
        cut.push('…');
    }
    cut
}

fn decode_base32(text: &[u8]) -> Option<Vec<u8>> {
    let upper = text.to_ascii_uppercase();
    BASE32.decode(&upper).or_else(|_| BASE32_NOPAD.decode(&upper)).ok().filter(|bytes| !bytes.is_empty())
}

/// How a service wrote a usable seed into the XML.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SeedEncoding {
    /// Base64 of base32 text: a blob, as the service model says.
    Blob,
    /// The base32 text itself: not the protocol, but not ambiguous either.
    PlainBase32,
}

/// Why a seed can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SeedError {
    /// There is none.
    #[error("the reply holds no Base32StringSeed")]
    Missing,
    /// It is longer than any seed.
    #[error("Base32StringSeed is longer than {} bytes", Seed::MOST_BLOB)]
    TooLong,
    /// The blob decodes to text that is not base32.
    #[error("Base32StringSeed is base64 of {0:?}, which is not base32")]
    NotBase32(String),
    /// Neither base64 of base32 nor base32.
    #[error("Base32StringSeed {0:?} is neither base64 of base32 text nor base32 text")]
    Neither(String),
}

/// Six digits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Code([u8; 6]);

impl Code {
    fn from_number(number: u32) -> Self {
        let mut rest = number;
        let mut digits = [b'0'; 6];
        for digit in digits.iter_mut().rev() {
            *digit += u8::try_from(rest % 10).unwrap_or(0);
            rest /= 10;
        }
        Self(digits)
    }

    /// The digits as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Only ASCII digits are ever written.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// The number that six ASCII digits write, if the text is such.
#[must_use]
pub fn number_of(text: &str) -> Option<u32> {
    let digits = text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits)
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What explains a pair of codes, judged over the whole window of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recognition {
    /// The last completed step and the current one, at whichever instant of the window the service looked.
    Fresh {
        /// The current step.
        current: TimeStep,
    },
    /// The device emits both codes in this order within the steps searched, but it isn't surely the fresh pair.
    Pair {
        /// The step of the first code.
        first: TimeStep,
        /// The step of the second code, later than `first`.
        second: TimeStep,
    },
    /// The device emits both codes, but the second is not subsequent: the same step, or an earlier one.
    NotSubsequent,
    /// At least one of the codes is none that the device emits within the steps searched.
    Unrecognised,
}

/// Explains a pair of codes by the steps within `radius` of a call's window.
#[must_use]
pub fn recognise(seed: &Seed, code1: &str, code2: &str, window: Window, radius: i64) -> Recognition {
    let steps = window.from.step().plus(-radius)..=window.to.step().plus(radius);
    recognise_within(seed, code1, code2, window, &steps)
}

/// Explains a pair of codes by these steps.
#[must_use]
pub fn recognise_within(
    seed: &Seed,
    code1: &str,
    code2: &str,
    window: Window,
    steps: &RangeInclusive<TimeStep>,
) -> Recognition {
    let (Some(code1), Some(code2)) = (number_of(code1), number_of(code2)) else {
        return Recognition::Unrecognised;
    };
    let mut firsts: SmallVec<[TimeStep; 4]> = SmallVec::new();
    let mut seconds: SmallVec<[TimeStep; 4]> = SmallVec::new();
    for step in (steps.start().0..=steps.end().0).map(TimeStep) {
        let code = seed.number(step);
        if code == code1 {
            firsts.push(step);
        }
        if code == code2 {
            seconds.push(step);
        }
    }
    if let Some(current) = window.only_step()
        && firsts.contains(&current.plus(-1))
        && seconds.contains(&current)
    {
        return Recognition::Fresh { current };
    }
    // A code may come twice in a wide search: two neighbouring steps explain a pair best.
    if let Some(second) = seconds.iter().rev().find(|second| firsts.contains(&second.plus(-1))) {
        return Recognition::Pair { first: second.plus(-1), second: *second };
    }
    // Both lists are in order: the narrowest pair with the latest second code.
    for second in seconds.iter().rev() {
        if let Some(first) = firsts.iter().rev().find(|first| *first < second) {
            return Recognition::Pair { first: *first, second: *second };
        }
    }
    if firsts.is_empty() || seconds.is_empty() { Recognition::Unrecognised } else { Recognition::NotSubsequent }
}

/// The newest step within `radius` of the window whose code a service may read in a text. Some services accept more than
/// the six digits: they read a number, skip characters between the digits, or cut the text off.
#[must_use]
pub fn newest_step(seed: &Seed, text: &str, window: Window, radius: i64) -> Option<TimeStep> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let number = digits.parse::<u32>();
    let (from, to) = (window.from.step().plus(-radius), window.to.step().plus(radius));
    (from.0..=to.0).rev().map(TimeStep).find(|step| {
        let code = seed.number(*step);
        number == Ok(code) || digits.contains(Code::from_number(code).as_str())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Millis;

    /// RFC 6238, appendix B: the SHA-1 seed, the last six of its eight digits.
    #[test]
    fn the_codes_are_those_of_rfc_6238() {
        let seed = Seed::from_bytes(b"12345678901234567890");
        for (seconds, code) in
            [(59, "287082"), (1_111_111_109, "081804"), (1_111_111_111, "050471"), (2_000_000_000, "279037")]
        {
            assert_eq!(seed.code(Millis(seconds * 1000).step()).as_str(), code);
        }
    }

    #[test]
    fn a_blob_is_base64_of_base32_text() {
        let seed = Seed::from_bytes(&[7; 40]);
        assert_eq!(Seed::from_blob(&seed.to_blob()), Ok((seed.clone(), SeedEncoding::Blob)));
        assert_eq!(Seed::from_blob(&seed.to_base32()), Ok((seed, SeedEncoding::PlainBase32)));
    }

    #[test]
    fn hex_digits_in_base64_are_no_seed() {
        let blob = BASE64.encode(b"0189abcdef0189abcdef0189abcdef01");
        assert!(matches!(Seed::from_blob(&blob), Err(SeedError::NotBase32(_))));
        assert!(matches!(Seed::from_blob("l0wer+and/08"), Err(SeedError::Neither(_))));
        assert_eq!(Seed::from_blob("  "), Err(SeedError::Missing));
        assert_eq!(Seed::from_blob(&"MFRGGZDF".repeat(1_000)), Err(SeedError::TooLong));
        let Err(SeedError::Neither(told)) = Seed::from_blob(&"1".repeat(4_001)) else { panic!("no seed") };
        assert_eq!(told.chars().count(), 101);
    }

    #[test]
    fn a_pair_is_fresh_only_if_it_is_so_over_the_whole_window() {
        let seed = Seed::from_bytes(&[1; 20]);
        let now = TimeStep(50_000_000);
        let (one, two) = (seed.code(now.plus(-1)).to_string(), seed.code(now).to_string());
        let inside = Window { from: now.start(), to: now.start().plus(29_999) };
        let across = Window { from: now.start(), to: now.start().plus(30_000) };
        assert_eq!(recognise(&seed, one.as_str(), two.as_str(), inside, 2), Recognition::Fresh { current: now });
        assert_eq!(
            recognise(&seed, one.as_str(), two.as_str(), across, 2),
            Recognition::Pair { first: now.plus(-1), second: now }
        );
    }

    #[test]
    fn a_reversed_pair_and_one_code_twice_are_not_subsequent() {
        let seed = Seed::from_bytes(&[2; 20]);
        let now = TimeStep(50_000_000);
        let (one, two) = (seed.code(now.plus(-1)).to_string(), seed.code(now).to_string());
        let window = Window::instant(now.start());
        for (first, second) in [(&two, &one), (&two, &two), (&one, &one)] {
            assert_eq!(
                recognise(&seed, first.as_str(), second.as_str(), window, 2),
                Recognition::NotSubsequent,
                "{first} {second}"
            );
        }
    }

    #[test]
    fn a_late_pair_is_explained_by_a_wider_search_only() {
        let seed = Seed::from_bytes(&[3; 20]);
        let now = TimeStep(50_000_000);
        let (one, two) = (seed.code(now.plus(-101)).to_string(), seed.code(now.plus(-100)).to_string());
        let window = Window::instant(now.start());
        assert_eq!(recognise(&seed, one.as_str(), two.as_str(), window, 2), Recognition::Unrecognised);
        assert_eq!(
            recognise(&seed, one.as_str(), two.as_str(), window, 2_880),
            Recognition::Pair { first: now.plus(-101), second: now.plus(-100) }
        );
    }

    #[test]
    fn seeds_are_equal_by_their_bytes_and_print_as_base32() {
        let (one, other) = (Seed::from_bytes(b"12345"), Seed::from_bytes(b"12346"));
        assert!(one == Seed::from_bytes(b"12345") && one != other);
        assert_eq!((one.to_base32().as_str(), format!("{one:?}").as_str()), ("GEZDGNBV", "Seed(GEZDGNBV)"));
        assert_eq!(one.to_blob(), "R0VaREdOQlY=");
        assert_eq!(Seed::from_blob("gezdgnbv").map(|(seed, _)| seed), Ok(one));
    }

    #[test]
    fn a_code_prints_as_its_six_digits_and_pads() {
        let code = Seed::from_bytes(b"12345678901234567890").code(TimeStep(1));
        assert_eq!((format!("{code:?}"), format!("{code:>8}")), ("287082".to_owned(), "  287082".to_owned()));
        assert_eq!(Seed::from_bytes(b"1").code(TimeStep(-1)), Seed::from_bytes(b"1").code(TimeStep(0)));
    }

    #[test]
    fn no_more_than_the_radius_is_searched() {
        let seed = Seed::from_bytes(&[4; 20]);
        let (now, window) = (TimeStep(50_000_000), Window::instant(TimeStep(50_000_000).start()));
        let code = |offset: i64| seed.code(now.plus(offset)).to_string();
        let explained =
            |first: i64, second: i64| recognise(&seed, code(first).as_str(), code(second).as_str(), window, 2);
        for (first, second) in [(-2, -1), (1, 2), (-2, 2), (0, 1)] {
            let pair = Recognition::Pair { first: now.plus(first), second: now.plus(second) };
            assert_eq!(explained(first, second), pair);
        }
        for (first, second) in [(-3, -1), (1, 3), (-3, -2), (2, 3)] {
            assert_eq!(explained(first, second), Recognition::Unrecognised, "{first} {second}");
        }
        for offset in -3..=3_i64 {
            let found = newest_step(&seed, code(offset).as_str(), window, 2);
            assert_eq!(found, (offset.abs() < 3).then(|| now.plus(offset)), "{offset}");
        }
    }

    /// RFC 6238: the code of this step is 081804.
    #[test]
    fn a_service_may_read_a_code_in_a_text_that_is_not_six_digits() {
        let (seed, step) = (Seed::from_bytes(b"12345678901234567890"), Millis(1_111_111_109_000).step());
        let read = |text: &str| newest_step(&seed, text, Window::instant(step.start()), 0);
        for text in ["081804", "81804", "+81804", "0081804", "081 804", " 081804\n", "0818049", "7081804081804"] {
            assert_eq!(read(text), Some(step), "{text:?}");
        }
        for text in ["", "+", "8180", "818040", "081805", "abcdef", "99999999999999999999999"] {
            assert_eq!(read(text), None, "{text:?}");
        }
    }
}

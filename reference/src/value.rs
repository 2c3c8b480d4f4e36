//! Values of parameters, parsed by the documents' constraints, so that past the edge they are always valid.

use std::fmt;

use smallvec::SmallVec;

use crate::clause::Aspect;

/// Which characters a pattern allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CharacterClass {
    /// `[\w+=,.@-]+`: the names of users and virtual devices.
    Name,
    /// `[\w+=/:,.@-]+`: serial numbers.
    SerialNumber,
    /// `[\d]+`: authentication codes.
    Digits,
}

impl CharacterClass {
    /// The pattern as the documents write it.
    #[must_use]
    pub const fn pattern(self) -> &'static str {
        match self {
            Self::Name => r"[\w+=,.@-]+",
            Self::SerialNumber => r"[\w+=/:,.@-]+",
            Self::Digits => r"[\d]+",
        }
    }

    /// The punctuation that the pattern allows, `_` (part of `\w`) included.
    #[must_use]
    pub const fn punctuation(self) -> &'static str {
        match self {
            Self::Name => "_+=,.@-",
            Self::SerialNumber => "_+=/:,.@-",
            Self::Digits => "",
        }
    }

    /// Whether one character matches. `\w` and `\d` say nothing sure of characters outside ASCII (clause
    /// `{op}.{parameter}.pattern.non-ascii`, Contradicted).
    #[must_use]
    pub fn admits(self, character: char) -> Admission {
        if character.is_ascii() {
            let alphanumeric = match self {
                Self::Name | Self::SerialNumber => character.is_ascii_alphanumeric(),
                Self::Digits => character.is_ascii_digit(),
            };
            if alphanumeric || self.punctuation().contains(character) { Admission::Yes } else { Admission::No }
        } else {
            let open = match self {
                Self::Name | Self::SerialNumber => !character.is_whitespace() && !character.is_control(),
                Self::Digits => character.is_numeric(),
            };
            if open { Admission::Open } else { Admission::No }
        }
    }
}

/// Whether a pattern allows a character, or a range a length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// It does.
    Yes,
    /// It doesn't.
    No,
    /// It depends on how the documents are read.
    Open,
}

/// What the documents demand of one parameter's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Constraint {
    /// Whether a request must carry it.
    pub required: bool,
    /// The least length, in code points.
    pub min: usize,
    /// The greatest length, in code points.
    pub max: usize,
    /// The characters that it may hold.
    pub class: CharacterClass,
}

/// The name of a user that a request is about.
pub(crate) const USER_NAME: Constraint = Constraint { required: true, min: 1, max: 128, class: CharacterClass::Name };
/// A user name that a request may leave out.
pub(crate) const OPTIONAL_USER_NAME: Constraint = Constraint { required: false, ..USER_NAME };
/// `serialNumberType` of the service model.
pub(crate) const SERIAL_NUMBER: Constraint =
    Constraint { required: true, min: 9, max: 256, class: CharacterClass::SerialNumber };

/// The result of holding one value against its [`Constraint`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Check {
    /// Broken under every reading of the documents.
    pub violations: SmallVec<[Aspect; 2]>,
    /// Broken under one reading and kept under another.
    pub doubts: SmallVec<[Aspect; 2]>,
}

impl Constraint {
    /// Holds a value, or its absence, against the constraint.
    #[must_use]
    pub fn check(&self, value: Option<&str>) -> Check {
        let mut check = Check::default();
        let Some(value) = value else {
            if self.required {
                check.violations.push(Aspect::Required);
            }
            return check;
        };
        if value.is_empty() {
            check.violations.push(Aspect::Empty);
            return check;
        }
        let lengths = Lengths::of(value);
        match lengths.within(self.min..=self.max) {
            Admission::Yes => {}
            Admission::Open => check.doubts.push(Aspect::LengthUnit),
            // Too few in one unit may be too many in another; IAM counts code points.
            Admission::No if lengths.code_points < self.min => check.violations.push(Aspect::MinLength),
            Admission::No => check.violations.push(Aspect::MaxLength),
        }
        let (mut broken, mut open) = (false, false);
        for character in value.chars() {
            match self.class.admits(character) {
                Admission::Yes => {}
                Admission::No => broken = true,
                Admission::Open => open = true,
            }
        }
        if broken {
            check.violations.push(Aspect::Pattern);
        } else if open {
            check.doubts.push(Aspect::PatternNonAscii);
        }
        check
    }
}

/// A value's length in each unit that the word may mean (clause `{op}.{parameter}.length-unit`).
struct Lengths {
    bytes: usize,
    code_points: usize,
    utf16: usize,
}

impl Lengths {
    fn of(value: &str) -> Self {
        let bytes = value.len();
        if value.is_ascii() {
            return Self { bytes, code_points: bytes, utf16: bytes };
        }
        Self { bytes, code_points: value.chars().count(), utf16: value.encode_utf16().count() }
    }

    /// Whether the length lies within a range: in every unit, in none, or in some.
    fn within(&self, range: std::ops::RangeInclusive<usize>) -> Admission {
        match [self.bytes, self.code_points, self.utf16].map(|length| range.contains(&length)) {
            [true, true, true] => Admission::Yes,
            [false, false, false] => Admission::No,
            _ => Admission::Open,
        }
    }
}

macro_rules! text_value {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name<'a>(&'a str);

        impl<'a> $name<'a> {
            /// The value, if it breaks nothing of the constraint that it is read by.
            #[must_use]
            pub fn parse(text: &'a str, constraint: &Constraint) -> Option<Self> {
                constraint.check(Some(text)).violations.is_empty().then_some(Self(text))
            }

            /// A value whose check has been made.
            pub(crate) const fn checked(text: &'a str) -> Self {
                Self(text)
            }

            /// The value's text.
            #[must_use]
            pub const fn as_str(self) -> &'a str {
                self.0
            }
        }

        impl fmt::Display for $name<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.0)
            }
        }
    };
}

text_value! {
    /// A user's name that keeps its constraint.
    UserName
}
text_value! {
    /// A device's serial number that keeps its constraint; a virtual device's is its ARN.
    SerialNumber
}
text_value! {
    /// An authentication code that keeps its constraint: six digits.
    AuthenticationCode
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_outside_the_range_in_every_unit_is_broken_whichever_side_it_is_on() {
        let code = Constraint { required: true, min: 6, max: 6, class: CharacterClass::Digits };
        // Four characters, four UTF-16 units, eight bytes: no unit makes six of them.
        assert_eq!(code.check(Some("\u{664}\u{664}\u{664}\u{664}")).violations.as_slice(), [Aspect::MinLength]);
        // Three characters, six bytes.
        assert_eq!(code.check(Some("\u{664}\u{664}\u{664}")).doubts.first(), Some(&Aspect::LengthUnit));
        assert_eq!(code.check(Some("1234567")).violations.as_slice(), [Aspect::MaxLength]);
    }

    const NAME: Constraint = Constraint { required: true, min: 2, max: 4, class: CharacterClass::Name };

    #[test]
    fn a_value_is_held_against_presence_length_and_pattern() {
        for (value, violation) in [
            (None, Some(Aspect::Required)),
            (Some(""), Some(Aspect::Empty)),
            (Some("a"), Some(Aspect::MinLength)),
            (Some("ab"), None),
            (Some("a_.9"), None),
            (Some("abcde"), Some(Aspect::MaxLength)),
            (Some("a b"), Some(Aspect::Pattern)),
            (Some("ab\n"), Some(Aspect::Pattern)),
            (Some("a\u{a0}b"), Some(Aspect::Pattern)),
        ] {
            let check = NAME.check(value);
            assert_eq!(check.violations.as_slice(), violation.as_slice(), "{value:?}");
            assert!(check.doubts.is_empty(), "{value:?}");
        }
        let optional = Constraint { required: false, ..NAME };
        assert_eq!((optional.check(None), optional.check(Some("")).violations.len()), (Check::default(), 1));
        let both = NAME.check(Some("a b c d"));
        assert_eq!(both.violations.as_slice(), [Aspect::MaxLength, Aspect::Pattern]);
    }

    /// An umlaut is two bytes; a clef four bytes, two units of UTF-16, and no letter.
    #[test]
    fn a_length_that_hangs_on_its_unit_is_a_doubt() {
        for (value, doubts) in [
            ("\u{e4}", &[Aspect::LengthUnit, Aspect::PatternNonAscii][..]),
            ("\u{e4}\u{e4}", &[Aspect::PatternNonAscii]),
            ("\u{e4}b\u{e4}", &[Aspect::LengthUnit, Aspect::PatternNonAscii]),
            ("\u{e4}bcd", &[Aspect::LengthUnit, Aspect::PatternNonAscii]),
            ("\u{1d11e}", &[Aspect::LengthUnit, Aspect::PatternNonAscii]),
            ("\u{1d11e}bc", &[Aspect::LengthUnit, Aspect::PatternNonAscii]),
        ] {
            let check = NAME.check(Some(value));
            assert_eq!((check.violations.as_slice(), check.doubts.as_slice()), (&[][..], doubts), "{value}");
        }
        let too_long = NAME.check(Some("\u{e4}bcde"));
        assert_eq!(too_long.violations.as_slice(), [Aspect::MaxLength]);
        let short = Constraint { min: 5, max: 9, ..NAME };
        assert_eq!(short.check(Some("\u{e4}\u{e4}")).violations.as_slice(), [Aspect::MinLength]);
    }

    #[test]
    fn a_class_admits_what_its_pattern_lists() {
        for class in [CharacterClass::Name, CharacterClass::SerialNumber, CharacterClass::Digits] {
            let pattern = class.pattern();
            for character in (0..128_u8).map(char::from) {
                let listed = match character {
                    '0'..='9' => true,
                    'a'..='z' | 'A'..='Z' | '_' => pattern.contains(r"\w"),
                    mark => {
                        pattern.strip_suffix("]+").is_some_and(|listed| listed.contains(mark) && !"[\\".contains(mark))
                    }
                };
                assert_eq!(class.admits(character) == Admission::Yes, listed, "{class:?} {character:?}");
                assert_ne!(class.admits(character), Admission::Open, "{class:?} {character:?}");
                assert_eq!(class.punctuation().contains(character), listed && !character.is_ascii_alphanumeric());
            }
        }
    }

    #[test]
    fn letters_and_digits_of_other_scripts_are_open() {
        use Admission::{No, Open};
        for (character, expected) in
            [('\u{e4}', [Open, Open, No]), ('\u{664}', [Open; 3]), ('\u{2003}', [No; 3]), ('\u{85}', [No; 3])]
        {
            let classes = [CharacterClass::Name, CharacterClass::SerialNumber, CharacterClass::Digits];
            assert_eq!(classes.map(|class| class.admits(character)), expected, "{character:?}");
        }
    }
}

//! The clauses that hold for each parameter of each operation.

use std::borrow::Cow;

use super::entry::Clause;
use super::row::Side;
use super::source::{boto3, page, protocol, quote};
use super::{Aspect, ClauseId, Parameter, Source};
use crate::MfaOperation;
use crate::value::CharacterClass;

/// The clause of [`ClauseId::Parameter`].
pub(super) fn clause(parameter: Parameter, aspect: Aspect) -> Clause {
    Clause {
        id: ClauseId::Parameter(parameter, aspect),
        stance: aspect.stance(),
        sources: Cow::Owned(sources(parameter, aspect)),
        requires: requires(parameter, aspect),
        test: test(parameter, aspect),
        sides: sides(parameter, aspect),
        excluded: None,
    }
}

const fn sides(parameter: Parameter, aspect: Aspect) -> &'static [Side] {
    match aspect {
        Aspect::Required if !parameter.constraint().required => &[Side::Accept],
        // Only the empty name is shorter than one character, and it has an aspect of its own.
        Aspect::MinLength if parameter.constraint().min == 1 => &[Side::Accept],
        Aspect::Required | Aspect::MinLength | Aspect::MaxLength | Aspect::Pattern => &Side::ALL,
        Aspect::Empty | Aspect::Rejected => &[Side::Reject],
        Aspect::PatternNonAscii | Aspect::LengthUnit => &[],
    }
}

/// What a page says about a parameter, in its own sections.
struct Words {
    required: &'static str,
    length: &'static str,
    pattern: &'static str,
    prose: &'static str,
    /// The punctuation marks that the prose adds.
    marks: Option<&'static str>,
}

fn words(parameter: Parameter) -> Words {
    let constraint = parameter.constraint();
    let required = if constraint.required { "Required: Yes" } else { "Required: No" };
    match (constraint.class, parameter.operation()) {
        (CharacterClass::Name, _) => Words {
            required,
            length: "Length Constraints: Minimum length of 1. Maximum length of 128.",
            pattern: r"Pattern: [\w+=,.@-]+",
            prose: quote::ALPHANUMERIC,
            marks: Some(quote::NAME_PROSE),
        },
        (CharacterClass::SerialNumber, operation) => Words {
            required,
            length: quote::SERIAL_LENGTH,
            pattern: quote::SERIAL_PATTERN,
            prose: quote::ALPHANUMERIC,
            marks: Some(match operation {
                MfaOperation::Resync => quote::NAME_PROSE,
                MfaOperation::Enable | MfaOperation::Deactivate => quote::SERIAL_PROSE,
            }),
        },
        (CharacterClass::Digits, operation) => Words {
            required,
            length: "Length Constraints: Fixed length of 6.",
            pattern: r"Pattern: [\d]+",
            prose: match operation {
                MfaOperation::Resync => "The format for this parameter is a sequence of six digits.",
                MfaOperation::Enable | MfaOperation::Deactivate => {
                    "The format for this parameter is a string of six digits."
                }
            },
            marks: None,
        },
    }
}

/// Cites the parameter's paragraph of its page.
fn cite(parameter: Parameter, quote: &'static str) -> Source {
    let section = match parameter {
        Parameter::EnableUserName | Parameter::ResyncUserName | Parameter::DeactivateUserName => {
            "Request Parameters, UserName"
        }
        Parameter::EnableSerialNumber | Parameter::ResyncSerialNumber | Parameter::DeactivateSerialNumber => {
            "Request Parameters, SerialNumber"
        }
        Parameter::EnableCode1 | Parameter::ResyncCode1 => "Request Parameters, AuthenticationCode1",
        Parameter::EnableCode2 | Parameter::ResyncCode2 => "Request Parameters, AuthenticationCode2",
    };
    page(parameter.operation(), section, quote)
}

/// Cites boto3's page, which repeats what the page on `DeactivateMFADevice` says about its parameters.
fn repeated_by_boto3(parameter: Parameter, quotes: [&'static str; 2]) -> Vec<Source> {
    match parameter.operation() {
        MfaOperation::Deactivate => quotes.into_iter().map(|quote| boto3(parameter.wire_name(), quote)).collect(),
        MfaOperation::Enable | MfaOperation::Resync => Vec::new(),
    }
}

fn sources(parameter: Parameter, aspect: Aspect) -> Vec<Source> {
    let words = words(parameter);
    match aspect {
        Aspect::Required if parameter == Parameter::DeactivateUserName => {
            vec![cite(parameter, words.required), cite(parameter, quote::DEFAULT_USER)]
        }
        Aspect::Required => vec![cite(parameter, words.required)],
        Aspect::Empty | Aspect::MinLength | Aspect::MaxLength => vec![cite(parameter, words.length)],
        Aspect::Pattern => {
            let prose =
                words.marks.into_iter().flat_map(|marks| [cite(parameter, words.prose), cite(parameter, marks)]);
            let page = std::iter::once(cite(parameter, words.pattern)).chain(prose);
            page.chain(words.marks.into_iter().flat_map(|marks| repeated_by_boto3(parameter, [words.prose, marks])))
                .collect()
        }
        Aspect::PatternNonAscii => vec![cite(parameter, words.prose), cite(parameter, words.pattern)],
        Aspect::LengthUnit => {
            vec![cite(parameter, words.length), protocol("Lengths of strings count Unicode code points")]
        }
        Aspect::Rejected => vec![cite(parameter, words.length), cite(parameter, words.pattern)],
    }
}

fn requires(parameter: Parameter, aspect: Aspect) -> Cow<'static, str> {
    let (operation, name, constraint) = (parameter.operation(), parameter.wire_name(), parameter.constraint());
    let (min, max, pattern) = (constraint.min, constraint.max, constraint.class.pattern());
    let digits = matches!(constraint.class, CharacterClass::Digits);
    let article = if digits { "an" } else { "a" };
    Cow::Owned(match aspect {
        Aspect::Required if !constraint.required => format!(
            "{operation} does not need {name}. If an IAM user's call omits it, the service treats the call as one for \
             that user, and never rejects it because {name} is missing."
        ),
        Aspect::Required => format!("{operation} needs {name}. The service rejects a call without it."),
        Aspect::Empty => format!(
            "{operation} rejects an empty {name}. It is shorter than the minimum of {min}, and does not count as \
             omitted."
        ),
        Aspect::MinLength if min == 1 => format!("{operation} uses {article} {name} of one character as given."),
        Aspect::MinLength => {
            format!("{operation} uses {article} {name} of {min} characters as given, and rejects a shorter one.")
        }
        Aspect::MaxLength => {
            format!("{operation} uses {article} {name} of {max} characters as given, and rejects a longer one.")
        }
        Aspect::Pattern => format!(
            "{operation} uses {article} {name} with any characters of {pattern} as given, and rejects any other ASCII \
             character."
        ),
        Aspect::PatternNonAscii if digits => format!(
            "Digits of other scripts in {name} of {operation} either match the pattern or break it. In some engines \
             \\d means the digits of ASCII, in others the digits of every script."
        ),
        Aspect::PatternNonAscii => format!(
            "Letters and digits outside ASCII in {name} of {operation} either match the pattern or break it. The prose \
             says alphanumeric. In some engines \\w means the letters and digits of ASCII, in others those of every \
             script."
        ),
        Aspect::LengthUnit => format!(
            "The length of {name} in {operation} counts code points, bytes or UTF-16 code units. The page names no \
             unit."
        ),
        Aspect::Rejected => format!(
            "{operation} never succeeds if {name} breaks a constraint. It answers a 4xx with a common or a listed \
             error code."
        ),
    })
}

fn test(parameter: Parameter, aspect: Aspect) -> Cow<'static, str> {
    let constraint = parameter.constraint();
    let code = matches!(constraint.class, CharacterClass::Digits);
    match aspect {
        Aspect::Required if !constraint.required => {
            Cow::Borrowed("A call without it that is signed by an IAM user and names that user's device.")
        }
        Aspect::Required => Cow::Borrowed(
            "A complete call, and the same call without the parameter, also directly after a complete call on the same \
             connection.",
        ),
        Aspect::Empty => Cow::Borrowed(
            "The parameter present and empty in a call that is otherwise correct, also signed with the caller's own \
             key.",
        ),
        Aspect::MinLength if code => {
            Cow::Borrowed("Correct codes, and the same codes with the first or the last digit missing.")
        }
        Aspect::MinLength if constraint.min == 1 => {
            Cow::Borrowed("A user whose name has one character. The only shorter name is empty.")
        }
        Aspect::MinLength => Cow::Owned(format!(
            "{} characters, of an existing entity if one can be created. One character fewer.",
            constraint.min
        )),
        Aspect::MaxLength if code => Cow::Borrowed(
            "Correct codes, the same codes with an extra digit at the beginning or the end, and 10 kB of digits by \
             POST.",
        ),
        Aspect::MaxLength => Cow::Owned(format!(
            "{} characters, of an existing entity if one can be created. {} characters, and 10 kB by POST.",
            constraint.max,
            constraint.max + 1
        )),
        Aspect::Pattern if code => Cow::Borrowed(
            "Correct codes. The same codes with each other printable character, a space, a control character, NUL or a \
             newline at the end, in place of a digit or between two digits.",
        ),
        Aspect::Pattern => Cow::Borrowed(
            "Each allowed punctuation mark, upper and lower case, digits and the underscore, alone and mixed. Each \
             other printable character, a space, a control character, NUL and a newline at the end, at each position \
             and inserted into a correct value.",
        ),
        Aspect::PatternNonAscii if code => Cow::Borrowed("Correct codes in the digits of other scripts."),
        Aspect::PatternNonAscii => Cow::Borrowed("Values that contain letters and digits of other scripts."),
        Aspect::LengthUnit => {
            Cow::Borrowed("Values outside ASCII that are within the limits in one unit and outside them in another.")
        }
        Aspect::Rejected => Cow::Borrowed(
            "Each reject-side request of this parameter, by the repair rule. A service that looks for the entity first \
             may answer NoSuchEntity. A service that checks the codes first may answer InvalidAuthenticationCode.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_length_is_the_length_of_the_constraint() {
        for parameter in Parameter::ALL {
            let (length, constraint) = (words(parameter).length, parameter.constraint());
            for limit in [constraint.min, constraint.max] {
                assert!(length.contains(&format!("length of {limit}.")), "{parameter:?}");
            }
        }
    }

    #[test]
    fn a_quoted_pattern_is_the_pattern_of_the_constraint() {
        for parameter in Parameter::ALL {
            let pattern = parameter.constraint().class.pattern();
            assert_eq!(words(parameter).pattern, format!("Pattern: {pattern}"), "{parameter:?}");
        }
    }

    #[test]
    fn a_user_name_may_be_left_out_of_a_deactivate_alone() {
        let optional = clause(Parameter::DeactivateUserName, Aspect::Required);
        assert!(optional.requires.contains("does not need") && optional.sides == [Side::Accept], "{optional:?}");
        let required = clause(Parameter::EnableUserName, Aspect::Required);
        assert!(required.requires.contains("needs UserName") && required.sides == Side::ALL, "{required:?}");
    }

    /// Only the empty name is shorter than one character, and its rejection has an aspect of its own.
    #[test]
    fn a_minimum_of_one_character_has_no_reject_side() {
        for parameter in Parameter::ALL {
            let sides = clause(parameter, Aspect::MinLength).sides;
            assert_eq!(sides.contains(&Side::Reject), parameter.constraint().min > 1, "{parameter:?}");
            assert!(sides.contains(&Side::Accept), "{parameter:?}");
        }
    }

    #[test]
    fn what_a_minimum_requires_and_how_it_is_tested_speaks_of_its_length() {
        let texts = |parameter| {
            let clause = clause(parameter, Aspect::MinLength);
            (clause.requires.into_owned(), clause.test.into_owned())
        };
        let (requires, test) = texts(Parameter::EnableSerialNumber);
        assert!(requires.contains('9') && test.starts_with("9 characters"), "{requires} {test}");
        let (requires, test) = texts(Parameter::EnableUserName);
        assert!(!requires.contains('9') && test.contains("one character"), "{requires} {test}");
        let code = clause(Parameter::EnableCode1, Aspect::Pattern);
        let name = clause(Parameter::EnableUserName, Aspect::Pattern);
        assert!(code.test.starts_with("Correct codes") && !name.test.contains("codes"), "{} {}", code.test, name.test);
    }
}

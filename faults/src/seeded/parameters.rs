//! The constraints of each parameter, made tighter on the accept side and looser on the reject side: for one operation
//! alone, and for all at once.

use mfa_reference::clause::{Aspect, ClauseId, Parameter};
use mfa_reference::value::CharacterClass;
use mfa_reference::{Caller, ErrorCode, MfaOperation, Request};

use crate::altered::{Altered, decides};
use crate::entry::{Difficulty, Fault, Make};
use crate::parts::{Named, named, newest_device, newest_user, refuse, refused_with};

/// What is done with a parameter's constraint.
#[derive(Clone, Copy)]
enum Kind {
    /// A value that breaks this and nothing else is taken for the right one.
    Loose(Aspect),
    /// A value at this edge is refused.
    Tight(Edge),
}

/// An edge of what a constraint allows.
#[derive(Clone, Copy)]
enum Edge {
    /// The parameter is left out.
    Absent,
    /// The least length.
    Shortest,
    /// The greatest length.
    Longest,
    /// The greatest length of a user's name that can be created.
    LongestName,
    /// A value with this character.
    With(char),
}

impl Edge {
    const fn aspect(self) -> Aspect {
        match self {
            Self::Absent => Aspect::Required,
            Self::Shortest => Aspect::MinLength,
            Self::Longest | Self::LongestName => Aspect::MaxLength,
            Self::With(_) => Aspect::Pattern,
        }
    }

    fn holds(self, parameter: Parameter, text: Option<&str>) -> bool {
        let constraint = parameter.constraint();
        match (self, text) {
            (Self::Absent, text) => text.is_none(),
            (_, None) => false,
            (Self::Shortest, Some(text)) => text.len() == constraint.min,
            (Self::Longest, Some(text)) => text.len() == constraint.max,
            (Self::LongestName, Some(text)) => text.len() == 64,
            (Self::With(mark), Some(text)) => text.contains(mark),
        }
    }
}

impl Kind {
    fn word(self) -> String {
        match self {
            Self::Loose(aspect) => match aspect {
                Aspect::Required => "absent-taken".to_owned(),
                Aspect::Empty => "empty-taken".to_owned(),
                Aspect::MinLength => "too-short-taken".to_owned(),
                Aspect::MaxLength => "too-long-taken".to_owned(),
                Aspect::Pattern => "odd-character-taken".to_owned(),
                Aspect::PatternNonAscii | Aspect::LengthUnit | Aspect::Rejected => "odd-taken".to_owned(),
            },
            Self::Tight(edge) => match edge {
                Edge::Absent => "demanded".to_owned(),
                Edge::Shortest => "shortest-refused".to_owned(),
                Edge::Longest => "longest-refused".to_owned(),
                Edge::LongestName => "of-64-characters-refused".to_owned(),
                Edge::With(mark) => format!("with-{}-refused", mark_name(mark)),
            },
        }
    }

    fn what(self, operations: &str, name: &str) -> String {
        match self {
            Self::Loose(aspect) => {
                let value = match aspect {
                    Aspect::Required => format!("without {name}"),
                    Aspect::Empty => format!("with an empty {name}"),
                    Aspect::MinLength => format!("with a {name} that is too short"),
                    Aspect::MaxLength => format!("with a {name} that is too long"),
                    Aspect::Pattern | Aspect::PatternNonAscii | Aspect::LengthUnit | Aspect::Rejected => {
                        format!("with a {name} that holds a character outside its pattern")
                    }
                };
                format!("{operations} {value} is carried out as if the value were right.")
            }
            Self::Tight(edge) => {
                let value = match edge {
                    Edge::Absent => format!("without {name}"),
                    Edge::Shortest => format!("with a {name} of the least length"),
                    Edge::Longest => format!("with a {name} of the greatest length"),
                    Edge::LongestName => format!("with a {name} of 64 characters"),
                    Edge::With(mark) => format!("with '{mark}' in {name}"),
                };
                format!("{operations} {value} is refused with ValidationError.")
            }
        }
    }

    const fn aspect(self) -> Aspect {
        match self {
            Self::Loose(aspect) => aspect,
            Self::Tight(edge) => edge.aspect(),
        }
    }
}

const fn mark_name(mark: char) -> &'static str {
    match mark {
        '+' => "plus",
        '=' => "equals",
        ',' => "comma",
        '.' => "full-stop",
        '@' => "at",
        '-' => "hyphen",
        '_' => "underscore",
        '/' => "slash",
        'Z' => "capital",
        _ => "nine",
    }
}

/// The kinds that make sense for a parameter.
fn kinds(parameter: Parameter) -> Vec<Kind> {
    let constraint = parameter.constraint();
    let mut kinds = vec![Kind::Loose(Aspect::Empty), Kind::Loose(Aspect::MaxLength), Kind::Loose(Aspect::Pattern)];
    if constraint.required {
        kinds.push(Kind::Loose(Aspect::Required));
    } else {
        kinds.push(Kind::Tight(Edge::Absent));
    }
    if constraint.min > 1 {
        kinds.push(Kind::Loose(Aspect::MinLength));
    }
    kinds.extend(
        match constraint.class {
            CharacterClass::Name => {
                vec![Edge::Shortest, Edge::Longest, Edge::LongestName, Edge::With(mark_of(parameter)), Edge::With('Z')]
            }
            CharacterClass::SerialNumber => vec![Edge::Shortest, Edge::Longest, Edge::With(mark_of(parameter))],
            CharacterClass::Digits => vec![Edge::With('9')],
        }
        .into_iter()
        .map(Kind::Tight),
    );
    kinds
}

/// A mark of the pattern: another one for each parameter of a class.
const fn mark_of(parameter: Parameter) -> char {
    match parameter {
        Parameter::EnableUserName | Parameter::ResyncSerialNumber => '+',
        Parameter::ResyncUserName => '=',
        Parameter::DeactivateUserName => ',',
        Parameter::EnableSerialNumber => '@',
        Parameter::DeactivateSerialNumber => '.',
        Parameter::EnableCode1 | Parameter::EnableCode2 | Parameter::ResyncCode1 | Parameter::ResyncCode2 => '9',
    }
}

/// Whether a request is for the operation that a parameter belongs to.
fn is_of(request: &Request<'_>, parameter: Parameter) -> bool {
    request.operation().under_test() == Some(parameter.operation())
}

/// The text of a parameter of a request, if it is there.
fn text_of<'a>(request: &Request<'a>, parameter: Parameter) -> Option<&'a str> {
    match (request, parameter.wire_name()) {
        (Request::Codes { user_name, .. } | Request::Deactivate { user_name, .. }, "UserName") => user_name.text,
        (Request::Codes { serial_number, .. } | Request::Deactivate { serial_number, .. }, "SerialNumber") => {
            serial_number.text
        }
        (Request::Codes { code1, .. }, "AuthenticationCode1") => code1.text,
        (Request::Codes { code2, .. }, "AuthenticationCode2") => code2.text,
        _ => None,
    }
}

fn service(parameters: Vec<Parameter>, kind: Kind) -> Altered {
    decides(move |situation, request, decision| {
        let Some(parameter) = parameters.iter().copied().find(|one| is_of(request, *one)) else {
            return decision;
        };
        match kind {
            Kind::Tight(edge) => {
                let text = text_of(request, parameter);
                let refused = refused_with(&decision);
                let told = refused.is_none() || refused == Some(ErrorCode::NoSuchEntity);
                let asked = !matches!(edge, Edge::Absent) || matches!(situation.caller, Caller::User(_));
                if told && asked && edge.holds(parameter, text) { refuse(ErrorCode::ValidationError) } else { decision }
            }
            Kind::Loose(aspect) => {
                let violations = request.violations();
                let only = violations.iter().all(|one| one.member == parameter.wire_name() && one.aspect == aspect);
                match named(situation, request) {
                    Some(named) if only && !violations.is_empty() => {
                        let (user, device) = (newest_user(situation.account), newest_device(situation.account));
                        let device = device.and_then(|id| Some((id, situation.account.device(id)?)));
                        let named = Named { user: named.user.or(user), device: named.device.or(device), ..named };
                        let free = named.owner().is_none();
                        let enables = parameter.operation() == MfaOperation::Enable;
                        if free == enables { named.carried_out() } else { decision }
                    }
                    Some(_) | None => decision,
                }
            }
        }
    })
}

fn fault(name: String, operations: &str, parameters: &[Parameter], kind: Kind) -> Option<Fault> {
    let (first, others) = parameters.split_first()?;
    let clause = |parameter: &Parameter| ClauseId::Parameter(*parameter, kind.aspect());
    let mut also_accepted: Vec<ClauseId> = others.iter().map(clause).collect();
    if let Kind::Loose(_) = kind {
        // That a broken constraint never succeeds is said of each constraint again.
        also_accepted.extend(parameters.iter().map(|parameter| ClauseId::Parameter(*parameter, Aspect::Rejected)));
    }
    if let (Kind::Tight(Edge::With(_)), CharacterClass::Digits) = (kind, first.constraint().class) {
        // From outside, a right call is refused: nothing tells which of its values is not liked.
        also_accepted.extend(parameters.iter().map(|parameter| match parameter.operation() {
            MfaOperation::Resync => ClauseId::ResyncSynchronizes,
            MfaOperation::Enable | MfaOperation::Deactivate => ClauseId::EnableFreshPair,
        }));
    }
    if let Kind::Tight(Edge::Absent) = kind {
        // That the caller is meant without it, and that it isn't needed, is one paragraph.
        also_accepted.push(ClauseId::DeactivateDefaultUser);
    }
    also_accepted.sort_unstable();
    also_accepted.dedup();
    let all = parameters.to_vec();
    Some(Fault {
        name: name.into(),
        what: kind.what(operations, first.wire_name()).into(),
        breaks: clause(first),
        also_accepted: also_accepted.into(),
        difficulty: match kind {
            Kind::Loose(Aspect::Required | Aspect::Empty) | Kind::Tight(Edge::Absent) => Difficulty::Shallow,
            Kind::Loose(_) | Kind::Tight(_) => Difficulty::Narrow,
        },
        service: Make::new(move || service(all.clone(), kind)),
    })
}

/// The product of parameters and kinds, and the same for all operations at once.
pub(crate) fn faults() -> Vec<Fault> {
    let single = Parameter::ALL.into_iter().flat_map(|parameter| {
        kinds(parameter).into_iter().filter_map(move |kind| {
            let operation = parameter.operation();
            let name = format!("{}-{}-{}", operation.word(), parameter.word(), kind.word());
            fault(name, operation.operation().name(), &[parameter], kind)
        })
    });
    let words = ["user-name", "serial-number", "code1", "code2"];
    let shared = words.into_iter().flat_map(|word| {
        let parameters: Vec<Parameter> = Parameter::ALL.into_iter().filter(|one| one.word() == word).collect();
        let kinds = parameters.first().map(|first| kinds(*first)).unwrap_or_default();
        kinds.into_iter().filter_map(move |kind| {
            fault(format!("every-{word}-{}", kind.word()), "Each of the operations", &parameters, kind)
        })
    });
    single.chain(shared).collect()
}

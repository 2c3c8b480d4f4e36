//! How the model reads the parameters of the operations under test, compared with a second reading that was written from
//! the documents' pages alone, with another tool: regular expressions as the pages print them.

use std::io::BufRead;
use std::sync::LazyLock;

use mfa_reference::clause::Aspect;
use mfa_reference::value::{AuthenticationCode, Check, SerialNumber, UserName};
use mfa_reference::{Argument, Constraints, NoAction, RawRequest, Request};
use regex::Regex;

/// How bytes break the property.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Broken {
    /// A pattern of ours is none.
    #[error("{0}; the second reading's own patterns have to be regular expressions")]
    Pattern(#[from] regex::Error),
    /// A request of a known action isn't read at all.
    #[error("{request:?} is not read: {why:?}; its action and version are those of the documents")]
    Unread {
        /// What was read.
        request: RawRequest,
        /// What the model says instead.
        why: NoAction,
    },
    /// A parameter breaks or keeps its constraint for one of the two only.
    #[error("{action}'s {member} {text:?}: the model says {model:?}, the pages say {pages:?}")]
    Parameter {
        /// The operation.
        action: &'static str,
        /// The parameter.
        member: &'static str,
        /// Its value as it came.
        text: Option<String>,
        /// What the model finds wrong with it.
        model: Box<Check>,
        /// What the second reading finds wrong with it.
        pages: Box<Check>,
    },
    /// The parameters of a request are others than those of the operation's page.
    #[error("the model reads {model:?} of {action}, whose page names {pages:?}")]
    Members {
        /// The operation.
        action: &'static str,
        /// The model's parameters.
        model: Vec<&'static str>,
        /// The page's.
        pages: Vec<&'static str>,
    },
    /// All that is wrong with the request, listed otherwise than parameter by parameter.
    #[error("of {request:?} the model lists {model:?}, the pages {pages:?}")]
    List {
        /// What was read.
        request: RawRequest,
        /// The model's list.
        model: Vec<(&'static str, Aspect)>,
        /// The list of the second reading.
        pages: Vec<(&'static str, Aspect)>,
    },
    /// A parsed value that isn't the text, or one in spite of a violation, or none without one.
    #[error("{action}'s {member} {text:?} is parsed as {value:?}")]
    Value {
        /// The operation.
        action: &'static str,
        /// The parameter.
        member: &'static str,
        /// Its value as it came.
        text: Option<String>,
        /// What the model made of it.
        value: Option<String>,
    },
}

/// What a page says of one parameter.
struct Member {
    name: &'static str,
    required: bool,
    min: usize,
    max: usize,
    pattern: &'static Readings,
}

/// A pattern in each sense that its letters and digits may have.
type Readings = LazyLock<Result<[Regex; 3], regex::Error>>;

/// The first is the pattern as the page prints it, with the letters and digits of ASCII. The second has those of
/// Unicode. The third is that of a tool which knows of no letters beyond ASCII and lets pass whatever is neither space
/// nor control, or which takes for a digit whatever is numeric.
fn readings(ascii: &str, unicode: &str, loose: &str) -> Result<[Regex; 3], regex::Error> {
    let whole = |pattern: &str| Regex::new(&format!(r"\A{pattern}\z"));
    Ok([whole(ascii)?, whole(unicode)?, whole(loose)?])
}

static NAME: Readings =
    LazyLock::new(|| readings(r"(?-u:[\w+=,.@-])+", r"[\w+=,.@-]+", r"(?:[\w+=,.@-]|[^\x00-\x7F\s\p{Cc}])+"));
static SERIAL_NUMBER: Readings =
    LazyLock::new(|| readings(r"(?-u:[\w+=/:,.@-])+", r"[\w+=/:,.@-]+", r"(?:[\w+=/:,.@-]|[^\x00-\x7F\s\p{Cc}])+"));
static CODE: Readings = LazyLock::new(|| readings(r"(?-u:[\d])+", r"[\d]+", r"\p{N}+"));

const USER_NAME: Member = Member { name: "UserName", required: true, min: 1, max: 128, pattern: &NAME };
const DEVICE: Member = Member { name: "SerialNumber", required: true, min: 9, max: 256, pattern: &SERIAL_NUMBER };
const CODE_1: Member = Member { name: "AuthenticationCode1", required: true, min: 6, max: 6, pattern: &CODE };
const CODE_2: Member = Member { name: "AuthenticationCode2", ..CODE_1 };

/// The pages: each operation and its parameters.
const PAGES: [(&str, &[Member]); 3] = [
    ("EnableMFADevice", &[USER_NAME, DEVICE, CODE_1, CODE_2]),
    ("ResyncMFADevice", &[USER_NAME, DEVICE, CODE_1, CODE_2]),
    ("DeactivateMFADevice", &[Member { required: false, ..USER_NAME }, DEVICE]),
];

impl Member {
    /// What is wrong with a value, or with there being none.
    fn findings(&self, text: Option<&str>) -> Result<Check, Broken> {
        let mut findings = Check::default();
        let Some(text) = text else {
            findings.violations.extend(self.required.then_some(Aspect::Required));
            return Ok(findings);
        };
        if text.is_empty() {
            findings.violations.push(Aspect::Empty);
            return Ok(findings);
        }
        // The page says "length" and no unit.
        let characters = text.chars().count();
        let utf16 = if text.is_ascii() { characters } else { text.encode_utf16().count() };
        let units = [characters, text.len(), utf16];
        let kept = units.into_iter().filter(|length| (self.min..=self.max).contains(length)).count();
        if kept == 0 {
            findings.violations.push(if characters < self.min { Aspect::MinLength } else { Aspect::MaxLength });
        } else if kept < units.len() {
            findings.doubts.push(Aspect::LengthUnit);
        }
        let [ascii, unicode, loose] = self.pattern.as_ref().map_err(Clone::clone)?;
        // What the narrowest reading keeps, the others keep too.
        if !ascii.is_match(text) {
            if unicode.is_match(text) || loose.is_match(text) {
                findings.doubts.push(Aspect::PatternNonAscii);
            } else {
                findings.violations.push(Aspect::Pattern);
            }
        }
        Ok(findings)
    }
}

/// Any parameters, for any of the three operations: the model finds in each what the pages say is wrong with it, surely
/// or by one reading only; it lists all of that; and it has a value, the text itself, just where nothing surely is.
///
/// The first byte says the operation (`E`, `R`, `D`). Parameters follow, each of a byte that says which (`U`, `S`, `1`,
/// `2`) and its text, the byte 255 between them.
///
/// # Errors
/// How the bytes break this.
pub fn holds(bytes: &[u8]) -> Result<(), Broken> {
    let (which, rest) = bytes.split_first().unwrap_or((&b'E', &[]));
    let [enable, resync, deactivate] = &PAGES;
    let (action, members) = match which {
        b'E' => *enable,
        b'R' => *resync,
        b'D' => *deactivate,
        other => *[enable, resync, deactivate].into_iter().nth(usize::from(other % 3)).unwrap_or(enable),
    };
    let request = request(action, rest);
    let read = match Request::read(&request, &Constraints::default()) {
        Ok(read) => read,
        Err(why) => return Err(Broken::Unread { request, why }),
    };
    let arguments = arguments(&read);
    let (names, expected) = (arguments.iter().map(|seen| seen.member), members.iter().map(|member| member.name));
    if !names.clone().eq(expected.clone()) {
        return Err(Broken::Members { action, model: names.collect(), pages: expected.collect() });
    }
    let mut listed = Vec::new();
    for (seen, member) in arguments.iter().zip(members) {
        let text = first(&request, member.name);
        let pages = member.findings(text)?;
        seen.agrees(action, text, &pages)?;
        listed.extend(pages.violations.iter().map(|aspect| (member.name, *aspect)));
    }
    let violations = read.violations();
    if !violations.iter().map(|violation| (violation.member, violation.aspect)).eq(listed.iter().copied()) {
        let model = violations.iter().map(|violation| (violation.member, violation.aspect)).collect();
        return Err(Broken::List { model, pages: listed, request: request.clone() });
    }
    Ok(())
}

/// A request of these parameters.
fn request(action: &str, bytes: &[u8]) -> RawRequest {
    let mut request = RawRequest::new(action, &[]);
    // The standard library's search for a byte is not instrumented, so that libFuzzer spends its time on the model.
    for part in BufRead::split(bytes, 0xff).map_while(Result::ok) {
        let Some((which, text)) = part.split_first() else { continue };
        let name = match which {
            b'U' => USER_NAME.name,
            b'S' => DEVICE.name,
            b'1' => CODE_1.name,
            b'2' => CODE_2.name,
            // A name that differs in case is another name.
            _ => "username",
        };
        request.parameters.push((name.to_owned(), String::from_utf8_lossy(text).into_owned()));
    }
    request
}

/// Of a parameter that came twice, the first counts.
fn first<'a>(request: &'a RawRequest, name: &str) -> Option<&'a str> {
    request.parameters.iter().find_map(|(known, text)| (known == name).then_some(text.as_str()))
}

/// What the model has of one parameter.
struct Seen<'a> {
    member: &'static str,
    value: Option<&'a str>,
    check: &'a Check,
}

impl<'a> Seen<'a> {
    fn new<T: Copy>(member: &'static str, argument: &'a Argument<'a, T>, text: fn(T) -> &'a str) -> Self {
        Self { member, value: argument.value.map(text), check: &argument.check }
    }

    fn agrees(&self, action: &'static str, text: Option<&str>, pages: &Check) -> Result<(), Broken> {
        let (member, owned) = (self.member, |text: &str| text.to_owned());
        if self.check != pages {
            let (model, pages) = (Box::new(self.check.clone()), Box::new(pages.clone()));
            return Err(Broken::Parameter { action, member, text: text.map(owned), model, pages });
        }
        if self.value != text.filter(|_| pages.violations.is_empty()) {
            return Err(Broken::Value { action, member, text: text.map(owned), value: self.value.map(owned) });
        }
        Ok(())
    }
}

/// The parameters that the model knows, in the order of its list.
fn arguments<'a>(request: &'a Request<'a>) -> Vec<Seen<'a>> {
    match request {
        Request::Codes { user_name, serial_number, code1, code2, .. } => vec![
            Seen::new("UserName", user_name, UserName::as_str),
            Seen::new("SerialNumber", serial_number, SerialNumber::as_str),
            Seen::new("AuthenticationCode1", code1, AuthenticationCode::as_str),
            Seen::new("AuthenticationCode2", code2, AuthenticationCode::as_str),
        ],
        Request::Deactivate { user_name, serial_number } => vec![
            Seen::new("UserName", user_name, UserName::as_str),
            Seen::new("SerialNumber", serial_number, SerialNumber::as_str),
        ],
        Request::Support(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_reading_knows_what_every_reading_forbids_from_what_only_one_does() {
        let findings = |member: &Member, text: &str| {
            let Check { violations, doubts } = member.findings(Some(text)).unwrap();
            (violations.to_vec(), doubts.to_vec())
        };
        assert_eq!(findings(&USER_NAME, "Bob_2@x"), (vec![], vec![]));
        assert_eq!(findings(&USER_NAME, "Bob/x"), (vec![Aspect::Pattern], vec![]));
        assert_eq!(findings(&USER_NAME, "Zoë"), (vec![], vec![Aspect::PatternNonAscii]));
        assert_eq!(findings(&USER_NAME, "a\u{a0}b"), (vec![Aspect::Pattern], vec![]));
        assert_eq!(findings(&USER_NAME, &"é".repeat(65)), (vec![], vec![Aspect::LengthUnit, Aspect::PatternNonAscii]));
        assert_eq!(findings(&DEVICE, "R1234"), (vec![Aspect::MinLength], vec![]));
        assert_eq!(findings(&CODE_1, "12345a7"), (vec![Aspect::MaxLength, Aspect::Pattern], vec![]));
        assert_eq!(findings(&CODE_2, "12345\n"), (vec![Aspect::Pattern], vec![]));
        assert_eq!(USER_NAME.findings(None).unwrap().violations.as_slice(), [Aspect::Required]);
        assert_eq!(USER_NAME.findings(Some("")).unwrap().violations.as_slice(), [Aspect::Empty]);
    }

    #[test]
    fn a_difference_is_told_with_both_sides_of_it() {
        let request = request("EnableMFADevice", b"UBob\xffSR1234");
        let read = Request::read(&request, &Constraints::default()).unwrap();
        let told = arguments(&read)[1].agrees("EnableMFADevice", Some("R1234"), &Check::default()).unwrap_err();
        assert!(
            matches!(&told, Broken::Parameter { member: "SerialNumber", model, .. } if model.violations.len() == 1)
        );
        assert!(told.to_string().contains("MinLength"), "{told}");
    }

    #[test]
    fn bytes_are_read_as_an_operation_and_its_parameters() {
        let request = request("EnableMFADevice", b"UBob\xff1123456\xffUAlice");
        assert_eq!((first(&request, "UserName"), request.get("AuthenticationCode1")), (Some("Bob"), Some("123456")));
        assert_eq!(request.parameters.len(), 5);
    }
}

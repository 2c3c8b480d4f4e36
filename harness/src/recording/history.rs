//! Histories as values, read from a file.

use std::fmt;

use mfa_reference::Operation;

use super::form::{CodesForm, HistoryForm, Listed, RecordingFile, StepForm};
use super::timeline::{Instant, timeline};

/// A sequence of calls and their answers.
#[derive(Clone, Debug, PartialEq)]
pub struct History {
    /// Its name.
    pub id: String,
    /// Where the recording is kept.
    pub source: String,
    /// On which day it was made.
    pub recorded: String,
    /// The calls, in order.
    pub steps: Vec<Step>,
}

/// One call and its answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Its number, the first being 1.
    pub number: usize,
    /// The operation's name.
    pub action: String,
    /// The operation, if this program knows it.
    pub operation: Option<Operation>,
    /// Who signs.
    pub signer: Signer,
    /// The user that the call names.
    pub user: Option<Named>,
    /// The device that the call names.
    pub device: Option<Named>,
    /// The authentication codes.
    pub codes: Option<Codes>,
    /// The name that the call gives to a user.
    pub name: Option<Text>,
    /// The path that the call gives.
    pub path: Option<String>,
    /// Further parameters, as sent.
    pub further: Vec<(String, String)>,
    /// When it was sent and answered.
    pub instant: Instant,
    /// How many seconds after the history's beginning it was made, if recorded.
    pub after: Option<f64>,
    /// The answer.
    pub answer: Answer,
}

/// A call and its answer on one line.
impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "step {}", self.number)?;
        if let Some(seconds) = self.after {
            write!(f, ", after {seconds:.1} s")?;
        }
        let signer = match &self.signer {
            Signer::Administrator => "an administrator".to_owned(),
            Signer::User(user) => format!("user {user}"),
            Signer::Session(user) => format!("user {user} with MFA"),
        };
        write!(f, ": {signer} calls {}", self.action)?;
        let named = |kind: &str, named: &Named| match named {
            Named::Symbol(symbol) => format!("{kind} {symbol}"),
            Named::Absent(_) => format!("an absent {kind}"),
            Named::Unknown(text) => format!("a {kind} that is {text}"),
        };
        if let Some(device) = &self.device {
            write!(f, " of {}", named("device", device))?;
        }
        if let Some(user) = &self.user {
            write!(f, " for {}", named("user", user))?;
        }
        for (name, value) in &self.further {
            write!(f, ", {name} {value}")?;
        }
        match &self.codes {
            Some(Codes::Own(first, second)) => write!(f, " with the codes of the steps {first} and {second}")?,
            Some(Codes::Literal(one, two)) => write!(f, " with the codes {one} and {two}")?,
            Some(Codes::Unknown) | None => {}
        }
        match &self.answer {
            Answer::Success { status, lists: None } => write!(f, ": {status}"),
            Answer::Success { status, lists: Some(lists) } => {
                let devices: Vec<&str> = lists.iter().map(|listed| listed.device.as_str()).collect();
                write!(f, ": {status}, lists [{}]", devices.join(", "))
            }
            Answer::Error { status, code, message: None } => write!(f, ": {status} {code}"),
            Answer::Error { status, code, message: Some(message) } => write!(f, ": {status} {code}: {message}"),
        }
    }
}

/// Who signs a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signer {
    /// An administrator of the account.
    Administrator,
    /// A user, with its long-term key.
    User(String),
    /// A user, with a session that MFA has authenticated.
    Session(String),
}

/// A user or a device that a call names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    /// One of the history's own users or devices.
    Symbol(String),
    /// One that doesn't exist, under this name if it was recorded.
    Absent(Option<String>),
    /// Nobody knows which.
    Unknown(String),
}

/// The codes of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Codes {
    /// Codes of the device's own, by their steps from the time of sending.
    Own(i64, i64),
    /// These digits.
    Literal(String, String),
    /// Nobody knows which.
    Unknown,
}

/// A name that a call gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Text {
    /// The name of a symbol.
    Symbol(String),
    /// A name of this many characters.
    Characters(usize),
    /// A usual name with this text at its end.
    EndingIn(String),
}

/// The answer to a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A success.
    Success {
        /// The HTTP status.
        status: u16,
        /// The devices that it listed, if recorded.
        lists: Option<Vec<Listed>>,
    },
    /// An error.
    Error {
        /// The HTTP status.
        status: u16,
        /// The code.
        code: String,
        /// The message, if it was recorded.
        message: Option<String>,
    },
}

/// What is wrong with a file of recordings.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordingError {
    /// The file doesn't have the format.
    #[error("{file}: {problem}. `mfa-conformance schema recording` describes the format")]
    Format {
        /// The file.
        file: String,
        /// What is wrong, with the place.
        problem: String,
    },
    /// One of its histories is wrong.
    #[error("{file}: history {history}: {problem}")]
    History {
        /// The file.
        file: String,
        /// The history.
        history: String,
        /// What is wrong.
        problem: String,
    },
    /// One of its steps is wrong.
    #[error("{file}: history {history}, step {step}: {problem}")]
    Step {
        /// The file.
        file: String,
        /// The history.
        history: String,
        /// The step's number.
        step: usize,
        /// What is wrong, and what to write.
        problem: String,
    },
}

/// Reads a file of recordings. `file` names it in errors.
///
/// # Errors
/// What is wrong, in which history and step.
pub fn read(file: &str, text: &str) -> Result<Vec<History>, RecordingError> {
    let form: RecordingFile = serde_json::from_str(text)
        .map_err(|error| RecordingError::Format { file: file.to_owned(), problem: error.to_string() })?;
    let mut histories: Vec<History> = Vec::with_capacity(form.histories.len());
    for form in &form.histories {
        let wrong =
            |problem: String| RecordingError::History { file: file.to_owned(), history: form.id.clone(), problem };
        if histories.iter().any(|known| known.id == form.id) {
            return Err(wrong("another history has this id: give each its own".to_owned()));
        }
        let instants = timeline(form).map_err(wrong)?;
        let steps = form.steps.iter().zip(instants).enumerate();
        let steps: Result<Vec<Step>, RecordingError> = steps
            .map(|(index, (step, instant))| {
                let number = index + 1;
                read_step(number, step, instant).map_err(|problem| RecordingError::Step {
                    file: file.to_owned(),
                    history: form.id.clone(),
                    step: number,
                    problem,
                })
            })
            .collect();
        histories.push(history(form, steps?));
    }
    Ok(histories)
}

fn history(form: &HistoryForm, steps: Vec<Step>) -> History {
    History { id: form.id.clone(), source: form.source.clone(), recorded: form.recorded.clone(), steps }
}

fn read_step(number: usize, form: &StepForm, instant: Instant) -> Result<Step, String> {
    let operation = Operation::from_name(&form.op);
    let has_codes =
        operation.is_some_and(|operation| matches!(operation, Operation::EnableMfaDevice | Operation::ResyncMfaDevice));
    Ok(Step {
        number,
        action: form.op.clone(),
        operation,
        signer: signer(&form.signer)?,
        user: form.user.as_deref().map(named),
        device: form.device.as_deref().map(named),
        codes: if has_codes { Some(codes(form)?) } else { None },
        name: form.name.as_deref().map(text),
        path: form.path.as_deref().map(path),
        further: further(form)?,
        instant,
        after: form.at,
        answer: answer(form)?,
    })
}

fn signer(text: &str) -> Result<Signer, String> {
    if matches!(text, "admin" | "admin (role session)" | "role session") {
        return Ok(Signer::Administrator);
    }
    let user = text.strip_prefix("user ").ok_or_else(|| unknown_signer(text))?;
    match user.split_once(' ') {
        None => Ok(Signer::User(user.to_owned())),
        Some((user, "with MFA session")) => Ok(Signer::Session(user.to_owned())),
        Some((user, "key")) if user.ends_with("'s") => Ok(Signer::User(user.trim_end_matches("'s").to_owned())),
        Some(_) => Err(unknown_signer(text)),
    }
}

fn unknown_signer(text: &str) -> String {
    format!("nobody is known as signer {text:?}: write \"admin\", \"user a\" or \"user a with MFA session\"")
}

fn named(text: &str) -> Named {
    match text.split_once(" (") {
        _ if text == "absent" => Named::Absent(None),
        Some(("absent", name)) => Named::Absent(Some(name.trim_end_matches(')').to_owned())),
        _ if text.starts_with("unknown") => Named::Unknown(text.to_owned()),
        _ => Named::Symbol(text.to_owned()),
    }
}

fn codes(form: &StepForm) -> Result<Codes, String> {
    let pair = |steps: &[i64]| match steps {
        [first, second] => Ok(Codes::Own(*first, *second)),
        _ => Err(format!("{} takes two codes, and there are {}", form.op, steps.len())),
    };
    match (&form.codes, form.codes_detail.as_deref()) {
        (Some(CodesForm::Offsets(steps)), _) => pair(steps),
        (None, Some(steps)) => pair(steps),
        (Some(CodesForm::Words(words)), detail) => match (words.as_str(), detail) {
            ("same" | "reversed", Some(steps)) => pair(steps),
            ("same", None) => Ok(Codes::Own(0, 0)),
            ("reversed", None) => Ok(Codes::Own(0, -1)),
            ("right", _) => Ok(Codes::Own(-1, 0)),
            ("unknown", _) => Ok(Codes::Unknown),
            (words, _) => {
                let digits: Vec<&str> = words.split(|character: char| !character.is_ascii_digit()).collect();
                let digits: Vec<&str> = digits.into_iter().filter(|digits| !digits.is_empty()).collect();
                match digits.as_slice() {
                    [one, two] => Ok(Codes::Literal((*one).to_owned(), (*two).to_owned())),
                    _ => Err(format!("the codes {words:?} are not known: write the two steps, as [-1, 0]")),
                }
            }
        },
        (None, None) => Err(format!("{} has no codes: write the two steps, as [-1, 0]", form.op)),
    }
}

fn text(text: &str) -> Text {
    let count = text.strip_suffix(" characters").and_then(|count| count.parse().ok());
    let ending = text.strip_prefix("valid name + '").and_then(|ending| ending.strip_suffix('\''));
    match (count, ending) {
        (Some(count), _) => Text::Characters(count),
        (None, Some(ending)) => Text::EndingIn(ending.replace("\\n", "\n")),
        (None, None) => Text::Symbol(text.to_owned()),
    }
}

/// A path, which may be given as an expression: `/ + 512 × a + /`.
fn path(text: &str) -> String {
    let parts: Vec<&str> = text.split(" + ").collect();
    let part = |part: &&str| match part.split_once(" × ").map(|(count, what)| (count.parse::<usize>(), what)) {
        Some((Ok(count), what)) => what.repeat(count),
        Some((Err(_), _)) | None => (*part).to_owned(),
    };
    parts.iter().map(part).collect()
}

fn further(form: &StepForm) -> Result<Vec<(String, String)>, String> {
    let inputs = form.other_inputs.iter().flatten();
    let texts = inputs.filter_map(|(name, value)| match value {
        serde_json::Value::String(text) => Some(Ok((name.clone(), text.clone()))),
        serde_json::Value::Number(number) => Some(Ok((name.clone(), number.to_string()))),
        // Tags have no meaning here.
        serde_json::Value::Array(_) if name == "Tags" => None,
        serde_json::Value::Null
        | serde_json::Value::Bool(_)
        | serde_json::Value::Array(_)
        | serde_json::Value::Object(_) => Some(Err(format!("the parameter {name} is neither a text nor a number"))),
    });
    texts.collect()
}

fn answer(form: &StepForm) -> Result<Answer, String> {
    match &form.code {
        None if (200..300).contains(&form.status) => {
            Ok(Answer::Success { status: form.status, lists: form.lists.clone() })
        }
        None => Err(format!("an answer with status {} has a code: write it", form.status)),
        Some(code) => Ok(Answer::Error { status: form.status, code: code.clone(), message: form.message.clone() }),
    }
}

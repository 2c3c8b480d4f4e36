//! Values of parameters, in terms of the scenario's users and devices.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::wire::Quoted;

macro_rules! symbol {
    ($(#[$doc:meta])* $name:ident $word:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(pub u8);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($word, " {}"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                text.strip_prefix(concat!($word, " "))
                    .and_then(|number| number.parse().ok())
                    .map(Self)
                    .ok_or_else(|| {
                        format!(concat!("{:?} is not of the form \"", $word, " 1\" (numbers up to 255)"), text)
                    })
            }
        }

        impl TryFrom<String> for $name {
            type Error = String;

            fn try_from(text: String) -> Result<Self, String> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(symbol: $name) -> Self {
                symbol.to_string()
            }
        }

        impl JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({
                    "type": "string",
                    "pattern": concat!("^", $word, " [0-9]{1,3}$"),
                    "examples": [concat!($word, " 1")],
                })
            }
        }
    };
}

symbol! {
    /// A user of the scenario: "user 1".
    UserRef "user"
}
symbol! {
    /// A virtual device of the scenario: "device 1".
    DeviceRef "device"
}

/// What a parameter holds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(from = "ValueForm", into = "ValueForm")]
#[schemars(with = "ValueForm")]
pub enum Value {
    /// The current name of a user; if the user wasn't created, a name of the same form that nobody has.
    UserName(UserRef),
    /// The name that a user had before it was renamed last; its current name, if it wasn't.
    FormerName(UserRef),
    /// The serial number of a device; if the device wasn't created, one of the same form that no device has.
    SerialNumber(DeviceRef),
    /// A code that the device emits.
    Code(CodeOf),
    /// Six digits that the device emits in none of the steps around now. Different numbers give different codes.
    WrongCode(DeviceRef, u8),
    /// Six digits that people make up; a wrong code, if the device emits these digits around now.
    PopularCode(DeviceRef, u8),
    /// So many letters and digits that no other scenario and no other run has: a serial number that is not an ARN.
    OwnLetters(usize),
    /// A text as it stands.
    Text(String),
    /// A text repeated.
    Repeated(String, usize),
    /// A value, changed.
    Edited(Box<Value>, Edit),
}

/// Six digits that people make up when they are asked for a code.
pub(crate) const POPULAR_CODES: [&str; 5] = ["123456", "654321", "111111", "999999", "012345"];

/// The popular code of a number, modulo their count.
pub(crate) fn popular(number: u8) -> &'static str {
    POPULAR_CODES.get(usize::from(number) % POPULAR_CODES.len()).copied().unwrap_or_default()
}

/// Which code of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CodeOf {
    /// The device.
    pub device: DeviceRef,
    /// The step, counted from the one in which the call is made: 0 is the current one, -1 the last completed one.
    pub step: i32,
}

/// A change of a text, by characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Edit {
    /// Puts a text before the character at this position; at the end, if there are fewer.
    Insert {
        /// The position, from 0.
        at: usize,
        /// The text.
        text: String,
    },
    /// Puts a text at the end.
    Append(String),
    /// Replaces the character at this position; appends, if there are fewer.
    Replace {
        /// The position, from 0.
        at: usize,
        /// The text.
        text: String,
    },
    /// Leaves out the character at this position.
    Remove {
        /// The position, from 0.
        at: usize,
    },
    /// Makes small letters of capitals, and capitals of small letters.
    OtherCase,
    /// Leaves out this many characters at the end.
    DropLast(usize),
    /// Leaves out everything up to the last of these texts, and that.
    AfterLast(String),
    /// Adds a number to the digit at this position, modulo ten.
    AddToDigit {
        /// The position, from 0.
        at: usize,
        /// What is added: 1 to 9.
        by: u8,
    },
    /// Appends the letter `a` until the text is this long; a longer text is cut.
    FitTo(usize),
}

impl Edit {
    /// The text after the edit.
    #[must_use]
    pub fn apply(&self, text: &str) -> String {
        let characters = || text.chars().enumerate();
        match self {
            Self::Insert { at, text: new } => {
                let (before, after): (String, String) =
                    (text.chars().take(*at).collect(), text.chars().skip(*at).collect());
                format!("{before}{new}{after}")
            }
            Self::Append(new) => format!("{text}{new}"),
            Self::Replace { at, text: new } => {
                let before: String = text.chars().take(*at).collect();
                let after: String = text.chars().skip(at + 1).collect();
                format!("{before}{new}{after}")
            }
            Self::Remove { at } => characters().filter(|(index, _)| index != at).map(|(_, kept)| kept).collect(),
            Self::OtherCase => text
                .chars()
                .map(|one| if one.is_ascii_lowercase() { one.to_ascii_uppercase() } else { one.to_ascii_lowercase() })
                .collect(),
            Self::DropLast(count) => {
                let kept = text.chars().count().saturating_sub(*count);
                text.chars().take(kept).collect()
            }
            Self::AfterLast(mark) => text.rsplit_once(mark.as_str()).map_or(text, |(_, behind)| behind).to_owned(),
            Self::AddToDigit { at, by } => characters()
                .map(|(index, kept)| match kept.to_digit(10) {
                    Some(digit) if index == *at => char::from_digit((digit + u32::from(*by)) % 10, 10).unwrap_or(kept),
                    Some(_) | None => kept,
                })
                .collect(),
            Self::FitTo(length) => text.chars().chain(std::iter::repeat('a')).take(*length).collect(),
        }
    }
}

impl Value {
    /// The code that a device emits in a time step relative to the current one.
    #[must_use]
    pub const fn code(device: DeviceRef, step: i32) -> Self {
        Self::Code(CodeOf { device, step })
    }

    /// A literal text.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// This value after an edit.
    #[must_use]
    pub fn edited(self, edit: Edit) -> Self {
        Self::Edited(Box::new(self), edit)
    }

    /// The device, if the value is its unchanged serial number.
    #[must_use]
    pub const fn device(&self) -> Option<DeviceRef> {
        if let Self::SerialNumber(device) = self { Some(*device) } else { None }
    }

    /// The code, if the value is an unchanged code of a device.
    #[must_use]
    pub const fn emitted(&self) -> Option<CodeOf> {
        match self {
            Self::Code(code) => Some(*code),
            Self::UserName(_)
            | Self::FormerName(_)
            | Self::SerialNumber(_)
            | Self::WrongCode(..)
            | Self::PopularCode(..)
            | Self::OwnLetters(_)
            | Self::Text(_)
            | Self::Repeated(..)
            | Self::Edited(..) => None,
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UserName(user) => write!(f, "{user}"),
            Self::FormerName(user) => write!(f, "the former name of {user}"),
            Self::SerialNumber(device) => write!(f, "{device}"),
            Self::Code(CodeOf { device, step: 0 }) => write!(f, "{device}'s current code"),
            Self::Code(CodeOf { device, step }) => write!(f, "{device}'s code of step {step:+}"),
            Self::WrongCode(device, _) => write!(f, "no code of {device}"),
            Self::PopularCode(_, number) => write!(f, "{}", Quoted(popular(*number))),
            Self::OwnLetters(length) => write!(f, "{length} letters and digits"),
            Self::Text(text) if text.chars().count() <= 40 => write!(f, "{}", Quoted(text)),
            Self::Text(text) => write!(f, "a text of {} characters", text.chars().count()),
            Self::Repeated(text, times) => write!(f, "{} {times} times", Quoted(text)),
            Self::Edited(value, edit) => match edit {
                Edit::Insert { at, text } => write!(f, "{value} with {} inserted at {at}", Quoted(text)),
                Edit::Append(text) => write!(f, "{value} with {} appended", Quoted(text)),
                Edit::Replace { at, text } => write!(f, "{value} with {} at {at}", Quoted(text)),
                Edit::Remove { at } => write!(f, "{value} without its character {at}"),
                Edit::AddToDigit { at, .. } => write!(f, "{value} with another digit at {at}"),
                Edit::OtherCase => write!(f, "{value} in the other case"),
                Edit::DropLast(count) => write!(f, "{value} without its last {count} characters"),
                Edit::AfterLast(mark) => write!(f, "{value}, what is behind its last {}", Quoted(mark)),
                Edit::FitTo(length) => write!(f, "{value} made {length} characters long"),
            },
        }
    }
}

/// How a value is written in a file: a symbol alone stands for a user's name or a device's serial number.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
enum ValueForm {
    User(UserRef),
    Device(DeviceRef),
    Other(LongForm),
}

#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
enum LongForm {
    /// The name that a user had before it was renamed last.
    FormerNameOf(UserRef),
    /// A code that a device emits.
    CodeOf(CodeOf),
    /// Six digits that a device emits in none of the steps around now.
    WrongCodeFor {
        device: DeviceRef,
        #[serde(default)]
        number: u8,
    },
    /// Popular six digits, the first of them 0; a wrong code, if the device emits these around now.
    PopularCodeFor {
        device: DeviceRef,
        #[serde(default)]
        number: u8,
    },
    /// So many letters and digits that no other scenario and no other run has.
    OwnLetters(usize),
    /// A text as it stands.
    Text(String),
    /// A text repeated.
    Repeated { text: String, times: usize },
    /// A value, changed.
    Edited { value: Box<ValueForm>, edit: Edit },
}

impl From<ValueForm> for Value {
    fn from(form: ValueForm) -> Self {
        match form {
            ValueForm::User(user) => Self::UserName(user),
            ValueForm::Device(device) => Self::SerialNumber(device),
            ValueForm::Other(LongForm::FormerNameOf(user)) => Self::FormerName(user),
            ValueForm::Other(LongForm::CodeOf(code)) => Self::Code(code),
            ValueForm::Other(LongForm::WrongCodeFor { device, number }) => Self::WrongCode(device, number),
            ValueForm::Other(LongForm::PopularCodeFor { device, number }) => Self::PopularCode(device, number),
            ValueForm::Other(LongForm::OwnLetters(length)) => Self::OwnLetters(length),
            ValueForm::Other(LongForm::Text(text)) => Self::Text(text),
            ValueForm::Other(LongForm::Repeated { text, times }) => Self::Repeated(text, times),
            ValueForm::Other(LongForm::Edited { value, edit }) => Self::Edited(Box::new(Self::from(*value)), edit),
        }
    }
}

impl From<Value> for ValueForm {
    fn from(value: Value) -> Self {
        match value {
            Value::UserName(user) => Self::User(user),
            Value::FormerName(user) => Self::Other(LongForm::FormerNameOf(user)),
            Value::SerialNumber(device) => Self::Device(device),
            Value::Code(code) => Self::Other(LongForm::CodeOf(code)),
            Value::WrongCode(device, number) => Self::Other(LongForm::WrongCodeFor { device, number }),
            Value::PopularCode(device, number) => Self::Other(LongForm::PopularCodeFor { device, number }),
            Value::OwnLetters(length) => Self::Other(LongForm::OwnLetters(length)),
            Value::Text(text) => Self::Other(LongForm::Text(text)),
            Value::Repeated(text, times) => Self::Other(LongForm::Repeated { text, times }),
            Value::Edited(value, edit) => Self::Other(LongForm::Edited { value: Box::new(Self::from(*value)), edit }),
        }
    }
}

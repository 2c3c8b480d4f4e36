//! A call that is right except for one malformed value, in any state of the sequence.

use mfa_reference::MfaOperation;
use mfa_reference::clause::{Aspect, ClauseId, Parameter};
use mfa_reference::value::CharacterClass;

use super::draft::{Draft, Manner, pick_from};
use crate::scenario::{DeviceRef, Edit, MfaCall, UserRef, Value};

/// Texts that mean something to a database, a shell, a template or a weakly typed language.
pub(crate) const TEXTS: &[&str] = &[
    "",
    "*",
    "%",
    "_",
    "' OR '1'='1",
    "\" OR \"\"=\"",
    "null",
    "None",
    "undefined",
    "true",
    "0",
    "-1",
    "1e5",
    "..",
    "/",
    "a/b",
    "{}",
    "[]",
    "${x}",
    "root",
    "000000",
    "111111",
    "123456",
    "999999",
    "1000000",
    "-00001",
    "+00001",
    "0x1234",
    "1 2345",
    // More bytes than characters; digits outside ASCII; a letter whose small form is in ASCII.
    "é",
    "имя",
    "用户",
    "\u{1f511}",
    "١٢٣٤٥٦",
    "１２３４５６",
    "\u{212a}",
    "\u{7f}",
    "<",
    "&amp;",
    "%41",
    "a+b",
    "a\tb",
    "a\r\nb",
    "a\u{a0}b",
    "\u{feff}",
    "\u{202e}a",
];

/// Edits that leave a value nearly right.
pub(crate) const EDITS: &[fn() -> Edit] = &[
    || Edit::Append(" ".to_owned()),
    || Edit::Insert { at: 0, text: " ".to_owned() },
    || Edit::Append("\n".to_owned()),
    || Edit::Append("\0".to_owned()),
    || Edit::DropLast(1),
    || Edit::Append("0".to_owned()),
    || Edit::Insert { at: 0, text: "0".to_owned() },
    // The wildcards for one character in SQL's LIKE and in a regular expression.
    || Edit::Replace { at: 4, text: "_".to_owned() },
    || Edit::Replace { at: 4, text: ".".to_owned() },
    || Edit::FitTo(300),
    || Edit::Append("é".to_owned()),
    || Edit::Replace { at: 0, text: "\u{ff10}".to_owned() },
    || Edit::Append("\u{200b}".to_owned()),
    || Edit::Append("%".to_owned()),
    || Edit::Append("&".to_owned()),
    // Case of names is the service's choice. A draft can't predict the result, so it never uses this edit.
    || Edit::OtherCase,
];

impl Draft<'_> {
    /// Makes one value of a call malformed.
    pub(super) fn malformed_value(&mut self, (a, b, c): (u8, u8, u8), how: Manner) -> Option<()> {
        let operation = pick_from(&[MfaOperation::Enable, MfaOperation::Resync, MfaOperation::Deactivate], a)?;
        let (device, user) = match operation {
            MfaOperation::Enable => (self.free_device(b)?, self.user(a / 3)),
            MfaOperation::Resync | MfaOperation::Deactivate => self.owned_device(b).filter(|_| self.has(operation))?,
        };
        let of_operation: Vec<Parameter> =
            Parameter::ALL.into_iter().filter(|parameter| parameter.operation() == operation).collect();
        let parameter = pick_from(&of_operation, b / 4)?;
        let aspects = [Aspect::Pattern, Aspect::Empty, Aspect::MinLength, Aspect::MaxLength, Aspect::Required];
        if !self.again(&aspects.map(|aspect| ClauseId::Parameter(parameter, aspect)), c) {
            return None;
        }
        let mut call = MfaCall::about(user, device);
        if operation != MfaOperation::Deactivate {
            call = call.fresh(device);
            self.mark_used(device);
        }
        let malformed = self.malformed(parameter, user, device, (c, b / 16));
        match parameter.wire_name() {
            "UserName" => call.user = malformed,
            "SerialNumber" => call.device = malformed,
            "AuthenticationCode1" => call.code1 = malformed,
            _ => call.code2 = malformed,
        }
        self.call(operation, call, how);
        Some(())
    }

    /// A malformed value of a parameter; `None` leaves it out. Without a user, `DeactivateMFADevice` is about the caller.
    fn malformed(
        &self,
        parameter: Parameter,
        user: UserRef,
        device: DeviceRef,
        (kind, pick): (u8, u8),
    ) -> Option<Value> {
        let right = match parameter.wire_name() {
            "UserName" => Value::UserName(user),
            "SerialNumber" => Value::SerialNumber(device),
            "AuthenticationCode1" => Value::code(device, -1),
            _ => Value::code(device, 0),
        };
        let pick = kind / 16 * 16 + pick;
        let text = || pick_from(TEXTS, pick).map(Value::text);
        let is_user = parameter.constraint().class == CharacterClass::Name;
        match kind % 16 {
            0 if is_user => self.renamed_user().map_or_else(text, |renamed| Some(Value::FormerName(renamed))),
            1 => None,
            2 => Some(right.edited(Edit::FitTo(parameter.constraint().max + 1))),
            3..=9 => pick_from(EDITS.split_last()?.1, pick).map(|edit| right.edited(edit())),
            _ => text(),
        }
    }
}

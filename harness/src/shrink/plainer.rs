//! The next plainer forms of an action. A finding is minimal if none of them reproduces it.

use crate::scenario::{Action, Edit, MfaCall, NameForm, RawCall, Signer, Value};
use crate::wire::{Damage, Escapes, Malformed};

/// The longest literal text that is not shortened, in characters: codes and the documents' names are as short.
const SHORT: usize = 12;

/// The forms of an action with one thing plainer.
pub(super) fn plainer(action: &Action) -> Vec<Action> {
    match action {
        Action::CreateUser { user, name } if *name != NameForm::Plain => {
            vec![Action::CreateUser { user: *user, name: NameForm::Plain }]
        }
        Action::RenameUser { user, name } if *name != NameForm::Plain => {
            vec![Action::RenameUser { user: *user, name: NameForm::Plain }]
        }
        Action::CreateDevice { device, name } if *name != NameForm::Plain => {
            vec![Action::CreateDevice { device: *device, name: NameForm::Plain }]
        }
        Action::Enable(call) => plainer_calls(call).into_iter().map(Action::Enable).collect(),
        Action::Resync(call) => plainer_calls(call).into_iter().map(Action::Resync).collect(),
        Action::Deactivate(call) => plainer_calls(call).into_iter().map(Action::Deactivate).collect(),
        Action::Call(call) => plainer_requests(call).into_iter().map(Action::Call).collect(),
        Action::CreateUser { .. }
        | Action::CreateDevice { .. }
        | Action::RenameUser { .. }
        | Action::DeleteUser { .. }
        | Action::RecreateDevice { .. }
        | Action::DeleteDevice { .. }
        | Action::CreateKey { .. }
        | Action::DeleteKey { .. }
        | Action::ListDevices { .. }
        | Action::ListVirtualDevices { .. }
        | Action::Wait { .. } => Vec::new(),
    }
}

fn plainer_calls(call: &MfaCall) -> Vec<MfaCall> {
    let mut calls = Vec::new();
    if call.get {
        calls.push(MfaCall { get: false, ..call.clone() });
    }
    if call.reversed {
        calls.push(MfaCall { reversed: false, ..call.clone() });
    }
    if call.escapes != Escapes::Reserved {
        calls.push(MfaCall { escapes: Escapes::Reserved, ..call.clone() });
    }
    if call.signer != Signer::Run {
        calls.push(MfaCall { signer: Signer::Run, ..call.clone() });
    }
    let is_wrong =
        |code: &Option<Value>| matches!(code, Some(Value::WrongCode(..) | Value::PopularCode(..) | Value::Edited(..)));
    if is_wrong(&call.code1) && is_wrong(&call.code2) {
        let zeros = Some(Value::text("000000"));
        calls.push(MfaCall { code1: zeros.clone(), code2: zeros, ..call.clone() });
    }
    if let Some(Value::Edited(value, Edit::FitTo(length))) = &call.device
        && *length > 1_000
    {
        let shorter = value.as_ref().clone().edited(Edit::FitTo(257));
        calls.push(MfaCall { device: Some(shorter), ..call.clone() });
    }
    let values = |value: &Option<Value>| value.as_ref().map(plainer_values).unwrap_or_default();
    calls.extend(values(&call.user).into_iter().map(|value| MfaCall { user: Some(value), ..call.clone() }));
    calls.extend(values(&call.device).into_iter().map(|value| MfaCall { device: Some(value), ..call.clone() }));
    calls.extend(values(&call.code1).into_iter().map(|value| MfaCall { code1: Some(value), ..call.clone() }));
    calls.extend(values(&call.code2).into_iter().map(|value| MfaCall { code2: Some(value), ..call.clone() }));
    calls
}

fn plainer_requests(call: &RawCall) -> Vec<RawCall> {
    let mut calls: Vec<RawCall> =
        less_malformed(&call.malformed).into_iter().map(|malformed| RawCall { malformed, ..call.clone() }).collect();
    if call.get {
        calls.push(RawCall { get: false, ..call.clone() });
    }
    // A damage counts bytes from the form's beginning, so parameters may change only without a damage.
    if call.malformed.damage.is_empty() {
        for (index, (_, value)) in call.parameters.iter().enumerate() {
            let mut without = call.clone();
            without.parameters.remove(index);
            calls.push(without);
            for plain in plainer_values(value) {
                let mut plainer = call.clone();
                if let Some((_, slot)) = plainer.parameters.get_mut(index) {
                    *slot = plain;
                }
                calls.push(plainer);
            }
        }
    }
    calls
}

/// The forms of a value with one edit removed or one text shortened.
fn plainer_values(value: &Value) -> Vec<Value> {
    match value {
        Value::Edited(inner, edit) => {
            let mut values = vec![inner.as_ref().clone()];
            values.extend(smaller_edit(edit).map(|edit| inner.as_ref().clone().edited(edit)));
            values.extend(plainer_values(inner).into_iter().map(|inner| inner.edited(edit.clone())));
            values
        }
        Value::Text(text) if text.chars().count() > SHORT => {
            vec![Value::Text(text.chars().take(text.chars().count() / 2).collect())]
        }
        Value::Repeated(text, times) if *times > 1 => vec![Value::Repeated(text.clone(), times / 2)],
        Value::Text(_)
        | Value::Repeated(..)
        | Value::UserName(_)
        | Value::FormerName(_)
        | Value::SerialNumber(_)
        | Value::Code(_)
        | Value::WrongCode(..)
        | Value::PopularCode(..)
        | Value::OwnLetters(_) => Vec::new(),
    }
}

/// The edit with one character of text, or at one place.
fn smaller_edit(edit: &Edit) -> Option<Edit> {
    let first = |text: &String| (text.chars().count() > 1).then(|| text.chars().take(1).collect::<String>());
    match edit {
        Edit::Append(text) => first(text).map(Edit::Append),
        Edit::Insert { at, text } => first(text).map(|text| Edit::Insert { at: *at, text }),
        Edit::Replace { at, text } => first(text).map(|text| Edit::Replace { at: *at, text }),
        Edit::DropLast(count) => (*count > 1).then_some(Edit::DropLast(1)),
        Edit::Remove { .. } | Edit::OtherCase | Edit::AfterLast(_) | Edit::AddToDigit { .. } | Edit::FitTo(_) => None,
    }
}

/// The forms of a malformation with one part removed or smaller.
fn less_malformed(malformed: &Malformed) -> Vec<Malformed> {
    let mut less = Vec::new();
    if malformed.content_type.is_some() {
        less.push(Malformed { content_type: None, ..malformed.clone() });
    }
    for index in 0..malformed.headers.len() {
        let mut one = malformed.clone();
        one.headers.remove(index);
        less.push(one);
    }
    for (index, damage) in malformed.damage.iter().enumerate() {
        let mut one = malformed.clone();
        one.damage.remove(index);
        less.push(one);
        for smaller in smaller_damage(damage) {
            let mut one = malformed.clone();
            if let Some(slot) = one.damage.get_mut(index) {
                *slot = smaller;
            }
            less.push(one);
        }
    }
    less
}

/// The forms of a damage that insert or remove fewer bytes.
fn smaller_damage(damage: &Damage) -> Vec<Damage> {
    let mut smaller = Vec::new();
    if damage.times > 1 {
        smaller.push(Damage { times: 1, ..damage.clone() });
        smaller.push(Damage { times: damage.times / 2, ..damage.clone() });
    }
    if let Some(byte) = damage.insert.get(..2).filter(|byte| byte.len() < damage.insert.len()) {
        smaller.push(Damage { insert: byte.to_owned(), ..damage.clone() });
    }
    if damage.remove > 0 && !damage.insert.is_empty() {
        smaller.push(Damage { remove: 0, ..damage.clone() });
    }
    if damage.remove > 1 {
        smaller.push(Damage { remove: damage.remove / 2, ..damage.clone() });
    }
    smaller.retain(|one| one != damage);
    smaller
}

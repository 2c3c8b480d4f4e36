//! A call of one of the three operations, and its form in a file.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::value::{DeviceRef, UserRef, Value};
use crate::wire::Escapes;

/// A call of one of the three operations.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(from = "MfaCallForm", into = "MfaCallForm")]
#[schemars(with = "MfaCallForm")]
pub struct MfaCall {
    /// `UserName`; left out if absent.
    pub user: Option<Value>,
    /// `SerialNumber`; left out if absent.
    pub device: Option<Value>,
    /// `AuthenticationCode1`; left out if absent.
    pub code1: Option<Value>,
    /// `AuthenticationCode2`; left out if absent.
    pub code2: Option<Value>,
    /// Who signs.
    pub signer: Signer,
    /// Whether it is sent as a GET.
    pub get: bool,
    /// Whether the parameters are sent in reverse order.
    pub reversed: bool,
    /// How the values are percent-encoded.
    pub escapes: Escapes,
}

/// Who signs a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Signer {
    /// The run's own credentials.
    #[default]
    Run,
    /// A user, with its own access key.
    User(UserRef),
}

#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "MfaCall")]
struct MfaCallForm {
    /// `UserName`; left out if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    user: Option<Value>,
    /// `SerialNumber`; left out if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    device: Option<Value>,
    /// Both codes: the fresh pair of a device, as "fresh pair of device 1".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    codes: Option<FreshPair>,
    /// `AuthenticationCode1`; left out if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    code1: Option<Value>,
    /// `AuthenticationCode2`; left out if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    code2: Option<Value>,
    /// The user that signs with its own access key; the run's own credentials if absent.
    #[serde(rename = "as", default, skip_serializing_if = "Option::is_none")]
    signer: Option<UserRef>,
    /// Whether it is sent as a GET.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    get: bool,
    /// Whether the parameters are sent in reverse order.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    reversed: bool,
    /// How the values are percent-encoded.
    #[serde(default, skip_serializing_if = "is_usual")]
    escapes: Escapes,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_usual(escapes: &Escapes) -> bool {
    *escapes == Escapes::default()
}

/// "fresh pair of device 1"
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
struct FreshPair(DeviceRef);

const FRESH_PAIR_OF: &str = "fresh pair of ";

impl TryFrom<String> for FreshPair {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let device = text.strip_prefix(FRESH_PAIR_OF);
        let device = device.ok_or_else(|| format!("{text:?} is not of the form \"{FRESH_PAIR_OF}device 1\""))?;
        device.parse().map(Self)
    }
}

impl From<FreshPair> for String {
    fn from(pair: FreshPair) -> Self {
        format!("{FRESH_PAIR_OF}{}", pair.0)
    }
}

impl JsonSchema for FreshPair {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "FreshPair".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^fresh pair of device [0-9]{1,3}$" })
    }
}

impl From<MfaCallForm> for MfaCall {
    fn from(form: MfaCallForm) -> Self {
        let (mut code1, mut code2) = (form.code1, form.code2);
        if let Some(FreshPair(device)) = form.codes {
            code1 = code1.or(Some(Value::code(device, -1)));
            code2 = code2.or(Some(Value::code(device, 0)));
        }
        Self {
            user: form.user,
            device: form.device,
            code1,
            code2,
            signer: form.signer.map_or(Signer::Run, Signer::User),
            get: form.get,
            reversed: form.reversed,
            escapes: form.escapes,
        }
    }
}

impl From<MfaCall> for MfaCallForm {
    fn from(call: MfaCall) -> Self {
        let fresh = call.fresh_pair_of();
        let (code1, code2) = if fresh.is_some() { (None, None) } else { (call.code1, call.code2) };
        Self {
            user: call.user,
            device: call.device,
            codes: fresh.map(FreshPair),
            code1,
            code2,
            signer: match call.signer {
                Signer::Run => None,
                Signer::User(user) => Some(user),
            },
            get: call.get,
            reversed: call.reversed,
            escapes: call.escapes,
        }
    }
}

impl MfaCall {
    /// A call about a user and a device, without codes.
    #[must_use]
    pub fn about(user: UserRef, device: DeviceRef) -> Self {
        Self { user: Some(Value::UserName(user)), device: Some(Value::SerialNumber(device)), ..Self::default() }
    }

    /// The call with the fresh pair of a device: its codes of the last completed time step and the current one.
    #[must_use]
    pub fn fresh(mut self, device: DeviceRef) -> Self {
        self.code1 = Some(Value::code(device, -1));
        self.code2 = Some(Value::code(device, 0));
        self
    }

    /// The device whose fresh pair the call has, if any.
    #[must_use]
    pub fn fresh_pair_of(&self) -> Option<DeviceRef> {
        let (one, two) = (self.code1.as_ref()?.emitted()?, self.code2.as_ref()?.emitted()?);
        (one.device == two.device && one.step == -1 && two.step == 0).then_some(one.device)
    }
}

impl fmt::Display for MfaCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "(";
        let parameters = [
            ("UserName", &self.user),
            ("SerialNumber", &self.device),
            ("AuthenticationCode1", &self.code1),
            ("AuthenticationCode2", &self.code2),
        ];
        for (name, value) in parameters {
            if let Some(value) = value {
                write!(f, "{separator}{name}: {value}")?;
                separator = ", ";
            }
        }
        f.write_str(if separator == "(" { "()" } else { ")" })?;
        if let Signer::User(user) = self.signer {
            write!(f, " signed by {user}")?;
        }
        f.write_str(if self.get { " by GET" } else { "" })?;
        f.write_str(match self.escapes {
            Escapes::Reserved => "",
            Escapes::SmallLetters => " with escapes in small letters",
            Escapes::Everything => " with everything escaped",
            Escapes::PlusForSpace => " with a plus for each space",
        })
    }
}

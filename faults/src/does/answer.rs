//! Another decision about some calls of the operations under test.

use std::collections::BTreeSet;
use std::sync::Mutex;

use mfa_reference::Millis;
use mfa_reference::SuccessBody;
use mfa_reference::account::{DeviceId, Effect};
use mfa_reference::service::behaviour::Decision;
use serde::Deserialize;

use crate::altered::{Altered, decides};
use crate::does::text::Text;
use crate::line::lock;
use crate::parts::named::{Named, done, named, refused_with};
use crate::table::word::{Answered, CodeWord, OperationWord};

/// Another decision about some calls.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Answer {
    /// The operation; any of the three if absent.
    #[serde(default)]
    to: Option<OperationWord>,
    /// What the documented service answers; anything if absent.
    #[serde(default)]
    instead_of: Option<Answered>,
    /// The conditions, all of which must hold.
    #[serde(default)]
    when: Vec<Condition>,
    /// What the call's `UserName` must be like.
    #[serde(default)]
    user_name: Option<Text>,
    /// What its `SerialNumber` must be like.
    #[serde(default)]
    serial_number: Option<Text>,
    /// Whether it answers only the first such call about each device.
    #[serde(default)]
    once: bool,
    /// The code of the refusal; a success if absent.
    #[serde(default)]
    refuse: Option<CodeWord>,
    /// The message of the refusal.
    #[serde(default)]
    message: Option<String>,
    /// The effect; none if absent.
    #[serde(default)]
    effect: Option<EffectWord>,
}

/// A condition on what a call names.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Condition {
    /// The user exists. Without a `UserName`, the caller is a user.
    UserPresent,
    UserAbsent,
    /// The call has a `UserName`.
    UserNamed,
    UserUnnamed,
    DevicePresent,
    DeviceAbsent,
    /// The device is assigned.
    Assigned,
    Unassigned,
    /// The device is the user's.
    TheUsers,
    NotTheUsers,
    /// The device was enabled at some time.
    EnabledBefore,
    NeverEnabled,
}

impl Condition {
    fn holds(self, named: &Named<'_>) -> bool {
        let enabled = named.device.map(|(_, device)| device.enabled_at > Millis(0));
        match self {
            Self::UserPresent => named.user.is_some(),
            Self::UserAbsent => named.user.is_none(),
            Self::UserNamed => named.user_name.is_some(),
            Self::UserUnnamed => named.user_name.is_none(),
            Self::DevicePresent => named.device.is_some(),
            Self::DeviceAbsent => named.device.is_none(),
            Self::Assigned => named.owner().is_some(),
            Self::Unassigned => named.owner().is_none(),
            Self::TheUsers => named.owner() == named.user,
            Self::NotTheUsers => named.owner() != named.user,
            Self::EnabledBefore => enabled == Some(true),
            Self::NeverEnabled => enabled == Some(false),
        }
    }
}

/// The effect on the device.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum EffectWord {
    Nothing,
    /// The effect that the call asks for, if what it names exists.
    AsAsked,
    /// The user gets the device.
    Associate,
    /// Its owner gets it again, with the present time.
    Renew,
    Dissociate,
}

impl EffectWord {
    /// The effect; `None` if what it needs is absent.
    fn of(self, named: &Named<'_>) -> Option<Effect> {
        Some(match self {
            Self::Nothing => Effect::None,
            Self::AsAsked => named.effect(),
            Self::Associate => Effect::Associate(named.id()?, named.user?),
            Self::Renew => Effect::Associate(named.id()?, named.owner()?),
            Self::Dissociate => Effect::Dissociate(named.id()?),
        })
    }
}

impl Answer {
    /// What is wrong with the row, if anything.
    pub(crate) fn problem(&self) -> Option<&'static str> {
        if self.refuse.is_none() && self.message.is_some() {
            return Some("`message` needs `refuse`");
        }
        (self.refuse.is_none() && self.effect.is_none()).then_some("`answer` has neither `refuse` nor `effect`")
    }

    /// The service with this answer.
    pub(crate) fn service(&self) -> Altered {
        let answer = self.clone();
        let answered: Mutex<BTreeSet<Option<DeviceId>>> = Mutex::default();
        decides(move |situation, request, decision| {
            let concerned = named(situation, request).filter(|named| answer.concerns(named, &decision));
            let Some(named) = concerned else { return decision };
            let is_due = !answer.once || lock(&answered).insert(named.id());
            if is_due { answer.decision(&named).unwrap_or(decision) } else { decision }
        })
    }

    fn concerns(&self, named: &Named<'_>, decision: &Decision) -> bool {
        self.to.is_none_or(|to| to.0 == named.operation)
            && self.instead_of.is_none_or(|documented| documented.is(refused_with(decision)))
            && self.when.iter().all(|condition| condition.holds(named))
            && self.user_name.as_ref().is_none_or(|text| text.holds(named.user_name))
            && self.serial_number.as_ref().is_none_or(|text| text.holds(named.serial))
    }

    /// The decision; `None` if what its effect needs is absent.
    fn decision(&self, named: &Named<'_>) -> Option<Decision> {
        let message = || self.message.clone().unwrap_or_else(|| "The request was refused.".to_owned());
        let effect = self.effect.map(|effect| effect.of(named));
        Some(match (self.refuse, effect) {
            (None, effect) => done(effect??),
            (Some(code), None) => Decision::refuse(code.0, message()),
            (Some(code), Some(effect)) => {
                Decision::FailAfter { effect: effect?, body: SuccessBody::Empty, code: code.0, message: message() }
            }
        })
    }
}

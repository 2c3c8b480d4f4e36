//! Services that do what AWS was recorded to do where the documents leave a choice.

use std::sync::Arc;

use mfa_reference::clause::ClauseId as C;
use mfa_reference::service::Behaviour;
use mfa_reference::service::behaviour::{Adjacent, AsRecorded};

use crate::altered::{Altered, as_recorded, documented};
use crate::entry::{Permitted, permit_exactly};

fn with_wider_codes() -> Altered {
    as_recorded().and_recogniser(Adjacent { steps_behind: 1, steps_ahead: 1 })
}

fn with_any_key() -> Altered {
    let behaviour = Behaviour { recogniser: Arc::new(AsRecorded), ..documented().behaviour };
    Altered { behaviour, ..documented() }
}

pub(crate) const VARIANTS: &[Permitted] = &[
    permit_exactly("as-aws", "Everything is as AWS was recorded to do it.", &[], as_recorded),
    permit_exactly(
        "pairs-as-aws-takes-them",
        "Pairs within eight hours of the device's own clock are taken if they are newer than the last one.",
        &[C::EnableSelfManagement, C::DeactivateSelfManagement],
        with_any_key,
    ),
    permit_exactly(
        "users-with-a-device-need-a-session",
        "A user with a device enables and deactivates nothing for itself with its own key.",
        &[C::EnableCodesWindow, C::EnableCodesOrder, C::ResyncCodesWindow, C::ResyncCodesOrder],
        with_wider_codes,
    ),
];

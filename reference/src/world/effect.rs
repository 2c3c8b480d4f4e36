//! What a step does to a world.

use super::state::{DeviceId, UserId};

/// What a step does to a world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Nothing.
    None,
    /// A user comes to be, as the reply's body describes it.
    AddUser,
    /// A user gets another name; its devices stay.
    RenameUser(UserId, Box<str>),
    /// A user gets another path and perhaps another name; its devices stay.
    MoveUser(UserId, Box<str>, Option<Box<str>>),
    /// A user gets another name and its devices' owner is open.
    RenameUserLoosely(UserId, Box<str>),
    /// A user ceases to be; a device that it still has is left in the open.
    RemoveUser(UserId),
    /// A device comes to be, as the reply's body describes it.
    AddDevice,
    /// A device ceases to be, whoever owned it.
    RemoveDevice(DeviceId),
    /// A device becomes the user's.
    Associate(DeviceId, UserId),
    /// A device becomes nobody's.
    Dissociate(DeviceId),
    /// A device becomes nobody's, and whether it goes on existing is open (`deactivate.device-remains`).
    DissociateLoosely(DeviceId),
    /// A device turns out to have ceased to be when it was deactivated: its name is free (`deactivate.device-usable`).
    Vanish(DeviceId),
    /// A user gets an access key, as the reply's body describes it.
    AddKey(UserId),
    /// An access key ceases to be.
    RemoveKey(Box<str>),
    /// The call may or may not have had its effect: what it named is open.
    Unsettle(Option<UserId>, Option<DeviceId>),
    /// Nothing is known any more of what exists and whose it is.
    UnsettleAll,
    /// A listing settles which devices a user has.
    SettleDevicesOf(UserId),
    /// An account-wide listing settles which devices exist, and whose they are.
    SettleVirtualDevices,
    /// A reply settles whether a user exists.
    SettleUser(UserId, bool),
}

impl Effect {
    /// Whether the call itself does something, rather than tell what is so.
    #[must_use]
    pub const fn changes(&self) -> bool {
        match self {
            Self::None
            | Self::Vanish(_)
            | Self::SettleDevicesOf(_)
            | Self::SettleVirtualDevices
            | Self::SettleUser(..) => false,
            Self::AddUser
            | Self::RenameUser(..)
            | Self::MoveUser(..)
            | Self::RenameUserLoosely(..)
            | Self::RemoveUser(_)
            | Self::AddDevice
            | Self::RemoveDevice(_)
            | Self::Associate(..)
            | Self::Dissociate(_)
            | Self::DissociateLoosely(_)
            | Self::AddKey(_)
            | Self::RemoveKey(_)
            | Self::Unsettle(..)
            | Self::UnsettleAll => true,
        }
    }
}

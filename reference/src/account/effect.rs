//! What a call does to an account.

use super::state::{DeviceId, UserId};

/// What a call does to an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Nothing.
    None,
    /// A user is created, as the reply's body describes it.
    AddUser,
    /// A user gets another name; its devices stay.
    RenameUser(UserId, Box<str>),
    /// A user gets another path and perhaps another name; its devices stay.
    MoveUser(UserId, Box<str>, Option<Box<str>>),
    /// A user is deleted. Its devices have no owner.
    RemoveUser(UserId),
    /// A device is created, as the reply's body describes it.
    AddDevice,
    /// A device is deleted, whoever owned it.
    RemoveDevice(DeviceId),
    /// A device becomes the user's.
    Associate(DeviceId, UserId),
    /// A device becomes nobody's.
    Dissociate(DeviceId),
    /// A user gets an access key, as the reply's body describes it.
    AddKey(UserId),
    /// An access key is deleted.
    RemoveKey(Box<str>),
}

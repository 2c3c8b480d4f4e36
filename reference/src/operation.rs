//! Which calls the model knows: the three operations under test and the ones that set up and observe.

use std::fmt;

/// An operation of the IAM Query API, version 2010-05-08.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Operation {
    /// `EnableMFADevice`
    EnableMfaDevice,
    /// `ResyncMFADevice`
    ResyncMfaDevice,
    /// `DeactivateMFADevice`
    DeactivateMfaDevice,
    /// `CreateUser`
    CreateUser,
    /// `GetUser`
    GetUser,
    /// `ListUsers`
    ListUsers,
    /// `UpdateUser`
    UpdateUser,
    /// `DeleteUser`
    DeleteUser,
    /// `CreateVirtualMFADevice`
    CreateVirtualMfaDevice,
    /// `DeleteVirtualMFADevice`
    DeleteVirtualMfaDevice,
    /// `ListMFADevices`
    ListMfaDevices,
    /// `ListVirtualMFADevices`
    ListVirtualMfaDevices,
    /// `CreateAccessKey`
    CreateAccessKey,
    /// `ListAccessKeys`
    ListAccessKeys,
    /// `DeleteAccessKey`
    DeleteAccessKey,
}

impl Operation {
    /// Every operation, the three under test first.
    pub const ALL: [Self; 15] = [
        Self::EnableMfaDevice,
        Self::ResyncMfaDevice,
        Self::DeactivateMfaDevice,
        Self::CreateUser,
        Self::GetUser,
        Self::ListUsers,
        Self::UpdateUser,
        Self::DeleteUser,
        Self::CreateVirtualMfaDevice,
        Self::DeleteVirtualMfaDevice,
        Self::ListMfaDevices,
        Self::ListVirtualMfaDevices,
        Self::CreateAccessKey,
        Self::ListAccessKeys,
        Self::DeleteAccessKey,
    ];

    /// The value of the `Action` parameter.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::EnableMfaDevice => "EnableMFADevice",
            Self::ResyncMfaDevice => "ResyncMFADevice",
            Self::DeactivateMfaDevice => "DeactivateMFADevice",
            Self::CreateUser => "CreateUser",
            Self::GetUser => "GetUser",
            Self::ListUsers => "ListUsers",
            Self::UpdateUser => "UpdateUser",
            Self::DeleteUser => "DeleteUser",
            Self::CreateVirtualMfaDevice => "CreateVirtualMFADevice",
            Self::DeleteVirtualMfaDevice => "DeleteVirtualMFADevice",
            Self::ListMfaDevices => "ListMFADevices",
            Self::ListVirtualMfaDevices => "ListVirtualMFADevices",
            Self::CreateAccessKey => "CreateAccessKey",
            Self::ListAccessKeys => "ListAccessKeys",
            Self::DeleteAccessKey => "DeleteAccessKey",
        }
    }

    /// The operation that an `Action` parameter names, exactly as written in the documents.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|operation| operation.name() == name)
    }

    /// The operation under test that this is, or `None` for one that only sets up or observes.
    #[must_use]
    pub const fn under_test(self) -> Option<MfaOperation> {
        match self {
            Self::EnableMfaDevice => Some(MfaOperation::Enable),
            Self::ResyncMfaDevice => Some(MfaOperation::Resync),
            Self::DeactivateMfaDevice => Some(MfaOperation::Deactivate),
            Self::CreateUser
            | Self::GetUser
            | Self::ListUsers
            | Self::UpdateUser
            | Self::DeleteUser
            | Self::CreateVirtualMfaDevice
            | Self::DeleteVirtualMfaDevice
            | Self::ListMfaDevices
            | Self::ListVirtualMfaDevices
            | Self::CreateAccessKey
            | Self::ListAccessKeys
            | Self::DeleteAccessKey => None,
        }
    }

    /// Whether the operation only reads.
    #[must_use]
    pub const fn is_read(self) -> bool {
        matches!(
            self,
            Self::GetUser | Self::ListUsers | Self::ListMfaDevices | Self::ListVirtualMfaDevices | Self::ListAccessKeys
        )
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// One of the three operations under test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MfaOperation {
    /// `EnableMFADevice`
    Enable,
    /// `ResyncMFADevice`
    Resync,
    /// `DeactivateMFADevice`
    Deactivate,
}

impl MfaOperation {
    /// All three, in the order of the ledger.
    pub const ALL: [Self; 3] = [Self::Enable, Self::Resync, Self::Deactivate];

    /// The same as an [`Operation`].
    #[must_use]
    pub const fn operation(self) -> Operation {
        match self {
            Self::Enable => Operation::EnableMfaDevice,
            Self::Resync => Operation::ResyncMfaDevice,
            Self::Deactivate => Operation::DeactivateMfaDevice,
        }
    }

    /// The word that stands for the operation in clause ids.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Enable => "enable",
            Self::Resync => "resync",
            Self::Deactivate => "deactivate",
        }
    }
}

impl fmt::Display for MfaOperation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.operation().name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_prints_as_its_action() {
        for operation in Operation::ALL {
            assert_eq!(Operation::from_name(&operation.to_string()), Some(operation));
        }
        for operation in MfaOperation::ALL {
            assert_eq!(operation.to_string(), operation.operation().name());
            assert_eq!(operation.operation().under_test(), Some(operation));
        }
        assert_eq!(format!("{:>8}|{:>12}", Operation::GetUser, MfaOperation::Enable), " GetUser|EnableMFADevice");
    }
}
